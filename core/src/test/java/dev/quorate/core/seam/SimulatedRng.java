package dev.quorate.core.seam;

/**
 * Seeded randomness (xoshiro256**, seeded through splitmix64): the same seed gives the same values for ever.
 */
public final class SimulatedRng implements Rng
{
    private long s0;
    private long s1;
    private long s2;
    private long s3;

    public SimulatedRng(final long seed)
    {
        s0 = mix(seed + 0x9E3779B97F4A7C15L);
        s1 = mix(seed + 2 * 0x9E3779B97F4A7C15L);
        s2 = mix(seed + 3 * 0x9E3779B97F4A7C15L);
        s3 = mix(seed + 4 * 0x9E3779B97F4A7C15L);
    }

    @Override
    public long nextLong()
    {
        final long result = Long.rotateLeft(s1 * 5, 7) * 9;
        final long t = s1 << 17;

        s2 ^= s0;
        s3 ^= s1;
        s1 ^= s2;
        s0 ^= s3;
        s2 ^= t;
        s3 = Long.rotateLeft(s3, 45);

        return result;
    }

    @Override
    public int nextInt(final int bound)
    {
        if (bound <= 0)
        {
            throw new IllegalArgumentException("bound must be positive: " + bound);
        }

        return (int)Long.remainderUnsigned(nextLong() >>> 1, bound);
    }

    /**
     * @param bound exclusive upper bound, greater than zero.
     * @return a uniformly distributed value in [0, bound).
     */
    public long nextLong(final long bound)
    {
        if (bound <= 0)
        {
            throw new IllegalArgumentException("bound must be positive: " + bound);
        }

        return Long.remainderUnsigned(nextLong() >>> 1, bound);
    }

    /**
     * @return true in {@code numerator} of {@code denominator} cases.
     */
    public boolean chance(final int numerator, final int denominator)
    {
        return nextInt(denominator) < numerator;
    }

    /**
     * @return a source of its own, so that more draws of one part of a world do not change another.
     */
    public SimulatedRng fork()
    {
        return new SimulatedRng(nextLong());
    }

    private static long mix(final long seed)
    {
        long z = seed;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
