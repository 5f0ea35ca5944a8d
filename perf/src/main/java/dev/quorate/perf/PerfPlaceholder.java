package dev.quorate.perf;

/**
 * Holds the place of the benchmarks until the first one lands.
 */
final class PerfPlaceholder
{
    private PerfPlaceholder()
    {
    }
}
