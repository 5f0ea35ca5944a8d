/**
 * Threads for agents: a loop that runs agents until there is nothing to do and then sleeps until it is woken, and the
 * funnel that halts the process when an agent fails.
 * <p>
 * Owner: each thread its runner. Arrows: depends on {@code core.seam} and Agrona alone.
 */
package dev.quorate.server.thread;
