package dev.quorate.core.machine;

/**
 * Hears which leases exist, for the lease clock. Called on the apply thread.
 */
public interface LeaseListener
{
    /**
     * A lease came to be, or was found at recovery.
     *
     * @param leaseId    of the lease, not 0.
     * @param ttlSeconds granted, seconds.
     * @param index      of the entry; at recovery of the newest entry recovered.
     */
    void onGranted(long leaseId, long ttlSeconds, long index);

    /**
     * A lease is gone and its keys are deleted.
     *
     * @param leaseId of the lease.
     * @param index   of the entry.
     */
    void onRevoked(long leaseId, long index);

    /**
     * Everything heard before is void; the leases that exist follow.
     */
    void onCleared();
}
