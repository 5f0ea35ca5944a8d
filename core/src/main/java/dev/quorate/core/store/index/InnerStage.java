package dev.quorate.core.store.index;

/**
 * Children and separators from which inner nodes are built. A separator is appended between two children.
 * <p>
 * Owner: the writer.
 */
final class InnerStage
{
    /** An inner node of which one child became as many leaves as entries were staged. */
    static final int CAPACITY = 2 * Node.INNER_MAX + 2 * Node.LEAF_MAX + 2;

    private final long[] children = new long[CAPACITY];
    private final StagedKeys separators = new StagedKeys(CAPACITY);
    private int count;

    void clear()
    {
        count = 0;
        separators.clear();
    }

    int count()
    {
        return count;
    }

    long child(final int index)
    {
        return children[index];
    }

    StagedKeys separators()
    {
        return separators;
    }

    void appendChild(final long child)
    {
        children[count++] = child;
    }

    /** Appends children {@code [from, to)} of a node with the separators between them. */
    void append(final long inner, final int from, final int to)
    {
        for (int i = from; i < to; i++)
        {
            if (i > from)
            {
                separators.append(inner, i - 1);
            }
            appendChild(Memory.i64(Node.slot(inner, i)));
        }
    }

    /** Appends everything of another stage. */
    void append(final InnerStage other)
    {
        for (int i = 0; i < other.count; i++)
        {
            if (i > 0)
            {
                separators.append(other.separators, i - 1, other.separators.length(i - 1));
            }
            appendChild(other.children[i]);
        }
    }

    long sizeBytes(final int from, final int to)
    {
        final int prefix = prefixLength(from, to);
        final int keys = to - from - 1;
        final long rest = separators.bytesBetween(from, to - 1) - (long)keys * prefix;
        return Node.size(to - from, keys, Node.wideFlag(rest), prefix, rest);
    }

    /** @return true if children {@code [from, to)} may share a node; up to three always may. */
    boolean fits(final int from, final int to)
    {
        return to - from <= 3 || to - from <= Node.INNER_MAX && sizeBytes(from, to) <= Node.SPLIT_BYTES;
    }

    /** @return an inner node, not yet published, of children {@code [from, to)}. */
    long build(final IndexArena arena, final int from, final int to)
    {
        final int count = to - from;
        final int prefix = prefixLength(from, to);
        final long rest = separators.bytesBetween(from, to - 1) - (long)(count - 1) * prefix;
        final int flags = Node.wideFlag(rest);
        final long size = Node.size(count, count - 1, flags, prefix, rest);
        final long inner = arena.allocate(size);
        Node.header(inner, Node.INNER, flags, count, prefix, size);
        for (int i = from; i < to; i++)
        {
            Memory.i64(Node.slot(inner, i - from), children[i]);
        }
        separators.writeTo(inner, from, to - 1);

        return inner;
    }

    /** @return where to cut {@code [from, to)}, which does not fit, in two of at least two children each. */
    int cut(final int from, final int to, final boolean atRightEdge)
    {
        if (atRightEdge)
        {
            final int most = to - Math.max(2, (to - from) / 10);
            if (fits(from, most))
            {
                return most;
            }
        }
        if (to - from > Node.INNER_MAX && sizeBytes(from, to) <= Node.SPLIT_BYTES)
        {
            return from + to >>> 1;
        }

        final long half = separators.bytesBetween(from, to - 1) >>> 1;
        int cut = from + 2;
        while (cut < to - 2 && separators.bytesBetween(from, cut) <= half)
        {
            cut++;
        }

        return cut;
    }

    private int prefixLength(final int from, final int to)
    {
        return to - from < 2 ? 0 : separators.commonPrefix(from, to - 2);
    }
}
