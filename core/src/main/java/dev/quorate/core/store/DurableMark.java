package dev.quorate.core.store;

/**
 * The newest point to which the store survives a power cut: plain holder, filled by {@link Store#durableMark}.
 */
public final class DurableMark
{
    long lp;
    long raftIndex;
    long term;
    long mainRevision;
    long compactRevision;
    long streamHash;
    long compactBound;
    long sequence;

    void set(final DurableMark that)
    {
        lp = that.lp;
        raftIndex = that.raftIndex;
        term = that.term;
        mainRevision = that.mainRevision;
        compactRevision = that.compactRevision;
        streamHash = that.streamHash;
        compactBound = that.compactBound;
        sequence = that.sequence;
    }

    /** @return end of the stream at the mark. */
    public long lp()
    {
        return lp;
    }

    /** @return raft index of the last entry below the mark. */
    public long raftIndex()
    {
        return raftIndex;
    }

    /** @return term of that entry. */
    public long term()
    {
        return term;
    }

    /** @return revision at the mark. */
    public long mainRevision()
    {
        return mainRevision;
    }

    /** @return compact revision at the mark, -1 if none. */
    public long compactRevision()
    {
        return compactRevision;
    }

    /** @return stream hash at the mark. */
    public long streamHash()
    {
        return streamHash;
    }
}
