package dev.quorate.core.session;

import dev.quorate.core.store.RecordView;

import java.util.Arrays;

/**
 * Results that are fetched before they are ordered: the positions of records and the numbers they are ordered by. Equal
 * ones stay in the order of their keys.
 */
final class RangeSort
{
    private static final int KEPT_CAPACITY = 16 * 1024;

    private final RecordView left = new RecordView();
    private final RecordView right = new RecordView();
    private long[] lps = new long[256];
    private long[] numbers = new long[256];
    private int[] order = new int[0];
    private int size;
    private int target;
    private boolean isDescending;
    private StateReader reader;

    void reset()
    {
        size = 0;
        if (lps.length > KEPT_CAPACITY)
        {
            lps = new long[256];
            numbers = new long[256];
            order = new int[0];
        }
    }

    void add(final long lp, final long number)
    {
        if (size == lps.length)
        {
            lps = Arrays.copyOf(lps, size * 2);
            numbers = Arrays.copyOf(numbers, size * 2);
        }
        lps[size] = lp;
        numbers[size++] = number;
    }

    int size()
    {
        return size;
    }

    /** @return position of the i-th record in the order sorted into. */
    long lp(final int i)
    {
        return lps[order[i]];
    }

    void sort(final StateReader by, final RangeRequest request)
    {
        reader = by;
        target = request.sortTarget;
        isDescending = request.sortOrder == RangeRequest.ORDER_DESCEND;
        if (order.length < size)
        {
            order = new int[lps.length];
        }
        for (int i = 0; i < size; i++)
        {
            order[i] = i;
        }
        final int[] scratch = Arrays.copyOf(order, size);
        sort(scratch, order, 0, size);
    }

    /** Merge sort from a copy into the target: stable, so that the outcome is the same everywhere. */
    private void sort(final int[] from, final int[] to, final int begin, final int end)
    {
        if (end - begin < 2)
        {
            return;
        }
        final int middle = (begin + end) >>> 1;
        sort(to, from, begin, middle);
        sort(to, from, middle, end);
        int a = begin;
        int b = middle;
        for (int i = begin; i < end; i++)
        {
            final boolean takesLeft = a < middle && (b >= end || compare(from[a], from[b]) <= 0);
            to[i] = takesLeft ? from[a++] : from[b++];
        }
    }

    private int compare(final int a, final int b)
    {
        final int ascending = switch (target)
        {
            case RangeRequest.TARGET_KEY -> Integer.compare(a, b);
            case RangeRequest.TARGET_VALUE -> compareValues(lps[a], lps[b]);
            default -> Long.compare(numbers[a], numbers[b]);
        };
        return isDescending ? -ascending : ascending;
    }

    private int compareValues(final long a, final long b)
    {
        reader.recordAt(a, left);
        reader.recordAt(b, right);
        return Keys.compare(
            left.buffer(), left.valueOffset(), left.valueLength(),
            right.buffer(), right.valueOffset(), right.valueLength());
    }
}
