package dev.quorate.core.wire;

import org.agrona.DirectBuffer;

import java.nio.ByteOrder;

/**
 * Reads the fields of one protobuf message in order. Every access is checked against the end of the message: malformed
 * bytes throw {@link WireException}, nothing beyond the message is read. A nested message is read by another reader
 * over {@link #valueOffset()} and {@link #valueLength()}.
 * <pre>
 * while (reader.next())
 * {
 *     switch (reader.tag()) ...   // fields not asked for are skipped
 * }
 * </pre>
 */
public final class WireReader
{
    /** Deepest nesting of groups that is skipped. */
    public static final int MAX_GROUP_DEPTH = 100;

    private static final int MAX_VARINT_LENGTH = 10;
    private static final long MAX_FIELD_NUMBER = (1 << 29) - 1;

    private DirectBuffer buffer;
    private int position;
    private int limit;
    private int tag;
    private long number;
    private int valueOffset;
    private int valueLength;

    /**
     * Begins a message.
     *
     * @param source that holds it.
     * @param offset of its first byte.
     * @param length of it, bytes.
     * @return this.
     */
    public WireReader wrap(final DirectBuffer source, final int offset, final int length)
    {
        if (offset < 0 || length < 0 || offset > source.capacity() - length)
        {
            throw WireException.MALFORMED;
        }
        buffer = source;
        position = offset;
        limit = offset + length;
        tag = 0;
        return this;
    }

    /**
     * @param field    number.
     * @param wireType of it.
     * @return the tag that {@link #tag()} answers for such a field.
     */
    public static int tag(final int field, final int wireType)
    {
        return (field << 3) | wireType;
    }

    /**
     * Reads the next field, value included.
     *
     * @return false at the end of the message.
     */
    public boolean next()
    {
        if (position >= limit)
        {
            return false;
        }
        final long word = readVarint();
        final long field = word >>> 3;
        if (field == 0 || field > MAX_FIELD_NUMBER)
        {
            throw WireException.MALFORMED;
        }
        tag = (int)word;
        readValue((int)word & 7, (int)field, 0);
        return true;
    }

    /**
     * Reads the next element of a packed repeated varint field, over whose bytes this was wrapped.
     *
     * @return false at the end.
     */
    public boolean nextPacked()
    {
        if (position >= limit)
        {
            return false;
        }
        number = readVarint();
        return true;
    }

    /**
     * @return tag of the field read last: field number and wire type.
     */
    public int tag()
    {
        return tag;
    }

    /**
     * @return value of a varint or fixed field, as 64 bits.
     */
    public long number()
    {
        return number;
    }

    /**
     * @return value of a varint field as a boolean.
     */
    public boolean bool()
    {
        return number != 0;
    }

    /**
     * @return value of a varint field as an enumeration: the lower 32 bits, signed.
     */
    public int enumeration()
    {
        return (int)number;
    }

    /**
     * @return where the bytes of a length-delimited field begin.
     */
    public int valueOffset()
    {
        return valueOffset;
    }

    /**
     * @return how many bytes a length-delimited field has.
     */
    public int valueLength()
    {
        return valueLength;
    }

    /**
     * @return the buffer of the message.
     */
    public DirectBuffer buffer()
    {
        return buffer;
    }

    /**
     * Checks that the bytes of a length-delimited field are UTF-8: shortest forms, no surrogates, at most U+10FFFF.
     */
    public void requireUtf8()
    {
        int at = valueOffset;
        final int end = valueOffset + valueLength;
        while (at < end)
        {
            final int lead = buffer.getByte(at) & 0xFF;
            if (lead < 0x80)
            {
                at++;
                continue;
            }
            final int length = lead >= 0xC2 && lead <= 0xDF ? 2 : (lead & 0xF0) == 0xE0 ? 3 :
                lead >= 0xF0 && lead <= 0xF4 ? 4 : 0;
            if (length == 0 || at + length > end || !isTail(at, lead, length))
            {
                throw WireException.INVALID_UTF8;
            }
            at += length;
        }
    }

    private boolean isTail(final int at, final int lead, final int length)
    {
        final int second = buffer.getByte(at + 1) & 0xFF;
        final int lowest = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
        final int highest = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
        if (second < lowest || second > highest)
        {
            return false;
        }
        for (int i = 2; i < length; i++)
        {
            if ((buffer.getByte(at + i) & 0xC0) != 0x80)
            {
                return false;
            }
        }
        return true;
    }

    private void readValue(final int wireType, final int field, final int depth)
    {
        switch (wireType)
        {
            case WireType.VARINT -> number = readVarint();
            case WireType.FIXED64 ->
            {
                require(Long.BYTES);
                number = buffer.getLong(position, ByteOrder.LITTLE_ENDIAN);
                position += Long.BYTES;
            }
            case WireType.FIXED32 ->
            {
                require(Integer.BYTES);
                number = buffer.getInt(position, ByteOrder.LITTLE_ENDIAN) & 0xFFFF_FFFFL;
                position += Integer.BYTES;
            }
            case WireType.BYTES ->
            {
                final long length = readVarint();
                if (length < 0 || length > limit - position)
                {
                    throw WireException.MALFORMED;
                }
                valueOffset = position;
                valueLength = (int)length;
                position += (int)length;
            }
            case WireType.START_GROUP -> skipGroup(field, depth + 1);
            default -> throw WireException.MALFORMED;
        }
    }

    private void skipGroup(final int field, final int depth)
    {
        if (depth > MAX_GROUP_DEPTH)
        {
            throw WireException.MALFORMED;
        }
        while (true)
        {
            final long word = readVarint();
            final long inner = word >>> 3;
            if (inner == 0 || inner > MAX_FIELD_NUMBER)
            {
                throw WireException.MALFORMED;
            }
            if ((word & 7) == WireType.END_GROUP)
            {
                if (inner != field)
                {
                    throw WireException.MALFORMED;
                }
                return;
            }
            readValue((int)word & 7, (int)inner, depth);
        }
    }

    private long readVarint()
    {
        long value = 0;
        for (int i = 0; i < MAX_VARINT_LENGTH; i++)
        {
            if (position >= limit)
            {
                throw WireException.MALFORMED;
            }
            final byte b = buffer.getByte(position++);
            if (i == MAX_VARINT_LENGTH - 1 && (b & 0xFF) > 1)
            {
                throw WireException.MALFORMED;
            }
            value |= (long)(b & 0x7F) << (7 * i);
            if (b >= 0)
            {
                return value;
            }
        }
        throw WireException.MALFORMED;
    }

    private void require(final int length)
    {
        if (limit - position < length)
        {
            throw WireException.MALFORMED;
        }
    }
}
