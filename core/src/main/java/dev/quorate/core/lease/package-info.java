/**
 * The leader's lease clock: when each lease expires, as measured by the leader of the term. Which leases exist and what
 * is attached to them belongs to apply.
 * <p>
 * Owner: the consensus thread. Arrows: depends on Agrona alone; {@code node} feeds it what apply tells and proposes the
 * revocations it asks for.
 */
package dev.quorate.core.lease;
