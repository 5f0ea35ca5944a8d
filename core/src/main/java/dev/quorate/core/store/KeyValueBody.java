package dev.quorate.core.store;

import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * The protobuf bytes of {@code mvccpb.KeyValue} exactly as etcd encodes them: fields in the order of their numbers,
 * zero
 * fields left out, so that hashes and exports of members agree byte for byte.
 */
final class KeyValueBody
{
    private static final byte TAG_KEY = 0x0A;
    private static final byte TAG_CREATE = 0x10;
    private static final byte TAG_MOD = 0x18;
    private static final byte TAG_VERSION = 0x20;
    private static final byte TAG_VALUE = 0x2A;
    private static final byte TAG_LEASE = 0x30;

    private KeyValueBody()
    {
    }

    static int length(
        final int keyLength,
        final long create,
        final long mod,
        final long version,
        final int valueLength,
        final long lease)
    {
        return bytesLength(keyLength) + numberLength(create) + numberLength(mod) + numberLength(version) +
            bytesLength(valueLength) + numberLength(lease);
    }

    static int encode(
        final MutableDirectBuffer target,
        final int at,
        final DirectBuffer key,
        final int keyOffset,
        final int keyLength,
        final long create,
        final long mod,
        final long version,
        final DirectBuffer value,
        final int valueOffset,
        final int valueLength,
        final long lease)
    {
        int p = putBytes(target, at, TAG_KEY, key, keyOffset, keyLength);
        p = putNumber(target, p, TAG_CREATE, create);
        p = putNumber(target, p, TAG_MOD, mod);
        p = putNumber(target, p, TAG_VERSION, version);
        p = putBytes(target, p, TAG_VALUE, value, valueOffset, valueLength);
        p = putNumber(target, p, TAG_LEASE, lease);
        return p - at;
    }

    static int keyLength(final DirectBuffer body, final int offset, final int length)
    {
        return 0 == length || TAG_KEY != body.getByte(offset) ? 0 : (int)varint(body, offset + 1);
    }

    static int keyOffset(final DirectBuffer body, final int offset, final int length)
    {
        return 0 == length || TAG_KEY != body.getByte(offset) ? offset : skipVarint(body, offset + 1);
    }

    static long createRevision(final DirectBuffer body, final int offset, final int length)
    {
        return number(body, offset, length, TAG_CREATE);
    }

    static long version(final DirectBuffer body, final int offset, final int length)
    {
        return number(body, offset, length, TAG_VERSION);
    }

    static long lease(final DirectBuffer body, final int offset, final int length)
    {
        return number(body, offset, length, TAG_LEASE);
    }

    static int valueLength(final DirectBuffer body, final int offset, final int length)
    {
        final int at = fieldOffset(body, offset, length, TAG_VALUE);
        return at < 0 ? 0 : (int)varint(body, at);
    }

    static int valueOffset(final DirectBuffer body, final int offset, final int length)
    {
        final int at = fieldOffset(body, offset, length, TAG_VALUE);
        return at < 0 ? offset + length : skipVarint(body, at);
    }

    private static long number(final DirectBuffer body, final int offset, final int length, final byte tag)
    {
        final int at = fieldOffset(body, offset, length, tag);
        return at < 0 ? 0 : varint(body, at);
    }

    private static int fieldOffset(final DirectBuffer body, final int offset, final int length, final byte tag)
    {
        final int end = offset + length;
        int p = offset;
        while (p < end)
        {
            final byte found = body.getByte(p);
            if (found == tag)
            {
                return p + 1;
            }
            p = 2 == (found & 7) ? skipVarint(body, p + 1) + (int)varint(body, p + 1) : skipVarint(body, p + 1);
        }
        return -1;
    }

    private static int bytesLength(final int length)
    {
        return 0 == length ? 0 : 1 + varintLength(length) + length;
    }

    private static int numberLength(final long number)
    {
        return 0 == number ? 0 : 1 + varintLength(number);
    }

    private static int varintLength(final long number)
    {
        return (70 - Long.numberOfLeadingZeros(number | 1)) / 7;
    }

    private static int putBytes(
        final MutableDirectBuffer target,
        final int at,
        final byte tag,
        final DirectBuffer source,
        final int offset,
        final int length)
    {
        if (0 == length)
        {
            return at;
        }
        target.putByte(at, tag);
        final int p = putVarint(target, at + 1, length);
        target.putBytes(p, source, offset, length);
        return p + length;
    }

    private static int putNumber(final MutableDirectBuffer target, final int at, final byte tag, final long number)
    {
        if (0 == number)
        {
            return at;
        }
        target.putByte(at, tag);
        return putVarint(target, at + 1, number);
    }

    private static int putVarint(final MutableDirectBuffer target, final int at, final long number)
    {
        int p = at;
        long rest = number;
        while (0 != (rest & ~0x7FL))
        {
            target.putByte(p++, (byte)(rest | 0x80));
            rest >>>= 7;
        }
        target.putByte(p++, (byte)rest);
        return p;
    }

    private static long varint(final DirectBuffer source, final int at)
    {
        long number = 0;
        int p = at;
        for (int shift = 0; shift < 64; shift += 7)
        {
            final byte b = source.getByte(p++);
            number |= (long)(b & 0x7F) << shift;
            if (b >= 0)
            {
                break;
            }
        }
        return number;
    }

    private static int skipVarint(final DirectBuffer source, final int at)
    {
        int p = at;
        while (source.getByte(p) < 0)
        {
            p++;
        }
        return p + 1;
    }
}
