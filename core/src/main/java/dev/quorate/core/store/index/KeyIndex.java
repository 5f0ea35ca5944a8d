package dev.quorate.core.store.index;

import org.agrona.DirectBuffer;

/**
 * An ordered map from byte keys to index words and, with columns, to what apply needs of a key's newest record. Keys
 * may have any bytes and any length from 0 to {@link #KEY_MAX_LENGTH}; they ascend as unsigned bytes, a key before its
 * extensions.
 * <p>
 * Owner: the apply thread writes and uses every method here. Readers use an {@link IndexCursor} under a pinned slot,
 * without waiting: what they stand on is never changed in shape and not freed before they let go.
 */
public final class KeyIndex
{
    /** The record is a tombstone. */
    public static final int FLAG_TOMBSTONE = 1;
    /** The record holds a lease. */
    public static final int FLAG_LEASED = 2;
    /** The record's chain has links that skip. */
    public static final int FLAG_LONG_CHAIN = 4;
    /** What {@link #skipLp()} shows if there is none. */
    public static final long NO_SKIP = LeafStage.NO_SKIP;
    /** Longest key in bytes. */
    public static final int KEY_MAX_LENGTH = 64 << 20;

    private static final int ROOT_CELL_BYTES = 64;
    private static final int REMEMBERED_KEY_MAX = 1024;

    private final IndexArena arena;
    private final boolean columns;
    private final long rootCell;
    private final TreePath path;
    private final TreeEditor editor;
    private final Row row = new Row();
    private final byte[] missedKey = new byte[REMEMBERED_KEY_MAX];

    private int missedLength = -1;
    private boolean isFound;
    private int index;
    private long size;

    /**
     * @param arena   in which nodes live; may be shared by indexes of one writer.
     * @param columns true for all columns, false for words alone.
     */
    public KeyIndex(final IndexArena arena, final boolean columns)
    {
        this.arena = arena;
        this.columns = columns;
        this.rootCell = arena.allocate(ROOT_CELL_BYTES);
        this.path = new TreePath(rootCell, arena.isChecked());
        this.editor = new TreeEditor(arena, path, columns);
        Memory.i64Release(rootCell, new LeafStage(columns).build(arena, 0, 0));
    }

    /**
     * Looks a key up. The getters show its entry until the next call that looks up or changes something.
     *
     * @param buffer with the key.
     * @param offset of the key.
     * @param length of the key.
     * @return true if the index has the key, alive or as a tombstone.
     */
    public boolean find(final DirectBuffer buffer, final int offset, final int length)
    {
        checkKey(buffer, offset, length);

        return descend(buffer.byteArray(), buffer.addressOffset() + offset, length);
    }

    /**
     * Stores the newest record of a key: in place if the key is there, as a new entry otherwise. Directly after
     * {@link #find(DirectBuffer, int, int)} of the same key it does not search again.
     *
     * @param buffer       with the key.
     * @param offset       of the key.
     * @param length       of the key.
     * @param lp           position of the record, a multiple of 8.
     * @param flags        of the word.
     * @param create       first revision of the generation.
     * @param mod          revision of the record.
     * @param version      of the key in its generation.
     * @param frameLength  of the record in bytes, a multiple of 8 below 32 MiB.
     * @param chainOrdinal of the record, 0 to 63.
     * @param lease        of the key, 0 if none.
     * @param skipLp       of the record, {@link #NO_SKIP} if none.
     * @throws IllegalStateException if a value does not fit or the arena is full.
     */
    public void put(
        final DirectBuffer buffer,
        final int offset,
        final int length,
        final long lp,
        final int flags,
        final long create,
        final long mod,
        final long version,
        final int frameLength,
        final int chainOrdinal,
        final long lease,
        final long skipLp)
    {
        if (!columns)
        {
            throw new IllegalStateException("this index has no columns");
        }
        row.word = Row.word(lp, flags);
        row.create = create;
        row.mod = mod;
        row.verLen = Row.verLen(version, frameLength, chainOrdinal);
        row.lease = lease;
        row.skipLp = skipLp;
        put(buffer, offset, length);
    }

    /**
     * Stores the word of a key in an index without columns.
     *
     * @param buffer with the key.
     * @param offset of the key.
     * @param length of the key.
     * @param lp     position, a multiple of 8.
     * @param flags  of the word.
     * @throws IllegalStateException if the index has columns, a value does not fit or the arena is full.
     */
    public void put(final DirectBuffer buffer, final int offset, final int length, final long lp, final int flags)
    {
        if (columns)
        {
            throw new IllegalStateException("this index has columns");
        }
        row.word = Row.word(lp, flags);
        row.skipLp = NO_SKIP;
        put(buffer, offset, length);
    }

    /**
     * Takes a key out.
     *
     * @param buffer with the key.
     * @param offset of the key.
     * @param length of the key.
     * @return true if the index had it.
     */
    public boolean remove(final DirectBuffer buffer, final int offset, final int length)
    {
        checkKey(buffer, offset, length);
        if (!locate(buffer.byteArray(), buffer.addressOffset() + offset, length))
        {
            return false;
        }

        final int at = index;
        forget();
        editor.drop(1L << at);
        size--;

        return true;
    }

    /**
     * Takes out the tombstones of a sorted batch, from where the batch stands on. A key whose newest record is another
     * one stays. Readers must not need the tombstones any more.
     *
     * @param batch sorted; it moves on.
     * @param limit how many of the batch's keys to take at most, more only to finish a leaf.
     * @return how many keys were taken out.
     */
    public int purge(final PurgeBatch batch, final int limit)
    {
        if (!batch.isSorted())
        {
            throw new IllegalStateException("a purge batch must be sorted first");
        }
        forget();

        int removed = 0;
        final int end = (int)Math.min(batch.size(), (long)batch.position() + limit);
        while (batch.position() < end)
        {
            final long mask = purgeMask(batch);
            if (mask != 0)
            {
                editor.drop(mask);
                removed += Long.bitCount(mask);
            }
        }
        size -= removed;

        return removed;
    }

    /**
     * @return number of keys, tombstones included.
     */
    public long size()
    {
        return size;
    }

    /**
     * @return bytes of the arena in use, by this index, its neighbours and limbo.
     */
    public long arenaBytes()
    {
        return arena.usedBytes();
    }

    /**
     * @return true if entries have columns.
     */
    public boolean hasColumns()
    {
        return columns;
    }

    /**
     * @return the word of the entry found.
     */
    public long word()
    {
        return Memory.i64(cell(0));
    }

    /**
     * @return position of the record found.
     */
    public long lp()
    {
        return Row.lp(word());
    }

    /**
     * @return true if the record found is a tombstone.
     */
    public boolean isTombstone()
    {
        return (word() & FLAG_TOMBSTONE) != 0;
    }

    /**
     * @return first revision of the generation.
     */
    public long createRevision()
    {
        return Memory.i64(columnCell(1));
    }

    /**
     * @return revision of the record found.
     */
    public long modRevision()
    {
        return Memory.i64(columnCell(2));
    }

    /**
     * @return version of the key in its generation.
     */
    public long version()
    {
        return Row.version(Memory.i64(columnCell(3)));
    }

    /**
     * @return bytes of the record found.
     */
    public int frameLength()
    {
        return Row.frameLength(Memory.i64(columnCell(3)));
    }

    /**
     * @return place of the record in its chain, 0 to 63.
     */
    public int chainOrdinal()
    {
        return Row.ordinal(Memory.i64(columnCell(3)));
    }

    /**
     * @return lease of the key, 0 if none.
     */
    public long lease()
    {
        final long place = columnCell(0);
        final int flags = Node.flags(path.leaf);
        return (flags & Node.FLAG_LEASE) == 0 ?
            0 : Memory.i64(place + Node.column(path.leaf, Node.leaseColumn(flags), 0) - Node.slot(path.leaf, 0));
    }

    /**
     * @return position to which the record's chain skips, {@link #NO_SKIP} if none.
     */
    public long skipLp()
    {
        final long place = columnCell(0);
        final int flags = Node.flags(path.leaf);
        return (flags & Node.FLAG_SKIP) == 0 ?
            NO_SKIP : Memory.i64(place + Node.column(path.leaf, Node.skipColumn(flags), 0) - Node.slot(path.leaf, 0));
    }

    /**
     * A cursor for the apply thread itself, which needs no pin as long as {@link IndexArena#reclaim()} does not come
     * between a seek and the last use of what it found. Keys may be put meanwhile; entries of a leaf that was replaced
     * under the cursor show the words they had.
     *
     * @return a cursor; cold.
     */
    public IndexCursor newCursor()
    {
        return new IndexCursor(new TreePath(rootCell, arena.isChecked()), null, columns);
    }

    /**
     * @param slot of the reading thread, to be pinned while the cursor is used.
     * @return a cursor for that thread; cold.
     */
    public IndexCursor newCursor(final ReaderSlot slot)
    {
        return new IndexCursor(new TreePath(rootCell, arena.isChecked()), slot, columns);
    }

    /**
     * A walker for the writer itself, under the rule of {@link #newCursor()}.
     *
     * @return a walker over all rows; cold.
     */
    public RowWalker newWalker()
    {
        return new RowWalker(newCursor());
    }

    /**
     * @param slot of the reading thread, to be pinned while the walker is used.
     * @return a walker over all rows; cold.
     */
    public RowWalker newWalker(final ReaderSlot slot)
    {
        return new RowWalker(newCursor(slot));
    }

    /**
     * @param slot of the reading thread, to be pinned while the walker is used.
     * @return a walker over all leaves; cold.
     */
    public LeafWalker newLeafWalker(final ReaderSlot slot)
    {
        return new LeafWalker(new TreePath(rootCell, arena.isChecked()), slot);
    }

    /**
     * @return a loader of leaves for this index, which must be empty; cold.
     */
    public Loader newLoader()
    {
        if (size != 0)
        {
            throw new IllegalStateException("only an empty index can be loaded, not one of " + size + " keys");
        }

        return new Loader(this, arena, columns);
    }

    IndexArena arena()
    {
        return arena;
    }

    long root()
    {
        return Memory.i64(rootCell);
    }

    /** Takes over a loaded tree. */
    void adopt(final long root, final long keys)
    {
        if (size != 0)
        {
            throw new IllegalStateException("the index was written to while it was loaded");
        }
        forget();
        final long old = root();
        // publishes all loaded nodes; pairs with the acquire load of the root in TreePath.descend
        Memory.i64Release(rootCell, root);
        arena.retire(old);
        size = keys;
    }

    private void put(final DirectBuffer buffer, final int offset, final int length)
    {
        checkKey(buffer, offset, length);
        final Object base = buffer.byteArray();
        final long key = buffer.addressOffset() + offset;
        if (locate(base, key, length))
        {
            update(base, key, length);
        }
        else
        {
            final int at = index;
            forget();
            editor.insert(at, base, key, length, row);
            size++;
        }
    }

    private void update(final Object base, final long key, final int length)
    {
        final long leaf = path.leaf;
        final int flags = Node.flags(leaf);
        final boolean hasLease = (flags & Node.FLAG_LEASE) != 0;
        final boolean hasSkip = (flags & Node.FLAG_SKIP) != 0;
        if (columns)
        {
            if (row.lease != 0 && !hasLease || row.skipLp != NO_SKIP && !hasSkip)
            {
                final int at = index;
                forget();
                editor.rewrite(at, base, key, length, row);
                return;
            }

            Memory.i64(Node.column(leaf, 1, index), row.create);
            Memory.i64(Node.column(leaf, 2, index), row.mod);
            Memory.i64(Node.column(leaf, 3, index), row.verLen);
            if (hasLease)
            {
                Memory.i64(Node.column(leaf, Node.leaseColumn(flags), index), row.lease);
            }
            if (hasSkip)
            {
                Memory.i64(Node.column(leaf, Node.skipColumn(flags), index), row.skipLp);
            }
        }
        // after create, so that a reader of the new word sees it; pairs with the acquire load in IndexCursor.word
        Memory.i64Release(Node.slot(leaf, index), row.word);
    }

    /** Searches unless the last search was for the same key and nothing changed since. */
    private boolean locate(final Object base, final long key, final int length)
    {
        if (isFound)
        {
            final long leaf = path.leaf;
            final int prefixLength = Node.prefixLength(leaf);
            final long prefix = Node.prefix(leaf);
            final int from = Node.keyOffset(leaf, index);
            final int rest = Node.keyOffset(leaf, index + 1) - from;
            if (length == prefixLength + rest &&
                Memory.commonPrefix(
                    base, key + prefixLength, null, prefix + prefixLength + from, rest) == rest &&
                Memory.commonPrefix(base, key, null, prefix, prefixLength) == prefixLength)
            {
                return true;
            }
        }
        else if (missedLength == length &&
            Memory.commonPrefix(base, key, missedKey, Memory.ARRAY_BASE, length) == length)
        {
            return false;
        }

        return descend(base, key, length);
    }

    private boolean descend(final Object base, final long key, final int length)
    {
        path.descend(base, key, length);
        final int found = Node.search(path.leaf, base, key, length);
        isFound = found >= 0;
        index = isFound ? found : ~found;
        missedLength = -1;
        if (!isFound && length <= REMEMBERED_KEY_MAX)
        {
            Memory.copy(base, key, missedKey, Memory.ARRAY_BASE, length);
            missedLength = length;
        }

        return isFound;
    }

    private long purgeMask(final PurgeBatch batch)
    {
        final Object base = batch.base();
        path.descend(base, batch.keyPlace(), batch.keyLength());
        long mask = 0;
        do
        {
            final int found = Node.search(path.leaf, base, batch.keyPlace(), batch.keyLength());
            if (found >= 0)
            {
                final long word = Memory.i64(Node.slot(path.leaf, found));
                if ((word & FLAG_TOMBSTONE) != 0 && Row.lp(word) == batch.lp())
                {
                    mask |= 1L << found;
                }
            }
            batch.moveOn();
        }
        while (batch.position() < batch.size() && path.covers(base, batch.keyPlace(), batch.keyLength()));

        return mask;
    }

    private void forget()
    {
        isFound = false;
        missedLength = -1;
    }

    private long cell(final int column)
    {
        if (!isFound)
        {
            throw new IllegalStateException("no entry was found last");
        }

        return Node.column(path.leaf, column, index);
    }

    private long columnCell(final int column)
    {
        if (!columns)
        {
            throw new IllegalStateException("this index has no columns");
        }

        return cell(column);
    }

    private static void checkKey(final DirectBuffer buffer, final int offset, final int length)
    {
        if (length > KEY_MAX_LENGTH)
        {
            throw new IllegalStateException("a key of " + length + " bytes is longer than " + KEY_MAX_LENGTH);
        }
        buffer.boundsCheck(offset, length);
    }

    @Override
    public String toString()
    {
        return "KeyIndex{size=" + size + ", columns=" + columns + ", arena=" + arena + '}';
    }
}
