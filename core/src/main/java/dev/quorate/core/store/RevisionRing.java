package dev.quorate.core.store;

import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Bound (end of the stream after a revision) of the newest revisions. The apply thread writes; a reader accepts a bound
 * only if the visible revision, read afterwards, shows that the slot cannot have been taken by a later revision.
 */
final class RevisionRing
{
    private final AtomicLongArray bounds;
    private final int mask;
    private final int reach;
    private long floor;

    RevisionRing(final int length)
    {
        bounds = new AtomicLongArray(length);
        mask = length - 1;
        reach = length - length / 64;
    }

    /** Pairs with {@link #get(long)}. */
    void put(final long revision, final long bound)
    {
        bounds.setRelease((int)revision & mask, bound);
    }

    long get(final long revision)
    {
        return bounds.getAcquire((int)revision & mask);
    }

    /** Recovery, before any reader: bounds of revisions below this one are not known. */
    void floor(final long revision)
    {
        floor = revision;
    }

    /** True if the bound of a revision is, or was, in the ring. */
    boolean knows(final long revision)
    {
        return revision >= floor;
    }

    /** How far behind the visible revision a slot is still its own. */
    int reach()
    {
        return reach;
    }

    /** Most revisions that may end before they are published. */
    int unpublishedMax()
    {
        return mask + 1 - reach;
    }
}
