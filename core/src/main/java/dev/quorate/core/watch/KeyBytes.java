package dev.quorate.core.watch;

import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

import static java.nio.ByteOrder.BIG_ENDIAN;

/**
 * Keys as unsigned bytes: order and hash, equal on every machine.
 */
final class KeyBytes
{
    private static final long PRIME = 0x9E3779B97F4A7C15L;

    private KeyBytes()
    {
    }

    static UnsafeBuffer copy(final DirectBuffer buffer, final int offset, final int length)
    {
        final byte[] bytes = new byte[length];
        buffer.getBytes(offset, bytes);
        return new UnsafeBuffer(bytes);
    }

    /** Compares a whole buffer with a key. */
    static int compare(final DirectBuffer whole, final DirectBuffer buffer, final int offset, final int length)
    {
        final int wholeLength = whole.capacity();
        final int common = Math.min(wholeLength, length);
        int i = 0;
        for (; i + Long.BYTES <= common; i += Long.BYTES)
        {
            final long left = whole.getLong(i, BIG_ENDIAN);
            final long right = buffer.getLong(offset + i, BIG_ENDIAN);
            if (left != right)
            {
                return Long.compareUnsigned(left, right);
            }
        }
        for (; i < common; i++)
        {
            final int difference = (whole.getByte(i) & 0xFF) - (buffer.getByte(offset + i) & 0xFF);
            if (0 != difference)
            {
                return difference;
            }
        }
        return Integer.compare(wholeLength, length);
    }

    static int compare(final DirectBuffer left, final DirectBuffer right)
    {
        return compare(left, right, 0, right.capacity());
    }

    static int hash(final DirectBuffer buffer, final int offset, final int length)
    {
        long hash = length * PRIME;
        int i = 0;
        for (; i + Long.BYTES <= length; i += Long.BYTES)
        {
            hash = mix(hash, buffer.getLong(offset + i, BIG_ENDIAN));
        }
        for (; i < length; i++)
        {
            hash = mix(hash, buffer.getByte(offset + i));
        }
        return (int)(hash ^ (hash >>> 32));
    }

    private static long mix(final long hash, final long value)
    {
        final long mixed = (hash ^ value) * PRIME;
        return mixed ^ (mixed >>> 29);
    }
}
