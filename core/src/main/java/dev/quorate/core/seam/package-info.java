/**
 * The seams of the core: the only ways in which it touches time, randomness, disks, peers and threads. Production
 * implements them in {@code server} and {@code transport}; the simulation implements them under virtual time.
 * <p>
 * Owner: none, these are interfaces. Arrows: everything in {@code core} may depend on this package; it depends on
 * Agrona alone.
 */
package dev.quorate.core.seam;
