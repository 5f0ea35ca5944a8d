package dev.quorate.core.log;

import java.lang.invoke.VarHandle;
import org.agrona.BufferUtil;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * What the owners of the log publish to each other. Each value has one writer and a cache line pair of its own.
 */
final class LogPositions
{
    private static final int STRIDE = 128;
    private static final int APPENDED = 0;
    private static final int DURABLE = STRIDE;
    private static final int COMMIT = 2 * STRIDE;
    private static final int BASE = 3 * STRIDE;
    private static final int HOLDS = 4 * STRIDE;

    private final UnsafeBuffer values;
    private final int maxHolds;
    private int holdCount;

    LogPositions(final int maxHolds)
    {
        this.maxHolds = maxHolds;
        values = new UnsafeBuffer(BufferUtil.allocateDirectAligned(HOLDS + maxHolds * STRIDE, STRIDE));
    }

    /** Writer: consensus, after the frames up to here are whole; pairs with {@link #appended()}. */
    void appended(final long position)
    {
        values.putLongRelease(APPENDED, position);
    }

    long appended()
    {
        return values.getLongAcquire(APPENDED);
    }

    /** Writer: log sync, after the sync returned; pairs with {@link #durable()}. */
    void durable(final long position)
    {
        values.putLongRelease(DURABLE, position);
    }

    long durable()
    {
        return values.getLongAcquire(DURABLE);
    }

    /** Writer: consensus; a hint for the term file; pairs with {@link #commitIndex()}. */
    void commitIndex(final long index)
    {
        values.putLongRelease(COMMIT, index);
    }

    long commitIndex()
    {
        return values.getLongAcquire(COMMIT);
    }

    /** Writer: consensus, before it hands a dropped segment over; pairs with {@link #baseIndex()}. */
    void baseIndex(final long index)
    {
        values.putLongRelease(BASE, index);
    }

    long baseIndex()
    {
        return values.getLongAcquire(BASE);
    }

    int addHold()
    {
        if (holdCount == maxHolds)
        {
            throw new IllegalStateException("more than " + maxHolds + " readers of the log");
        }
        values.putLongRelease(HOLDS + holdCount * STRIDE, Long.MAX_VALUE);

        return holdCount++;
    }

    /** Writer: the reader; pairs with {@link #lowestHeld()}. */
    void hold(final int number, final long index)
    {
        values.putLongRelease(HOLDS + number * STRIDE, index);
    }

    /** For the cold agent, after it received a dropped segment. */
    long lowestHeld()
    {
        // pairs with the fence in LogHold.from(): either the hold is seen here or the reader sees the new base
        VarHandle.fullFence();
        long lowest = Long.MAX_VALUE;
        for (int i = 0; i < holdCount; i++)
        {
            lowest = Math.min(lowest, values.getLongAcquire(HOLDS + i * STRIDE));
        }

        return lowest;
    }
}
