/**
 * Apply: committed entries become revisions, leases, alarms and members. A pure function of the log; one class per
 * concern.
 * <p>
 * Owner: the apply thread; {@code MembershipPolicy} the consensus thread, {@code Directories} is read by any. Arrows:
 * depends on {@code codec.command}, {@code store}, {@code api}, {@code ring.NodeState}, {@code raft.RaftLogAccess}.
 */
package dev.quorate.core.machine;
