package dev.quorate.core.store;

import java.util.concurrent.atomic.AtomicReference;

/**
 * From a logical position to the segment that holds it. Two immutable arrays in LP order: sealed files, replaced by
 * housekeeping, and tails, replaced by apply. A tail leaves its array only a grace period after its sealed file has
 * been published, so that whoever is pinned finds every position in one of them.
 */
final class SegmentDirectory
{
    private static final Segment[] NONE = new Segment[0];

    private final AtomicReference<Segment[]> sealed = new AtomicReference<>(NONE);
    private final AtomicReference<Segment[]> tails = new AtomicReference<>(NONE);

    /** Housekeeping. Pairs with {@link #sealed()}. */
    void publishSealed(final Segment[] segments)
    {
        sealed.setRelease(segments);
    }

    /** Apply. Pairs with {@link #tails()}. */
    void publishTails(final Segment[] segments)
    {
        tails.setRelease(segments);
    }

    Segment[] sealed()
    {
        return sealed.getAcquire();
    }

    Segment[] tails()
    {
        return tails.getAcquire();
    }

    static long end(final Segment[] sealed)
    {
        return 0 == sealed.length ? 0 : sealed[sealed.length - 1].endLp();
    }

    /** Pinned threads only: the segment of an LP, null if there is none. */
    Segment find(final long lp)
    {
        final Segment[] files = sealed();
        if (lp < end(files))
        {
            return files[indexOf(files, lp)];
        }
        final Segment[] buffers = tails();
        for (int i = buffers.length - 1; i >= 0; i--)
        {
            if (lp >= buffers[i].baseLp)
            {
                return buffers[i];
            }
        }
        return null;
    }

    /** Index of the last segment whose base is not above an LP, -1 if there is none. */
    static int indexOf(final Segment[] segments, final long lp)
    {
        int low = 0;
        int high = segments.length;
        while (low < high)
        {
            final int middle = (low + high) >>> 1;
            if (segments[middle].baseLp <= lp)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }
        return low - 1;
    }
}
