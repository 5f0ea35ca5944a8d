package dev.quorate.core.store.index;

import java.util.Arrays;
import org.agrona.DirectBuffer;

/**
 * Builds an index from rows in ascending key order: packed leaves with a little room, inner nodes bottom-up. Nothing is
 * visible before {@link #finish()}. A loader is used once.
 * <p>
 * Owner: the thread that will write the index.
 */
public final class Loader
{
    private static final int LEAF_FILL = 56;
    private static final int FILL_BYTES = 7 * 1024;
    private static final int INNER_FILL = 112;

    private final KeyIndex index;
    private final IndexArena arena;
    private final boolean columns;
    private final LeafStage leaves;
    private final Row row = new Row();
    private final StagedKeys separator = new StagedKeys(1);

    private InnerStage[] levels = new InnerStage[0];
    private long size;
    private boolean isFinished;

    Loader(final KeyIndex index, final IndexArena arena, final boolean columns)
    {
        this.index = index;
        this.arena = arena;
        this.columns = columns;
        this.leaves = new LeafStage(columns);
    }

    /**
     * Adds the next row; without columns only key, position and flags count.
     *
     * @param buffer       with the key.
     * @param offset       of the key.
     * @param length       of the key.
     * @param lp           position of the record, a multiple of 8.
     * @param flags        of the word.
     * @param create       first revision of the generation.
     * @param mod          revision of the record.
     * @param version      of the key in its generation.
     * @param frameLength  of the record in bytes.
     * @param chainOrdinal of the record, 0 to 63.
     * @param lease        of the key, 0 if none.
     * @param skipLp       of the record, {@link KeyIndex#NO_SKIP} if none.
     * @throws IllegalStateException if the key is not greater than the one before.
     */
    public void add(
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
        if (isFinished)
        {
            throw new IllegalStateException("the loader has finished");
        }
        buffer.boundsCheck(offset, length);
        row.word = Row.word(lp, flags);
        row.create = create;
        row.mod = mod;
        row.verLen = Row.verLen(version, frameLength, chainOrdinal);
        row.lease = columns ? lease : 0;
        row.skipLp = columns ? skipLp : KeyIndex.NO_SKIP;
        leaves.append(buffer.byteArray(), buffer.addressOffset() + offset, length, row);
        size++;

        final int count = leaves.count();
        if (count > 1)
        {
            checkOrder(count - 1);
            if (count > LEAF_FILL || leaves.sizeBytes(0, count) > FILL_BYTES)
            {
                closeLeaf(count - 1);
            }
        }
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

        long node = leaves.build(arena, 0, leaves.count());
        // a level that overflows here adds one above it
        for (int i = 0; i < levels.length; i++)
        {
            add(i, node);
            node = levels[i].build(arena, 0, levels[i].count());
        }
        index.adopt(node, size);
    }

    /** Builds a leaf of all staged entries but the last, which begins the next one. */
    private void closeLeaf(final int count)
    {
        final StagedKeys keys = leaves.keys();
        final int length = keys.separatorLength(count);
        separator.clear();
        separator.append(keys, count, length);
        push(0, leaves.build(arena, 0, count), separator, 0);
        leaves.keepLast();
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

    private void checkOrder(final int last)
    {
        final StagedKeys keys = leaves.keys();
        if (Memory.compare(
            keys.base(), keys.offset(last - 1), keys.length(last - 1),
            keys.base(), keys.offset(last), keys.length(last)) >= 0)
        {
            throw new IllegalStateException("row " + size + " is not greater than the one before");
        }
    }
}
