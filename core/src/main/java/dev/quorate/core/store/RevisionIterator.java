package dev.quorate.core.store;

/** Key records in revision order; owned by the thread of its reader. */
public final class RevisionIterator
{
    RevisionIterator()
    {
    }

    /** @return false at the end, or if a compaction has overtaken the pin, see isOvertaken(). */
    public boolean next()
    {
        throw new IllegalStateException("store is not open");
    }

    /** Record of the iterator. */
    public void record(final RecordView view)
    {
        throw new IllegalStateException("store is not open");
    }
}
