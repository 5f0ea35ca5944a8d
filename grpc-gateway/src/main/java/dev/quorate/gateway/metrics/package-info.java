/**
 * The figures of a member in the Prometheus text format.
 * <p>
 * The text is rendered here and not by the Prometheus client library because that library refuses gauges whose name
 * ends in {@code _total}, which etcd has and dashboards query, and because hot paths shall touch plain counters only.
 * <p>
 * Owner: each {@code LoopCounters} is written by one event loop; the page is rendered by whichever loop is asked.
 */
package dev.quorate.gateway.metrics;
