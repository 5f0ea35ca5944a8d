package dev.quorate.gateway.metrics;

/**
 * Adds families of its own to the page, such as those of the peers or the store.
 */
@FunctionalInterface
public interface MetricSource
{
    /**
     * Writes whole families. Called on an event loop's thread at each scrape: it must not block.
     *
     * @param text to write to.
     */
    void collect(MetricsText text);
}
