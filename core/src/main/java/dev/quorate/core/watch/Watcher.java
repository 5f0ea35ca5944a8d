package dev.quorate.core.watch;

/**
 * One watcher: what it wants, how far it got, and which events wait to be sent to it. Owned by the watch thread.
 */
final class Watcher
{
    enum State
    {
        /** Every event up to the followed revision is sent; the next ones come as they are followed. */
        SYNCED,
        /** Wants revisions from its cursor on, which are in the store. */
        LAGGING,
        /** Compaction has dropped what it wants; it stays until the client cancels it. */
        OVERTAKEN,
        /** Gone. */
        REMOVED
    }

    final StreamState stream;
    final long watchId;
    final long startRevision;
    final int flags;
    State state = State.SYNCED;
    /** Next revision wanted; while synced it counts only if it lies ahead. */
    long cursor;
    /** Sub revision of the cursor's revision that was sent last, -1 if none of it was. */
    int sentSubRevision = -1;
    boolean hasSentSinceTick;
    boolean isCancelTold;
    boolean isTouched;
    boolean isInPass;

    /** Where it is indexed. */
    WatcherSet home;
    int homeSlot;

    /** Neighbours among all watchers of the stream and among those that lag. */
    Watcher previous;
    Watcher next;
    Watcher previousLagging;
    Watcher nextLagging;

    /** Events that wait: first and last block in the stage, and what is known about them. */
    int headBlock = EventStage.NONE;
    int tailBlock = EventStage.NONE;
    int stagedCount;
    long stagedBytes;
    int stagedRevisions;
    long firstStagedRevision;
    long lastStagedRevision;
    int lastStagedSubRevision;

    Watcher(
        final StreamState stream, final long watchId, final long startRevision, final int flags, final long cursor)
    {
        this.stream = stream;
        this.watchId = watchId;
        this.startRevision = startRevision;
        this.flags = flags;
        this.cursor = cursor;
    }

    boolean isSynced()
    {
        return State.SYNCED == state;
    }

    boolean isLagging()
    {
        return State.LAGGING == state;
    }

    /** True while the response begun last goes on in the next message. */
    boolean isOpen()
    {
        return stream.open == this;
    }

    boolean wants(final long revision, final int subRevision)
    {
        return revision > cursor || revision == cursor && subRevision > sentSubRevision;
    }

    void cursor(final long revision)
    {
        cursor = revision;
        sentSubRevision = -1;
    }

    @Override
    public String toString()
    {
        return "Watcher{stream=" + stream.streamId + ", id=" + watchId + ", state=" + state +
            ", cursor=" + cursor + '}';
    }
}
