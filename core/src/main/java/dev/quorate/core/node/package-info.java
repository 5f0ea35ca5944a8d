/**
 * One member: its agents, how rings and published values wire them, and the order in which it starts. Threads are
 * composition: the same agents run on one thread or on one each, as the runner decides.
 * <p>
 * Owner: each agent is named on its class. Arrows: depends on every other room of {@code core}; nothing in {@code core}
 * depends on it.
 */
package dev.quorate.core.node;
