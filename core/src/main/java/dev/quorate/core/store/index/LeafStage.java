package dev.quorate.core.store.index;

/**
 * Entries from which leaves are built: those of one or two old leaves, less some, plus one.
 * <p>
 * Owner: the writer.
 */
final class LeafStage
{
    /** What an entry without an earlier record to skip to shows. */
    static final long NO_SKIP = -1;

    private static final int CAPACITY = 2 * Node.LEAF_MAX + 1;
    private static final int COLUMNS = 6;
    private static final int LEASE = 4;
    private static final int SKIP = 5;

    private final boolean columns;
    private final StagedKeys keys = new StagedKeys(CAPACITY);
    private final long[][] values = new long[COLUMNS][CAPACITY];

    LeafStage(final boolean columns)
    {
        this.columns = columns;
    }

    void clear()
    {
        keys.clear();
    }

    int count()
    {
        return keys.count();
    }

    StagedKeys keys()
    {
        return keys;
    }

    /** Appends a range of the entries of a leaf. */
    void append(final long leaf, final int from, final int to)
    {
        for (int i = from; i < to; i++)
        {
            append(leaf, i);
        }
    }

    /** Appends the entries of a leaf whose bit in the mask is not set. */
    void appendWithout(final long leaf, final long mask)
    {
        final int count = Node.count(leaf);
        for (int i = 0; i < count; i++)
        {
            if ((mask & 1L << i) == 0)
            {
                append(leaf, i);
            }
        }
    }

    void append(final Object base, final long key, final int length, final Row row)
    {
        final int index = keys.count();
        keys.append(base, key, length);
        values[0][index] = row.word;
        values[1][index] = row.create;
        values[2][index] = row.mod;
        values[3][index] = row.verLen;
        values[LEASE][index] = row.lease;
        values[SKIP][index] = row.skipLp;
    }

    /** @return bytes of the leaf that would hold entries {@code [from, to)}. */
    long sizeBytes(final int from, final int to)
    {
        final int prefix = prefixLength(from, to);
        final long rest = keys.bytesBetween(from, to) - (long)(to - from) * prefix;
        return Node.size(to - from, to - from, flags(from, to) | Node.wideFlag(rest), prefix, rest);
    }

    /** @return true if entries {@code [from, to)} may share a leaf; a single one always may. */
    boolean fits(final int from, final int to)
    {
        return to - from <= 1 || to - from <= Node.LEAF_MAX && sizeBytes(from, to) <= Node.SPLIT_BYTES;
    }

    /** @return a leaf, not yet published, of entries {@code [from, to)}. */
    long build(final IndexArena arena, final int from, final int to)
    {
        final int count = to - from;
        final int prefix = prefixLength(from, to);
        final long rest = keys.bytesBetween(from, to) - (long)count * prefix;
        final int flags = flags(from, to) | Node.wideFlag(rest);
        final long size = Node.size(count, count, flags, prefix, rest);
        final long leaf = arena.allocate(size);
        Node.header(leaf, Node.LEAF, flags, count, prefix, size);

        int column = 0;
        for (int c = 0; c < COLUMNS; c++)
        {
            if (c == 0 || c < LEASE && columns || c == LEASE && (flags & Node.FLAG_LEASE) != 0 ||
                c == SKIP && (flags & Node.FLAG_SKIP) != 0)
            {
                final long[] source = values[c];
                final long target = Node.column(leaf, column++, 0);
                for (int i = from; i < to; i++)
                {
                    Memory.i64(target + ((long)(i - from) << 3), source[i]);
                }
            }
        }
        keys.writeTo(leaf, from, to);

        return leaf;
    }

    /** @return where to cut {@code [from, to)}, which does not fit, in two. */
    int cut(final int from, final int to, final boolean atRightEdge)
    {
        if (atRightEdge)
        {
            final int most = to - Math.max(1, (to - from) / 10);
            if (fits(from, most))
            {
                return most;
            }
        }
        if (to - from > Node.LEAF_MAX && sizeBytes(from, to) <= Node.SPLIT_BYTES)
        {
            return from + to >>> 1;
        }

        final long half = keys.bytesBetween(from, to) >>> 1;
        int cut = from + 1;
        while (cut < to - 1 && keys.bytesBetween(from, cut + 1) <= half)
        {
            cut++;
        }

        return cut;
    }

    private void append(final long leaf, final int i)
    {
        final int index = keys.count();
        final int flags = Node.flags(leaf);
        keys.append(leaf, i);
        values[0][index] = Memory.i64(Node.column(leaf, 0, i));
        if (columns)
        {
            values[1][index] = Memory.i64(Node.column(leaf, 1, i));
            values[2][index] = Memory.i64(Node.column(leaf, 2, i));
            values[3][index] = Memory.i64(Node.column(leaf, 3, i));
        }
        values[LEASE][index] = (flags & Node.FLAG_LEASE) != 0 ?
            Memory.i64(Node.column(leaf, Node.leaseColumn(flags), i)) : 0;
        values[SKIP][index] = (flags & Node.FLAG_SKIP) != 0 ?
            Memory.i64(Node.column(leaf, Node.skipColumn(flags), i)) : NO_SKIP;
    }

    private int prefixLength(final int from, final int to)
    {
        return from == to ? 0 : keys.commonPrefix(from, to - 1);
    }

    private int flags(final int from, final int to)
    {
        int flags = columns ? Node.FLAG_COLUMNS : 0;
        if (columns)
        {
            for (int i = from; i < to; i++)
            {
                flags |= values[LEASE][i] != 0 ? Node.FLAG_LEASE : 0;
                flags |= values[SKIP][i] != NO_SKIP ? Node.FLAG_SKIP : 0;
            }
        }

        return flags;
    }
}
