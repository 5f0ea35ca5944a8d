package dev.quorate.core.store;

import org.agrona.DirectBuffer;

import java.util.zip.CRC32C;

/**
 * CRC-32C over bytes of any buffer without allocation. Owned by one thread.
 */
final class FrameCrc
{
    private final CRC32C crc = new CRC32C();
    private final byte[] scratch = new byte[8192];

    /** CRC of a frame as its header holds it: over everything behind the crc field. */
    int ofFrame(final DirectBuffer buffer, final int offset, final int frameLength)
    {
        return of(buffer, offset + RecordDescriptor.LP_OFFSET, frameLength - RecordDescriptor.LP_OFFSET);
    }

    int of(final DirectBuffer buffer, final int offset, final int length)
    {
        reset();
        update(buffer, offset, length);
        return value();
    }

    void reset()
    {
        crc.reset();
    }

    void update(final DirectBuffer buffer, final int offset, final int length)
    {
        int done = 0;
        while (done < length)
        {
            final int step = Math.min(scratch.length, length - done);
            buffer.getBytes(offset + done, scratch, 0, step);
            crc.update(scratch, 0, step);
            done += step;
        }
    }

    void update(final byte[] bytes, final int offset, final int length)
    {
        crc.update(bytes, offset, length);
    }

    int value()
    {
        return (int)crc.getValue();
    }
}
