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
     * @param maxBytes that may be reserved, at least 4 MiB.
     */
    public IndexArena(final EpochRegistry epochs, final long maxBytes)
    {
        this(epochs, maxBytes, false);
    }

    /**
     * @param epochs   of the readers.
     * @param maxBytes that may be reserved, at least 4 MiB.
     * @param checked  true to check every node that is visited and to poison what is freed; for tests.
     */
    public IndexArena(final EpochRegistry epochs, final long maxBytes, final boolean checked)
    {
        this.epochs = epochs;
        this.maxBytes = maxBytes;
        this.checked = checked;
        this.heap = new BlockHeap(maxBytes, checked);
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
     * @return true if operations that add keys must be refused before they are proposed.
     */
    public boolean isNearlyFull()
    {
        return heap.usedBytes() >= maxBytes / 100 * NEARLY_FULL_PERCENT;
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
