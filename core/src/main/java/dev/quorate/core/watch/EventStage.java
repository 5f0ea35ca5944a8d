package dev.quorate.core.watch;

import org.agrona.MutableDirectBuffer;

/**
 * Positions of events that wait to be sent, in blocks that all watchers share: what waits is bounded, whoever wants it.
 * Owned by the watch thread.
 */
final class EventStage
{
    static final int NONE = -1;
    static final int BLOCK_LENGTH = 16;

    private final long[] positions;
    private final int[] next;
    private int free;

    EventStage(final int blockCount)
    {
        positions = new long[blockCount * BLOCK_LENGTH];
        next = new int[blockCount];
        for (int i = 0; i < blockCount; i++)
        {
            next[i] = i + 1 < blockCount ? i + 1 : NONE;
        }
    }

    /** @return false if all blocks are taken. */
    boolean append(final Watcher watcher, final long lp)
    {
        final int place = watcher.stagedCount & (BLOCK_LENGTH - 1);
        if (0 == place)
        {
            if (NONE == free)
            {
                return false;
            }
            final int block = free;
            free = next[block];
            next[block] = NONE;
            if (0 == watcher.stagedCount)
            {
                watcher.headBlock = block;
            }
            else
            {
                next[watcher.tailBlock] = block;
            }
            watcher.tailBlock = block;
        }
        positions[watcher.tailBlock * BLOCK_LENGTH + place] = lp;
        watcher.stagedCount++;
        return true;
    }

    void copy(final Watcher watcher, final MutableDirectBuffer target, final int offset)
    {
        int block = watcher.headBlock;
        for (int i = 0; i < watcher.stagedCount; i++)
        {
            final int place = i & (BLOCK_LENGTH - 1);
            if (0 != i && 0 == place)
            {
                block = next[block];
            }
            target.putLong(offset + i * Long.BYTES, positions[block * BLOCK_LENGTH + place]);
        }
    }

    void release(final Watcher watcher)
    {
        if (watcher.stagedCount > 0)
        {
            next[watcher.tailBlock] = free;
            free = watcher.headBlock;
            watcher.headBlock = NONE;
            watcher.tailBlock = NONE;
            watcher.stagedCount = 0;
        }
        watcher.stagedBytes = 0;
        watcher.stagedRevisions = 0;
    }
}
