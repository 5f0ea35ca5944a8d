package dev.quorate.core.store;

import org.agrona.DirectBuffer;

/**
 * Wait-free reads of the state at one revision or logical position. Owned by one thread.
 */
public final class StoreReader
{
    /** The pin holds. */
    public static final int OK = 0;
    /** The revision is compacted. */
    public static final int COMPACTED = 1;
    /** The revision is not there yet. */
    public static final int FUTURE = 2;

    StoreReader()
    {
    }

    /** @return the newest visible revision, which is pinned now. */
    public long pinLatest()
    {
        throw pending();
    }

    /** @return OK, COMPACTED or FUTURE; pinned only if OK. */
    public int pinAt(final long revision)
    {
        throw pending();
    }

    /** Pins the state at a bound inside an applied entry whose answer is not drained. */
    public void pinAnswer(final long bound)
    {
        throw pending();
    }

    /** While pinned by pinAnswer: moves to another bound of the same entry. */
    public void moveTo(final long bound)
    {
        throw pending();
    }

    /** While pinned: lets memory be reclaimed between slices and keeps the revision pinned; ends a running scan. */
    public void yieldEpoch()
    {
        throw pending();
    }

    /** Ends the pin. */
    public void unpin()
    {
        throw pending();
    }

    /** @return pinned revision. */
    public long revision()
    {
        throw pending();
    }

    /** @return bound of the pinned state. */
    public long bound()
    {
        throw pending();
    }

    /** @return newest visible revision when the pin was taken. */
    public long currentRevision()
    {
        throw pending();
    }

    /** @return false if the key is not alive at the bound. */
    public boolean get(final DirectBuffer key, final int offset, final int length, final RecordView view)
    {
        throw pending();
    }

    /** @return number of keys alive at the bound. */
    public long count(
        final DirectBuffer key,
        final int keyOffset,
        final int keyLength,
        final DirectBuffer end,
        final int endOffset,
        final int endLength)
    {
        throw pending();
    }

    /** Starts a scan of keys alive at the bound, ascending. */
    public void scan(
        final DirectBuffer key,
        final int keyOffset,
        final int keyLength,
        final DirectBuffer end,
        final int endOffset,
        final int endLength)
    {
        throw pending();
    }

    /** @return false at the end of the scan. */
    public boolean next()
    {
        throw pending();
    }

    /** @return key of the scan, at offset 0, valid until next(). */
    public DirectBuffer key()
    {
        throw pending();
    }

    /** @return its length, bytes. */
    public int keyLength()
    {
        throw pending();
    }

    /** @return LP of the version of the scan. */
    public long lp()
    {
        throw pending();
    }

    /** Record of the scan. */
    public void record(final RecordView view)
    {
        throw pending();
    }

    /** Record at an LP that the pin protects. */
    public void recordAt(final long lp, final RecordView view)
    {
        throw pending();
    }

    /** Starts a scan of the keys attached to a lease now. */
    public void scanLease(final long leaseId)
    {
        throw pending();
    }

    /** @return false at the end of the scan. */
    public boolean nextLeaseKey()
    {
        throw pending();
    }

    /** @return buffer with the key of the lease scan. */
    public DirectBuffer leaseKey()
    {
        throw pending();
    }

    /** @return where it begins. */
    public int leaseKeyOffset()
    {
        throw pending();
    }

    /** @return its length, bytes. */
    public int leaseKeyLength()
    {
        throw pending();
    }

    /** Key records in revision order from a revision up to the pinned bound. One iterator per reader, reused. */
    public RevisionIterator revisions(final long fromRevision)
    {
        throw pending();
    }

    private static IllegalStateException pending()
    {
        return new IllegalStateException("store is not open");
    }
}
