package dev.quorate.core.store;

import org.agrona.concurrent.UnsafeBuffer;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

/**
 * Where the records of one range of logical positions lie in memory: a tail buffer that the apply thread fills, or a
 * sealed file mapped read-only. Everything a reader uses is immutable or published with release.
 */
final class Segment
{
    /** Every so many records the main revision is kept, so that a revision is found without walking the stream. */
    static final int SPARSE = 64;

    final long baseLp;
    final UnsafeBuffer buffer;
    final boolean isTail;
    final boolean isRewritten;
    /** The file, for messages; 0 for a tail buffer. */
    final long fileId;

    private final int recordsOffset;
    private final int recordCount;
    private final int lpArray;
    private final int physArray;
    private final int mainArray;
    private final AtomicLong endLp;
    private final AtomicInteger sparseCount;
    private final AtomicInteger released;
    private final long[] sparseMain;
    private final int[] sparseOffset;
    private int tailRecords;

    /** A tail buffer. */
    Segment(final long baseLp, final UnsafeBuffer buffer)
    {
        this.baseLp = baseLp;
        this.buffer = buffer;
        this.isTail = true;
        this.isRewritten = false;
        this.fileId = 0;
        this.recordsOffset = 0;
        this.recordCount = 0;
        this.lpArray = 0;
        this.physArray = 0;
        this.mainArray = 0;
        this.endLp = new AtomicLong(Long.MAX_VALUE);
        this.sparseCount = new AtomicInteger();
        this.released = new AtomicInteger();
        final int slots = buffer.capacity() / RecordDescriptor.HEADER_LENGTH / SPARSE + 1;
        this.sparseMain = new long[slots];
        this.sparseOffset = new int[slots];
    }

    /** A sealed file, mapped whole. */
    Segment(
        final long baseLp,
        final long endLp,
        final UnsafeBuffer mapped,
        final boolean isRewritten,
        final int recordCount,
        final int footerOffset,
        final long fileId)
    {
        this.fileId = fileId;
        this.baseLp = baseLp;
        this.buffer = mapped;
        this.isTail = false;
        this.isRewritten = isRewritten;
        this.recordsOffset = SegmentFile.HEADER_LENGTH;
        this.recordCount = recordCount;
        this.lpArray = footerOffset;
        this.physArray = SegmentFile.physArrayOffset(footerOffset, recordCount);
        this.mainArray = SegmentFile.mainArrayOffset(footerOffset, recordCount, isRewritten);
        this.endLp = new AtomicLong(endLp);
        this.sparseCount = null;
        this.released = null;
        this.sparseMain = null;
        this.sparseOffset = null;
    }

    /** End of the range; of a tail that is still filled the largest value. Pairs with {@link #rolledAt(long)}. */
    long endLp()
    {
        return endLp.getAcquire();
    }

    /** Apply: no record follows. Pairs with {@link #endLp()}. */
    void rolledAt(final long lp)
    {
        endLp.setRelease(lp);
    }

    /** Housekeeping: the sealed file has replaced this tail for every reader. Pairs with {@link #isReleased()}. */
    void release()
    {
        released.setRelease(1);
    }

    /** Apply: true if the buffer may be used again. Pairs with {@link #release()}. */
    boolean isReleased()
    {
        return 0 != released.getAcquire();
    }

    /** Apply: notes a record that was appended to this tail. */
    void appended(final long main, final int offset)
    {
        if (0 == tailRecords++ % SPARSE)
        {
            final int slot = sparseCount.getPlain();
            sparseMain[slot] = main;
            sparseOffset[slot] = offset;
            // pairs with the acquire in sparseCount()
            sparseCount.setRelease(slot + 1);
        }
    }

    int sparseCount()
    {
        return isTail ? sparseCount.getAcquire() : (recordCount + SPARSE - 1) / SPARSE;
    }

    long sparseMain(final int slot)
    {
        return isTail ? sparseMain[slot] : buffer.getLong(mainArray + (slot << 3), LITTLE_ENDIAN);
    }

    long sparseLp(final int slot)
    {
        return isTail ? baseLp + sparseOffset[slot] : lpOf(slot * SPARSE);
    }

    /** Sealed only. */
    int recordCount()
    {
        return recordCount;
    }

    /** Sealed only: LP of a record by its ordinal in LP order. */
    long lpOf(final int ordinal)
    {
        return baseLp + ((buffer.getInt(lpArray + (ordinal << 2), LITTLE_ENDIAN) & 0xFFFF_FFFFL) << 3);
    }

    /** Sealed only: place of a record in {@link #buffer} by its ordinal. */
    int offsetOf(final int ordinal)
    {
        return isRewritten ?
            recordsOffset + (buffer.getInt(physArray + (ordinal << 2), LITTLE_ENDIAN) << 3) :
            recordsOffset + (int)(lpOf(ordinal) - baseLp);
    }

    /** Sealed only: ordinal of the first record at or above an LP. */
    int lowerBound(final long lp)
    {
        int low = 0;
        int high = recordCount;
        while (low < high)
        {
            final int middle = (low + high) >>> 1;
            if (lpOf(middle) < lp)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }
        return low;
    }

    /** Place of the record at an LP in {@link #buffer}, -1 if the segment does not hold it. */
    int locate(final long lp)
    {
        if (!isRewritten)
        {
            return recordsOffset + (int)(lp - baseLp);
        }
        final int ordinal = lowerBound(lp);
        return ordinal < recordCount && lpOf(ordinal) == lp ? offsetOf(ordinal) : -1;
    }
}
