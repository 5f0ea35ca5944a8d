package dev.quorate.core.store;

import org.agrona.DirectBuffer;

/**
 * The revision store: the writer's view and what any thread may ask. Every replicated entry is applied between
 * {@link #begin(long, long)} and {@link #end()}; nothing of it is visible before {@link #publish()}.
 * <p>
 * Owner: the apply thread calls everything but the methods that are marked "any thread". Keys follow the conventions of
 * etcd: an {@code end} of length 0 means the single key, the one byte 0 means from the key on, else an exclusive end.
 */
public final class Store
{
    private Store()
    {
    }

    /** Opens the store and recovers it to its newest durable mark. */
    public static Store open(final StoreContext context)
    {
        throw pending();
    }

    /** Releases files and buffers. Call when no other thread uses the store. */
    public void close()
    {
        throw pending();
    }

    /** @return true if apply must not begin another entry now: no tail buffer is free. Ask before begin and between slices. */
    public boolean isBackPressured()
    {
        throw pending();
    }

    /** Begins an entry; indices must grow. Must be called for every entry of the log, also those that write nothing. */
    public void begin(final long raftIndex, final long term)
    {
        throw pending();
    }

    /** Ends the entry. */
    public void end()
    {
        throw pending();
    }

    /** Makes everything up to the last end visible. Several entries may be published at once. */
    public void publish()
    {
        throw pending();
    }

    /** @return true if the key is alive in the writer's view. Positions the getters. */
    public boolean find(final DirectBuffer key, final int offset, final int length)
    {
        throw pending();
    }

    /** @return true if the key is alive at the bound. Positions the getters. */
    public boolean findAt(final DirectBuffer key, final int offset, final int length, final long bound)
    {
        throw pending();
    }

    /** @return of the last find. */
    public long modRevision()
    {
        throw pending();
    }

    /** @return of the last find. */
    public long createRevision()
    {
        throw pending();
    }

    /** @return of the last find. */
    public long version()
    {
        throw pending();
    }

    /** @return of the last find, 0 if none. */
    public long lease()
    {
        throw pending();
    }

    /** @return LP of the last find. */
    public long lp()
    {
        throw pending();
    }

    /** Record of the last find. */
    public void value(final RecordView view)
    {
        throw pending();
    }

    /** Record at an LP that is in the writer's view. */
    public void recordAt(final long lp, final RecordView view)
    {
        throw pending();
    }

    /** @return LP of the previous live version, -1 if there was none. */
    public long put(
        final DirectBuffer key,
        final int keyOffset,
        final int keyLength,
        final DirectBuffer value,
        final int valueOffset,
        final int valueLength,
        final long lease)
    {
        throw pending();
    }

    /** @return false if the key is not alive. */
    public boolean delete(final DirectBuffer key, final int offset, final int length)
    {
        throw pending();
    }

    /** Alive keys of an interval, ascending, in the writer's view; ends with the next scan or end(). Keys may be put or deleted while it runs. */
    public KeyScan scan(
        final DirectBuffer key,
        final int keyOffset,
        final int keyLength,
        final DirectBuffer end,
        final int endOffset,
        final int endLength)
    {
        throw pending();
    }

    /** Writes a system row. */
    public void putSystem(
        final byte kind,
        final DirectBuffer key,
        final int keyOffset,
        final int keyLength,
        final DirectBuffer body,
        final int bodyOffset,
        final int bodyLength)
    {
        throw pending();
    }

    /** @return false if there is no such row. */
    public boolean deleteSystem(final byte kind, final DirectBuffer key, final int offset, final int length)
    {
        throw pending();
    }

    /** @return false if there is no such row. */
    public boolean findSystem(
        final byte kind, final DirectBuffer key, final int offset, final int length, final RecordView view)
    {
        throw pending();
    }

    /** Rows of a kind in ascending key order; ends with the next system scan or end(). */
    public SystemScan scanSystem(final byte kind)
    {
        throw pending();
    }

    /** Keys attached to a lease, ascending; ends with the next lease scan or end(). */
    public LeaseScan scanLease(final long leaseId)
    {
        throw pending();
    }

    /** Logical compaction; the caller has checked compactRevision() < revision <= revision(). */
    public void compact(final long revision)
    {
        throw pending();
    }

    /** @return end of the stream, also inside an entry. */
    public long bound()
    {
        throw pending();
    }

    /** @return true if this entry wrote a version or a tombstone of a key. */
    public boolean changed()
    {
        throw pending();
    }

    /** @return revision of the writer: of the last entry that changed a key, or of this one once it has. */
    public long revision()
    {
        throw pending();
    }

    /** @return compact revision of the writer, -1 if never compacted. */
    public long compactRevision()
    {
        throw pending();
    }

    /** @return raft index of the last entry that ended; after open: of the recovery point. */
    public long raftIndex()
    {
        throw pending();
    }

    /** @return term of that entry. */
    public long term()
    {
        throw pending();
    }

    /** Hash over LP and CRC of every record since birth: equal on all members at equal raft index. */
    public long streamHash()
    {
        throw pending();
    }

    /** The auth revision that MARK records carry. */
    public void authRevision(final long authRevision)
    {
        throw pending();
    }

    /** Any thread: the newest published revision. */
    public long visibleRevision()
    {
        throw pending();
    }

    /** Any thread: the published compact revision, -1 if never compacted. */
    public long compactedRevision()
    {
        throw pending();
    }

    /** Any thread: raft index of the newest durable mark; the log may be cut to it. */
    public long durableRaftIndex()
    {
        throw pending();
    }

    /** Any thread: consistent copy of the newest durable mark. */
    public void durableMark(final DurableMark mark)
    {
        throw pending();
    }

    /** Any thread: asks housekeeping for a force and a durable mark of what is published. */
    public void requestForce()
    {
        throw pending();
    }

    /** Any thread: the newest compaction that has finished physically. */
    public long finishedCompaction()
    {
        throw pending();
    }

    /** Any thread: asks to rewrite what has garbage. @return ticket for isDefragmented. */
    public long requestDefragment()
    {
        throw pending();
    }

    /** Any thread. */
    public boolean isDefragmented(final long ticket)
    {
        throw pending();
    }

    /** Any thread: bytes used by store files. */
    public long dbSize()
    {
        throw pending();
    }

    /** Any thread: bytes of them that are not garbage. */
    public long dbSizeInUse()
    {
        throw pending();
    }

    /** Any thread: bytes held by the index. */
    public long indexBytes()
    {
        throw pending();
    }

    /** Cold, during assembly: a reader for one thread. */
    public StoreReader newReader()
    {
        throw pending();
    }

    /** Cold, during assembly: a slot in which one thread asks for hashes. */
    public HashJob newHashJob()
    {
        throw pending();
    }

    /** @return what the housekeeping thread runs. */
    public HousekeepingStore housekeeping()
    {
        throw pending();
    }

    private static IllegalStateException pending()
    {
        return new IllegalStateException("store is not open");
    }
}
