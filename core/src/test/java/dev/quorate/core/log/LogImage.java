package dev.quorate.core.log;

import dev.quorate.core.seam.Region;
import dev.quorate.core.seam.SimulatedDisk;
import org.agrona.concurrent.UnsafeBuffer;

import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * The log and the term file of a member that does not run, for who damages them: tells where damage can be told from
 * the torn end of what was never finished. What lies above the newest watermark cannot: nothing on the disk says that
 * it was ever whole.
 */
public final class LogImage
{
    private record Content(String path, long basePosition, int length)
    {
    }

    private final List<Content> contents = new ArrayList<>();
    private final long appended;
    private long watermark;

    /**
     * @param disk      at rest.
     * @param directory of the log.
     * @param termPath  path of the term file.
     * @param appended  position up to which the log was written when the member stopped.
     */
    public LogImage(final SimulatedDisk disk, final String directory, final String termPath, final long appended)
    {
        this.appended = appended;
        final long storeId = readSlots(disk, termPath);
        final FrameChecksums checksums = new FrameChecksums(storeId);
        for (final String name : disk.list(directory))
        {
            final long sequence = SegmentDescriptor.sequenceOf(name);
            if (sequence >= 0)
            {
                final String path = directory + "/" + name;
                try (Region region = disk.openRegion(path))
                {
                    readSegment(new LogSegment(region, path, sequence), checksums);
                }
            }
        }
    }

    /**
     * @param path   of a file of the log.
     * @param offset in it.
     * @return true if damage there must be noticed or does no harm.
     */
    public boolean isJudgeable(final String path, final long offset)
    {
        for (final Content content : contents)
        {
            if (content.path.equals(path))
            {
                final long position = content.basePosition +
                    Math.max(0, offset - SegmentDescriptor.FIRST_FRAME_OFFSET);
                return position < watermark ||
                    position >= appended && offset >= SegmentDescriptor.FIRST_FRAME_OFFSET;
            }
        }
        return true;
    }

    private long readSlots(final SimulatedDisk disk, final String termPath)
    {
        final UnsafeBuffer[] slots = new UnsafeBuffer[TermSlotDescriptor.SLOT_COUNT];
        int newest = -1;
        try (Region region = disk.openRegion(termPath))
        {
            for (int i = 0; i < slots.length; i++)
            {
                slots[i] = new UnsafeBuffer(new byte[TermSlotDescriptor.LENGTH]);
                slots[i].putBytes(
                    0, region.buffer(), i * TermSlotDescriptor.SLOT_LENGTH, TermSlotDescriptor.LENGTH);
                if (isValid(slots[i]) && (newest < 0 || sequenceOf(slots[i]) > sequenceOf(slots[newest])))
                {
                    newest = i;
                }
            }
        }
        if (newest < 0)
        {
            return 0;
        }
        watermark = slots[newest].getLong(TermSlotDescriptor.WATERMARK_OFFSET);
        return slots[newest].getLong(TermSlotDescriptor.STORE_ID_OFFSET);
    }

    private void readSegment(final LogSegment segment, final FrameChecksums checksums)
    {
        final UnsafeBuffer buffer = segment.buffer();
        if (SegmentHeader.isUnused(segment))
        {
            return;
        }
        final boolean isWhole = buffer.getLong(SegmentDescriptor.MAGIC_OFFSET) == SegmentDescriptor.MAGIC &&
            buffer.getInt(SegmentDescriptor.CRC_OFFSET) == checksums.header(segment);
        // what begins nowhere is never judgeable
        contents.add(new Content(segment.path(),
            isWhole ? buffer.getLong(SegmentDescriptor.BASE_POSITION_OFFSET) : Long.MAX_VALUE - segment.length(),
            segment.length()));
        if (isWhole)
        {
            watermark = Math.max(watermark, buffer.getLong(SegmentDescriptor.WATERMARK_OFFSET));
        }
        final int last = segment.length() - FrameDescriptor.HEADER_LENGTH;
        for (int at = SegmentDescriptor.FIRST_FRAME_OFFSET; at <= last; at += FrameDescriptor.ALIGNMENT)
        {
            final int frameLength = buffer.getInt(at);
            if (frameLength >= FrameDescriptor.HEADER_LENGTH && frameLength <= segment.length() - at &&
                buffer.getInt(at + FrameDescriptor.LOCAL_CRC_OFFSET) == checksums.local(segment, at, frameLength))
            {
                watermark = Math.max(watermark, buffer.getLong(at + FrameDescriptor.WATERMARK_OFFSET));
            }
        }
    }

    private static long sequenceOf(final UnsafeBuffer slot)
    {
        return slot.getLong(TermSlotDescriptor.SEQUENCE_OFFSET);
    }

    private static boolean isValid(final UnsafeBuffer slot)
    {
        final CRC32C crc = new CRC32C();
        crc.update(
            slot.byteArray(),
            TermSlotDescriptor.CLUSTER_ID_OFFSET,
            TermSlotDescriptor.LENGTH - TermSlotDescriptor.CLUSTER_ID_OFFSET);
        return slot.getLong(TermSlotDescriptor.MAGIC_OFFSET) == TermSlotDescriptor.MAGIC &&
            slot.getInt(TermSlotDescriptor.CRC_OFFSET) == (int)crc.getValue();
    }
}
