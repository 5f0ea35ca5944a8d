package dev.quorate.core.watch;

import org.agrona.collections.Long2ObjectHashMap;

/**
 * One watch stream of a loop: its watchers in the order of their creation, and what its client has not taken yet. Owned
 * by the watch thread.
 */
final class StreamState
{
    final LoopPort port;
    final long streamId;
    final Long2ObjectHashMap<Watcher> watchers = new Long2ObjectHashMap<>();
    /** Whose response goes on in the next message; nobody else's events may come between. */
    Watcher open;
    Watcher first;
    Watcher last;
    Watcher firstLagging;
    Watcher lastLagging;
    int notifyCount;
    long nextTickNs;
    /** With whom an interrupted tick goes on, null if none is. */
    Watcher tickAt;
    boolean isClosed;
    boolean isReady;
    boolean isTicking;
    boolean isProgressRequested;
    private long outstandingEvents;
    private long outstandingBytes;

    StreamState(final LoopPort port, final long streamId)
    {
        this.port = port;
        this.streamId = streamId;
    }

    void link(final Watcher watcher)
    {
        watcher.previous = last;
        if (null == last)
        {
            first = watcher;
        }
        else
        {
            last.next = watcher;
        }
        last = watcher;
        watchers.put(watcher.watchId, watcher);
    }

    void unlink(final Watcher watcher)
    {
        if (tickAt == watcher)
        {
            tickAt = watcher.next;
        }
        if (null == watcher.previous)
        {
            first = watcher.next;
        }
        else
        {
            watcher.previous.next = watcher.next;
        }
        if (null == watcher.next)
        {
            last = watcher.previous;
        }
        else
        {
            watcher.next.previous = watcher.previous;
        }
        watchers.remove(watcher.watchId);
    }

    void linkLagging(final Watcher watcher)
    {
        watcher.previousLagging = lastLagging;
        watcher.nextLagging = null;
        if (null == lastLagging)
        {
            firstLagging = watcher;
        }
        else
        {
            lastLagging.nextLagging = watcher;
        }
        lastLagging = watcher;
    }

    void unlinkLagging(final Watcher watcher)
    {
        if (null == watcher.previousLagging)
        {
            firstLagging = watcher.nextLagging;
        }
        else
        {
            watcher.previousLagging.nextLagging = watcher.nextLagging;
        }
        if (null == watcher.nextLagging)
        {
            lastLagging = watcher.previousLagging;
        }
        else
        {
            watcher.nextLagging.previousLagging = watcher.previousLagging;
        }
        watcher.previousLagging = null;
        watcher.nextLagging = null;
    }

    void sent(final int events, final long bytes)
    {
        outstandingEvents += events;
        outstandingBytes += bytes;
    }

    /** Credit counts events; bytes are given back in proportion. */
    void credit(final long events)
    {
        if (events < 0 || events > outstandingEvents)
        {
            throw new IllegalStateException("credit for " + events + " events of stream " + streamId + " with " +
                outstandingEvents + " outstanding");
        }
        if (events == outstandingEvents)
        {
            outstandingBytes = 0;
        }
        else
        {
            outstandingBytes -= (long)((double)outstandingBytes * events / outstandingEvents);
        }
        outstandingEvents -= events;
    }

    boolean hasCredit()
    {
        return outstandingEvents < port.maxOutstandingEvents && outstandingBytes < port.maxOutstandingBytes;
    }
}
