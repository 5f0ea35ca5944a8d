/**
 * What is measured works at all.
 */
package dev.quorate.perf.jmh;
