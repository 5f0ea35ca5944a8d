package dev.quorate.core.log;

import java.util.zip.CRC32C;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The checksums of frames, segment headers and term slots. Owner: one thread.
 */
final class FrameChecksums
{
    private static final int SCRATCH_LENGTH = 64;

    private final CRC32C crc = new CRC32C();
    private final byte[] scratchBytes = new byte[SCRATCH_LENGTH];
    private final UnsafeBuffer scratch = new UnsafeBuffer(scratchBytes);
    private final long storeId;

    FrameChecksums(final long storeId)
    {
        this.storeId = storeId;
    }

    int entry(final LogSegment segment, final int frameOffset, final int payloadLength)
    {
        crc.reset();
        segment.update(
            crc,
            frameOffset + FrameDescriptor.ENTRY_OFFSET,
            FrameDescriptor.ENTRY_CRC_OFFSET - FrameDescriptor.ENTRY_OFFSET);
        if (payloadLength > 0)
        {
            segment.update(crc, frameOffset + FrameDescriptor.PAYLOAD_OFFSET, payloadLength);
        }

        return (int)crc.getValue();
    }

    int chain(final int previousChainCrc, final int entryCrc)
    {
        scratch.putInt(0, previousChainCrc);
        scratch.putInt(4, entryCrc);

        return scratchCrc(8);
    }

    /** Over the place and over what the frame's local part says, its length given apart as it is stored last. */
    int local(final LogSegment segment, final int frameOffset, final int frameLength)
    {
        final UnsafeBuffer buffer = segment.buffer();
        scratch.putLong(0, segment.sequence());
        scratch.putLong(8, storeId);
        scratch.putInt(16, frameOffset);
        scratch.putInt(20, frameLength);
        scratch.putLong(24, buffer.getLong(frameOffset + FrameDescriptor.WATERMARK_OFFSET));
        scratch.putLong(32, buffer.getLong(frameOffset + FrameDescriptor.COMMIT_INDEX_OFFSET));
        scratch.putLong(40, buffer.getLong(frameOffset + FrameDescriptor.CHAIN_CRC_OFFSET));
        scratch.putLong(48, buffer.getLong(frameOffset + FrameDescriptor.ENTRY_CRC_OFFSET));

        return scratchCrc(56);
    }

    int header(final LogSegment segment)
    {
        crc.reset();
        segment.update(
            crc,
            SegmentDescriptor.CLUSTER_ID_OFFSET,
            SegmentDescriptor.HEADER_LENGTH - SegmentDescriptor.CLUSTER_ID_OFFSET);

        return (int)crc.getValue();
    }

    private int scratchCrc(final int length)
    {
        crc.reset();
        crc.update(scratchBytes, 0, length);

        return (int)crc.getValue();
    }
}
