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
    private final Views views;
    private final Views.Hold hold;
    private StoreParts view;
    private ReaderSlot slot;
    private IndexCursor cursor;
    private final UnsafeBuffer interval = new UnsafeBuffer(new byte[2]);
    private final UnsafeBuffer key = new UnsafeBuffer(new byte[1 + Long.BYTES]);

    LeaseIds(final Views views)
    {
        this.views = views;
        this.hold = views.newHold();
        bind(views.current());
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
        pin();
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
            unpin();
        }
    }

    /**
     * @param leaseId of a lease.
     * @return true if it exists.
     */
    public boolean contains(final long leaseId)
    {
        key.putLong(1, leaseId, ByteOrder.BIG_ENDIAN);
        pin();
        try
        {
            return cursor.get(key, 0, 1 + Long.BYTES);
        }
        finally
        {
            unpin();
        }
    }

    private void pin()
    {
        hold.hold(view.number);
        slot.pinEpoch();
        // behind the fence of the pin, which pairs with the one in Views.oldestHeld
        while (views.current() != view)
        {
            slot.unpinEpoch();
            bind(views.current());
            hold.hold(view.number);
            slot.pinEpoch();
        }
    }

    private void unpin()
    {
        slot.unpinEpoch();
        hold.release();
    }

    private void bind(final StoreParts toView)
    {
        view = toView;
        slot = toView.trees.epochs.newSlot();
        cursor = toView.trees.system.newCursor(slot);
    }
}
