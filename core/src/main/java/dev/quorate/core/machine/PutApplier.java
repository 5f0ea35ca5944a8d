package dev.quorate.core.machine;

import dev.quorate.core.api.EtcdError;
import dev.quorate.core.store.RecordView;
import dev.quorate.core.store.Store;
import org.agrona.DirectBuffer;

/**
 * Puts keys, alone or inside a transaction.
 */
final class PutApplier
{
    private final Store store;
    private final LeaseTable leases;
    private final KeyCounts counts;
    private final RecordView view = new RecordView();

    PutApplier(final Store store, final LeaseTable leases, final KeyCounts counts)
    {
        this.store = store;
        this.leases = leases;
        this.counts = counts;
    }

    /**
     * Looks for the lease first, then for the key whose value or lease is to be kept: alone and in a transaction.
     */
    EtcdError check(final DirectBuffer buffer, final PutOp op)
    {
        if (lacksLease(op))
        {
            return EtcdError.LEASE_NOT_FOUND;
        }
        return lacksPrevious(buffer, op) ? EtcdError.KEY_NOT_FOUND : EtcdError.NONE;
    }

    /**
     * Puts. What is to be kept of a previous version that an earlier operation of the same transaction deleted is
     * empty: the transaction was checked against the state before it and must not fail half-way.
     *
     * @return LP of the previous version, -1 if there was none.
     */
    long put(final DirectBuffer buffer, final PutOp op)
    {
        counts.onPut();
        if (!op.needsPrevious())
        {
            return store.put(
                buffer, op.keyOffset(), op.keyLength(), buffer, op.valueOffset(), op.valueLength(), op.lease());
        }
        final boolean isAlive = store.find(buffer, op.keyOffset(), op.keyLength());
        final long lease = !op.ignoresLease() ? op.lease() : isAlive ? store.lease() : 0;
        if (!op.ignoresValue())
        {
            return store.put(
                buffer, op.keyOffset(), op.keyLength(), buffer, op.valueOffset(), op.valueLength(), lease);
        }
        if (!isAlive)
        {
            return store.put(buffer, op.keyOffset(), op.keyLength(), buffer, op.valueOffset(), 0, lease);
        }
        store.value(view);
        return store.put(
            buffer, op.keyOffset(), op.keyLength(), view.buffer(), view.valueOffset(), view.valueLength(), lease);
    }

    private boolean lacksLease(final PutOp op)
    {
        return 0 != op.lease() && !leases.exists(op.lease());
    }

    private boolean lacksPrevious(final DirectBuffer buffer, final PutOp op)
    {
        return op.needsPrevious() && !store.find(buffer, op.keyOffset(), op.keyLength());
    }
}
