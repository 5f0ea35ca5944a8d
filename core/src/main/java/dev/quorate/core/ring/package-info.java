/**
 * What passes between the agents of one member: rings with the layouts of their messages, and published values. Every
 * ring has one writer and one reader, every value one writer.
 * <p>
 * Owner: named on each class. Arrows: depends on Agrona and {@code seam}; the agents' rooms depend on it.
 */
package dev.quorate.core.ring;
