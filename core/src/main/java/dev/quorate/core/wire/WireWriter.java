package dev.quorate.core.wire;

import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

import java.nio.charset.StandardCharsets;

/**
 * Writes protobuf in the canonical form: fields in the order of the calls, scalars that are zero left out, shortest
 * varints. A nested message is written between {@link #begin(int)} and {@link #end(int)}: room for a two-byte length is
 * kept, which fits most messages, and the body is moved when its length takes another size.
 * <p>
 * The buffer grows up to a bound; beyond it {@link #overflowed()} turns true and what follows is dropped, so that
 * callers check once, at the end.
 */
public final class WireWriter
{
    private static final int KEPT_FOR_LENGTH = 2;

    private final int initialCapacity;
    private final int maxCapacity;
    private final UnsafeBuffer buffer;
    private int position;
    private boolean overflowed;

    /**
     * Allocates the buffer.
     *
     * @param initialCapacity of the buffer, bytes, at least 16.
     * @param maxCapacity     that it may grow to, bytes.
     */
    public WireWriter(final int initialCapacity, final int maxCapacity)
    {
        this.initialCapacity = initialCapacity;
        this.maxCapacity = maxCapacity;
        buffer = new UnsafeBuffer(new byte[initialCapacity]);
    }

    /**
     * Forgets what was written.
     *
     * @return this.
     */
    public WireWriter reset()
    {
        position = 0;
        overflowed = false;
        return this;
    }

    /**
     * Gives memory back after a large message.
     */
    public void shrink()
    {
        if (buffer.capacity() > initialCapacity)
        {
            buffer.wrap(new byte[initialCapacity]);
        }
        reset();
    }

    /**
     * @return the bytes written begin at offset 0 of this.
     */
    public DirectBuffer buffer()
    {
        return buffer;
    }

    /**
     * @return how many bytes are written.
     */
    public int length()
    {
        return position;
    }

    /**
     * Drops what was written behind a place.
     *
     * @param length to keep, bytes.
     */
    public void truncate(final int length)
    {
        if (length < 0 || length > position)
        {
            throw new IllegalStateException("truncate to " + length + " of " + position);
        }
        position = length;
    }

    /**
     * @return true if the bound was hit; the bytes are useless then.
     */
    public boolean overflowed()
    {
        return overflowed;
    }

    /**
     * @param value to encode, as 64 unsigned bits.
     * @return length of its varint, bytes.
     */
    public static int varintLength(final long value)
    {
        return (70 - Long.numberOfLeadingZeros(value | 1)) / 7;
    }

    /**
     * Writes a varint field unless it is zero.
     *
     * @param field number.
     * @param value of it; negative ones take ten bytes.
     */
    public void varint(final int field, final long value)
    {
        if (value != 0)
        {
            ensure(20);
            tag(field, WireType.VARINT);
            raw(value);
        }
    }

    /**
     * Writes a boolean field unless it is false.
     *
     * @param field number.
     * @param value of it.
     */
    public void bool(final int field, final boolean value)
    {
        varint(field, value ? 1 : 0);
    }

    /**
     * Writes a length-delimited field, also an empty one: for messages and elements of repeated fields.
     *
     * @param field  number.
     * @param source of the bytes.
     * @param offset of the bytes.
     * @param length of the bytes.
     */
    public void bytes(final int field, final DirectBuffer source, final int offset, final int length)
    {
        ensure(20 + (long)length);
        if (!overflowed)
        {
            tag(field, WireType.BYTES);
            raw(length);
            buffer.putBytes(position, source, offset, length);
            position += length;
        }
    }

    /**
     * Writes a string field unless it is empty.
     *
     * @param field number.
     * @param value of it.
     */
    public void string(final int field, final String value)
    {
        if (!value.isEmpty())
        {
            element(field, value);
        }
    }

    /**
     * Writes an element of a repeated string field, also an empty one.
     *
     * @param field number.
     * @param value of it.
     */
    public void element(final int field, final String value)
    {
        final byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
        ensure(20 + (long)utf8.length);
        if (!overflowed)
        {
            tag(field, WireType.BYTES);
            raw(utf8.length);
            buffer.putBytes(position, utf8);
            position += utf8.length;
        }
    }

    /**
     * Copies encoded fields as they are.
     *
     * @param source of the bytes.
     * @param offset of the bytes.
     * @param length of the bytes.
     */
    public void encoded(final DirectBuffer source, final int offset, final int length)
    {
        ensure(length);
        if (!overflowed)
        {
            buffer.putBytes(position, source, offset, length);
            position += length;
        }
    }

    /**
     * Begins a nested message.
     *
     * @param field number.
     * @return what {@link #end(int)} asks for.
     */
    public int begin(final int field)
    {
        ensure(20);
        if (!overflowed)
        {
            tag(field, WireType.BYTES);
            position += KEPT_FOR_LENGTH;
        }
        return position;
    }

    /**
     * Ends the nested message begun last.
     *
     * @param bodyOffset that {@link #begin(int)} answered.
     */
    public void end(final int bodyOffset)
    {
        ensure(16);
        if (overflowed)
        {
            return;
        }
        final int length = position - bodyOffset;
        final int lengthLength = varintLength(length);
        final int moveBy = lengthLength - KEPT_FOR_LENGTH;
        if (moveBy != 0)
        {
            buffer.putBytes(bodyOffset + moveBy, buffer, bodyOffset, length);
        }
        position = bodyOffset - KEPT_FOR_LENGTH;
        raw(length);
        position += length;
    }

    private void tag(final int field, final int wireType)
    {
        if (!overflowed)
        {
            raw(((long)field << 3) | wireType);
        }
    }

    private void raw(final long value)
    {
        if (overflowed)
        {
            return;
        }
        long rest = value;
        while ((rest & ~0x7FL) != 0)
        {
            buffer.putByte(position++, (byte)(rest | 0x80));
            rest >>>= 7;
        }
        buffer.putByte(position++, (byte)rest);
    }

    private void ensure(final long length)
    {
        final long needed = position + length;
        if (needed <= buffer.capacity() || overflowed)
        {
            return;
        }
        if (needed > maxCapacity)
        {
            overflowed = true;
            return;
        }
        final byte[] grown = new byte[(int)Math.min(maxCapacity, Math.max(needed, buffer.capacity() * 2L))];
        buffer.getBytes(0, grown, 0, position);
        buffer.wrap(grown);
    }
}
