package dev.quorate.core.session;

import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

import java.util.Arrays;

/**
 * How many keys lie behind the pages that were answered last. Every page of a list carries the count of all keys from
 * its begin to the end of the range; counting them anew for each page takes time with the square of the list. The state
 * at a revision never changes, so a page that begins right behind the last key of another, at the same revision and
 * with the same end, has what the other one left.
 * <p>
 * Owner: one loop.
 */
final class PageCounts
{
    /** Lists that can be read by turns on one loop without counting anew. */
    static final int PAGES = 32;
    /** Longer ones are counted. */
    static final int KEYS_LENGTH_MAX = 1024;

    private static final long NONE = -1;

    private final UnsafeBuffer keys = new UnsafeBuffer(new byte[PAGES * KEYS_LENGTH_MAX]);
    private final long[] revisions = new long[PAGES];
    private final long[] counts = new long[PAGES];
    private final int[] keyLengths = new int[PAGES];
    private final int[] endLengths = new int[PAGES];
    private int next;

    PageCounts()
    {
        Arrays.fill(revisions, NONE);
    }

    /**
     * A page has been answered that left keys.
     *
     * @param revision  of the state.
     * @param last      buffer with the last key of the page.
     * @param offset    of it.
     * @param length    of it, bytes.
     * @param end       buffer with the end of the range.
     * @param endOffset of it.
     * @param endLength of it, bytes.
     * @param count     of the keys behind the page.
     */
    void note(
        final long revision,
        final DirectBuffer last,
        final int offset,
        final int length,
        final DirectBuffer end,
        final int endOffset,
        final int endLength,
        final long count)
    {
        if (length + 1 + endLength > KEYS_LENGTH_MAX)
        {
            return;
        }
        final int slot = next;
        next = slot + 1 == PAGES ? 0 : slot + 1;
        final int at = slot * KEYS_LENGTH_MAX;
        keys.putBytes(at, last, offset, length);
        // the least key behind the last one: where a client goes on
        keys.putByte(at + length, (byte)0);
        keys.putBytes(at + length + 1, end, endOffset, endLength);
        keyLengths[slot] = length + 1;
        endLengths[slot] = endLength;
        revisions[slot] = revision;
        counts[slot] = count;
    }

    /**
     * @param revision  of the state.
     * @param buffer    with the first key and the end of the range.
     * @param keyOffset of the first key.
     * @param keyLength of it, bytes.
     * @param endOffset of the end.
     * @param endLength of it, bytes.
     * @return number of keys of the range, -1 if it is not known.
     */
    long find(
        final long revision,
        final DirectBuffer buffer,
        final int keyOffset,
        final int keyLength,
        final int endOffset,
        final int endLength)
    {
        for (int i = 0; i < PAGES; i++)
        {
            final int at = i * KEYS_LENGTH_MAX;
            if (revisions[i] == revision && keyLengths[i] == keyLength && endLengths[i] == endLength &&
                0 == Keys.compare(keys, at, keyLength, buffer, keyOffset, keyLength) &&
                0 == Keys.compare(keys, at + keyLength, endLength, buffer, endOffset, endLength))
            {
                return counts[i];
            }
        }
        return NONE;
    }
}
