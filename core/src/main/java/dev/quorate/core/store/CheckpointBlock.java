package dev.quorate.core.store;

import dev.quorate.core.seam.DiskFile;
import dev.quorate.core.seam.DiskFullException;
import org.agrona.BitUtil;
import org.agrona.concurrent.UnsafeBuffer;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

/**
 * One block of an index checkpoint, in memory, while it is filled or after it was read. Little-endian; what is in a
 * block begins at multiples of 8.
 * <pre>
 *  0 i64 magic      8 i32 crc32c over bytes 12 to the length      12 i32 length of the block
 * 16 i64 storeId   24 i64 id of the checkpoint   32 i32 number of the block, from 0   36 i32 kind
 * 40 i32 items     44 i32 length of the fence key, then that key: the last one of the blocks of this kind before it
 * kinds   1 leaves of keys, 2 leaves of system rows: i32 length of the image, i32 rows to pass over, the image
 *         3 dead bits: i64 file id, i64 dead bytes, i64 number of words, the words
 *         4 foot, the last block: see {@link CheckpointFoot}
 * </pre>
 * Owner: housekeeping, and recovery before it starts.
 */
final class CheckpointBlock
{
    static final int KEYS = 1;
    static final int SYSTEM = 2;
    static final int DEAD = 3;
    static final int FOOT = 4;

    private static final long MAGIC = 0x31584544_4E495251L;
    private static final int CRC_OFFSET = 8;
    private static final int LENGTH_OFFSET = 12;
    private static final int STORE_OFFSET = 16;
    private static final int CHECKPOINT_OFFSET = 24;
    private static final int NUMBER_OFFSET = 32;
    private static final int KIND_OFFSET = 36;
    private static final int ITEMS_OFFSET = 40;
    private static final int FENCE_LENGTH_OFFSET = 44;
    private static final int HEADER_LENGTH = 48;
    private static final int CAPACITY_MIN = 8192;

    private final FrameCrc crc = new FrameCrc();
    private final UnsafeBuffer buffer = new UnsafeBuffer(new byte[CAPACITY_MIN]);
    private int length;

    UnsafeBuffer buffer()
    {
        return buffer;
    }

    /** Bytes of the block as far as it is filled, or as it was read. */
    int length()
    {
        return length;
    }

    int kind()
    {
        return buffer.getInt(KIND_OFFSET, LITTLE_ENDIAN);
    }

    int items()
    {
        return buffer.getInt(ITEMS_OFFSET, LITTLE_ENDIAN);
    }

    int fenceLength()
    {
        return buffer.getInt(FENCE_LENGTH_OFFSET, LITTLE_ENDIAN);
    }

    int fenceOffset()
    {
        return HEADER_LENGTH;
    }

    /** Where the first item begins. */
    int firstItem()
    {
        return align(HEADER_LENGTH + fenceLength());
    }

    /** Empties the block. */
    void begin(final int kind, final byte[] fence, final int fenceLength)
    {
        length = HEADER_LENGTH;
        reserve(HEADER_LENGTH + align(fenceLength));
        buffer.putInt(KIND_OFFSET, kind, LITTLE_ENDIAN);
        buffer.putInt(ITEMS_OFFSET, 0, LITTLE_ENDIAN);
        buffer.putInt(FENCE_LENGTH_OFFSET, fenceLength, LITTLE_ENDIAN);
        claim(fenceLength);
        buffer.putBytes(HEADER_LENGTH, fence, 0, fenceLength);
    }

    /** Makes room for an item and counts it. @return where it begins; bytes up to a multiple of 8 are zero. */
    int item(final int itemLength)
    {
        buffer.putInt(ITEMS_OFFSET, items() + 1, LITTLE_ENDIAN);
        return claim(itemLength);
    }

    /** Completes the block and writes it. @return its length. */
    int write(
        final DiskFile file, final long position, final long storeId, final long checkpointId, final int number)
        throws DiskFullException
    {
        buffer.putLong(0, MAGIC, LITTLE_ENDIAN);
        buffer.putInt(LENGTH_OFFSET, length, LITTLE_ENDIAN);
        buffer.putLong(STORE_OFFSET, storeId, LITTLE_ENDIAN);
        buffer.putLong(CHECKPOINT_OFFSET, checkpointId, LITTLE_ENDIAN);
        buffer.putInt(NUMBER_OFFSET, number, LITTLE_ENDIAN);
        buffer.putInt(CRC_OFFSET, crc.of(buffer, LENGTH_OFFSET, length - LENGTH_OFFSET), LITTLE_ENDIAN);
        file.write(position, buffer, 0, length);
        return length;
    }

    /** Reads the block at a position. @return false if there is no intact block of this number there. */
    boolean read(
        final DiskFile file,
        final long position,
        final long fileLength,
        final long storeId,
        final long checkpointId,
        final int number)
    {
        if (fileLength - position < HEADER_LENGTH ||
            file.read(position, buffer, 0, HEADER_LENGTH) != HEADER_LENGTH ||
            MAGIC != buffer.getLong(0, LITTLE_ENDIAN))
        {
            return false;
        }
        length = buffer.getInt(LENGTH_OFFSET, LITTLE_ENDIAN);
        if (length < HEADER_LENGTH || 0 != (length & 7) || length > fileLength - position)
        {
            return false;
        }
        reserve(length);
        return file.read(position, buffer, 0, length) == length &&
            buffer.getInt(CRC_OFFSET, LITTLE_ENDIAN) == crc.of(buffer, LENGTH_OFFSET, length - LENGTH_OFFSET) &&
            storeId == buffer.getLong(STORE_OFFSET, LITTLE_ENDIAN) &&
            checkpointId == buffer.getLong(CHECKPOINT_OFFSET, LITTLE_ENDIAN) &&
            number == buffer.getInt(NUMBER_OFFSET, LITTLE_ENDIAN) &&
            fenceLength() >= 0 && fenceLength() <= length - HEADER_LENGTH;
    }

    static int align(final int bytes)
    {
        return BitUtil.align(bytes, 8);
    }

    private int claim(final int bytes)
    {
        final int at = length;
        final int end = at + align(bytes);
        reserve(end);
        if (end > at)
        {
            buffer.putLong(end - 8, 0, LITTLE_ENDIAN);
        }
        length = end;
        return at;
    }

    private void reserve(final int bytes)
    {
        if (buffer.capacity() < bytes)
        {
            final byte[] longer = new byte[Math.max(bytes, buffer.capacity() << 1)];
            buffer.getBytes(0, longer, 0, buffer.capacity());
            buffer.wrap(longer);
        }
    }
}
