package dev.quorate.core.store.index;

import java.util.Arrays;

/**
 * Whole keys, one after the other, while nodes are built from them. Grows with the largest key ever seen and is reused.
 * <p>
 * Owner: the writer.
 */
final class StagedKeys
{
    private static final int INITIAL_BYTES = 16 * 1024;

    private final int[] starts;
    private byte[] bytes = new byte[INITIAL_BYTES];
    private int count;

    StagedKeys(final int capacity)
    {
        starts = new int[capacity + 1];
    }

    void clear()
    {
        count = 0;
    }

    int count()
    {
        return count;
    }

    Object base()
    {
        return bytes;
    }

    long offset(final int index)
    {
        return Memory.ARRAY_BASE + starts[index];
    }

    int length(final int index)
    {
        return starts[index + 1] - starts[index];
    }

    long bytesBetween(final int from, final int to)
    {
        return starts[to] - starts[from];
    }

    void append(final Object base, final long offset, final int length)
    {
        final long place = room(length);
        Memory.copy(base, offset, bytes, place, length);
        close(length);
    }

    /** Appends a key of a node. */
    void append(final long node, final int index)
    {
        final int prefixLength = Node.prefixLength(node);
        final long prefix = Node.prefix(node);
        final int from = Node.keyOffset(node, index);
        final int length = Node.keyOffset(node, index + 1) - from;
        final long place = room(prefixLength + length);
        Memory.copy(null, prefix, bytes, place, prefixLength);
        Memory.copy(null, prefix + prefixLength + from, bytes, place + prefixLength, length);
        close(prefixLength + length);
    }

    /** Appends a key, or its first bytes, of another stage. */
    void append(final StagedKeys other, final int index, final int length)
    {
        append(other.bytes, other.offset(index), length);
    }

    /** @return what the two share at the start, as far as nodes can keep it once. */
    int commonPrefix(final int left, final int right)
    {
        final int shorter = Math.min(Math.min(length(left), length(right)), Node.PREFIX_MAX);
        return Memory.commonPrefix(bytes, offset(left), bytes, offset(right), shorter);
    }

    /** @return length of the shortest start of key {@code index} that is greater than the key before it. */
    int separatorLength(final int index)
    {
        final int before = length(index - 1);
        final int length = length(index);
        final int common = Memory.commonPrefix(
            bytes, offset(index - 1), bytes, offset(index), Math.min(before, length));
        if (common == length)
        {
            throw new IllegalStateException("keys " + (index - 1) + " and " + index + " are out of order");
        }

        return common + 1;
    }

    /** Writes heads, offsets, prefix and the rest of keys {@code [from, to)} into a node whose header is written. */
    void writeTo(final long node, final int from, final int to)
    {
        final int prefixLength = Node.prefixLength(node);
        final boolean wide = (Node.flags(node) & Node.FLAG_WIDE) != 0;
        final long heads = Node.heads(node);
        final long offsets = Node.offsets(node);
        final long prefix = Node.prefix(node);
        if (prefixLength > 0)
        {
            Memory.copy(bytes, offset(from), null, prefix, prefixLength);
        }

        int end = 0;
        writeOffset(offsets, 0, 0, wide);
        for (int i = from; i < to; i++)
        {
            final long rest = offset(i) + prefixLength;
            final int length = length(i) - prefixLength;
            Memory.i32(heads + ((long)(i - from) << 2), Memory.head(bytes, rest, length));
            Memory.copy(bytes, rest, null, prefix + prefixLength + end, length);
            end += length;
            writeOffset(offsets, i - from + 1, end, wide);
        }
    }

    private static void writeOffset(final long offsets, final int index, final int value, final boolean wide)
    {
        if (wide)
        {
            Memory.i32(offsets + ((long)index << 2), value);
        }
        else
        {
            Memory.u16(offsets + ((long)index << 1), value);
        }
    }

    private long room(final int length)
    {
        if (count == starts.length - 1)
        {
            throw new IllegalStateException("more than " + count + " keys staged");
        }

        final int start = starts[count];
        final int needed = Math.addExact(start, length);
        if (needed > bytes.length)
        {
            bytes = Arrays.copyOf(bytes, Math.max(needed, bytes.length << 1));
        }

        return Memory.ARRAY_BASE + start;
    }

    private void close(final int length)
    {
        starts[count + 1] = starts[count] + length;
        count++;
    }
}
