package dev.quorate.core.sim;

/**
 * A running hash of everything that happened: equal for equal runs.
 */
final class TraceHash
{
    private long hash = 0x9E3779B97F4A7C15L;
    private long count;

    void add(final long value)
    {
        long z = (hash ^ value) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 29)) * 0x94D049BB133111EBL;
        hash = z ^ (z >>> 32);
        count++;
    }

    long value()
    {
        return hash;
    }

    long count()
    {
        return count;
    }
}
