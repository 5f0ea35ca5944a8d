package dev.quorate.core.log;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.agrona.concurrent.OneToOneConcurrentArrayQueue;

/**
 * Where the consensus thread and the cold agent hand segments to each other: one prepared spare one way, dropped
 * segments the other way. An empty slot belongs to the cold agent, a full one to consensus.
 */
final class SegmentExchange
{
    private static final VarHandle SPARE;
    private static final VarHandle IS_FULL;
    private static final int MAX_DROPPED = 256;

    static
    {
        try
        {
            final MethodHandles.Lookup lookup = MethodHandles.lookup();
            SPARE = lookup.findVarHandle(SegmentExchange.class, "spare", LogSegment.class);
            IS_FULL = lookup.findVarHandle(SegmentExchange.class, "isFull", boolean.class);
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
    private volatile boolean isFull;

    /** Cold agent; the slot is empty. Pairs with the acquire in {@link #takeSpare()}. */
    void offerSpare(final LogSegment segment)
    {
        SPARE.setRelease(this, segment);
    }

    /** Consensus. Pairs with the acquire in {@link #hasSpare()}. */
    LogSegment takeSpare()
    {
        final LogSegment segment = (LogSegment)SPARE.getAcquire(this);
        if (segment != null)
        {
            SPARE.setRelease(this, null);
        }

        return segment;
    }

    boolean hasSpare()
    {
        return SPARE.getAcquire(this) != null;
    }

    /** Cold agent; pairs with {@link #isFull()}. */
    void isFull(final boolean value)
    {
        IS_FULL.setRelease(this, value);
    }

    boolean isFull()
    {
        return (boolean)IS_FULL.getAcquire(this);
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
