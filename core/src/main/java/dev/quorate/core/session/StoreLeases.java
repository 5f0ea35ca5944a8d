package dev.quorate.core.session;

import dev.quorate.core.store.LeaseIds;
import org.agrona.collections.LongArrayList;

/**
 * The store's leases behind {@link LeaseSource}.
 */
public final class StoreLeases implements LeaseSource
{
    private final LeaseIds leases;

    /**
     * @param leases of the loop's thread.
     */
    public StoreLeases(final LeaseIds leases)
    {
        this.leases = leases;
    }

    @Override
    public void copyTo(final LongArrayList ids)
    {
        leases.copyTo(ids);
    }

    @Override
    public boolean contains(final long leaseId)
    {
        return leases.contains(leaseId);
    }
}
