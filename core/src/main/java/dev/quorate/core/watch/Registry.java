package dev.quorate.core.watch;

import dev.quorate.core.ring.RingMessages;
import dev.quorate.core.store.RecordView;

/**
 * All watchers and the states they move between. Owned by the watch thread.
 */
final class Registry
{
    final LoopPort[] ports;
    final WatcherIndex index = new WatcherIndex();
    final EventStage stage;
    int watcherCount;
    int streamCount;
    int laggingCount;
    private long compactRevision = -1;

    Registry(final LoopPort[] ports, final EventStage stage)
    {
        this.ports = ports;
        this.stage = stage;
    }

    /** Finds or makes a stream. */
    StreamState stream(final LoopPort port, final long streamId)
    {
        StreamState stream = port.streams.get(streamId);
        if (null == stream)
        {
            stream = new StreamState(port, streamId);
            port.streams.put(streamId, stream);
            streamCount++;
        }
        return stream;
    }

    /** Takes in a watcher whose creation was told: what is visible already it catches up with. */
    void add(final Watcher watcher, final long visibleRevision)
    {
        final StreamState stream = watcher.stream;
        if (stream.watchers.containsKey(watcher.watchId))
        {
            throw new IllegalStateException(watcher + " exists already");
        }
        stream.link(watcher);
        watcherCount++;
        if (0 != (watcher.flags & RingMessages.WATCH_PROGRESS_NOTIFY))
        {
            stream.notifyCount++;
        }
        if (watcher.cursor < compactRevision)
        {
            overtake(watcher);
        }
        else if (watcher.cursor <= visibleRevision)
        {
            lag(watcher);
        }
    }

    void remove(final Watcher watcher)
    {
        final StreamState stream = watcher.stream;
        detach(watcher);
        watcher.state = Watcher.State.REMOVED;
        stream.unlink(watcher);
        if (watcher.isOpen())
        {
            // the cancellation that was just told ends the response
            stream.open = null;
            ready(stream);
        }
        watcherCount--;
        if (0 != (watcher.flags & RingMessages.WATCH_PROGRESS_NOTIFY))
        {
            stream.notifyCount--;
        }
    }

    void close(final StreamState stream)
    {
        stream.isClosed = true;
        while (null != stream.first)
        {
            remove(stream.first);
        }
        stream.port.streams.remove(stream.streamId);
        streamCount--;
    }

    /** A watcher could not be sent what it has staged: it goes on from there when it can. */
    void fallBehind(final Watcher watcher)
    {
        if (!watcher.isOpen())
        {
            watcher.cursor(Math.max(watcher.cursor, watcher.firstStagedRevision));
        }
        stage.release(watcher);
        watcher.isInPass = false;
        if (watcher.isSynced())
        {
            if (watcher.cursor < compactRevision)
            {
                overtake(watcher);
            }
            else
            {
                lag(watcher);
            }
        }
        else
        {
            ready(watcher.stream);
        }
    }

    void lag(final Watcher watcher)
    {
        watcher.state = Watcher.State.LAGGING;
        watcher.stream.linkLagging(watcher);
        laggingCount++;
        ready(watcher.stream);
    }

    void sync(final Watcher watcher)
    {
        watcher.stream.unlinkLagging(watcher);
        laggingCount--;
        watcher.state = Watcher.State.SYNCED;
    }

    /** A snapshot has moved the followed revision: what lies between must be caught up with. */
    void carryOver(final Watcher watcher, final long oldFollowed, final long newFollowed)
    {
        stage.release(watcher);
        if (!watcher.isSynced())
        {
            return;
        }
        if (!watcher.isOpen())
        {
            watcher.cursor(Math.max(watcher.cursor, oldFollowed + 1));
        }
        if (watcher.cursor < compactRevision)
        {
            overtake(watcher);
        }
        else if (watcher.cursor <= newFollowed)
        {
            lag(watcher);
        }
    }

    /** A stream may have become able to take events for its lagging watchers. */
    void ready(final StreamState stream)
    {
        if (!stream.isReady && !stream.isClosed)
        {
            stream.isReady = true;
            stream.port.ready.add(stream);
        }
    }

    /** Ends all watchers that a compaction has overtaken. */
    void compactTo(final long revision)
    {
        if (revision <= compactRevision)
        {
            return;
        }
        compactRevision = revision;
        for (final LoopPort port : ports)
        {
            for (final StreamState stream : port.streams.values())
            {
                Watcher watcher = stream.firstLagging;
                while (null != watcher)
                {
                    final Watcher following = watcher.nextLagging;
                    if (watcher.cursor < revision)
                    {
                        overtake(watcher);
                    }
                    watcher = following;
                }
            }
        }
    }

    /** Tells overtaken watchers that they are. */
    int tellOvertaken()
    {
        int told = 0;
        for (final LoopPort port : ports)
        {
            while (!port.overtaken.isEmpty() && tellOvertaken(port, port.overtaken.peekFirst()))
            {
                port.overtaken.pollFirst();
                told++;
            }
        }
        return told;
    }

    /** The watchers that a record may concern, by its key. */
    Matches match(final RecordView record)
    {
        return index.match(record.buffer(), record.keyOffset(), record.keyLength());
    }

    static boolean isFiltered(final Watcher watcher, final boolean isTombstone)
    {
        return 0 != (watcher.flags & (isTombstone ? RingMessages.WATCH_NO_DELETE : RingMessages.WATCH_NO_PUT));
    }

    private boolean tellOvertaken(final LoopPort port, final Watcher watcher)
    {
        if (Watcher.State.OVERTAKEN != watcher.state)
        {
            return true;
        }
        if (!port.canceled(watcher.stream, watcher.watchId, 0, compactRevision))
        {
            return false;
        }
        watcher.isCancelTold = true;
        if (watcher.isOpen())
        {
            watcher.stream.open = null;
            ready(watcher.stream);
        }
        return true;
    }

    private void overtake(final Watcher watcher)
    {
        detach(watcher);
        watcher.state = Watcher.State.OVERTAKEN;
        watcher.stream.port.overtaken.addLast(watcher);
    }

    private void detach(final Watcher watcher)
    {
        index.remove(watcher);
        stage.release(watcher);
        watcher.isInPass = false;
        if (watcher.isLagging())
        {
            watcher.stream.unlinkLagging(watcher);
            laggingCount--;
        }
    }
}
