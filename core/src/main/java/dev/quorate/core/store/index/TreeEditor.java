package dev.quorate.core.store.index;

/**
 * Changes the shape of the tree, always the same way: build nodes beside the published ones, swing one cell to them
 * with a release store, retire what they replace.
 * <p>
 * Owner: the writer.
 */
final class TreeEditor
{
    private static final int LEAF_SMALL = 16;
    private static final int LEAF_MERGED_MAX = 48;
    private static final int INNER_SMALL = 32;
    private static final int INNER_MERGED_MAX = 96;

    private final IndexArena arena;
    private final TreePath path;
    private final LeafStage leaves;
    private final InnerStage inners = new InnerStage();
    private final InnerStage pieces = new InnerStage();

    TreeEditor(final IndexArena arena, final TreePath path, final boolean columns)
    {
        this.arena = arena;
        this.path = path;
        this.leaves = new LeafStage(columns);
    }

    /** Replaces the leaf of the path by one with a further entry, or more leaves if it does not fit. */
    void insert(final int index, final Object base, final long key, final int length, final Row row)
    {
        if (!insertIntoGap(index, base, key, length, row))
        {
            final int count = Node.count(path.leaf);
            leaves.clear();
            leaves.append(path.leaf, 0, index);
            leaves.append(base, key, length, row);
            leaves.append(path.leaf, index, count);
            replaceLeaf(index == count && path.isAtRightEdge());
        }
    }

    /** Replaces the leaf of the path by one in which an entry has columns that the leaf lacks. */
    void rewrite(final int index, final Object base, final long key, final int length, final Row row)
    {
        leaves.clear();
        leaves.append(path.leaf, 0, index);
        leaves.append(base, key, length, row);
        leaves.append(path.leaf, index + 1, Node.count(path.leaf));
        replaceLeaf(false);
    }

    /** Takes the entries of a mask out of the leaf of the path. */
    void drop(final long mask)
    {
        final long leaf = path.leaf;
        final int remaining = Node.count(leaf) - Long.bitCount(mask);
        if (remaining == 0)
        {
            removeChild(path.depth);
        }
        else if (remaining >= LEAF_SMALL || path.depth == 0 || !mergeLeaf(mask, remaining))
        {
            leaves.clear();
            leaves.appendWithout(leaf, mask);
            swing(path.depth, leaves.build(arena, 0, remaining));
            arena.retire(leaf);
        }
    }

    /** The frequent case: same prefix, same columns, room left. Everything but the new entry is copied in runs. */
    private boolean insertIntoGap(
        final int index, final Object base, final long key, final int length, final Row row)
    {
        final long old = path.leaf;
        final int count = Node.count(old);
        final int flags = Node.flags(old);
        final int prefix = Node.prefixLength(old);
        final long rest = (long)Node.keyOffset(old, count) + length - prefix;
        final long size = Node.size(count + 1, count + 1, flags, prefix, rest);
        final boolean hasLease = (flags & Node.FLAG_LEASE) != 0;
        final boolean hasSkip = (flags & Node.FLAG_SKIP) != 0;
        if (count == 0 || count >= Node.LEAF_MAX || size > Node.SPLIT_BYTES || (flags & Node.FLAG_WIDE) != 0 ||
            length < prefix || row.lease != 0 && !hasLease || row.skipLp != LeafStage.NO_SKIP && !hasSkip ||
            Memory.commonPrefix(base, key, null, Node.prefix(old), prefix) < prefix)
        {
            return false;
        }

        final long leaf = arena.allocate(size);
        Node.header(leaf, Node.LEAF, flags, count + 1, prefix, size);
        int column = 0;
        copyColumn(old, leaf, column++, index, count, row.word);
        if ((flags & Node.FLAG_COLUMNS) != 0)
        {
            copyColumn(old, leaf, column++, index, count, row.create);
            copyColumn(old, leaf, column++, index, count, row.mod);
            copyColumn(old, leaf, column++, index, count, row.verLen);
        }
        if (hasLease)
        {
            copyColumn(old, leaf, column++, index, count, row.lease);
        }
        if (hasSkip)
        {
            copyColumn(old, leaf, column, index, count, row.skipLp);
        }
        copyKeys(old, leaf, index, base, key + prefix, length - prefix);
        swing(path.depth, leaf);
        arena.retire(old);

        return true;
    }

    private static void copyColumn(
        final long old, final long leaf, final int column, final int index, final int count, final long value)
    {
        final long from = Node.column(old, column, 0);
        final long to = Node.column(leaf, column, 0);
        final long before = (long)index << 3;
        Memory.copy(from, to, before);
        Memory.i64(to + before, value);
        Memory.copy(from + before, to + before + Long.BYTES, (long)(count - index) << 3);
    }

    private static void copyKeys(
        final long old, final long leaf, final int index, final Object base, final long rest, final int length)
    {
        final int count = Node.count(old);
        final int prefix = Node.prefixLength(old);
        final long oldHeads = Node.heads(old);
        final long heads = Node.heads(leaf);
        Memory.copy(oldHeads, heads, (long)index << 2);
        Memory.i32(heads + ((long)index << 2), Memory.head(base, rest, length));
        Memory.copy(oldHeads + ((long)index << 2), heads + ((long)index + 1 << 2), (long)(count - index) << 2);

        final long oldOffsets = Node.offsets(old);
        final long offsets = Node.offsets(leaf);
        Memory.copy(oldOffsets, offsets, (long)index + 1 << 1);
        for (int i = index; i <= count; i++)
        {
            Memory.u16(offsets + ((long)i + 1 << 1), Memory.u16(oldOffsets + ((long)i << 1)) + length);
        }

        final long from = Node.prefix(old);
        final long to = Node.prefix(leaf);
        final int before = Memory.u16(oldOffsets + ((long)index << 1));
        final int all = Memory.u16(oldOffsets + ((long)count << 1));
        Memory.copy(from, to, (long)prefix + before);
        Memory.copy(base, rest, null, to + prefix + before, length);
        Memory.copy(from + prefix + before, to + prefix + before + length, all - before);
    }

    private void replaceLeaf(final boolean atRightEdge)
    {
        final long old = path.leaf;
        pieces.clear();
        cutLeaves(0, leaves.count(), atRightEdge);
        replaceByPieces(path.depth, atRightEdge);
        arena.retire(old);
    }

    private void cutLeaves(final int from, final int to, final boolean atRightEdge)
    {
        if (leaves.fits(from, to))
        {
            pieces.appendChild(leaves.build(arena, from, to));
            return;
        }

        final int cut = leaves.cut(from, to, atRightEdge);
        cutLeaves(from, cut, false);
        pieces.separators().append(leaves.keys(), cut, leaves.keys().separatorLength(cut));
        cutLeaves(cut, to, atRightEdge);
    }

    /** Puts the pieces in the place of the node at a level, splitting upwards where they do not fit. */
    private void replaceByPieces(final int fromLevel, final boolean atRightEdge)
    {
        int level = fromLevel;
        while (pieces.count() > 1 && level > 0)
        {
            final long parent = path.nodes[--level];
            final int slot = path.slots[level];
            final int count = Node.count(parent);
            inners.clear();
            inners.append(parent, 0, slot);
            joinSeparator(parent, slot - 1);
            inners.append(pieces);
            if (slot + 1 < count)
            {
                joinSeparator(parent, slot);
                inners.append(parent, slot + 1, count);
            }
            cutInners(atRightEdge);
            arena.retire(parent);
        }
        while (pieces.count() > 1)
        {
            inners.clear();
            inners.append(pieces);
            cutInners(atRightEdge);
        }
        swing(level, pieces.child(0));
    }

    private void joinSeparator(final long inner, final int index)
    {
        if (index >= 0)
        {
            inners.separators().append(inner, index);
        }
    }

    private void cutInners(final boolean atRightEdge)
    {
        pieces.clear();
        cutInners(0, inners.count(), atRightEdge);
    }

    private void cutInners(final int from, final int to, final boolean atRightEdge)
    {
        if (inners.fits(from, to))
        {
            pieces.appendChild(inners.build(arena, from, to));
            return;
        }

        final int cut = inners.cut(from, to, atRightEdge);
        cutInners(from, cut, false);
        pieces.separators().append(inners.separators(), cut - 1, inners.separators().length(cut - 1));
        cutInners(cut, to, atRightEdge);
    }

    private boolean mergeLeaf(final long mask, final int remaining)
    {
        final long parent = path.nodes[path.depth - 1];
        final int slot = path.slots[path.depth - 1];
        return slot + 1 < Node.count(parent) && mergeLeaves(parent, slot, slot, mask, remaining) ||
            slot > 0 && mergeLeaves(parent, slot - 1, slot, mask, remaining);
    }

    /** Merges children {@code left} and {@code left + 1}, of which {@code reduced} loses the entries of the mask. */
    private boolean mergeLeaves(
        final long parent, final int left, final int reduced, final long mask, final int remaining)
    {
        final long first = Memory.i64(Node.slot(parent, left));
        final long second = Memory.i64(Node.slot(parent, left + 1));
        final int total = remaining + Node.count(left == reduced ? second : first);
        if (total > LEAF_MERGED_MAX)
        {
            return false;
        }

        leaves.clear();
        leaves.appendWithout(first, left == reduced ? mask : 0);
        leaves.appendWithout(second, left == reduced ? 0 : mask);
        if (!leaves.fits(0, total))
        {
            return false;
        }

        final long merged = leaves.build(arena, 0, total);
        stageMerged(parent, left, merged);
        replaceInner(path.depth - 1);
        arena.retire(first);
        arena.retire(second);

        return true;
    }

    /** Stages a node whose children {@code left} and {@code left + 1} became one. */
    private void stageMerged(final long inner, final int left, final long merged)
    {
        inners.clear();
        inners.append(inner, 0, left);
        joinSeparator(inner, left - 1);
        inners.appendChild(merged);
        if (left + 2 < Node.count(inner))
        {
            joinSeparator(inner, left + 1);
            inners.append(inner, left + 2, Node.count(inner));
        }
    }

    /** Takes the node at a level, the leaf or an inner node without children, out of its parent. */
    private void removeChild(final int fromLevel)
    {
        int level = fromLevel;
        while (level > 0 && Node.count(path.nodes[level - 1]) == 1)
        {
            level--;
        }
        if (level == 0)
        {
            leaves.clear();
            swing(0, leaves.build(arena, 0, 0));
        }
        else
        {
            final long parent = path.nodes[level - 1];
            final int slot = path.slots[level - 1];
            inners.clear();
            inners.append(parent, 0, slot);
            if (slot > 0 && slot + 1 < Node.count(parent))
            {
                joinSeparator(parent, slot);
            }
            inners.append(parent, slot + 1, Node.count(parent));
            replaceInner(level - 1);
        }
        for (int i = level; i < fromLevel; i++)
        {
            arena.retire(path.nodes[i]);
        }
        arena.retire(path.leaf);
    }

    /** Replaces the inner node at a level by what is staged, which has fewer children than it had. */
    private void replaceInner(final int fromLevel)
    {
        int level = fromLevel;
        while (level > 0 && inners.count() < INNER_SMALL && mergeInner(level))
        {
            level--;
        }

        final long old = path.nodes[level];
        if (level == 0 && inners.count() == 1)
        {
            shrinkRoot(inners.child(0));
        }
        else
        {
            swing(level, inners.build(arena, 0, inners.count()));
        }
        arena.retire(old);
    }

    private void shrinkRoot(final long only)
    {
        long root = only;
        while (Node.isInner(root) && Node.count(root) == 1)
        {
            final long next = Memory.i64(Node.slot(root, 0));
            swing(0, next);
            arena.retire(root);
            root = next;
        }
        swing(0, root);
    }

    /** Merges what is staged for a level with a neighbour; then their parent is staged. */
    private boolean mergeInner(final int level)
    {
        final long parent = path.nodes[level - 1];
        final int slot = path.slots[level - 1];
        final boolean withRight = slot + 1 < Node.count(parent);
        if (!withRight && slot == 0)
        {
            return false;
        }

        final int left = withRight ? slot : slot - 1;
        final long sibling = Memory.i64(Node.slot(parent, withRight ? slot + 1 : slot - 1));
        if (inners.count() + Node.count(sibling) > INNER_MERGED_MAX)
        {
            return false;
        }

        pieces.clear();
        if (!withRight)
        {
            pieces.append(sibling, 0, Node.count(sibling));
            pieces.separators().append(parent, left);
        }
        pieces.append(inners);
        if (withRight)
        {
            pieces.separators().append(parent, left);
            pieces.append(sibling, 0, Node.count(sibling));
        }
        if (!pieces.fits(0, pieces.count()))
        {
            return false;
        }

        final long merged = pieces.build(arena, 0, pieces.count());
        arena.retire(path.nodes[level]);
        arena.retire(sibling);
        stageMerged(parent, left, merged);

        return true;
    }

    private void swing(final int level, final long node)
    {
        // publishes the node and all it leads to; pairs with the acquire loads in TreePath
        Memory.i64Release(path.cell(level), node);
    }
}
