package dev.quorate.core.watch;

import dev.quorate.core.ring.RingMessages;

import java.util.List;

/**
 * What a client knows about one of its watchers.
 */
final class ClientWatcher
{
    final long watchId;
    final long start;
    final long requestedAt;
    boolean isCreated;
    boolean isCompacted;
    boolean isCancelRequested;
    long progress;
    long lastHeader;
    long lastRevision;
    int eventCount;
    private final int flags;
    private final String key;
    private final String end;
    private long firstWanted;
    private int lastSub = -1;
    private int position;

    ClientWatcher(
        final long watchId,
        final long start,
        final int flags,
        final String key,
        final String end,
        final long requestedAt)
    {
        this.watchId = watchId;
        this.start = start;
        this.flags = flags;
        this.key = key;
        this.end = end;
        this.requestedAt = requestedAt;
    }

    void created(final long revision)
    {
        isCreated = true;
        firstWanted = 0 == start ? revision + 1 : start;
    }

    void delivered(final WatchWorld.Event event)
    {
        lastRevision = event.revision();
        lastSub = event.sub();
        eventCount++;
    }

    /** Lowest revision of which something may be missing. */
    long wanted()
    {
        return Math.max(firstWanted, lastRevision + 1);
    }

    /** The next event that must come, null if there is none up to a revision. */
    WatchWorld.Event next(final List<WatchWorld.Event> history, final long upTo)
    {
        while (position < history.size())
        {
            final WatchWorld.Event event = history.get(position);
            if (event.revision() > upTo)
            {
                return null;
            }
            if (event.revision() >= firstWanted && event.isAfter(lastRevision, lastSub) && matches(event))
            {
                return event;
            }
            position++;
        }
        return null;
    }

    private boolean matches(final WatchWorld.Event event)
    {
        final int filter = event.isDelete() ? RingMessages.WATCH_NO_DELETE : RingMessages.WATCH_NO_PUT;
        if (0 != (flags & filter))
        {
            return false;
        }
        if (end.isEmpty())
        {
            return event.key().equals(key);
        }
        return event.key().compareTo(key) >= 0 && (end.equals("\0") || event.key().compareTo(end) < 0);
    }

    @Override
    public String toString()
    {
        return "watcher " + watchId + " of [" + key + ", " + end + ") flags " + flags + " start " + start + " first " +
            firstWanted + " last " + lastRevision + "/" + lastSub;
    }
}
