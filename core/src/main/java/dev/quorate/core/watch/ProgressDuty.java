package dev.quorate.core.watch;

import dev.quorate.core.ring.RingMessages;
import dev.quorate.core.seam.Rng;

import java.util.ArrayList;

/**
 * Tells how far watchers are without events: on request for a whole stream, and from time to time per watcher. Nothing
 * is told that later events could contradict. Owned by the watch thread.
 */
final class ProgressDuty
{
    private static final long WHOLE_STREAM = -1;

    private final long intervalNs;
    private final Rng rng;
    private final ArrayList<StreamState> requested = new ArrayList<>();
    private final ArrayList<StreamState> ticking = new ArrayList<>();
    private long earliestTickNs = Long.MAX_VALUE;

    ProgressDuty(final long intervalNs, final Rng rng)
    {
        this.intervalNs = intervalNs;
        this.rng = rng;
    }

    /** The client of a stream asks. */
    void request(final StreamState stream)
    {
        if (!stream.isProgressRequested)
        {
            stream.isProgressRequested = true;
            requested.add(stream);
        }
    }

    /** A stream has a watcher that wants to be told from time to time. */
    void start(final StreamState stream, final long nowNs)
    {
        if (!stream.isTicking)
        {
            stream.isTicking = true;
            stream.nextTickNs = nextTick(nowNs);
            earliestTickNs = ticking.isEmpty() ? stream.nextTickNs : Math.min(earliestTickNs, stream.nextTickNs);
            ticking.add(stream);
        }
    }

    /** Only while those in step have read every visible revision, the one given. */
    int doWork(final long revision, final long nowNs)
    {
        int work = 0;
        if (!requested.isEmpty())
        {
            work += answerRequests(revision);
        }
        if (!ticking.isEmpty() && nowNs - earliestTickNs >= 0)
        {
            work += tickAll(revision, nowNs);
        }
        return work;
    }

    private int answerRequests(final long revision)
    {
        int kept = 0;
        final int count = requested.size();
        for (int i = 0; i < count; i++)
        {
            final StreamState stream = requested.get(i);
            final boolean isDue = !stream.isClosed && isInStep(stream, revision);
            if (isDue && !stream.port.progressed(stream, WHOLE_STREAM, revision))
            {
                requested.set(kept++, stream);
            }
            else
            {
                stream.isProgressRequested = false;
            }
        }
        trim(requested, kept);
        return count - kept;
    }

    private static boolean isInStep(final StreamState stream, final long revision)
    {
        Watcher watcher = stream.first;
        if (null == watcher)
        {
            return false;
        }
        while (null != watcher)
        {
            if (!isInStep(watcher, revision))
            {
                return false;
            }
            watcher = watcher.next;
        }
        return true;
    }

    private static boolean isInStep(final Watcher watcher, final long revision)
    {
        return watcher.isSynced() && revision >= watcher.startRevision;
    }

    private int tickAll(final long revision, final long nowNs)
    {
        int kept = 0;
        int work = 0;
        earliestTickNs = Long.MAX_VALUE;
        for (int i = 0; i < ticking.size(); i++)
        {
            final StreamState stream = ticking.get(i);
            if (stream.isClosed || 0 == stream.notifyCount)
            {
                stream.isTicking = false;
                stream.tickAt = null;
                continue;
            }
            ticking.set(kept++, stream);
            if (nowNs - stream.nextTickNs >= 0 && tell(stream, revision))
            {
                stream.nextTickNs = nextTick(nowNs);
                work++;
            }
            earliestTickNs = 1 == kept ? stream.nextTickNs : Math.min(earliestTickNs, stream.nextTickNs);
        }
        trim(ticking, kept);
        return work;
    }

    private static boolean tell(final StreamState stream, final long revision)
    {
        Watcher watcher = null == stream.tickAt ? stream.first : stream.tickAt;
        stream.tickAt = null;
        while (null != watcher)
        {
            if (0 != (watcher.flags & RingMessages.WATCH_PROGRESS_NOTIFY))
            {
                if (!watcher.hasSentSinceTick && isInStep(watcher, revision) &&
                    !stream.port.progressed(stream, watcher.watchId, revision))
                {
                    stream.tickAt = watcher;
                    return false;
                }
                watcher.hasSentSinceTick = false;
            }
            watcher = watcher.next;
        }
        return true;
    }

    private long nextTick(final long nowNs)
    {
        return nowNs + intervalNs + Long.remainderUnsigned(rng.nextLong(), intervalNs / 10 + 1);
    }

    private static void trim(final ArrayList<StreamState> streams, final int length)
    {
        for (int i = streams.size() - 1; i >= length; i--)
        {
            streams.remove(i);
        }
    }
}
