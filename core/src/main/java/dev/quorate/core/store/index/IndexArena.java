package dev.quorate.core.store.index;

/**
 * The native memory of one index: blocks for nodes, and the limbo in which retired nodes wait until no reader can reach
 * them. Memory is kept until {@link #close()}, so that a reader that breaks the rules meets a dead node, not a fault.
 * <p>
 * Owner: the apply thread. Readers see nodes only. The byte counters may be read by any thread, roughly.
 */
public final class IndexArena implements AutoCloseable
{
    /** Bytes of retired nodes at which the writer should pause. */
    public static final long LIMBO_MAX_BYTES = 64L << 20;

    /** Bytes beyond the bound that commands which were admitted before may take. */
    public static final long SLACK_BYTES = 64L << 20;

    private static final long NEARLY_FULL_PERCENT = 95;
    private static final int LIMBO_INITIAL_CAPACITY = 1024;

    private final EpochRegistry epochs;
    private final long maxBytes;
    private final boolean checked;
    private final BlockHeap heap;

    private long[] limboNodes = new long[LIMBO_INITIAL_CAPACITY];
    private long[] limboTags = new long[LIMBO_INITIAL_CAPACITY];
    private long limboHead;
    private long limboTail;
    private long limboBytes;
    private long lastTag = -1;

    /**
     * @param epochs   of the readers.
     * @param maxBytes that nodes in use should not exceed, at least 4 MiB.
     */
    public IndexArena(final EpochRegistry epochs, final long maxBytes)
    {
        this(epochs, maxBytes, false);
    }

    /**
     * @param epochs   of the readers.
     * @param maxBytes that nodes in use should not exceed, at least 4 MiB.
     * @param checked  true to check every node that is visited and to poison what is freed; for tests.
     */
    public IndexArena(final EpochRegistry epochs, final long maxBytes, final boolean checked)
    {
        this.epochs = epochs;
        this.maxBytes = maxBytes;
        this.checked = checked;
        this.heap = new BlockHeap(hardBytes(maxBytes), checked);
    }

    /**
     * Gives all memory back. No reader may hold a pin, nor any index over this arena be used again.
     */
    @Override
    public void close()
    {
        limboHead = limboTail;
        limboBytes = 0;
        heap.close();
    }

    /**
     * Frees retired nodes that nobody can reach any more. To be called once per turn of the writer, between operations.
     *
     * @return how many nodes were freed.
     */
    public int reclaim()
    {
        if (limboHead == limboTail)
        {
            return 0;
        }
        if (lastTag == epochs.epoch())
        {
            epochs.advance();
        }

        final long minEpoch = epochs.minEpoch();
        int freed = 0;
        while (limboHead < limboTail && limboTags[(int)limboHead & limboTags.length - 1] < minEpoch)
        {
            final long node = limboNodes[(int)limboHead & limboNodes.length - 1];
            final int size = Node.sizeBytes(node);
            limboBytes -= BlockHeap.blockBytes(size);
            limboHead++;
            heap.free(node, size);
            freed++;
        }

        return freed;
    }

    /**
     * @return true if so much is retired that the writer has to pause until readers let go.
     */
    public boolean isLimboFull()
    {
        return limboBytes >= LIMBO_MAX_BYTES;
    }

    /**
     * @param maxBytes of an arena.
     * @return the room below which operations that add keys must be refused before they are proposed.
     */
    public static long roomWhenNearlyFull(final long maxBytes)
    {
        return maxBytes - maxBytes / 100 * NEARLY_FULL_PERCENT;
    }

    /**
     * @return bytes by which the index may grow within its bound: what waits in limbo comes back, what is lost between
     * blocks does not. Negative beyond the bound.
     */
    public long roomBytes()
    {
        return Math.min(
            maxBytes - (heap.usedBytes() - limboBytes),
            hardBytes(maxBytes) - LIMBO_MAX_BYTES - SLACK_BYTES - heap.reservedBytes());
    }

    /**
     * @return true if operations that add keys must be refused before they are proposed.
     */
    public boolean isNearlyFull()
    {
        return roomBytes() < roomWhenNearlyFull(maxBytes);
    }

    /**
     * @return bytes of blocks that wait in limbo.
     */
    public long limboBytes()
    {
        return limboBytes;
    }

    /**
     * @return bytes of blocks handed out and not freed, limbo included.
     */
    public long usedBytes()
    {
        return heap.usedBytes();
    }

    /**
     * @return bytes of chunks taken from the system.
     */
    public long reservedBytes()
    {
        return heap.reservedBytes();
    }

    boolean isChecked()
    {
        return checked;
    }

    long allocate(final long bytes)
    {
        return heap.allocate(bytes);
    }

    /** Takes a node that was unlinked, in the present epoch, from the published tree. */
    void retire(final long node)
    {
        final int size = Node.sizeBytes(node);
        if (limboTail - limboHead == limboNodes.length)
        {
            growLimbo();
        }

        lastTag = epochs.epoch();
        limboNodes[(int)limboTail & limboNodes.length - 1] = node;
        limboTags[(int)limboTail & limboTags.length - 1] = lastTag;
        limboTail++;
        limboBytes += BlockHeap.blockBytes(size);
    }

    /**
     * What may be reserved. Above the bound there is room for what waits in limbo or did so before, for a quarter lost
     * between blocks, and for commands that were admitted below it: an entry that is committed must never find the
     * arena full.
     */
    private static long hardBytes(final long maxBytes)
    {
        return maxBytes + maxBytes / 4 + 3 * LIMBO_MAX_BYTES + SLACK_BYTES;
    }

    private void growLimbo()
    {
        final int length = limboNodes.length;
        final long[] nodes = new long[length << 1];
        final long[] tags = new long[length << 1];
        for (long i = limboHead; i < limboTail; i++)
        {
            nodes[(int)i & nodes.length - 1] = limboNodes[(int)i & length - 1];
            tags[(int)i & tags.length - 1] = limboTags[(int)i & length - 1];
        }
        limboNodes = nodes;
        limboTags = tags;
    }

    @Override
    public String toString()
    {
        return "IndexArena{used=" + usedBytes() + ", reserved=" + reservedBytes() + ", limbo=" + limboBytes +
            ", max=" + maxBytes + '}';
    }
}
