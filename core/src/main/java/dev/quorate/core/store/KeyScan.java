package dev.quorate.core.store;

import dev.quorate.core.store.index.IndexCursor;
import org.agrona.DirectBuffer;

/**
 * Keys of an interval that are alive in the writer's view, ascending. Owned by apply; see {@link Store#scan}.
 */
public final class KeyScan
{
    private final Store store;
    private final TreeScan scan;

    KeyScan(final Store store, final IndexCursor cursor)
    {
        this.store = store;
        this.scan = new TreeScan(store, cursor);
    }

    /**
     * @return false if the interval has no further key that is alive.
     */
    public boolean next()
    {
        while (scan.next())
        {
            if (!scan.cursor().isTombstone())
            {
                return true;
            }
        }
        return false;
    }

    /**
     * @return buffer with the key at offset 0, valid until {@link #next()}.
     */
    public DirectBuffer key()
    {
        return scan.key();
    }

    /**
     * @return length of the key, bytes.
     */
    public int keyLength()
    {
        return scan.keyLength();
    }

    /**
     * @return logical position of the version.
     */
    public long lp()
    {
        return scan.cursor().lp();
    }

    /**
     * @param view to fill with the version, valid as {@link Store#recordAt} says.
     */
    public void record(final RecordView view)
    {
        store.recordAt(lp(), view);
    }

    KeyScan start(
        final DirectBuffer key,
        final int keyOffset,
        final int keyLength,
        final DirectBuffer end,
        final int endOffset,
        final int endLength)
    {
        scan.start(key, keyOffset, keyLength, end, endOffset, endLength);
        return this;
    }

    void end()
    {
        scan.stop();
    }
}
