package dev.quorate.core.store.index;

import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Point look-ups and ascending scans over an index that may be written meanwhile. It never waits and never retries.
 * <p>
 * Why a scan is exact under a writer: it keeps the inner nodes it came through and goes on from them. Separators never
 * change after publication and a child slot covers the same key range for the whole life of its node, so the slots of
 * the way cut the key space without gap or overlap, and entries come out ascending, each once. If a node was
 * replaced while the cursor stands in or above it, its slots stay as they were when it was replaced, which was after
 * the cursor loaded the root; so each leaf reached was current at some moment after that, and its words are at least as
 * new as everything published before. Nodes of the way, and all they lead to, were retired after the pin if at all and
 * are not freed under it. A key inserted after the root was loaded may be seen or not; its word lies above the bound.
 * <p>
 * Owner: one thread, whose slot stays pinned from a seek to the last use of what it found. After a new pin, seek again.
 */
public final class IndexCursor
{
    private static final int INITIAL_KEY_CAPACITY = 256;
    private static final int UNBOUNDED = -1;

    private final TreePath path;
    private final ReaderSlot slot;
    private final boolean columns;
    private final UnsafeBuffer keyBuffer = new UnsafeBuffer(new byte[INITIAL_KEY_CAPACITY]);

    private byte[] end = new byte[INITIAL_KEY_CAPACITY];
    private long leaf;
    private int index;
    private int limit;
    private boolean isLastLeaf = true;
    private int endLength = UNBOUNDED;
    private long word;
    private boolean isOpened;
    private boolean isPrefixCopied;
    private boolean isWide;
    private int prefixLength;
    private long offsets;
    private long rests;
    private int assembledIndex = -1;

    IndexCursor(final TreePath path, final ReaderSlot slot, final boolean columns)
    {
        this.path = path;
        this.slot = slot;
        this.columns = columns;
    }

    /**
     * Looks one key up. Afterwards {@link #next()} is false until the next seek.
     *
     * @param buffer with the key.
     * @param offset of the key.
     * @param length of the key.
     * @return true if the index has the key, alive or as a tombstone; then the getters show it.
     */
    public boolean get(final DirectBuffer buffer, final int offset, final int length)
    {
        checkPin();
        buffer.boundsCheck(offset, length);
        final Object base = buffer.byteArray();
        final long key = buffer.addressOffset() + offset;
        path.descend(base, key, length);
        enter(path.leaf);
        isLastLeaf = true;
        final int found = Node.search(leaf, base, key, length);
        if (found < 0)
        {
            index = -1;
            limit = 0;
            return false;
        }
        index = found;
        limit = found + 1;
        loadWord();

        return true;
    }

    /**
     * Goes before the first entry that is not less than a key; {@link #next()} then ascends to the end of the index.
     *
     * @param buffer with the key.
     * @param offset of the key.
     * @param length of the key.
     */
    public void seek(final DirectBuffer buffer, final int offset, final int length)
    {
        buffer.boundsCheck(offset, length);
        endLength = UNBOUNDED;
        seek(buffer.byteArray(), buffer.addressOffset() + offset, length);
    }

    /**
     * Goes before the first entry of a range. The end is copied; each leaf is compared with it once, not each entry.
     *
     * @param buffer    with the key.
     * @param offset    of the key.
     * @param length    of the key.
     * @param end       with the end of the range.
     * @param endOffset of the end.
     * @param endLength of the end: 0 for the key alone; one byte of 0 for all from the key on; otherwise exclusive.
     */
    public void seek(
        final DirectBuffer buffer,
        final int offset,
        final int length,
        final DirectBuffer end,
        final int endOffset,
        final int endLength)
    {
        if (endLength == 0)
        {
            this.endLength = UNBOUNDED;
            if (get(buffer, offset, length))
            {
                index--;
            }
            return;
        }

        buffer.boundsCheck(offset, length);
        end.boundsCheck(endOffset, endLength);
        this.endLength = endLength == 1 && end.getByte(endOffset) == 0 ? UNBOUNDED : endLength;
        if (this.endLength != UNBOUNDED)
        {
            if (this.end.length < endLength)
            {
                this.end = new byte[endLength];
            }
            end.getBytes(endOffset, this.end, 0, endLength);
        }
        seek(buffer.byteArray(), buffer.addressOffset() + offset, length);
    }

    /**
     * Goes to the next entry.
     *
     * @return false if the range has no further one.
     */
    public boolean next()
    {
        while (index + 1 >= limit)
        {
            if (isLastLeaf || !path.descendNext())
            {
                isLastLeaf = true;
                index = limit;
                return false;
            }
            enter(path.leaf);
            index = -1;
            limitToEnd();
        }
        index++;
        loadWord();

        return true;
    }

    /**
     * @return the word as it was when the cursor came to the entry.
     */
    public long word()
    {
        return word;
    }

    /**
     * @return position of the record.
     */
    public long lp()
    {
        return Row.lp(word);
    }

    /**
     * @return true if the record is a tombstone.
     */
    public boolean isTombstone()
    {
        return (word & KeyIndex.FLAG_TOMBSTONE) != 0;
    }

    /**
     * @return first revision of the generation, of the record of {@link #word()} or of a later one.
     */
    public long createRevision()
    {
        return column(1);
    }

    /**
     * The key, put together on the first call for an entry.
     *
     * @return a buffer with the key from offset 0 on, {@link #keyLength()} long, valid until the cursor moves.
     */
    public DirectBuffer key()
    {
        if (assembledIndex != index)
        {
            assembleKey();
        }

        return keyBuffer;
    }

    /**
     * @return bytes of the key.
     */
    public int keyLength()
    {
        openKeys();

        return prefixLength + offset(index + 1) - offset(index);
    }

    boolean hasColumns()
    {
        return columns;
    }

    /** Columns other than create may belong to a newer record than the word. */
    long column(final int column)
    {
        if (!columns)
        {
            throw new IllegalStateException("this index has no columns");
        }

        return Memory.i64(Node.column(leaf, column, index));
    }

    long lease()
    {
        final int flags = Node.flags(leaf);
        return (flags & Node.FLAG_LEASE) == 0 ? 0 : Memory.i64(Node.column(leaf, Node.leaseColumn(flags), index));
    }

    long skipLp()
    {
        final int flags = Node.flags(leaf);
        return (flags & Node.FLAG_SKIP) == 0 ?
            LeafStage.NO_SKIP : Memory.i64(Node.column(leaf, Node.skipColumn(flags), index));
    }

    private void seek(final Object base, final long key, final int length)
    {
        checkPin();
        path.descend(base, key, length);
        enter(path.leaf);
        final int found = Node.search(leaf, base, key, length);
        index = (found >= 0 ? found : ~found) - 1;
        limitToEnd();
    }

    private void enter(final long node)
    {
        leaf = node;
        isOpened = false;
        assembledIndex = -1;
    }

    private void limitToEnd()
    {
        limit = Node.count(leaf);
        isLastLeaf = false;
        if (endLength != UNBOUNDED)
        {
            final int found = Node.search(leaf, end, Memory.ARRAY_BASE, endLength);
            final int below = found >= 0 ? found : ~found;
            isLastLeaf = below < limit;
            limit = below;
        }
    }

    private void loadWord()
    {
        // pairs with the release store in KeyIndex.update
        word = Memory.i64Acquire(Node.slot(leaf, index));
    }

    private void assembleKey()
    {
        openKeys();
        final int from = offset(index);
        final int rest = offset(index + 1) - from;
        final int keyLength = prefixLength + rest;
        if (keyLength > keyBuffer.capacity())
        {
            keyBuffer.wrap(new byte[Math.max(keyLength, keyBuffer.capacity() << 1)]);
            isPrefixCopied = false;
        }

        final Object base = keyBuffer.byteArray();
        final long place = keyBuffer.addressOffset();
        if (!isPrefixCopied)
        {
            Memory.copy(null, rests - prefixLength, base, place, prefixLength);
            isPrefixCopied = true;
        }
        Memory.copy(null, rests + from, base, place + prefixLength, rest);
        assembledIndex = index;
    }

    /** Finds the keys of the leaf once, for scans that look at them; counting never needs it. */
    private void openKeys()
    {
        if (!isOpened)
        {
            prefixLength = Node.prefixLength(leaf);
            offsets = Node.offsets(leaf);
            rests = Node.prefix(leaf) + prefixLength;
            isWide = (Node.flags(leaf) & Node.FLAG_WIDE) != 0;
            isPrefixCopied = false;
            isOpened = true;
        }
    }

    private int offset(final int i)
    {
        return isWide ? Memory.i32(offsets + ((long)i << 2)) : Memory.u16(offsets + ((long)i << 1));
    }

    private void checkPin()
    {
        if (slot != null && !slot.isPinned())
        {
            throw new IllegalStateException("a cursor is used without a pin: " + slot);
        }
    }

    @Override
    public String toString()
    {
        return "IndexCursor{index=" + index + ", limit=" + limit + ", depth=" + path.depth + '}';
    }
}
