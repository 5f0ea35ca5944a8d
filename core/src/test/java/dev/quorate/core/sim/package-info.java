/**
 * The deterministic simulation: the production agents of three members in one thread under virtual time, over a seeded
 * network and disks that lose what real ones lose, driven by clients whose histories are checked. A seed replays event
 * for event.
 * <p>
 * Owner: the thread of the simulation. Arrows: depends on every room of {@code core} and on its simulated seams.
 */
package dev.quorate.core.sim;
