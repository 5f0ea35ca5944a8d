package dev.quorate.core.store.index;

import org.agrona.DirectBuffer;

import java.util.Arrays;

/**
 * Tombstones to take out of an index: keys with the positions of their tombstones, filled in any order, sorted once,
 * then worked off from the front in slices. Bounded in entries and bytes.
 * <p>
 * Owner: one thread at a time; handed over with release and acquire by whoever passes it on.
 */
public final class PurgeBatch
{
    private static final int FIRST_ENTRIES = 1024;
    private static final int FIRST_BYTES = 64 * 1024;

    private final int maxEntries;
    private final int maxBytes;
    private byte[] bytes;
    private int[] starts;
    private int[] lengths;
    private long[] lps;
    private int[] order;

    private int size;
    private int usedBytes;
    private int position;
    private boolean isSorted = true;

    /**
     * @param maxEntries that fit.
     * @param maxBytes   of keys that fit.
     */
    public PurgeBatch(final int maxEntries, final int maxBytes)
    {
        this.maxEntries = maxEntries;
        this.maxBytes = maxBytes;
        final int entries = Math.min(FIRST_ENTRIES, maxEntries);
        bytes = new byte[Math.min(FIRST_BYTES, maxBytes)];
        starts = new int[entries];
        lengths = new int[entries];
        lps = new long[entries];
        order = new int[entries];
    }

    /**
     * Adds a tombstone.
     *
     * @param buffer with the key.
     * @param offset of the key.
     * @param length of the key.
     * @param lp     position of the tombstone.
     * @return false if it does not fit; then nothing was added.
     */
    public boolean offer(final DirectBuffer buffer, final int offset, final int length, final long lp)
    {
        if (size == maxEntries || length > maxBytes - usedBytes)
        {
            return false;
        }
        makeRoom(length);

        buffer.getBytes(offset, bytes, usedBytes, length);
        starts[size] = usedBytes;
        lengths[size] = length;
        lps[size] = lp;
        order[size] = size;
        usedBytes += length;
        size++;
        isSorted = size == 1 || isSorted && compare(order[size - 2], order[size - 1]) <= 0;

        return true;
    }

    /**
     * Sorts by key and goes to the front.
     */
    public void sort()
    {
        if (!isSorted)
        {
            for (int i = (size >>> 1) - 1; i >= 0; i--)
            {
                sift(i, size);
            }
            for (int end = size - 1; end > 0; end--)
            {
                final int greatest = order[0];
                order[0] = order[end];
                order[end] = greatest;
                sift(0, end);
            }
            isSorted = true;
        }
        position = 0;
    }

    /**
     * Empties the batch.
     */
    public void clear()
    {
        size = 0;
        usedBytes = 0;
        position = 0;
        isSorted = true;
    }

    /**
     * @return entries of the batch.
     */
    public int size()
    {
        return size;
    }

    /**
     * @return entries worked off.
     */
    public int position()
    {
        return position;
    }

    /**
     * @return true if all entries are worked off.
     */
    public boolean isDone()
    {
        return position == size;
    }

    /**
     * @return true if entries ascend.
     */
    public boolean isSorted()
    {
        return isSorted;
    }

    Object base()
    {
        return bytes;
    }

    long keyPlace()
    {
        return Memory.ARRAY_BASE + starts[order[position]];
    }

    int keyLength()
    {
        return lengths[order[position]];
    }

    long lp()
    {
        return lps[order[position]];
    }

    void moveOn()
    {
        position++;
    }

    /** Most batches are small: room comes with need, and stays. */
    private void makeRoom(final int length)
    {
        if (size == order.length)
        {
            final int entries = Math.min(2 * size, maxEntries);
            starts = Arrays.copyOf(starts, entries);
            lengths = Arrays.copyOf(lengths, entries);
            lps = Arrays.copyOf(lps, entries);
            order = Arrays.copyOf(order, entries);
        }
        if (length > bytes.length - usedBytes)
        {
            bytes = Arrays.copyOf(bytes, Math.min(Math.max(2 * bytes.length, usedBytes + length), maxBytes));
        }
    }

    private void sift(final int from, final int end)
    {
        final int value = order[from];
        int parent = from;
        int child = 2 * parent + 1;
        while (child < end)
        {
            if (child + 1 < end && compare(order[child], order[child + 1]) < 0)
            {
                child++;
            }
            if (compare(value, order[child]) >= 0)
            {
                break;
            }
            order[parent] = order[child];
            parent = child;
            child = 2 * parent + 1;
        }
        order[parent] = value;
    }

    private int compare(final int left, final int right)
    {
        return Memory.compare(
            bytes, Memory.ARRAY_BASE + starts[left], lengths[left],
            bytes, Memory.ARRAY_BASE + starts[right], lengths[right]);
    }

    @Override
    public String toString()
    {
        return "PurgeBatch{size=" + size + ", position=" + position + '}';
    }
}
