package dev.quorate.core.log;

import dev.quorate.core.seam.StorageFault;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Reads and judges the header of a segment at recovery.
 */
final class SegmentHeader
{
    private SegmentHeader()
    {
    }

    /** @return true if nothing was ever written to the header or it was cleared for another use. */
    static boolean isUnused(final LogSegment segment)
    {
        final int length = Math.min(SegmentDescriptor.HEADER_LENGTH, segment.length());
        for (int i = 0; i < length; i++)
        {
            if (segment.buffer().getByte(i) != 0)
            {
                return false;
            }
        }

        return true;
    }

    /**
     * Sets the base of a segment.
     *
     * @return false if the header is damaged.
     */
    static boolean read(
        final LogSegment segment, final FrameChecksums checksums, final long clusterId, final long storeId)
    {
        final UnsafeBuffer buffer = segment.buffer();
        if (segment.length() < SegmentDescriptor.PAGE_LENGTH ||
            buffer.getLong(SegmentDescriptor.MAGIC_OFFSET) != SegmentDescriptor.MAGIC ||
            buffer.getInt(SegmentDescriptor.CRC_OFFSET) != checksums.header(segment) ||
            buffer.getLong(SegmentDescriptor.SEQUENCE_OFFSET) != segment.sequence())
        {
            return false;
        }
        final int version = buffer.getInt(SegmentDescriptor.VERSION_OFFSET);
        if (version != SegmentDescriptor.VERSION)
        {
            throw StorageFault.ofVersion("log segment " + segment.path(), version, SegmentDescriptor.VERSION);
        }
        check(segment, "cluster", buffer.getLong(SegmentDescriptor.CLUSTER_ID_OFFSET), clusterId);
        check(segment, "store", buffer.getLong(SegmentDescriptor.STORE_ID_OFFSET), storeId);
        segment.base(
            buffer.getLong(SegmentDescriptor.BASE_POSITION_OFFSET),
            buffer.getLong(SegmentDescriptor.BASE_INDEX_OFFSET),
            buffer.getLong(SegmentDescriptor.BASE_TERM_OFFSET),
            buffer.getInt(SegmentDescriptor.CHAIN_CRC_OFFSET));

        return true;
    }

    private static void check(final LogSegment segment, final String what, final long found, final long expected)
    {
        if (found != expected)
        {
            throw new StorageFault("log segment " + segment.path() + " belongs to " + what + " " +
                Long.toHexString(found) + ", this directory to " + what + " " + Long.toHexString(expected) +
                ": use the files of one directory together");
        }
    }
}
