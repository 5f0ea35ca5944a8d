package dev.quorate.core.snapshot;

import org.agrona.MutableDirectBuffer;
import org.agrona.DirectBuffer;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

/**
 * Layout of one chunk of a snapshot, little-endian.
 * <pre>
 * 0 i32 magic   4 i32 crc32c of 8..end   8 i64 snapshot id   16 i64 offset in the snapshot   24 the bytes
 * </pre>
 * Owned by the housekeeping thread.
 */
final class ChunkDescriptor
{
    static final int HEADER_LENGTH = 24;
    /** Most bytes of a snapshot in one chunk. */
    static final int BODY_MAX = 32 * 1024;

    private static final int MAGIC = 0x4B4E4843;
    private static final int CRC_OFFSET = 4;
    private static final int ID_OFFSET = 8;
    private static final int POSITION_OFFSET = 16;

    private final CRC32C crc = new CRC32C();

    /** Completes a chunk whose body stands behind the header. */
    void seal(final MutableDirectBuffer chunk, final long snapshotId, final long position, final int bodyLength)
    {
        chunk.putInt(0, MAGIC, LITTLE_ENDIAN);
        chunk.putLong(ID_OFFSET, snapshotId, LITTLE_ENDIAN);
        chunk.putLong(POSITION_OFFSET, position, LITTLE_ENDIAN);
        chunk.putInt(CRC_OFFSET, crcOf(chunk, 0, HEADER_LENGTH + bodyLength), LITTLE_ENDIAN);
    }

    boolean isIntact(final DirectBuffer chunk, final int offset, final int length)
    {
        return length > HEADER_LENGTH && length <= HEADER_LENGTH + BODY_MAX &&
            MAGIC == chunk.getInt(offset, LITTLE_ENDIAN) &&
            crcOf(chunk, offset, length) == chunk.getInt(offset + CRC_OFFSET, LITTLE_ENDIAN);
    }

    static long snapshotId(final DirectBuffer chunk, final int offset)
    {
        return chunk.getLong(offset + ID_OFFSET, LITTLE_ENDIAN);
    }

    static long position(final DirectBuffer chunk, final int offset)
    {
        return chunk.getLong(offset + POSITION_OFFSET, LITTLE_ENDIAN);
    }

    private int crcOf(final DirectBuffer chunk, final int offset, final int length)
    {
        crc.reset();
        final int from = offset + ID_OFFSET;
        final int count = length - ID_OFFSET;
        if (null != chunk.byteArray())
        {
            crc.update(chunk.byteArray(), from + chunk.wrapAdjustment(), count);
        }
        else
        {
            final ByteBuffer bytes = chunk.byteBuffer().duplicate();
            bytes.limit(from + chunk.wrapAdjustment() + count).position(from + chunk.wrapAdjustment());
            crc.update(bytes);
        }
        return (int)crc.getValue();
    }
}
