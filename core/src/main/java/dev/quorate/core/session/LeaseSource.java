package dev.quorate.core.session;

import org.agrona.collections.LongArrayList;

/**
 * Tells which leases exist on this member. The loop's thread asks.
 */
@FunctionalInterface
public interface LeaseSource
{
    /**
     * @param ids to add the ids of all leases to.
     */
    void copyTo(LongArrayList ids);

    /**
     * @param leaseId of a lease.
     * @return true if it exists on this member.
     */
    default boolean contains(final long leaseId)
    {
        final LongArrayList ids = new LongArrayList();
        copyTo(ids);
        return ids.containsLong(leaseId);
    }
}
