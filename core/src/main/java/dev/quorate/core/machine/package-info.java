/**
 * Apply: committed entries become revisions, leases, alarms and members. A pure function of the log; one class per
 * concern.
 * <p>
 * Owner: the apply thread. Arrows: depends on {@code codec.command}, {@code store}, {@code api}, {@code seam}.
 */
package dev.quorate.core.machine;
