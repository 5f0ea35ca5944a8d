package dev.quorate.perf.jmh;

/**
 * Seed and end of a run for benchmarks; time and randomness are those of the server.
 */
final class BenchSeams
{
    /** The same numbers in each run. */
    static final long SEED = 42;

    private BenchSeams()
    {
    }

    /**
     * Ends the run: what comes after a fault is no measurement.
     */
    static void halt(final Throwable error)
    {
        error.printStackTrace();
        Runtime.getRuntime().halt(1);
    }
}
