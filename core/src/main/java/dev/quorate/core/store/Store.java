package dev.quorate.core.store;

import dev.quorate.core.store.index.PurgeBatch;
import org.agrona.DirectBuffer;

import java.util.ArrayList;

/**
 * The revision store: the writer's view and what any thread may ask. Every replicated entry is applied between
 * {@link #begin(long, long)} and {@link #end()}; nothing of it is visible before {@link #publish()}.
 * <p>
 * Owner: the apply thread calls everything but the methods that are marked "any thread". Keys follow the conventions of
 * etcd: an {@code end} of length 0 means the single key, the one byte 0 means from the key on, else an exclusive end.
 */
public final class Store
{
    private static final int MARK_INTERVAL_MASK = 255;
    private static final int PURGE_SLICE = 256;

    private final StoreContext context;
    private final Views views;
    private final StoreSpace space;
    private final Handover handover = new Handover();
    private final KeyLink link = new KeyLink();
    private final FoundKey found = new FoundKey();
    private final EntryPosition position = new EntryPosition();

    private StoreParts view;
    private Published published;
    private RevisionRing ring;
    private Trees trees;
    private TailBuffers tails;
    private StreamWriter stream;
    private RecordReader reader;
    private RevisionLocator locator;
    private HousekeepingStore housekeeping;
    private PurgeBatch purgeBatch;
    private WriterPin pin;
    private KeyScan keyScan;
    private SystemScan systemScan;
    private LeaseScan leaseScan;

    boolean isInEntry;
    private boolean hasChanged;
    private long keyBound;
    private long entryIndex;
    private long entryTerm;
    private int subRevision;
    private long authRevision;
    private int unpublished;
    private long writes;
    private long epochRequestSeen;
    private long rollRequestSeen;

    Store(final StoreParts parts)
    {
        context = parts.context;
        views = new Views(parts);
        final SpaceReserve reserve = new SpaceReserve(context);
        space = new StoreSpace(views, reserve, context.maxIndexBytes());
        bind(parts, new HousekeepingStore(parts, views, new ArrayList<>(), reserve));
    }

    /**
     * Opens the store below its directory, or makes an empty one, and recovers it to its newest durable mark:
     * {@link #raftIndex()} and {@link #term()} say where the log goes on. Every later entry of the log must be applied
     * again.
     *
     * @param context not concluded yet.
     * @return the store.
     * @throws dev.quorate.core.seam.StorageFault if what is below the mark is damaged or missing.
     */
    public static Store open(final StoreContext context)
    {
        context.conclude();
        return new Store(new StoreRecovery(new StoreParts(context, 0)).recover());
    }

    /** Releases files and memory without writing anything. Only when no other thread uses the store any more. */
    public void close()
    {
        housekeeping.close();
        trees.arena.close();
    }

    /**
     * Goes on in a snapshot: the next entry is the one after it, and whoever pins from now on reads it. Readers that
     * are pinned keep what they stand on. The caller has made sure that no entry is under way, that no answer refers to
     * what was before, and that the snapshot is durable; housekeeping must not run meanwhile.
     *
     * @param staged the snapshot, its index built; not behind this store.
     */
    public void install(final SnapshotSink staged)
    {
        if (isInEntry || staged.raftIndex() < position.raftIndex || staged.parts().position.lp < position.lp)
        {
            throw new IllegalStateException("snapshot of index " + staged.raftIndex() + " over a store at index " +
                position.raftIndex + (isInEntry ? " inside an entry" : ""));
        }
        pin.unpin();
        endScans();
        bind(staged.parts(), housekeeping.successor(staged.parts()));
        views.replace(view);
    }

    /**
     * Duty of the apply thread, once per cycle, between entries or between the slices of one: takes back tail buffers,
     * frees index memory, works off purges. Scans and record views end here.
     *
     * @return how much was done.
     */
    public int doWork()
    {
        pin.unpin();
        endScans();
        int work = tails.reclaim();
        published.appendedLp.setRelease(tails.endLp());
        final long epochRequests = published.epochRequests.getAcquire();
        if (epochRequests != epochRequestSeen)
        {
            epochRequestSeen = epochRequests;
            trees.epochs.advance();
            work++;
        }
        final long rollRequests = published.rollRequests.getAcquire();
        if (rollRequests != rollRequestSeen)
        {
            rollRequestSeen = rollRequests;
            tails.roll(0);
            // pairs with the load in Defragmentation
            published.rollsDone.setRelease(rollRequests);
            work++;
        }
        if (1 == published.purgeTurn.getAcquire())
        {
            trees.keys.purge(purgeBatch, PURGE_SLICE);
            if (purgeBatch.isDone())
            {
                purgeBatch.clear();
                // hands the batch back, pairs with the load in Compaction
                published.purgeTurn.setRelease(0);
            }
            published.indexRoomBytes.setRelease(trees.arena.roomBytes());
            work++;
        }
        return work + trees.arena.reclaim();
    }

    /**
     * Asked before an entry begins and between the slices of a long one. True means: call {@link #doWork()} in later
     * cycles and ask again, because no tail buffer is free or too much index memory waits for readers. Scans and record
     * views end here.
     *
     * @return true if apply must pause.
     */
    public boolean isBackPressured()
    {
        pin.unpin();
        endScans();
        published.appendedLp.setRelease(tails.endLp());
        if (trees.arena.isLimboFull())
        {
            trees.arena.reclaim();
            return trees.arena.isLimboFull();
        }
        return tails.isBackPressured();
    }

    /**
     * Begins an entry. To be called for each entry of the log, also for those that write nothing, so that marks stand
     * at the same places on all members.
     *
     * @param raftIndex of the entry, above that of the last one.
     * @param term      of the entry, not below that of the last one.
     */
    public void begin(final long raftIndex, final long term)
    {
        if (isInEntry || raftIndex <= position.raftIndex || term < position.term)
        {
            throw new IllegalStateException("entry " + raftIndex + " of term " + term + " after entry " +
                position.raftIndex + " of term " + position.term + (isInEntry ? ", which has not ended" : ""));
        }
        isInEntry = true;
        hasChanged = false;
        entryIndex = raftIndex;
        entryTerm = term;
        subRevision = 0;
    }

    /**
     * Ends the entry: the revision has grown by one if a key was written. A MARK follows the first entry of a term and
     * each entry whose index is 255 modulo 256.
     */
    public void end()
    {
        checkInEntry();
        endScans();
        pin.unpin();
        if (hasChanged)
        {
            position.main++;
            // System records behind the last key belong to no revision: a restart finds the same bound again.
            ring.put(position.main, keyBound);
            unpublished++;
        }
        final boolean isMarkDue =
            MARK_INTERVAL_MASK == (entryIndex & MARK_INTERVAL_MASK) || entryTerm != position.term;
        if (isMarkDue)
        {
            stream.mark(
                entryIndex, entryTerm, position.main, position.compactRevision, trees.liveKeys, authRevision);
        }
        position.raftIndex = entryIndex;
        position.term = entryTerm;
        position.lp = bound();
        position.streamHash = stream.streamHash();
        hasChanged = false;
        isInEntry = false;
        if (unpublished >= ring.unpublishedMax() - 1)
        {
            publish();
        }
    }

    /**
     * Makes everything up to the last {@link #end()} visible. Several entries may be published at once; answers leave
     * only afterwards.
     */
    public void publish()
    {
        if (isInEntry)
        {
            throw new IllegalStateException("published inside entry " + entryIndex);
        }
        unpublished = 0;
        published.appendedLp.setRelease(bound());
        published.indexRoomBytes.setRelease(trees.arena.roomBytes());
        // after all index words and ring slots of the revision; pairs with the first load in StoreReader.pinLatest
        published.visible.setRelease(position.main);
        if (position.compactRevision != published.compactPoint.getPlain().revision())
        {
            // after the visible revision, so that no reader finds it ahead; pairs with the load behind a reader's pin
            published.compactPoint.setRelease(new CompactPoint(position.compactRevision, position.compactBound));
        }
        published.publishEntry(position);
    }

    /**
     * Looks a key up in the writer's view, what this entry has written included. The getters then show it.
     *
     * @param key    buffer with the key.
     * @param offset of the key.
     * @param length of the key.
     * @return true if the key is alive.
     */
    public boolean find(final DirectBuffer key, final int offset, final int length)
    {
        if (!trees.keys.find(key, offset, length) || trees.keys.isTombstone())
        {
            return found.clear();
        }
        return found.set(trees.keys);
    }

    /** @return mod revision of the key found last, 0 if it was not alive. */
    public long modRevision()
    {
        return found.mod;
    }

    /** @return create revision of the key found last, 0 if it was not alive. */
    public long createRevision()
    {
        return found.create;
    }

    /** @return version of the key found last, 0 if it was not alive. */
    public long version()
    {
        return found.version;
    }

    /** @return lease of the key found last, 0 if it has none or was not alive. */
    public long lease()
    {
        return found.lease;
    }

    /** @return logical position of the key found last, -1 if it was not alive. */
    public long lp()
    {
        return found.lp;
    }

    /**
     * Reads the record of the key found last.
     *
     * @param view to fill; valid until the entry ends, {@link #doWork()} or {@link #isBackPressured()}.
     */
    public void value(final RecordView view)
    {
        recordAt(found.lp, view);
    }

    /**
     * Reads a record that the writer's view refers to.
     *
     * @param lp   of the record.
     * @param view to fill; valid until the entry ends, {@link #doWork()} or {@link #isBackPressured()}.
     */
    public void recordAt(final long lp, final RecordView view)
    {
        pin.pin();
        reader.read(lp, view);
    }

    /**
     * Writes a version of a key and moves the key to its lease.
     *
     * @param key         buffer with the key.
     * @param keyOffset   of the key.
     * @param keyLength   of the key.
     * @param value       buffer with the value.
     * @param valueOffset of the value.
     * @param valueLength of the value.
     * @param lease       of the key, 0 for none.
     * @return logical position of the version that was alive before, -1 if there was none.
     */
    public long put(
        final DirectBuffer key, final int keyOffset, final int keyLength,
        final DirectBuffer value, final int valueOffset, final int valueLength, final long lease)
    {
        checkInEntry();
        link.from(trees.keys, trees.keys.find(key, keyOffset, keyLength), position.compactRevision);
        final long main = position.main + 1;
        final boolean wasAlive = link.isPrevAlive;
        final long create = wasAlive ? trees.keys.createRevision() : main;
        final long version = wasAlive ? trees.keys.version() + 1 : 1;
        final long oldLease = wasAlive ? trees.keys.lease() : 0;
        final long lp = bound();
        final int frameLength = stream.put(
            link, main, subRevision++, key, keyOffset, keyLength, create, version,
            value, valueOffset, valueLength, lease);
        trees.store(
            key, keyOffset, keyLength, lp, false, create, main, version, frameLength,
            link.chainOrdinal, lease, link.skipLp, wasAlive, oldLease);
        hasChanged = true;
        keyBound = lp + frameLength;
        writes++;
        return wasAlive ? link.prevLp : RecordDescriptor.NULL_LP;
    }

    /**
     * Writes a tombstone of a key and takes the key off its lease.
     *
     * @param key    buffer with the key.
     * @param offset of the key.
     * @param length of the key.
     * @return false if the key is not alive; then nothing was written.
     */
    public boolean delete(final DirectBuffer key, final int offset, final int length)
    {
        checkInEntry();
        if (!trees.keys.find(key, offset, length) || trees.keys.isTombstone())
        {
            return false;
        }
        link.from(trees.keys, true, position.compactRevision);
        final long main = position.main + 1;
        final long create = trees.keys.createRevision();
        final long oldLease = trees.keys.lease();
        final long lp = bound();
        final int frameLength = stream.tombstone(link, main, subRevision++, key, offset, length);
        trees.store(
            key, offset, length, lp, true, create, main, 0, frameLength,
            link.chainOrdinal, 0, link.skipLp, true, oldLease);
        hasChanged = true;
        keyBound = lp + frameLength;
        writes++;
        return true;
    }

    /**
     * Keys of an interval that are alive in the writer's view, ascending. Keys may be put and deleted while it runs. It
     * ends with the next scan, with the entry, {@link #doWork()} and {@link #isBackPressured()}: a long command goes
     * on by scanning again from behind its last key.
     *
     * @param key       buffer with the key.
     * @param keyOffset of the key.
     * @param keyLength of the key.
     * @param end       buffer with the end.
     * @param endOffset of the end.
     * @param endLength of the end.
     * @return the scan.
     */
    public KeyScan scan(
        final DirectBuffer key, final int keyOffset, final int keyLength,
        final DirectBuffer end, final int endOffset, final int endLength)
    {
        return keyScan.start(key, keyOffset, keyLength, end, endOffset, endLength);
    }

    /**
     * Writes a system row.
     *
     * @param kind       of the row, LEASE to CLUSTER of {@link RecordDescriptor}.
     * @param key        buffer with the key.
     * @param keyOffset  of the key.
     * @param keyLength  of the key.
     * @param body       buffer with the payload.
     * @param bodyOffset of the payload.
     * @param bodyLength of the payload.
     */
    public void putSystem(
        final byte kind, final DirectBuffer key, final int keyOffset, final int keyLength,
        final DirectBuffer body, final int bodyOffset, final int bodyLength)
    {
        checkSystem(kind);
        final long prevLp = trees.findSystem(kind, key, keyOffset, keyLength) ?
            trees.system.lp() : RecordDescriptor.NULL_LP;
        final long lp = bound();
        stream.system(
            kind, false, prevLp, revision(), key, keyOffset, keyLength, body, bodyOffset, bodyLength);
        trees.putSystem(kind, key, keyOffset, keyLength, lp);
        writes++;
    }

    /**
     * Deletes a system row.
     *
     * @param kind   of the row.
     * @param key    buffer with the key.
     * @param offset of the key.
     * @param length of the key.
     * @return false if there is no such row; then nothing was written.
     */
    public boolean deleteSystem(final byte kind, final DirectBuffer key, final int offset, final int length)
    {
        checkSystem(kind);
        if (!trees.findSystem(kind, key, offset, length))
        {
            return false;
        }
        stream.system(kind, true, trees.system.lp(), revision(), key, offset, length, key, 0, 0);
        trees.removeSystem(kind, key, offset, length);
        writes++;
        return true;
    }

    /**
     * Reads a system row.
     *
     * @param kind   of the row.
     * @param key    buffer with the key.
     * @param offset of the key.
     * @param length of the key.
     * @param view   to fill.
     * @return false if there is no such row.
     */
    public boolean findSystem(
        final byte kind, final DirectBuffer key, final int offset, final int length, final RecordView view)
    {
        if (!trees.findSystem(kind, key, offset, length))
        {
            return false;
        }
        recordAt(trees.system.lp(), view);
        return true;
    }

    /**
     * Rows of one kind in ascending order of their keys; rows may be written while it runs. Ends like
     * {@link #scan}.
     *
     * @param kind of the rows.
     * @return the scan.
     */
    public SystemScan scanSystem(final byte kind)
    {
        return systemScan.start(kind);
    }

    /**
     * Keys attached to a lease, ascending; keys may be written while it runs. Ends like {@link #scan}.
     *
     * @param leaseId of the lease.
     * @return the scan.
     */
    public LeaseScan scanLease(final long leaseId)
    {
        return leaseScan.start(leaseId);
    }

    /**
     * Compacts logically: older revisions are refused from the next {@link #publish()} on, and housekeeping drops what
     * nobody can read any more. The caller has checked the revision.
     *
     * @param revision above {@link #compactRevision()} and at most {@link #revision()}.
     */
    public void compact(final long revision)
    {
        checkInEntry();
        if (hasChanged || revision <= position.compactRevision || revision > position.main)
        {
            throw new IllegalStateException("compaction at " + revision + " with " + position.compactRevision +
                " compacted, revision " + position.main + (hasChanged ? " and keys written in the same entry" : ""));
        }
        pin.pin();
        final long compactBound = locator.boundOf(revision, position.main);
        // before the words of later versions; pairs with the loads in StoreReader.isChainCut
        published.cutLp.setRelease(bound());
        published.cutRevision.setRelease(revision);
        stream.compact(revision, compactBound, position.compactRevision, position.main);
        position.isCompactHashable = published.finishedCompaction.getAcquire() == position.compactRevision;
        position.compactRevision = revision;
        position.compactBound = compactBound;
        position.compactRecordEnd = bound();
    }

    /** @return end of the stream, also inside an entry: the bound of the state as it is now. */
    public long bound()
    {
        return tails.endLp();
    }

    /** @return true if this entry has written a version or a tombstone of a key. */
    public boolean changed()
    {
        return hasChanged;
    }

    /** @return revision of the writer: that of this entry once it has written a key. */
    public long revision()
    {
        return hasChanged ? position.main + 1 : position.main;
    }

    /** @return compact revision of the writer, -1 if there was no compaction. */
    public long compactRevision()
    {
        return position.compactRevision;
    }

    /** @return raft index of the last entry that ended; after {@link #open} that of the recovery point, 0 at birth. */
    public long raftIndex()
    {
        return position.raftIndex;
    }

    /** @return term of that entry. */
    public long term()
    {
        return position.term;
    }

    /** @return hash over position and CRC of every record since birth: the same on all members after the same entry. */
    public long streamHash()
    {
        return stream.streamHash();
    }

    /** @return number of keys alive in the writer's view. */
    public long liveKeys()
    {
        return trees.liveKeys;
    }

    /** @param authRevision that marks carry from now on. */
    public void authRevision(final long authRevision)
    {
        this.authRevision = authRevision;
    }

    /** @return the newest visible revision; any thread. */
    public long visibleRevision()
    {
        return views.current().published.visible.getAcquire();
    }

    /** @return the compact revision that readers go by, -1 if there is none; any thread. */
    public long compactedRevision()
    {
        return views.current().published.compactRevision();
    }

    /** @return raft index of the newest durable mark, up to which the log may be cut; any thread. */
    public long durableRaftIndex()
    {
        return views.current().published.durableRaftIndex.getAcquire();
    }

    /**
     * Copies the newest durable mark; any thread.
     *
     * @param mark to fill.
     * @return false if it was being replaced at that moment; ask again later.
     */
    public boolean durableMark(final DurableMark mark)
    {
        return views.current().published.readMark(mark);
    }

    /** Asks for a force and a durable mark of what is published; any thread. */
    public void requestForce()
    {
        views.current().published.forceRequests.getAndIncrement();
    }

    /** @return the newest compaction that is finished physically, -1 if there is none; any thread. */
    public long finishedCompaction()
    {
        return views.current().published.finishedCompaction.getAcquire();
    }

    /**
     * Asks to seal the tail and to rewrite every file that has garbage; any thread.
     *
     * @return ticket for {@link #isDefragmented(long)}.
     */
    public long requestDefragment()
    {
        return views.current().published.defragmentRequests.incrementAndGet();
    }

    /**
     * @param ticket of a request.
     * @return true if it is done; any thread.
     */
    public boolean isDefragmented(final long ticket)
    {
        return views.current().published.defragmentsDone.getAcquire() >= ticket;
    }

    /**
     * @param ticket of a request that is done.
     * @return true if garbage is left, because the disk had no room for what was to survive of some file; any thread.
     */
    public boolean isDefragmentShort(final long ticket)
    {
        return views.current().published.defragmentsWhole.getAcquire() < ticket;
    }

    /** @return bytes that the store's files use, the tail included; any thread. */
    public long dbSize()
    {
        final Published current = views.current().published;
        return current.fileBytesBeyondLp.getAcquire() + current.appendedLp.getAcquire();
    }

    /** @return {@link #dbSize()} without garbage; any thread. */
    public long dbSizeInUse()
    {
        return dbSize() - views.current().published.deadBytes.getAcquire();
    }

    /** @return bytes that the index uses; apply thread. */
    public long indexBytes()
    {
        return trees.arena.usedBytes();
    }

    /** @return how much room there is on the disk and in the index; any thread. */
    public StoreSpace space()
    {
        return space;
    }

    /**
     * Makes a reader for the use of one thread; cold, before that thread starts.
     *
     * @return the reader.
     */
    public StoreReader newReader()
    {
        return new StoreReader(views);
    }

    /**
     * Makes a lister of leases for one thread; cold, before that thread starts.
     *
     * @return the lister.
     */
    public LeaseIds newLeaseIds()
    {
        return new LeaseIds(views);
    }

    /**
     * Makes a slot in which one thread asks for hashes; cold, before that thread and housekeeping start.
     *
     * @return the slot.
     */
    public HashJob newHashJob()
    {
        return housekeeping.newHashJob();
    }

    /** @return the baton with which a snapshot replaces this store; any thread. */
    public Handover handover()
    {
        return handover;
    }

    /** @return number of the view in force, which grows when a snapshot replaces it; any thread. */
    public long viewNumber()
    {
        return views.current().number;
    }

    /** @return what the housekeeping thread runs; another one after {@link #install}. */
    public HousekeepingStore housekeeping()
    {
        return housekeeping;
    }

    /** Changes with every write; scans then search their place anew. */
    long writes()
    {
        return writes;
    }

    /** The writer's half of a view, and what it publishes first. */
    private void bind(final StoreParts parts, final HousekeepingStore cold)
    {
        view = parts;
        published = parts.published;
        ring = parts.ring;
        trees = parts.trees;
        purgeBatch = parts.purgeBatch;
        position.set(parts.position);
        tails = new TailBuffers(
            parts.directory, context.tailBufferLength(), context.tailBufferCount(), position.lp);
        stream = new StreamWriter(tails, position.streamHash);
        reader = new RecordReader(parts.directory);
        locator = new RevisionLocator(parts.directory, ring, published, reader);
        pin = new WriterPin(trees.epochs.newSlot());
        keyScan = new KeyScan(this, trees.keys.newCursor());
        systemScan = new SystemScan(this, trees.system.newCursor());
        leaseScan = new LeaseScan(this, trees.leases.newCursor());
        housekeeping = cold;
        unpublished = 0;
        epochRequestSeen = 0;
        rollRequestSeen = 0;
        published.appendedLp.setRelease(position.lp);
        published.indexRoomBytes.setRelease(trees.arena.roomBytes());
        published.cutRevision.setRelease(position.compactRevision);
        published.publishEntry(position);
        published.compactPoint.setRelease(new CompactPoint(position.compactRevision, position.compactBound));
        published.visible.setRelease(position.main);
    }

    private void endScans()
    {
        keyScan.end();
        systemScan.end();
        leaseScan.end();
    }

    private void checkInEntry()
    {
        if (!isInEntry)
        {
            throw new IllegalStateException("no entry has begun after entry " + position.raftIndex);
        }
    }

    private void checkSystem(final byte kind)
    {
        checkInEntry();
        if (!RecordDescriptor.isSystem(kind))
        {
            throw new IllegalStateException("kind " + kind + " is not that of a system row");
        }
    }
}
