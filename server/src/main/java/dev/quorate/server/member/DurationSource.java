package dev.quorate.server.member;

import dev.quorate.core.ring.DurationHistogram;
import dev.quorate.gateway.metrics.HistogramSource;

/**
 * Durations that an agent counts, as the metrics page shows them. Read by event loops.
 *
 * @param name      of the family.
 * @param help      what is measured.
 * @param durations counted.
 */
record DurationSource(String name, String help, DurationHistogram durations) implements HistogramSource
{
    private static final double NANOS = 1e9;

    @Override
    public String labels()
    {
        return "";
    }

    @Override
    public int buckets()
    {
        return DurationHistogram.BOUNDED_BUCKETS;
    }

    @Override
    public double bound(final int bucket)
    {
        return DurationHistogram.boundNs(bucket) / NANOS;
    }

    @Override
    public long count(final int bucket)
    {
        return durations.count(bucket);
    }

    @Override
    public double sum()
    {
        return durations.sumNs() / NANOS;
    }
}
