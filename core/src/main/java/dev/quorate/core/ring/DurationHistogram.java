package dev.quorate.core.ring;

import org.agrona.BufferUtil;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * How long something took, counted in buckets: up to 1 ms, 2 ms, 4 ms, ... 8.192 s, and one without limit. One thread
 * records, with release; any thread reads, with acquire.
 */
public final class DurationHistogram
{
    /** Buckets with an upper limit. */
    public static final int BOUNDED_BUCKETS = 14;
    /** Upper limit of the first bucket, nanoseconds. */
    public static final long FIRST_BOUND_NS = 1_000_000L;

    private static final int SUM_OFFSET = (BOUNDED_BUCKETS + 1) * Long.BYTES;

    private final UnsafeBuffer counts =
        new UnsafeBuffer(BufferUtil.allocateDirectAligned(SUM_OFFSET + Long.BYTES, 128));

    /**
     * Counts one duration.
     *
     * @param durationNs nanoseconds, not negative.
     */
    public void record(final long durationNs)
    {
        int bucket = 0;
        for (long bound = FIRST_BOUND_NS; durationNs > bound && bucket < BOUNDED_BUCKETS; bound <<= 1)
        {
            bucket++;
        }
        add(bucket * Long.BYTES, 1);
        add(SUM_OFFSET, durationNs);
    }

    /**
     * @param bucket from 0 to {@link #BOUNDED_BUCKETS} - 1.
     * @return its upper limit, nanoseconds.
     */
    public static long boundNs(final int bucket)
    {
        return FIRST_BOUND_NS << bucket;
    }

    /**
     * @param bucket from 0 to {@link #BOUNDED_BUCKETS}; the last one has no limit.
     * @return durations in this bucket alone.
     */
    public long count(final int bucket)
    {
        return counts.getLongAcquire(bucket * Long.BYTES);
    }

    /**
     * @return sum of all durations, nanoseconds.
     */
    public long sumNs()
    {
        return counts.getLongAcquire(SUM_OFFSET);
    }

    private void add(final int offset, final long delta)
    {
        // single writer; pairs with the loads in count and sumNs
        counts.putLongRelease(offset, counts.getLong(offset) + delta);
    }
}
