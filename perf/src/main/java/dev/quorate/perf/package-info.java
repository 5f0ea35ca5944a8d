/**
 * Benchmarks and load: what is measured, and how. May depend on all.
 */
package dev.quorate.perf;
