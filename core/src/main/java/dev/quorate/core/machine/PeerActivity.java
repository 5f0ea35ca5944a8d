package dev.quorate.core.machine;

/**
 * Since when this member has been in contact with others. Called on the consensus thread.
 */
@FunctionalInterface
public interface PeerActivity
{
    /** {@link #activeSinceNs(long)}: not in contact. */
    long INACTIVE = Long.MAX_VALUE;

    /**
     * @param memberId of another member.
     * @return since when it has been heard without a break, nanoseconds of the monotonic clock; {@link #INACTIVE} if it
     *         is not.
     */
    long activeSinceNs(long memberId);
}
