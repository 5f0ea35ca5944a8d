package dev.quorate.core.store;

import dev.quorate.core.store.index.IndexCursor;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * System rows of one kind in ascending order of their keys. Owned by apply; see {@link Store#scanSystem}.
 */
public final class SystemScan
{
    private final Store store;
    private final TreeScan scan;
    private final UnsafeBuffer interval = new UnsafeBuffer(new byte[2]);

    SystemScan(final Store store, final IndexCursor cursor)
    {
        this.store = store;
        this.scan = new TreeScan(store, cursor);
    }

    /**
     * @return false if there is no further row.
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
        return 1;
    }

    /**
     * @return length of the key, bytes.
     */
    public int keyLength()
    {
        return scan.keyLength() - 1;
    }

    /**
     * @param view to fill with the row, valid as {@link Store#recordAt} says.
     */
    public void record(final RecordView view)
    {
        store.recordAt(scan.cursor().lp(), view);
    }

    SystemScan start(final byte kind)
    {
        interval.putByte(0, kind);
        interval.putByte(1, (byte)(kind + 1));
        scan.start(interval, 0, 1, interval, 1, 1);
        return this;
    }

    void end()
    {
        scan.stop();
    }
}
