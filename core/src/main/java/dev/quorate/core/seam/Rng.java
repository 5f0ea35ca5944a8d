package dev.quorate.core.seam;

/**
 * Source of randomness. An instance belongs to one thread.
 */
public interface Rng
{
    /**
     * @return a uniformly distributed value.
     */
    long nextLong();

    /**
     * @param bound exclusive upper bound, greater than zero.
     * @return a uniformly distributed value in [0, bound).
     */
    int nextInt(int bound);
}
