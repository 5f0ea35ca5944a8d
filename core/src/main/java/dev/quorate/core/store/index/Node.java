package dev.quorate.core.store.index;

/**
 * Layout of nodes, and the search in one. A node's shape never changes after it was published; only words, columns and
 * child slots do, each by one aligned 8-byte store.
 * <pre>
 *  0 u16 count      2 u16 prefixLength   4 u32 sizeBytes   8 u8 kind   9 u8 flags   10 u16 magic   12 u32 reserved
 * 16 leaf:  word[count] 8, then if it has columns create, mod, verLen [count] 8 each, then lease, skipLp if flagged
 *    inner: child[count] 8
 *    head[keys] 4: the first 4 bytes after the prefix, big-endian, zeros after the end
 *    offset[keys + 1] u16, or u32 if wide: ends of the keys after the prefix, from the end of the prefix on
 *    prefix bytes, then the rest of each key, packed in order
 * </pre>
 * A leaf has as many keys as entries; an inner node one separator less than children: child {@code i} holds the keys
 * from separator {@code i - 1} on and below separator {@code i}.
 */
final class Node
{
    static final int LEAF = 1;
    static final int INNER = 2;
    static final int MAGIC = 0x51D8;

    static final int FLAG_WIDE = 1;
    static final int FLAG_LEASE = 2;
    static final int FLAG_SKIP = 4;
    static final int FLAG_COLUMNS = 8;

    /** Most entries of a leaf. */
    static final int LEAF_MAX = 64;
    /** Most children of an inner node. */
    static final int INNER_MAX = 128;
    /** Most bytes of a node that could be split. */
    static final int SPLIT_BYTES = 8 * 1024;
    /** Longest prefix that is kept once for all keys of a node. */
    static final int PREFIX_MAX = 0xFFFF;
    /** Bytes before the slots. */
    static final int SLOTS = 16;

    private static final int PREFIX_LENGTH = 2;
    private static final int SIZE_BYTES = 4;
    private static final int KIND = 8;
    private static final int FLAGS = 9;
    private static final int MAGIC_OFFSET = 10;
    private static final int RESERVED = 12;
    private static final int NARROW_MAX = 0xFFFF;

    private Node()
    {
    }

    static int count(final long node)
    {
        return Memory.u16(node);
    }

    static int prefixLength(final long node)
    {
        return Memory.u16(node + PREFIX_LENGTH);
    }

    static int sizeBytes(final long node)
    {
        return Memory.i32(node + SIZE_BYTES);
    }

    static int kind(final long node)
    {
        return Memory.u8(node + KIND);
    }

    static int flags(final long node)
    {
        return Memory.u8(node + FLAGS);
    }

    /** @return true for an inner node, false for a leaf; anything else is a fault. */
    static boolean isInner(final long node)
    {
        final int kind = Memory.u8(node + KIND);
        if (Memory.u16(node + MAGIC_OFFSET) != MAGIC || kind != LEAF && kind != INNER)
        {
            throw new IllegalStateException("no node of an index at " + Long.toHexString(node) + ": kind " + kind +
                ", magic " + Integer.toHexString(Memory.u16(node + MAGIC_OFFSET)));
        }

        return kind == INNER;
    }

    /** Looks closer than production does. */
    static void check(final long node)
    {
        if ((node & 63) != 0)
        {
            throw new IllegalStateException("node " + Long.toHexString(node) + " is not aligned");
        }
        final boolean inner = isInner(node);
        final int count = count(node);
        if (count > (inner ? INNER_MAX : LEAF_MAX) || inner && count == 0)
        {
            throw new IllegalStateException("node " + Long.toHexString(node) + " with " + count + " slots");
        }
        final int keys = keys(node);
        if (size(count, keys, flags(node), prefixLength(node), keyOffset(node, keys)) != sizeBytes(node))
        {
            throw new IllegalStateException("node " + Long.toHexString(node) + " of another size than its content");
        }
    }

    /** @return true if so many bytes that come from outside are a leaf with entries; their order is not looked at. */
    static boolean isLeafImage(final long node, final int length, final boolean columns)
    {
        final int count = count(node);
        final int flags = flags(node);
        if (Memory.u16(node + MAGIC_OFFSET) != MAGIC || kind(node) != LEAF || count == 0 || count > LEAF_MAX ||
            sizeBytes(node) != length || columns != ((flags & FLAG_COLUMNS) != 0) ||
            size(count, count, flags, prefixLength(node), 0) > length)
        {
            return false;
        }
        int from = 0;
        for (int i = 0; i <= count; i++)
        {
            final int to = keyOffset(node, i);
            if (to < from || i == 0 && to != 0)
            {
                return false;
            }
            from = to;
        }
        return size(count, count, flags, prefixLength(node), from) == length;
    }

    /** @return entries of a leaf or separators of an inner node. */
    static int keys(final long node)
    {
        return count(node) - (kind(node) >>> 1);
    }

    static int slotLongs(final int flags)
    {
        return 1 + ((flags & FLAG_COLUMNS) != 0 ? 3 : 0) + (flags >>> 1 & 1) + (flags >>> 2 & 1);
    }

    static int offsetBytes(final int flags)
    {
        return 2 << (flags & FLAG_WIDE);
    }

    static long heads(final long node)
    {
        return node + SLOTS + (long)(count(node) * slotLongs(flags(node)) << 3);
    }

    static long offsets(final long node)
    {
        return heads(node) + ((long)keys(node) << 2);
    }

    static long prefix(final long node)
    {
        return offsets(node) + (long)(keys(node) + 1) * offsetBytes(flags(node));
    }

    /** @return where key {@code index} begins after the end of the prefix. */
    static int keyOffset(final long node, final int index)
    {
        final long offsets = offsets(node);
        return (flags(node) & FLAG_WIDE) != 0 ?
            Memory.i32(offsets + ((long)index << 2)) : Memory.u16(offsets + ((long)index << 1));
    }

    static long slot(final long node, final int index)
    {
        return node + SLOTS + ((long)index << 3);
    }

    /** @return address of an entry's value in the n-th column; 0 is the word. */
    static long column(final long leaf, final int column, final int index)
    {
        return leaf + SLOTS + ((long)(column * count(leaf) + index) << 3);
    }

    static int leaseColumn(final int flags)
    {
        return (flags & FLAG_COLUMNS) != 0 ? 4 : 1;
    }

    static int skipColumn(final int flags)
    {
        return leaseColumn(flags) + (flags >>> 1 & 1);
    }

    static long size(
        final int count, final int keys, final int flags, final int prefixLength, final long keyBytes)
    {
        return SLOTS + (long)(count * slotLongs(flags) << 3) + ((long)keys << 2) +
            (long)(keys + 1) * offsetBytes(flags) + prefixLength + keyBytes;
    }

    static int wideFlag(final long keyBytes)
    {
        return keyBytes > NARROW_MAX ? FLAG_WIDE : 0;
    }

    static void header(
        final long node, final int kind, final int flags, final int count, final int prefixLength, final long size)
    {
        Memory.u16(node, count);
        Memory.u16(node + PREFIX_LENGTH, prefixLength);
        Memory.i32(node + SIZE_BYTES, (int)size);
        Memory.u8(node + KIND, kind);
        Memory.u8(node + FLAGS, flags);
        Memory.u16(node + MAGIC_OFFSET, MAGIC);
        Memory.i32(node + RESERVED, 0);
    }

    /** @return index of the child in which a key belongs. */
    static int childOf(final long inner, final Object base, final long key, final int length)
    {
        final int found = search(inner, base, key, length);
        return found >= 0 ? found + 1 : ~found;
    }

    /** @return index of the key if the node has it, else the complement of the index at which it would stand. */
    static int search(final long node, final Object base, final long key, final int length)
    {
        final int count = count(node);
        final int prefixLength = prefixLength(node);
        final int flags = flags(node);
        final int keys = count - (kind(node) >>> 1);
        final long heads = node + SLOTS + (long)(count * slotLongs(flags) << 3);
        final long offsets = heads + ((long)keys << 2);
        final long prefix = offsets + (long)(keys + 1) * offsetBytes(flags);

        if (prefixLength > 0)
        {
            final int compared = Memory.compare(base, key, Math.min(length, prefixLength), null, prefix, prefixLength);
            if (compared != 0)
            {
                return compared < 0 ? ~0 : ~keys;
            }
        }

        return searchAfterPrefix(
            keys, heads, offsets, prefix + prefixLength, (flags & FLAG_WIDE) != 0,
            base, key + prefixLength, length - prefixLength);
    }

    private static int searchAfterPrefix(
        final int keys,
        final long heads,
        final long offsets,
        final long bytes,
        final boolean wide,
        final Object base,
        final long key,
        final int length)
    {
        final int head = Memory.head(base, key, length);
        int low = 0;
        int high = keys;
        while (low < high)
        {
            final int middle = low + high >>> 1;
            final int there = Memory.i32(heads + ((long)middle << 2));
            int compared = Integer.compareUnsigned(there, head);
            if (compared == 0)
            {
                final int from = wide ?
                    Memory.i32(offsets + ((long)middle << 2)) : Memory.u16(offsets + ((long)middle << 1));
                final int to = wide ?
                    Memory.i32(offsets + ((long)middle + 1 << 2)) : Memory.u16(offsets + ((long)middle + 1 << 1));
                compared = Memory.compare(null, bytes + from, to - from, base, key, length);
                if (compared == 0)
                {
                    return middle;
                }
            }
            if (compared < 0)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return ~low;
    }
}
