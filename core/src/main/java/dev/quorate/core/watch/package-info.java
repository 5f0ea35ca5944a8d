/**
 * Watches: who wants which keys from which revision on, and the events for each of them, in order, without a gap.
 * Events are told to the loops as positions of records; a loop copies them into the response of its client.
 * <p>
 * Owner: the watch agent's thread. Uses the store's readers, the rings and the seams; nothing but the wiring of a
 * member uses it.
 */
package dev.quorate.core.watch;
