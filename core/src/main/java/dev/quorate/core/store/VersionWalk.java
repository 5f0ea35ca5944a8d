package dev.quorate.core.store;

/**
 * From an index word to the version of its key at a bound: the word itself if it lies below, otherwise down the chain,
 * by the links that skip as long as they stay above. Owned by one thread, which is pinned.
 */
final class VersionWalk
{
    private final RecordReader reader;
    private long steps;
    private boolean isAtChainEnd;

    VersionWalk(final RecordReader reader)
    {
        this.reader = reader;
    }

    /** LP of the version alive at the bound, -1 if there is none. */
    long aliveAt(final long newestLp, final boolean isTombstone, final long bound)
    {
        isAtChainEnd = false;
        if (newestLp < bound)
        {
            return isTombstone ? RecordDescriptor.NULL_LP : newestLp;
        }
        final long lp = olderThan(newestLp, bound);
        return lp < 0 || isPrevTombstone() ? RecordDescriptor.NULL_LP : lp;
    }

    /** LP of the newest version or tombstone below the bound, -1 if there is none. */
    long newestAt(final long newestLp, final long bound)
    {
        return newestLp < bound ? newestLp : olderThan(newestLp, bound);
    }

    /** True if the last walk found no version because the chain has no further link. */
    boolean isAtChainEnd()
    {
        return isAtChainEnd;
    }

    /** Records read by all walks so far. */
    long steps()
    {
        return steps;
    }

    private long olderThan(final long newestLp, final long bound)
    {
        reader.locate(newestLp);
        steps++;
        while (true)
        {
            final long prevLp = RecordDescriptor.prevLp(reader.buffer(), reader.offset());
            if (prevLp < bound)
            {
                isAtChainEnd = prevLp < 0;
                return prevLp;
            }
            final long skipLp = RecordDescriptor.skipLp(reader.buffer(), reader.offset());
            reader.locate(skipLp >= bound ? skipLp : prevLp);
            steps++;
        }
    }

    private boolean isPrevTombstone()
    {
        return 0 != (RecordDescriptor.flags(reader.buffer(), reader.offset()) &
            RecordDescriptor.FLAG_PREV_WAS_TOMBSTONE);
    }
}
