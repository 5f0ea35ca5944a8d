package dev.quorate.core.store;

import dev.quorate.core.seam.DiskFile;
import dev.quorate.core.seam.StorageFault;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

import java.util.Arrays;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

/**
 * One file of the store as housekeeping sees it: its range, its records, and which of them are dead. Owned by
 * housekeeping, and by recovery before it starts.
 */
final class StoreFile
{
    final long fileId;
    final long baseLp;
    final boolean isRewritten;
    long endLp;
    boolean isSealed;
    int records;
    long firstMain;
    long lastMain;
    long dropRevision = -1;
    /** Bytes of the whole file; while it is open those of its header. */
    long length = SegmentFile.HEADER_LENGTH;
    long recordBytes;
    long deadBytes;
    int deadCount;
    /** How many snapshots on their way to a peer need the file. */
    int holds;
    DiskFile file;
    UnsafeBuffer mapped;
    Segment segment;

    private int[] lpOffsets = new int[256];
    private int[] physOffsets;
    private long[] mains = new long[16];
    private long[] dead = new long[4];

    StoreFile(final long fileId, final long baseLp, final boolean isRewritten)
    {
        this.fileId = fileId;
        this.baseLp = baseLp;
        this.endLp = baseLp;
        this.isRewritten = isRewritten;
        this.physOffsets = isRewritten ? new int[256] : null;
    }

    /** Notes a record while the file is filled. */
    void append(final long lp, final int phys, final long main, final int frameLength)
    {
        if (records == lpOffsets.length)
        {
            lpOffsets = Arrays.copyOf(lpOffsets, records * 2);
            physOffsets = isRewritten ? Arrays.copyOf(physOffsets, records * 2) : null;
        }
        if (0 == records % Segment.SPARSE)
        {
            final int slot = records / Segment.SPARSE;
            if (slot == mains.length)
            {
                mains = Arrays.copyOf(mains, slot * 2);
            }
            mains[slot] = main;
        }
        if (records >> 6 == dead.length)
        {
            dead = Arrays.copyOf(dead, dead.length * 2);
        }
        firstMain = 0 == records ? main : firstMain;
        lastMain = main;
        lpOffsets[records] = (int)(lp - baseLp >>> 3);
        if (isRewritten)
        {
            physOffsets[records] = phys >>> 3;
        }
        records++;
        recordBytes += frameLength;
    }

    /** The file is complete and mapped: look-ups go to its footer. */
    void sealed(final UnsafeBuffer mapping, final long end)
    {
        isSealed = true;
        endLp = end;
        mapped = mapping;
        length = mapping.capacity();
        final int footerOffset = SegmentFile.footerOffset(mapping);
        recordBytes = footerOffset - SegmentFile.HEADER_LENGTH;
        segment = new Segment(baseLp, end, mapping, isRewritten, records, footerOffset, fileId);
        if (dead.length < (records + 63 >> 6))
        {
            dead = Arrays.copyOf(dead, records + 63 >> 6);
        }
        lpOffsets = null;
        physOffsets = null;
        mains = null;
    }

    int lpOffset8(final int ordinal)
    {
        return lpOffsets[ordinal];
    }

    int physOffset8(final int ordinal)
    {
        return physOffsets[ordinal];
    }

    long sparseMain(final int slot)
    {
        return mains[slot];
    }

    long lpOf(final int ordinal)
    {
        return isSealed ? segment.lpOf(ordinal) : baseLp + ((long)lpOffsets[ordinal] << 3);
    }

    /** Ordinal of the record at an LP, -1 if the file does not hold it. */
    int ordinalOf(final long lp)
    {
        int low = 0;
        int high = records;
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
        return low < records && lpOf(low) == lp ? low : -1;
    }

    boolean isDead(final int ordinal)
    {
        return 0 != (dead[ordinal >> 6] & 1L << ordinal);
    }

    /** @return false if it was dead already. */
    boolean markDead(final int ordinal, final int frameLength)
    {
        if (isDead(ordinal))
        {
            return false;
        }
        dead[ordinal >> 6] |= 1L << ordinal;
        deadBytes += frameLength;
        deadCount++;
        return true;
    }

    /**
     * Takes over dead bits of this file that were stored, unless those it has are the same or newer: of one file they
     * only ever grow.
     */
    void adoptDead(final DirectBuffer words, final int offset, final int count, final long bytes)
    {
        int bits = 0;
        for (int i = 0; i < count; i++)
        {
            final long word = words.getLong(offset + (i << 3), LITTLE_ENDIAN);
            if (i >= deadWords() && 0 != word)
            {
                throw new StorageFault("dead bits beyond the " + records + " records of store file " + fileId +
                    "; restore this member from its peers");
            }
            bits += Long.bitCount(word);
        }
        if (bits <= deadCount)
        {
            return;
        }
        for (int i = 0; i < Math.min(count, deadWords()); i++)
        {
            dead[i] = words.getLong(offset + (i << 3), LITTLE_ENDIAN);
        }
        deadCount = bits;
        deadBytes = bytes;
    }

    long deadWord(final int index)
    {
        return dead[index];
    }

    int deadWords()
    {
        return records + 63 >> 6;
    }
}
