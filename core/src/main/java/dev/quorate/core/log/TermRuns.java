package dev.quorate.core.log;

import java.util.Arrays;

/**
 * Term of each entry as runs of equal terms, so that consensus asks for terms without touching the log. Owner: the
 * consensus thread.
 */
final class TermRuns
{
    private long[] firstIndexes = new long[16];
    private long[] terms = new long[16];
    private int begin;
    private int end;

    /** Starts anew with the base. */
    void reset(final long baseIndex, final long baseTerm)
    {
        begin = 0;
        end = 1;
        firstIndexes[0] = baseIndex;
        terms[0] = baseTerm;
    }

    void append(final long index, final long term)
    {
        if (terms[end - 1] != term)
        {
            if (end == terms.length)
            {
                makeRoom();
            }
            firstIndexes[end] = index;
            terms[end++] = term;
        }
    }

    /** Drops the terms of an index and all after it; the base stays. */
    void cut(final long fromIndex)
    {
        while (end - 1 > begin && firstIndexes[end - 1] >= fromIndex)
        {
            end--;
        }
    }

    /** The base becomes this index, which is held. */
    void dropBelow(final long baseIndex)
    {
        while (begin + 1 < end && firstIndexes[begin + 1] <= baseIndex)
        {
            begin++;
        }
        firstIndexes[begin] = baseIndex;
    }

    /** @return the term of an index from the base to the last. */
    long term(final long index)
    {
        int low = begin;
        int high = end - 1;
        if (index >= firstIndexes[high])
        {
            return terms[high];
        }
        while (low < high)
        {
            final int middle = (low + high + 1) >>> 1;
            if (firstIndexes[middle] <= index)
            {
                low = middle;
            }
            else
            {
                high = middle - 1;
            }
        }

        return terms[low];
    }

    private void makeRoom()
    {
        final int count = end - begin;
        final int capacity = count > terms.length / 2 ? terms.length * 2 : terms.length;
        firstIndexes = Arrays.copyOf(Arrays.copyOfRange(firstIndexes, begin, end), capacity);
        terms = Arrays.copyOf(Arrays.copyOfRange(terms, begin, end), capacity);
        begin = 0;
        end = count;
    }
}
