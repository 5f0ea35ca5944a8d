package dev.quorate.core.store;

import dev.quorate.core.store.index.KeyIndex;

/**
 * How the next version of a key is chained to the one before it. It follows from the log alone: a tombstone older than
 * the compact revision counts as no predecessor, whether or not this member has purged it, and a predecessor that no
 * reader can walk beyond starts a chain of its own.
 */
final class KeyLink
{
    private static final int ORDINAL_MASK = 63;

    long prevLp;
    int prevFrameLength;
    int chainOrdinal;
    long skipLp;
    boolean isPrevAlive;
    private boolean isPrevTombstone;

    /** From the entry that the index has just found, or none. */
    void from(final KeyIndex index, final boolean isFound, final long compactRevision)
    {
        final boolean hasPrev = isFound && !(index.isTombstone() && index.modRevision() < compactRevision);
        isPrevAlive = isFound && !index.isTombstone();
        isPrevTombstone = hasPrev && index.isTombstone();
        prevLp = hasPrev ? index.lp() : RecordDescriptor.NULL_LP;
        prevFrameLength = hasPrev ? index.frameLength() : 0;
        if (hasPrev && index.modRevision() > compactRevision)
        {
            final int ordinal = index.chainOrdinal();
            chainOrdinal = ordinal + 1 & ORDINAL_MASK;
            skipLp = 0 == ordinal ? index.lp() : index.skipLp();
        }
        else
        {
            chainOrdinal = 1;
            skipLp = RecordDescriptor.NULL_LP;
        }
    }

    boolean hasSkip()
    {
        return RecordDescriptor.NULL_LP != skipLp;
    }

    byte flags()
    {
        return (byte)((isPrevTombstone ? RecordDescriptor.FLAG_PREV_WAS_TOMBSTONE : 0) |
            (hasSkip() ? RecordDescriptor.FLAG_LONG_CHAIN : 0));
    }
}
