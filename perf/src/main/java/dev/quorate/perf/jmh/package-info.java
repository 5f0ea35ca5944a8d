/**
 * Benchmarks of the core's hot paths on one thread, without sockets: what a put, a get and an append cost, and what
 * they allocate.
 * <p>
 * Owner: the thread of the benchmark. Arrows: may depend on all but the gateway.
 */
package dev.quorate.perf.jmh;
