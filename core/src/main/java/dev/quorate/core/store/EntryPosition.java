package dev.quorate.core.store;

/** Where the stream stood after an entry, and the compaction that had taken effect by then. Plain holder. */
final class EntryPosition
{
    long lp;
    long raftIndex;
    long term;
    long main = 1;
    long compactRevision = -1;
    long compactBound;
    long streamHash;
    /** End of the COMPACT record. */
    long compactRecordEnd;
    /** True if the previous compaction had finished physically when this one took effect. */
    boolean isCompactHashable;

    void set(final EntryPosition that)
    {
        lp = that.lp;
        raftIndex = that.raftIndex;
        term = that.term;
        main = that.main;
        compactRevision = that.compactRevision;
        compactBound = that.compactBound;
        streamHash = that.streamHash;
        compactRecordEnd = that.compactRecordEnd;
        isCompactHashable = that.isCompactHashable;
    }
}
