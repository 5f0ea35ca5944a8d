/**
 * The deterministic simulation: the production agents of three members in one thread under virtual time, over a seeded
 * network and disks that lose and damage what real ones do, driven by clients whose histories are checked. A seed
 * replays event for event.
 * <p>
 * Where each rule is checked, and which {@code PlantedBug} shows that its check can fail, is listed in
 * {@code docs/architecture.md}, section Simulation.
 * <p>
 * Owner: the thread of the simulation. Arrows: depends on every room of {@code core} and on its simulated seams.
 */
package dev.quorate.core.sim;
