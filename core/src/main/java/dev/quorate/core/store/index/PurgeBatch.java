package dev.quorate.core.store.index;

import org.agrona.DirectBuffer;

/**
 * Tombstones to take out of an index: keys with the positions of their tombstones, filled in any order, sorted once,
 * then worked off from the front in slices. Bounded in entries and bytes.
 * <p>
 * Owner: one thread at a time; handed over with release and acquire by whoever passes it on.
 */
public final class PurgeBatch
{
    private final byte[] bytes;
    private final int[] starts;
    private final int[] lengths;
    private final long[] lps;
    private final int[] order;

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
        bytes = new byte[maxBytes];
        starts = new int[maxEntries];
        lengths = new int[maxEntries];
        lps = new long[maxEntries];
        order = new int[maxEntries];
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
        if (size == order.length || length > bytes.length - usedBytes)
        {
            return false;
        }

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
