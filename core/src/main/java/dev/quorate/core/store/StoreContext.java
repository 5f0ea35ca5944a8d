package dev.quorate.core.store;

import dev.quorate.core.seam.Clock;
import dev.quorate.core.seam.Disk;

import java.util.function.LongSupplier;

/**
 * Configuration of a {@link Store}: set, concluded once by {@link Store#open(StoreContext)}, never changed later.
 */
public final class StoreContext
{
    /** Default length of a tail buffer and so of a segment's records, bytes. */
    public static final int TAIL_BUFFER_LENGTH_DEFAULT = 16 * 1024 * 1024;
    /** Default number of tail buffers. */
    public static final int TAIL_BUFFER_COUNT_DEFAULT = 3;

    private static final int RESERVE_BEYOND_TAIL = 64 * 1024;

    private Disk disk;
    private Clock clock;
    private String directory = "store";
    private long clusterId;
    private long storeId;
    private int tailBufferLength = TAIL_BUFFER_LENGTH_DEFAULT;
    private int tailBufferCount = TAIL_BUFFER_COUNT_DEFAULT;
    private int reserveLength;
    private int forceLength = 8 * 1024 * 1024;
    private long forceIntervalNs = 1_000_000_000L;
    private int snapshotCount = 10_000;
    private long maxIndexBytes = 16L << 30;
    private int ringLength = 65_536;
    private int sliceBytes = 256 * 1024;
    private long rewriteLengthMax = 256L << 20;
    private long rewriteBytesPerSecond = 64L << 20;
    private long checkpointIntervalMin = 128L << 20;
    private long checkpointIntervalMax = 1L << 30;
    private int checkpointBlockLength = 1 << 20;
    private LongSupplier answersProduced = () -> 0L;
    private LongSupplier answersDrained = () -> Long.MAX_VALUE;
    private boolean isNew = true;
    private boolean isAdopted;
    private boolean isConcluded;

    /**
     * Checks the configuration and freezes it.
     *
     * @return this.
     * @throws IllegalStateException if it is incomplete, out of range or concluded already.
     */
    public StoreContext conclude()
    {
        check(!isConcluded, "concluded twice");
        check(null != disk, "disk is missing");
        check(null != clock, "clock is missing");
        check(tailBufferLength >= 4096 && 0 == (tailBufferLength & 4095), "tailBufferLength must be pages");
        if (0 == reserveLength)
        {
            reserveLength = tailBufferLength + RESERVE_BEYOND_TAIL;
        }
        check(reserveLength >= 4096 && 0 == (reserveLength & 4095), "reserveLength must be pages");
        check(tailBufferCount >= 2, "tailBufferCount below 2");
        check(forceLength > 0, "forceLength must be positive");
        check(snapshotCount > 0, "snapshotCount must be positive");
        check(ringLength >= 64 && 1 == Integer.bitCount(ringLength), "ringLength must be a power of two from 64");
        check(sliceBytes >= 4096, "sliceBytes below a page");
        check(checkpointIntervalMin > 0, "checkpointIntervalMin must be positive");
        check(checkpointIntervalMax >= checkpointIntervalMin, "checkpointIntervalMax below checkpointIntervalMin");
        check(checkpointBlockLength >= 256, "checkpointBlockLength below 256");
        isConcluded = true;
        return this;
    }

    /**
     * @param disk that holds the store.
     * @return this.
     */
    public StoreContext disk(final Disk disk)
    {
        this.disk = disk;
        return this;
    }

    /**
     * @return disk that holds the store.
     */
    public Disk disk()
    {
        return disk;
    }

    /**
     * @param clock that paces forces and rewriting; no data depends on it.
     * @return this.
     */
    public StoreContext clock(final Clock clock)
    {
        this.clock = clock;
        return this;
    }

    /**
     * @return clock that paces forces and rewriting.
     */
    public Clock clock()
    {
        return clock;
    }

    /**
     * @param directory of the store's files below the data directory.
     * @return this.
     */
    public StoreContext directory(final String directory)
    {
        this.directory = directory;
        return this;
    }

    /**
     * @return directory of the store's files below the data directory.
     */
    public String directory()
    {
        return directory;
    }

    /**
     * @param isNew false if the directory must hold a store already: a missing manifest is a fault then.
     * @return this.
     */
    public StoreContext isNew(final boolean isNew)
    {
        this.isNew = isNew;
        return this;
    }

    /**
     * @return true if a missing store is made.
     */
    public boolean isNew()
    {
        return isNew;
    }

    /**
     * @param isAdopted true if the files are a copy of a store of another cluster, to go on as one of this cluster:
     *                  whatever ids they carry, as long as all carry the same, they get those of this context.
     * @return this.
     */
    public StoreContext isAdopted(final boolean isAdopted)
    {
        this.isAdopted = isAdopted;
        return this;
    }

    /**
     * @return true if the files get the ids of this context.
     */
    public boolean isAdopted()
    {
        return isAdopted;
    }

    /**
     * @param clusterId written to each file.
     * @return this.
     */
    public StoreContext clusterId(final long clusterId)
    {
        this.clusterId = clusterId;
        return this;
    }

    /**
     * @return cluster id written to each file.
     */
    public long clusterId()
    {
        return clusterId;
    }

    /**
     * @param storeId written to each file.
     * @return this.
     */
    public StoreContext storeId(final long storeId)
    {
        this.storeId = storeId;
        return this;
    }

    /**
     * @return store id written to each file.
     */
    public long storeId()
    {
        return storeId;
    }

    /**
     * @param tailBufferLength of one tail buffer, bytes, a multiple of 4,096.
     * @return this.
     */
    public StoreContext tailBufferLength(final int tailBufferLength)
    {
        this.tailBufferLength = tailBufferLength;
        return this;
    }

    /**
     * @return length of one tail buffer, bytes.
     */
    public int tailBufferLength()
    {
        return tailBufferLength;
    }

    /**
     * @param reserveLength of each of the two files that hold back room on the disk, bytes, a multiple of 4,096; that
     *                      of a file which holds one tail buffer by default.
     * @return this.
     */
    public StoreContext reserveLength(final int reserveLength)
    {
        this.reserveLength = reserveLength;
        return this;
    }

    /**
     * @return length of each file that holds back room on the disk, bytes.
     */
    public int reserveLength()
    {
        return reserveLength;
    }

    /**
     * @param tailBufferCount how many tail buffers there are at most.
     * @return this.
     */
    public StoreContext tailBufferCount(final int tailBufferCount)
    {
        this.tailBufferCount = tailBufferCount;
        return this;
    }

    /**
     * @return how many tail buffers there are at most.
     */
    public int tailBufferCount()
    {
        return tailBufferCount;
    }

    /**
     * @param forceLength force after so many bytes of stream.
     * @return this.
     */
    public StoreContext forceLength(final int forceLength)
    {
        this.forceLength = forceLength;
        return this;
    }

    /**
     * @return force after so many bytes of stream.
     */
    public int forceLength()
    {
        return forceLength;
    }

    /**
     * @param forceIntervalNs force at least so often while the stream grows, nanoseconds.
     * @return this.
     */
    public StoreContext forceIntervalNs(final long forceIntervalNs)
    {
        this.forceIntervalNs = forceIntervalNs;
        return this;
    }

    /**
     * @return force at least so often while the stream grows, nanoseconds.
     */
    public long forceIntervalNs()
    {
        return forceIntervalNs;
    }

    /**
     * @param snapshotCount durable mark at least every so many entries.
     * @return this.
     */
    public StoreContext snapshotCount(final int snapshotCount)
    {
        this.snapshotCount = snapshotCount;
        return this;
    }

    /**
     * @return durable mark at least every so many entries.
     */
    public int snapshotCount()
    {
        return snapshotCount;
    }

    /**
     * @param maxIndexBytes that the nodes of the index should not exceed; commands that add keys are to be refused
     *                      shortly below it, see {@link StoreSpace#isIndexNearlyFull()}.
     * @return this.
     */
    public StoreContext maxIndexBytes(final long maxIndexBytes)
    {
        this.maxIndexBytes = maxIndexBytes;
        return this;
    }

    /**
     * @return see {@link #maxIndexBytes(long)}.
     */
    public long maxIndexBytes()
    {
        return maxIndexBytes;
    }

    /**
     * @param ringLength how many of the last revisions have their bound in memory, a power of two.
     * @return this.
     */
    public StoreContext ringLength(final int ringLength)
    {
        this.ringLength = ringLength;
        return this;
    }

    /**
     * @return how many of the last revisions have their bound in memory.
     */
    public int ringLength()
    {
        return ringLength;
    }

    /**
     * @param sliceBytes most stream bytes that housekeeping handles in one slice of its duty cycle.
     * @return this.
     */
    public StoreContext sliceBytes(final int sliceBytes)
    {
        this.sliceBytes = sliceBytes;
        return this;
    }

    /**
     * @return most stream bytes that housekeeping handles in one slice of its duty cycle.
     */
    public int sliceBytes()
    {
        return sliceBytes;
    }

    /**
     * @param rewriteLengthMax merge neighbouring files while survivors fit in so many bytes.
     * @return this.
     */
    public StoreContext rewriteLengthMax(final long rewriteLengthMax)
    {
        this.rewriteLengthMax = rewriteLengthMax;
        return this;
    }

    /**
     * @return merge neighbouring files while survivors fit in so many bytes.
     */
    public long rewriteLengthMax()
    {
        return rewriteLengthMax;
    }

    /**
     * @param rewriteBytesPerSecond pace of rewriting.
     * @return this.
     */
    public StoreContext rewriteBytesPerSecond(final long rewriteBytesPerSecond)
    {
        this.rewriteBytesPerSecond = rewriteBytesPerSecond;
        return this;
    }

    /**
     * @return pace of rewriting, bytes per second.
     */
    public long rewriteBytesPerSecond()
    {
        return rewriteBytesPerSecond;
    }

    /**
     * The index is checkpointed after the stream has grown by twice the length of the last checkpoint, within bounds.
     *
     * @param min least growth of the stream between two checkpoints, bytes.
     * @param max most growth of the stream between two checkpoints, bytes.
     * @return this.
     */
    public StoreContext checkpointInterval(final long min, final long max)
    {
        this.checkpointIntervalMin = min;
        this.checkpointIntervalMax = max;
        return this;
    }

    /**
     * @return least growth of the stream between two checkpoints of the index, bytes.
     */
    public long checkpointIntervalMin()
    {
        return checkpointIntervalMin;
    }

    /**
     * @return most growth of the stream between two checkpoints of the index, bytes.
     */
    public long checkpointIntervalMax()
    {
        return checkpointIntervalMax;
    }

    /**
     * @param checkpointBlockLength at which a block of a checkpoint is full, bytes.
     * @return this.
     */
    public StoreContext checkpointBlockLength(final int checkpointBlockLength)
    {
        this.checkpointBlockLength = checkpointBlockLength;
        return this;
    }

    /**
     * @return at which a block of a checkpoint is full, bytes.
     */
    public int checkpointBlockLength()
    {
        return checkpointBlockLength;
    }

    /**
     * Answers hold logical positions until their loop has read them, so a compaction waits until every answer is
     * drained that was produced before the last reader of older states let go. Housekeeping calls both.
     *
     * @param produced draws a ticket, or gives the count of answers handed out so far.
     * @param drained  newest ticket, or count, up to which every answer is drained by its loop.
     * @return this.
     */
    public StoreContext answers(final LongSupplier produced, final LongSupplier drained)
    {
        this.answersProduced = produced;
        this.answersDrained = drained;
        return this;
    }

    /**
     * @return count of answers handed out by apply.
     */
    public LongSupplier answersProduced()
    {
        return answersProduced;
    }

    /**
     * @return count below which every answer is drained.
     */
    public LongSupplier answersDrained()
    {
        return answersDrained;
    }

    private static void check(final boolean holds, final String message)
    {
        if (!holds)
        {
            throw new IllegalStateException("store configuration: " + message);
        }
    }
}
