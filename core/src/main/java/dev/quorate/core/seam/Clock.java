package dev.quorate.core.seam;

/**
 * Time as the core sees it. Any thread may read it.
 */
public interface Clock
{
    /**
     * Monotonic time.
     *
     * @return nanoseconds since an arbitrary origin; never goes back within one process.
     */
    long nanoTime();

    /**
     * Wall clock, for identifiers and log stamps only: no decision of the core depends on it.
     *
     * @return milliseconds since the epoch.
     */
    long epochMillis();
}
