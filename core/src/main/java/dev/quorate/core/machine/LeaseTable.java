package dev.quorate.core.machine;

import dev.quorate.core.api.EtcdError;
import dev.quorate.core.ring.NodeState;
import dev.quorate.core.store.LeaseScan;
import dev.quorate.core.store.RecordDescriptor;
import dev.quorate.core.store.RecordView;
import dev.quorate.core.store.Store;
import dev.quorate.core.store.SystemScan;
import org.agrona.collections.Long2LongHashMap;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The leases that exist. A lease is a system row; what is attached to it is the store's lease tree. Revoking deletes
 * the attached keys in key order, over as many turns as it takes, in one revision.
 */
final class LeaseTable
{
    /** Longest time to live, seconds. */
    static final long MAX_TTL_SECONDS = 9_000_000_000L;

    /** Shortest time to live that apply accepts, seconds; the member that was asked raises it further. */
    static final long MIN_TTL_SECONDS = 1;

    private static final long MISSING = 0;

    private final Store store;
    private final LeaseListener listener;
    private final NodeState state;
    private final KeyCounts counts;
    private final Long2LongHashMap ttlById = new Long2LongHashMap(MISSING);
    private final UnsafeBuffer key = new UnsafeBuffer(new byte[SystemRows.ID_KEY_LENGTH]);
    private final UnsafeBuffer body = new UnsafeBuffer(new byte[SystemRows.LEASE_LENGTH]);
    private long revokedId;

    LeaseTable(final MachineContext context, final KeyCounts counts)
    {
        this.store = context.store();
        this.listener = context.leaseListener();
        this.state = context.nodeState();
        this.counts = counts;
    }

    /**
     * Reads the rows of the store anew and tells the listener.
     */
    void recover()
    {
        ttlById.clear();
        listener.onCleared();
        final RecordView view = new RecordView();
        final SystemScan scan = store.scanSystem(RecordDescriptor.LEASE);
        while (scan.next())
        {
            final long id = SystemRows.id(scan.key(), scan.keyOffset(), scan.keyLength());
            scan.record(view);
            final long ttlSeconds = SystemRows.leaseTtl(view);
            ttlById.put(id, ttlSeconds);
            listener.onGranted(id, ttlSeconds, store.raftIndex());
        }
    }

    boolean exists(final long id)
    {
        return MISSING != ttlById.get(id);
    }

    EtcdError grant(final long id, final long ttlSeconds, final long index)
    {
        if (0 == id)
        {
            return EtcdError.LEASE_NOT_FOUND;
        }
        if (ttlSeconds > MAX_TTL_SECONDS)
        {
            return EtcdError.LEASE_TTL_TOO_LARGE;
        }
        if (exists(id))
        {
            return EtcdError.LEASE_EXISTS;
        }
        SystemRows.putId(key, id);
        SystemRows.putLease(body, ttlSeconds);
        store.putSystem(RecordDescriptor.LEASE, key, 0, key.capacity(), body, 0, body.capacity());
        ttlById.put(id, ttlSeconds);
        listener.onGranted(id, ttlSeconds, index);
        state.add(NodeState.Value.LEASES_GRANTED, 1);
        return EtcdError.NONE;
    }

    EtcdError beginRevoke(final long id)
    {
        revokedId = id;
        return exists(id) ? EtcdError.NONE : EtcdError.LEASE_NOT_FOUND;
    }

    /**
     * @return true if the lease and its keys are gone, false if the turn is over.
     */
    boolean runRevoke(final long index, final WorkBudget budget)
    {
        while (!budget.isSpent())
        {
            budget.spend();
            // a deletion detaches the key, so that the first one attached is always the next to delete
            final LeaseScan scan = store.scanLease(revokedId);
            if (!scan.next())
            {
                endRevoke(index);
                return true;
            }
            if (!store.delete(scan.key(), scan.keyOffset(), scan.keyLength()))
            {
                throw new IllegalStateException("key attached to a lease is not alive: id=" + revokedId);
            }
            counts.onDelete();
        }
        return false;
    }

    private void endRevoke(final long index)
    {
        SystemRows.putId(key, revokedId);
        if (!store.deleteSystem(RecordDescriptor.LEASE, key, 0, key.capacity()))
        {
            throw new IllegalStateException("lease has no row: id=" + revokedId);
        }
        ttlById.remove(revokedId);
        listener.onRevoked(revokedId, index);
        state.add(NodeState.Value.LEASES_REVOKED, 1);
    }

    @Override
    public String toString()
    {
        return "LeaseTable{size=" + ttlById.size() + '}';
    }
}
