package dev.quorate.core.store.index;

import org.agrona.DirectBuffer;

/**
 * Walks all rows with all columns in key order, for checkpoints and comparisons. Under a writer the columns of a row
 * may belong to different records of its key; each value alone is whole.
 * <p>
 * Owner: one thread, whose slot stays pinned from a seek to the last use of what it found.
 */
public final class RowWalker
{
    private final IndexCursor cursor;

    RowWalker(final IndexCursor cursor)
    {
        this.cursor = cursor;
    }

    /**
     * Goes before the first row that is not less than a key; at the start of every slice.
     *
     * @param buffer with the key.
     * @param offset of the key.
     * @param length of the key, 0 for the first row.
     */
    public void seek(final DirectBuffer buffer, final int offset, final int length)
    {
        cursor.seek(buffer, offset, length);
    }

    /**
     * Goes to the next row.
     *
     * @return false if there is none.
     */
    public boolean next()
    {
        return cursor.next();
    }

    /**
     * @return a buffer with the key from offset 0 on, valid until the walker moves.
     */
    public DirectBuffer key()
    {
        return cursor.key();
    }

    /**
     * @return bytes of the key.
     */
    public int keyLength()
    {
        return cursor.keyLength();
    }

    /**
     * @return position of the record.
     */
    public long lp()
    {
        return cursor.lp();
    }

    /**
     * @return flags of the word.
     */
    public int flags()
    {
        return (int)cursor.word() & 0xFF;
    }

    /**
     * @return first revision of the generation, 0 without columns.
     */
    public long createRevision()
    {
        return cursor.hasColumns() ? cursor.column(1) : 0;
    }

    /**
     * @return revision of the record, 0 without columns.
     */
    public long modRevision()
    {
        return cursor.hasColumns() ? cursor.column(2) : 0;
    }

    /**
     * @return version of the key in its generation, 0 without columns.
     */
    public long version()
    {
        return cursor.hasColumns() ? Row.version(cursor.column(3)) : 0;
    }

    /**
     * @return bytes of the record, 0 without columns.
     */
    public int frameLength()
    {
        return cursor.hasColumns() ? Row.frameLength(cursor.column(3)) : 0;
    }

    /**
     * @return place of the record in its chain, 0 without columns.
     */
    public int chainOrdinal()
    {
        return cursor.hasColumns() ? Row.ordinal(cursor.column(3)) : 0;
    }

    /**
     * @return lease of the key, 0 if none.
     */
    public long lease()
    {
        return cursor.lease();
    }

    /**
     * @return position to which the chain skips, {@link KeyIndex#NO_SKIP} if none.
     */
    public long skipLp()
    {
        return cursor.skipLp();
    }
}
