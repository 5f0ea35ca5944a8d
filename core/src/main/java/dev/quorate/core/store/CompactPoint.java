package dev.quorate.core.store;

/**
 * A compaction that readers go by.
 *
 * @param revision compacted, -1 if there was none.
 * @param bound    end of the stream after that revision.
 */
record CompactPoint(long revision, long bound)
{
    static final CompactPoint NONE = new CompactPoint(-1, 0);
}
