package dev.quorate.core.entry;

import java.nio.ByteOrder;
import java.util.zip.CRC32C;
import org.agrona.DirectBuffer;

/**
 * Compares entries with their checksums. Works on copies in arrays: bytes of a mapping can change between the
 * comparison and their use. Owner: one thread.
 */
public final class EntryChecksum
{
    private final CRC32C crc = new CRC32C();

    /**
     * @param buffer around an array.
     * @param offset of an entry that is there as a whole, with a payload length that was checked.
     * @return true if its bytes are those that the checksum in it was computed over.
     */
    public boolean isRight(final DirectBuffer buffer, final int offset)
    {
        final byte[] bytes = buffer.byteArray();
        final int start = buffer.wrapAdjustment() + offset;
        crc.reset();
        crc.update(bytes, start, EntryDescriptor.CHECKSUM_OFFSET);
        crc.update(
            bytes,
            start + EntryDescriptor.PAYLOAD_OFFSET,
            buffer.getInt(offset + EntryDescriptor.PAYLOAD_LENGTH_OFFSET, ByteOrder.LITTLE_ENDIAN));

        return (int)crc.getValue() == buffer.getInt(
            offset + EntryDescriptor.CHECKSUM_OFFSET, ByteOrder.LITTLE_ENDIAN) &&
            buffer.getInt(offset + EntryDescriptor.RESERVED_OFFSET) == 0;
    }
}
