package dev.quorate.core.log;

import dev.quorate.core.seam.Region;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * One mapped segment. Its fields are set before it is published in the table of segments; the consensus thread alone
 * computes checksums through it.
 */
final class LogSegment
{
    private static final int CHUNK_LENGTH = 4096;

    private final Region region;
    private final UnsafeBuffer buffer;
    private final ByteBuffer bytes;
    private final int adjustment;
    private final byte[] chunk;
    private final String path;
    private final long sequence;
    private long basePosition;
    private long baseIndex;
    private long baseTerm;
    private int baseChainCrc;

    LogSegment(final Region region, final String path, final long sequence)
    {
        this.region = region;
        this.path = path;
        this.sequence = sequence;
        buffer = region.buffer();
        final ByteBuffer wrapped = buffer.byteBuffer();
        bytes = wrapped == null ? null : wrapped.duplicate();
        adjustment = wrapped == null ? 0 : buffer.wrapAdjustment();
        chunk = wrapped == null ? new byte[CHUNK_LENGTH] : null;
    }

    Region region()
    {
        return region;
    }

    UnsafeBuffer buffer()
    {
        return buffer;
    }

    String path()
    {
        return path;
    }

    long sequence()
    {
        return sequence;
    }

    int length()
    {
        return region.length();
    }

    long basePosition()
    {
        return basePosition;
    }

    long baseIndex()
    {
        return baseIndex;
    }

    long baseTerm()
    {
        return baseTerm;
    }

    int baseChainCrc()
    {
        return baseChainCrc;
    }

    void base(final long position, final long index, final long term, final int chainCrc)
    {
        basePosition = position;
        baseIndex = index;
        baseTerm = term;
        baseChainCrc = chainCrc;
    }

    int offsetOf(final long position)
    {
        return (int)(position - basePosition) + SegmentDescriptor.FIRST_FRAME_OFFSET;
    }

    long positionOf(final int offset)
    {
        return basePosition + offset - SegmentDescriptor.FIRST_FRAME_OFFSET;
    }

    /** Adds bytes of the segment to a checksum. */
    void update(final CRC32C crc, final int offset, final int length)
    {
        if (bytes != null)
        {
            bytes.limit(adjustment + offset + length).position(adjustment + offset);
            crc.update(bytes);
            return;
        }
        for (int done = 0; done < length; done += CHUNK_LENGTH)
        {
            final int count = Math.min(CHUNK_LENGTH, length - done);
            buffer.getBytes(offset + done, chunk, 0, count);
            crc.update(chunk, 0, count);
        }
    }

    @Override
    public String toString()
    {
        return path + " from position " + basePosition;
    }
}
