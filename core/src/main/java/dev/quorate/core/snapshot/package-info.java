/**
 * Snapshots between members: a leader sends its store up to a durable mark to a member that lacks entries which the log
 * no longer holds, and that member installs it while it runs. Chunks travel on a link of their own; offers, progress
 * and the outcome travel with the other messages of consensus.
 * <p>
 * Owner: the housekeeping thread; consensus talks to it through {@link dev.quorate.core.snapshot.SnapshotRings}.
 * Arrows: this package may depend on {@code store}, {@code ring} and {@code seam}; {@code node} wires it.
 */
package dev.quorate.core.snapshot;
