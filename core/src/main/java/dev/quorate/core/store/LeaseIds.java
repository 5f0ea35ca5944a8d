package dev.quorate.core.store;

import dev.quorate.core.store.index.IndexCursor;
import dev.quorate.core.store.index.ReaderSlot;
import org.agrona.collections.LongArrayList;
import org.agrona.concurrent.UnsafeBuffer;

import java.nio.ByteOrder;

/**
 * Lists the leases that exist on this member, from the rows that apply keeps of them. A lease that comes or goes
 * meanwhile may or may not be listed.
 * <p>
 * Owned by the thread that asks; made by {@link Store#newLeaseIds()} before it starts.
 */
public final class LeaseIds
{
    private final ReaderSlot slot;
    private final IndexCursor cursor;
    private final UnsafeBuffer interval = new UnsafeBuffer(new byte[2]);
    private final UnsafeBuffer key = new UnsafeBuffer(new byte[1 + Long.BYTES]);

    LeaseIds(final Trees trees)
    {
        this.slot = trees.epochs.newSlot();
        this.cursor = trees.system.newCursor(slot);
        interval.putByte(0, RecordDescriptor.LEASE);
        interval.putByte(1, (byte)(RecordDescriptor.LEASE + 1));
        key.putByte(0, RecordDescriptor.LEASE);
    }

    /**
     * Adds the ids of all leases, ascending as unsigned numbers.
     *
     * @param ids to add to.
     */
    public void copyTo(final LongArrayList ids)
    {
        slot.pinEpoch();
        try
        {
            cursor.seek(interval, 0, 1, interval, 1, 1);
            while (cursor.next())
            {
                ids.addLong(cursor.key().getLong(1, ByteOrder.BIG_ENDIAN));
            }
        }
        finally
        {
            slot.unpinEpoch();
        }
    }

    /**
     * @param leaseId of a lease.
     * @return true if it exists.
     */
    public boolean contains(final long leaseId)
    {
        key.putLong(1, leaseId, ByteOrder.BIG_ENDIAN);
        slot.pinEpoch();
        try
        {
            return cursor.get(key, 0, 1 + Long.BYTES);
        }
        finally
        {
            slot.unpinEpoch();
        }
    }
}
