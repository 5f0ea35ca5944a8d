package dev.quorate.core.session;

import org.agrona.DirectBuffer;

/**
 * Order of keys, and etcd's conventions for the end of a range.
 */
final class Keys
{
    private Keys()
    {
    }

    /** @return order of two byte strings, compared as unsigned bytes. */
    static int compare(
        final DirectBuffer a,
        final int aOffset,
        final int aLength,
        final DirectBuffer b,
        final int bOffset,
        final int bLength)
    {
        final int common = Math.min(aLength, bLength);
        for (int i = 0; i < common; i++)
        {
            final int order = (a.getByte(aOffset + i) & 0xFF) - (b.getByte(bOffset + i) & 0xFF);
            if (order != 0)
            {
                return order;
            }
        }
        return aLength - bLength;
    }

    /** @return true if a range end means all keys from the first on: the one byte 0. */
    static boolean isFromKey(final DirectBuffer buffer, final int endOffset, final int endLength)
    {
        return endLength == 1 && buffer.getByte(endOffset) == 0;
    }

    static int hash(final DirectBuffer buffer, final int offset, final int length)
    {
        int hash = 1;
        for (int i = 0; i < length; i++)
        {
            hash = 31 * hash + buffer.getByte(offset + i);
        }
        return hash ^ (hash >>> 16);
    }
}
