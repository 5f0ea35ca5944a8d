package dev.quorate.core.log;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.agrona.concurrent.OneToOneConcurrentArrayQueue;

/**
 * Where the consensus thread and the cold agent hand segments to each other: one prepared spare one way, dropped
 * segments the other way. An empty slot belongs to the cold agent; a full one to whoever takes it.
 */
final class SegmentExchange
{
    private static final VarHandle SPARE;
    private static final VarHandle LEVEL;
    /** Spare and reserve are there, or being made. */
    static final int ROOM = 0;
    /** The disk is full; spare, reserve or both are left. */
    static final int FULL = 1;
    /** The disk is full and nothing is left. */
    static final int OUT = 2;

    private static final int MAX_DROPPED = 256;

    static
    {
        try
        {
            final MethodHandles.Lookup lookup = MethodHandles.lookup();
            SPARE = lookup.findVarHandle(SegmentExchange.class, "spare", LogSegment.class);
            LEVEL = lookup.findVarHandle(SegmentExchange.class, "level", int.class);
        }
        catch (final ReflectiveOperationException ex)
        {
            throw new ExceptionInInitializerError(ex);
        }
    }

    /** A segment that holds no entry above an index. */
    record Dropped(LogSegment segment, long lastIndex)
    {
    }

    private final OneToOneConcurrentArrayQueue<Dropped> dropped = new OneToOneConcurrentArrayQueue<>(MAX_DROPPED);
    @SuppressWarnings("unused")
    private volatile LogSegment spare;
    @SuppressWarnings("unused")
    private volatile int level;

    /** Cold agent; the slot is empty. Pairs with the acquire in {@link #takeSpare()}. */
    void offerSpare(final LogSegment segment)
    {
        SPARE.setRelease(this, segment);
    }

    /**
     * Consensus, and the cold agent that wants it back: one of them gets it. Pairs with the acquire in
     * {@link #hasSpare()}.
     */
    LogSegment takeSpare()
    {
        return (LogSegment)SPARE.getAndSet(this, null);
    }

    boolean hasSpare()
    {
        return SPARE.getAcquire(this) != null;
    }

    /** Cold agent; pairs with the acquire in {@link #level()}. */
    void level(final int value)
    {
        LEVEL.setRelease(this, value);
    }

    int level()
    {
        return (int)LEVEL.getAcquire(this);
    }

    /** Consensus. */
    boolean canDrop()
    {
        return dropped.size() < MAX_DROPPED;
    }

    /** Consensus, after the table without the segment and the new base index are published. */
    void drop(final LogSegment segment, final long lastIndex)
    {
        if (!dropped.offer(new Dropped(segment, lastIndex)))
        {
            throw new IllegalStateException("queue of dropped segments overflows");
        }
    }

    /** Cold agent. */
    Dropped peekDropped()
    {
        return dropped.peek();
    }

    /** Cold agent. */
    void removeDropped()
    {
        dropped.poll();
    }
}
