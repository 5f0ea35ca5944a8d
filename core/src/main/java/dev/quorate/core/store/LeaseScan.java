package dev.quorate.core.store;

import dev.quorate.core.store.index.IndexCursor;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

import java.nio.ByteOrder;

/**
 * Keys attached to one lease, ascending. Owned by apply; see {@link Store#scanLease}.
 */
public final class LeaseScan
{
    private final TreeScan scan;
    private final UnsafeBuffer interval = new UnsafeBuffer(new byte[16]);

    LeaseScan(final Store store, final IndexCursor cursor)
    {
        this.scan = new TreeScan(store, cursor);
    }

    /**
     * @return false if there is no further key.
     */
    public boolean next()
    {
        return scan.next();
    }

    /**
     * @return buffer with the key, valid until {@link #next()}.
     */
    public DirectBuffer key()
    {
        return scan.key();
    }

    /**
     * @return where the key begins.
     */
    public int keyOffset()
    {
        return 8;
    }

    /**
     * @return length of the key, bytes.
     */
    public int keyLength()
    {
        return scan.keyLength() - 8;
    }

    LeaseScan start(final long leaseId)
    {
        scan.start(interval, 0, 8, interval, 8, interval(leaseId, interval));
        return this;
    }

    void end()
    {
        scan.stop();
    }

    /** Writes begin and end of a lease's interval. @return length of the end. */
    static int interval(final long leaseId, final UnsafeBuffer into)
    {
        into.putLong(0, leaseId, ByteOrder.BIG_ENDIAN);
        into.putLong(8, leaseId + 1, ByteOrder.BIG_ENDIAN);
        if (-1L == leaseId)
        {
            into.putByte(8, (byte)0);
            return 1;
        }
        return 8;
    }
}
