package dev.quorate.core.store.index;

import java.util.Arrays;

/** Walks a whole tree as its writer sees it and checks every rule of its shape. */
public final class TreeChecker
{
    private final KeyIndex index;
    private byte[] previous;
    private long entries;
    private long bytes;
    private int leafDepth = -1;
    private int leaves;
    private int smallLeaves;

    private TreeChecker(final KeyIndex index)
    {
        this.index = index;
    }

    /** Checks shape and counts. */
    public static TreeChecker check(final KeyIndex index)
    {
        final TreeChecker checker = new TreeChecker(index);
        checker.visit(index.root(), null, null, 0);
        require(checker.entries == index.size(), checker.entries + " entries, size " + index.size());

        return checker;
    }

    /** Checks also that the arena holds the nodes of these indexes alone, and what waits in limbo. */
    public static TreeChecker checkWithArena(final KeyIndex... indexes)
    {
        final IndexArena arena = indexes[0].arena();
        final TreeChecker first = check(indexes[0]);
        long expected = arena.limboBytes() + first.bytes + 64;
        for (int i = 1; i < indexes.length; i++)
        {
            expected += check(indexes[i]).bytes + 64;
        }
        require(expected == arena.usedBytes(), "arena " + arena + ", nodes and limbo " + expected);

        return first;
    }

    long bytes()
    {
        return bytes;
    }

    int leaves()
    {
        return leaves;
    }

    int depth()
    {
        return leafDepth;
    }

    int smallLeaves()
    {
        return smallLeaves;
    }

    private void visit(final long node, final byte[] lower, final byte[] upper, final int depth)
    {
        Node.check(node);
        bytes += BlockHeap.blockBytes(Node.sizeBytes(node));
        if (Node.isInner(node))
        {
            visitInner(node, lower, upper, depth);
        }
        else
        {
            visitLeaf(node, lower, upper, depth);
        }
    }

    private void visitInner(final long node, final byte[] lower, final byte[] upper, final int depth)
    {
        final int count = Node.count(node);
        require(count <= 3 || Node.sizeBytes(node) <= Node.SPLIT_BYTES, "inner node too large");
        require(depth > 0 || count > 1, "root with one child");
        byte[] low = lower;
        for (int i = 0; i < count; i++)
        {
            final byte[] high = i < count - 1 ? key(node, i) : upper;
            checkHead(node, i, high, i < count - 1);
            require(low == null || high == null || Arrays.compareUnsigned(low, high) < 0, "separators out of order");
            visit(Memory.i64(Node.slot(node, i)), low, high, depth + 1);
            low = high;
        }
    }

    private void visitLeaf(final long node, final byte[] lower, final byte[] upper, final int depth)
    {
        require(leafDepth == -1 || leafDepth == depth, "leaves at depth " + leafDepth + " and " + depth);
        leafDepth = depth;
        leaves++;
        final int count = Node.count(node);
        smallLeaves += count < 16 ? 1 : 0;
        require(count > 0 || depth == 0, "empty leaf");
        require(count <= 1 || Node.sizeBytes(node) <= Node.SPLIT_BYTES, "leaf too large");
        for (int i = 0; i < count; i++)
        {
            final byte[] key = key(node, i);
            checkHead(node, i, key, true);
            require(previous == null || Arrays.compareUnsigned(previous, key) < 0, "keys out of order");
            require(lower == null || Arrays.compareUnsigned(lower, key) <= 0, "key below its range");
            require(upper == null || Arrays.compareUnsigned(key, upper) < 0, "key above its range");
            require(Node.search(node, key, Memory.ARRAY_BASE, key.length) == i, "key not found where it is");
            previous = key;
            entries++;
        }
    }

    private static void checkHead(final long node, final int i, final byte[] key, final boolean applies)
    {
        if (applies)
        {
            final int prefix = Node.prefixLength(node);
            require(
                Memory.i32(Node.heads(node) + ((long)i << 2)) ==
                Memory.head(key, Memory.ARRAY_BASE + prefix, key.length - prefix), "wrong head");
        }
    }

    private static byte[] key(final long node, final int index)
    {
        final StagedKeys staged = new StagedKeys(1);
        staged.append(node, index);
        final byte[] key = new byte[staged.length(0)];
        Memory.copy(staged.base(), staged.offset(0), key, Memory.ARRAY_BASE, key.length);

        return key;
    }

    private static void require(final boolean condition, final String message)
    {
        if (!condition)
        {
            throw new AssertionError(message);
        }
    }
}
