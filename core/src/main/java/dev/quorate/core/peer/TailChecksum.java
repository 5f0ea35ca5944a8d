package dev.quorate.core.peer;

import dev.quorate.core.seam.PeerLink;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.agrona.DirectBuffer;

/**
 * CRC32C of the tail of a message.
 */
final class TailChecksum
{
    private final CRC32C crc = new CRC32C();
    private final ByteBuffer copy = ByteBuffer.allocateDirect(PeerLink.MAX_MESSAGE_LENGTH);

    /**
     * @param buffer holding the tail.
     * @param offset of the tail.
     * @param length of the tail, bytes, at most {@link PeerLink#MAX_MESSAGE_LENGTH}.
     * @return its checksum.
     */
    int compute(final DirectBuffer buffer, final int offset, final int length)
    {
        crc.reset();
        final byte[] array = buffer.byteArray();
        if (array != null)
        {
            crc.update(array, buffer.wrapAdjustment() + offset, length);
        }
        else
        {
            // The buffer may be a mapping that others hold too: its position is not ours to move.
            copy.clear();
            buffer.getBytes(offset, copy, 0, length);
            copy.limit(length);
            crc.update(copy);
        }

        return (int)crc.getValue();
    }
}
