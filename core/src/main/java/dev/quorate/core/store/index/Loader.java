package dev.quorate.core.store.index;

import java.util.Arrays;
import org.agrona.DirectBuffer;

/**
 * Builds an index from images of leaves in ascending key order: leaves as they were, inner nodes bottom-up. Nothing is
 * visible before {@link #finish()}. A loader is used once.
 * <p>
 * Owner: the thread that will write the index.
 */
public final class Loader
{
    private static final int FILL_BYTES = 7 * 1024;
    private static final int INNER_FILL = 112;

    private final KeyIndex index;
    private final IndexArena arena;
    private final boolean columns;
    private final LeafStage trimmed;
    /** Last key of the leaf before, first key of the one that follows. */
    private final StagedKeys pair = new StagedKeys(2);
    private final StagedKeys separator = new StagedKeys(1);

    private InnerStage[] levels = new InnerStage[0];
    private long pending;
    private long size;
    private boolean isFinished;

    Loader(final KeyIndex index, final IndexArena arena, final boolean columns)
    {
        this.index = index;
        this.arena = arena;
        this.columns = columns;
        this.trimmed = new LeafStage(columns);
    }

    /**
     * Adds the next leaf.
     *
     * @param buffer with the image that {@link LeafWalker#copy} made.
     * @param offset of the image.
     * @param length of the image.
     * @param skip   how many of its first rows do not count, less than it has.
     * @return false if this is no such image or its keys are not greater than those before; then the loader and its
     *     index are to be thrown away.
     */
    public boolean add(final DirectBuffer buffer, final int offset, final int length, final int skip)
    {
        if (isFinished)
        {
            throw new IllegalStateException("the loader has finished");
        }
        buffer.boundsCheck(offset, length);
        if (length < Node.SLOTS)
        {
            return false;
        }
        final long image = arena.allocate(length);
        Memory.copy(buffer.byteArray(), buffer.addressOffset() + offset, null, image, length);
        if (!Node.isLeafImage(image, length, columns) || skip < 0 || skip >= Node.count(image))
        {
            return false;
        }
        final long leaf = 0 == skip ? image : trim(image, skip);
        if (pending != 0 && !close(leaf))
        {
            return false;
        }
        pending = leaf;
        size += Node.count(leaf);
        return true;
    }

    /**
     * @param key    buffer with a key.
     * @param offset of the key.
     * @param length of the key.
     * @return true if it is the last key added.
     */
    public boolean endsWith(final DirectBuffer key, final int offset, final int length)
    {
        if (pending == 0)
        {
            return false;
        }
        key.boundsCheck(offset, length);
        pair.clear();
        pair.append(pending, Node.count(pending) - 1);
        return 0 == Memory.compare(
            pair.base(), pair.offset(0), pair.length(0), key.byteArray(), key.addressOffset() + offset, length);
    }

    /**
     * @return how many rows were added.
     */
    public long size()
    {
        return size;
    }

    /**
     * Completes the tree and gives it to the index.
     */
    public void finish()
    {
        if (isFinished)
        {
            throw new IllegalStateException("the loader has finished");
        }
        isFinished = true;
        if (size == 0)
        {
            return;
        }

        long node = pending;
        // a level that overflows here adds one above it
        for (int i = 0; i < levels.length; i++)
        {
            add(i, node);
            node = levels[i].build(arena, 0, levels[i].count());
        }
        index.adopt(node, size);
    }

    private long trim(final long image, final int skip)
    {
        trimmed.clear();
        trimmed.append(image, skip, Node.count(image));
        final long leaf = trimmed.build(arena, 0, trimmed.count());
        arena.retire(image);
        return leaf;
    }

    /** Gives the pending leaf to the level above it, with the separator to the one that follows. */
    private boolean close(final long following)
    {
        pair.clear();
        pair.append(pending, Node.count(pending) - 1);
        pair.append(following, 0);
        if (Memory.compare(
            pair.base(), pair.offset(0), pair.length(0), pair.base(), pair.offset(1), pair.length(1)) >= 0)
        {
            return false;
        }
        separator.clear();
        separator.append(pair, 1, pair.separatorLength(1));
        push(0, pending, separator, 0);
        return true;
    }

    /** Adds a node and the separator after it to a level. */
    private void push(final int number, final long node, final StagedKeys separators, final int after)
    {
        add(number, node);
        levels[number].separators().append(separators, after, separators.length(after));
    }

    /** Adds a node to a level; what the level holds so far is closed first if the node does not fit any more. */
    private void add(final int number, final long node)
    {
        if (number == levels.length)
        {
            levels = Arrays.copyOf(levels, number + 1);
            levels[number] = new InnerStage();
        }

        final InnerStage level = levels[number];
        level.appendChild(node);
        final int full = level.count() - 1;
        if (full >= INNER_FILL || full >= 3 && level.sizeBytes(0, full + 1) > FILL_BYTES)
        {
            push(number + 1, level.build(arena, 0, full), level.separators(), full - 1);
            level.clear();
            level.appendChild(node);
        }
    }
}
