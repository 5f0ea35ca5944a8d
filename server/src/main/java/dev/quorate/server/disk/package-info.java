/**
 * The real disk behind the seam: mapped regions for the log, positional files for the store, and the lock that keeps a
 * second process out of a data directory.
 * <p>
 * Owner: the agents that hold each object, as the seam says. Arrows: depends on {@code core.seam} alone.
 */
package dev.quorate.server.disk;
