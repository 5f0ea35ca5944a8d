package dev.quorate.core.store;

/**
 * The newest compaction whose dead records are all marked: its revision, its bound, and where the marking of the next
 * one starts, which is the first record of its revision. Plain holder, owned by housekeeping, and by recovery before it
 * starts.
 */
final class CompactionMark
{
    long revision = -1;
    long bound;
    long startLp;

    void set(final CompactionMark that)
    {
        revision = that.revision;
        bound = that.bound;
        startLp = that.startLp;
    }
}
