package dev.quorate.core.store.index;

/**
 * The way from the root to a leaf: the inner nodes passed and the child taken in each.
 * <p>
 * Owner: the writer, or the thread of the cursor it belongs to.
 */
final class TreePath
{
    /** More levels than a tree with two children per node could have. */
    static final int MAX_DEPTH = 64;

    final long[] nodes = new long[MAX_DEPTH];
    final int[] slots = new int[MAX_DEPTH];
    int depth;
    long leaf;

    private final long rootCell;
    private final boolean checked;

    TreePath(final long rootCell, final boolean checked)
    {
        this.rootCell = rootCell;
        this.checked = checked;
    }

    /** Goes to the leaf in which a key belongs. */
    void descend(final Object base, final long key, final int length)
    {
        depth = 0;
        // pairs with the release store of a new root or child in TreeEditor.swing
        long node = Memory.i64Acquire(rootCell);
        while (visit(node))
        {
            final int child = Node.childOf(node, base, key, length);
            node = push(node, child);
        }
        leaf = node;
    }

    /** Goes to the leaf after the present one. Returns false, and stays, if there is none. */
    boolean descendNext()
    {
        int level = depth - 1;
        while (level >= 0 && slots[level] + 1 >= Node.count(nodes[level]))
        {
            level--;
        }
        if (level < 0)
        {
            return false;
        }

        depth = level;
        long node = push(nodes[level], slots[level] + 1);
        while (visit(node))
        {
            node = push(node, 0);
        }
        leaf = node;

        return true;
    }

    /** @return the cell that points to the node at a level; the leaf's is that at {@code depth}. */
    long cell(final int level)
    {
        return level == 0 ? rootCell : Node.slot(nodes[level - 1], slots[level - 1]);
    }

    /** @return true if no node at the leaf's level lies right of it. */
    boolean isAtRightEdge()
    {
        for (int i = 0; i < depth; i++)
        {
            if (slots[i] != Node.count(nodes[i]) - 1)
            {
                return false;
            }
        }

        return true;
    }

    /** @return true if a key lies below the upper bound of the leaf. */
    boolean covers(final Object base, final long key, final int length)
    {
        for (int level = depth - 1; level >= 0; level--)
        {
            if (slots[level] < Node.count(nodes[level]) - 1)
            {
                return Node.childOf(nodes[level], base, key, length) <= slots[level];
            }
        }

        return true;
    }

    private long push(final long node, final int child)
    {
        if (depth == MAX_DEPTH)
        {
            throw new IllegalStateException("the index is deeper than " + MAX_DEPTH + " levels");
        }
        nodes[depth] = node;
        slots[depth] = child;
        depth++;

        return Memory.i64Acquire(Node.slot(node, child));
    }

    private boolean visit(final long node)
    {
        if (checked)
        {
            Node.check(node);
        }

        return Node.isInner(node);
    }
}
