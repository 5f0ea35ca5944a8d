package dev.quorate.core.store.index;

import java.nio.ByteOrder;
import org.agrona.UnsafeApi;

/**
 * The only place that touches raw memory. A place is a base object and an offset: a null base makes the offset a native
 * address, an array base an offset into it. Nothing is checked here: callers own the bounds.
 */
final class Memory
{
    /** Offset of the first byte of a byte array. */
    static final long ARRAY_BASE = UnsafeApi.arrayBaseOffset(byte[].class);

    private static final boolean LITTLE_ENDIAN = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;
    private static final int SMALL_COPY = 96;

    private Memory()
    {
    }

    static long reserve(final long bytes)
    {
        return UnsafeApi.allocateMemory(bytes);
    }

    static void release(final long address)
    {
        UnsafeApi.freeMemory(address);
    }

    static int u8(final long address)
    {
        return UnsafeApi.getByte(address) & 0xFF;
    }

    static void u8(final long address, final int value)
    {
        UnsafeApi.putByte(address, (byte)value);
    }

    static int u16(final long address)
    {
        return UnsafeApi.getShort(address) & 0xFFFF;
    }

    static void u16(final long address, final int value)
    {
        UnsafeApi.putShort(address, (short)value);
    }

    static int i32(final long address)
    {
        return UnsafeApi.getInt(address);
    }

    static void i32(final long address, final int value)
    {
        UnsafeApi.putInt(address, value);
    }

    static long i64(final long address)
    {
        return UnsafeApi.getLong(address);
    }

    static void i64(final long address, final long value)
    {
        UnsafeApi.putLong(address, value);
    }

    /** Pairs with {@link #i64Release(long, long)}. */
    static long i64Acquire(final long address)
    {
        return UnsafeApi.getLongAcquire(null, address);
    }

    /** Pairs with {@link #i64Acquire(long)}. */
    static void i64Release(final long address, final long value)
    {
        UnsafeApi.putLongRelease(null, address, value);
    }

    static void fill(final long address, final long bytes, final int value)
    {
        UnsafeApi.setMemory(address, bytes, (byte)value);
    }

    /** Copies within native memory; short runs by words, as a call into the runtime costs more than they do. */
    static void copy(final long from, final long to, final long bytes)
    {
        if (bytes > SMALL_COPY)
        {
            UnsafeApi.copyMemory(from, to, bytes);
            return;
        }
        copy(null, from, null, to, (int)bytes);
    }

    static void copy(final Object fromBase, final long from, final Object toBase, final long to, final int bytes)
    {
        if (bytes > SMALL_COPY)
        {
            UnsafeApi.copyMemory(fromBase, from, toBase, to, bytes);
            return;
        }

        int i = 0;
        for (; i + 8 <= bytes; i += 8)
        {
            UnsafeApi.putLong(toBase, to + i, UnsafeApi.getLong(fromBase, from + i));
        }
        if (i + 4 <= bytes)
        {
            UnsafeApi.putInt(toBase, to + i, UnsafeApi.getInt(fromBase, from + i));
            i += 4;
        }
        for (; i < bytes; i++)
        {
            UnsafeApi.putByte(toBase, to + i, UnsafeApi.getByte(fromBase, from + i));
        }
    }

    /** @return how many bytes at the start are equal, at most {@code length}. */
    static int commonPrefix(
        final Object leftBase, final long left, final Object rightBase, final long right, final int length)
    {
        int i = 0;
        for (; i + 8 <= length; i += 8)
        {
            final long difference = UnsafeApi.getLong(leftBase, left + i) ^ UnsafeApi.getLong(rightBase, right + i);
            if (difference != 0)
            {
                return i + (zerosBeforeFirstByte(difference) >>> 3);
            }
        }
        for (; i < length; i++)
        {
            if (UnsafeApi.getByte(leftBase, left + i) != UnsafeApi.getByte(rightBase, right + i))
            {
                return i;
            }
        }

        return length;
    }

    /** Compares as unsigned bytes, the shorter first if it is a prefix of the longer. */
    static int compare(
        final Object leftBase,
        final long left,
        final int leftLength,
        final Object rightBase,
        final long right,
        final int rightLength)
    {
        final int shorter = Math.min(leftLength, rightLength);
        final int common = commonPrefix(leftBase, left, rightBase, right, shorter);

        return common == shorter ?
            leftLength - rightLength :
            (UnsafeApi.getByte(leftBase, left + common) & 0xFF) -
            (UnsafeApi.getByte(rightBase, right + common) & 0xFF);
    }

    /** @return the first 4 bytes as a big-endian number, zeros after the end; to be compared unsigned. */
    static int head(final Object base, final long offset, final int length)
    {
        if (length >= 4)
        {
            final int value = UnsafeApi.getInt(base, offset);
            return LITTLE_ENDIAN ? Integer.reverseBytes(value) : value;
        }

        int value = 0;
        for (int i = 0; i < length; i++)
        {
            value |= (UnsafeApi.getByte(base, offset + i) & 0xFF) << (24 - (i << 3));
        }

        return value;
    }

    private static int zerosBeforeFirstByte(final long difference)
    {
        return LITTLE_ENDIAN ? Long.numberOfTrailingZeros(difference) : Long.numberOfLeadingZeros(difference);
    }
}
