package dev.quorate.core.store;

import dev.quorate.core.store.index.IndexCursor;
import dev.quorate.core.store.index.ReaderSlot;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Wait-free reads of the state at one revision or logical position. Everything it gives out is valid until it is
 * unpinned; what leaves the thread is copied. Keys follow the conventions of {@link Store}.
 * <p>
 * Owner: one thread, any.
 */
public final class StoreReader
{
    /** The pin holds. */
    public static final int OK = 0;
    /** The revision is compacted. */
    public static final int COMPACTED = 1;
    /** The revision is not there yet. */
    public static final int FUTURE = 2;

    private final Views views;
    private final Views.Hold hold;
    private final UnsafeBuffer leaseInterval = new UnsafeBuffer(new byte[16]);

    private StoreParts view;
    private Published published;
    private RevisionRing ring;
    private ReaderSlot slot;
    private RecordReader records;
    private RevisionLocator locator;
    private VersionWalk walk;
    private RevisionIterator revisions;
    private IndexCursor cursor;
    private IndexCursor leaseCursor;

    private boolean isPinned;
    private boolean isAnswer;
    private boolean isScanning;
    private boolean isOvertaken;
    private long revision;
    private long currentRevision;
    private long bound;
    private long lp;
    private long compactRevision;

    StoreReader(final Views views)
    {
        this.views = views;
        this.hold = views.newHold();
        bind(views.current());
    }

    /**
     * Pins the newest visible state.
     *
     * @return its revision, also that of the answer's header.
     */
    public long pinLatest()
    {
        checkUnpinned();
        while (true)
        {
            hold.hold(view.number);
            final long visible = published.visible.getAcquire();
            slot.pin(visible);
            if (isReplaced())
            {
                continue;
            }
            // behind the fence of the pin: a compaction that missed the pin is seen here; pairs with Store.publish
            final long compacted = published.compactRevision();
            if (compacted <= visible)
            {
                final long found = 1 == visible ? 0 : ring.get(visible);
                if (published.visible.getAcquire() - visible < ring.reach())
                {
                    pinned(visible, visible, found, false, compacted);
                    return visible;
                }
            }
            slot.unpin();
        }
    }

    /**
     * Pins the state at a revision.
     *
     * @param atRevision from the compact revision to the newest visible one.
     * @return {@link #OK}, {@link #COMPACTED} or {@link #FUTURE}; pinned only if OK.
     */
    public int pinAt(final long atRevision)
    {
        checkUnpinned();
        long visible;
        do
        {
            hold.hold(view.number);
            visible = published.visible.getAcquire();
            slot.pin(atRevision);
        }
        while (isReplaced());
        if (atRevision > visible)
        {
            slot.unpin();
            hold.release();
            return FUTURE;
        }
        final long compacted = published.compactRevision();
        if (compacted > atRevision)
        {
            slot.unpin();
            hold.release();
            return COMPACTED;
        }
        pinned(atRevision, visible, locator.boundOf(atRevision, visible), false, compacted);
        return OK;
    }

    /**
     * Pins the state at a bound inside or after an applied entry whose answer this thread has not marked as drained:
     * until
     * then no compaction drops what the answer refers to.
     *
     * @param atBound from the answer.
     */
    public void pinAnswer(final long atBound)
    {
        checkUnpinned();
        // no revision names this state, so every compaction waits for the short time of an answer
        do
        {
            hold.hold(view.number);
            slot.pin(0);
        }
        while (isReplaced());
        pinned(0, published.visible.getAcquire(), atBound, true, 0);
    }

    /**
     * Moves to another bound of the same answer.
     *
     * @param atBound from the answer.
     */
    public void moveTo(final long atBound)
    {
        checkPinned();
        if (!isAnswer)
        {
            throw new IllegalStateException("only the pin of an answer can move");
        }
        isScanning = false;
        bound = atBound;
    }

    /**
     * Between two slices of a long read: memory may be reclaimed, the revision stays pinned. A running scan and all
     * views
     * end; the read goes on by scanning again from behind its last key. The revision iterator goes on by itself.
     */
    public void yieldEpoch()
    {
        checkPinned();
        isScanning = false;
        revisions.pause();
        slot.pinEpoch();
    }

    /**
     * Moves a held pin forward without letting go: whoever follows the stream revision by revision loses none to a
     * compaction that takes effect meanwhile, because it waits for this pin. What became visible since is included; a
     * running scan, the revision iterator and all views end.
     *
     * @param atRevision from the pinned revision to the newest visible one.
     * @return the newest visible revision, as {@link #currentRevision()} shows it.
     */
    public long follow(final long atRevision)
    {
        checkPinned();
        final long visible = published.visible.getAcquire();
        if (isAnswer || atRevision < revision || atRevision > visible)
        {
            throw new IllegalStateException(
                "to follow to revision " + atRevision + " with " + revision + " pinned and " + visible + " visible");
        }
        revisions.pause();
        slot.pin(atRevision);
        pinned(atRevision, visible, locator.boundOf(atRevision, visible), false, compactRevision);
        return visible;
    }

    /**
     * Between two turns of a thread that may sleep: memory may be reclaimed, the revision stays pinned. To be followed
     * by {@link #yieldEpoch()}, {@link #follow(long)} or {@link #unpin()}.
     */
    public void rest()
    {
        checkPinned();
        isScanning = false;
        revisions.pause();
        slot.unpinEpoch();
    }

    /**
     * Lets go. Harmless if not pinned.
     */
    public void unpin()
    {
        if (isPinned)
        {
            isPinned = false;
            isScanning = false;
            revisions.pause();
            slot.unpin();
            hold.release();
        }
    }

    /**
     * @return the newest visible revision of the store that this pin stands on; a snapshot that has replaced the store
     * since does not show before the next pin.
     */
    public long visibleRevision()
    {
        checkPinned();
        return published.visible.getAcquire();
    }

    /**
     * @return true while pinned.
     */
    public boolean isPinned()
    {
        return isPinned;
    }

    /**
     * To be asked before anything that was read under this pin is answered. True if a compaction above the pinned state
     * has come since and a key that was deleted and written again in between could not be resolved: a read of the
     * latest
     * state starts again, one at a revision fails as compacted.
     *
     * @return true if what was read may lack keys.
     */
    public boolean isOvertaken()
    {
        return isOvertaken;
    }

    /**
     * @return the pinned revision, 0 for the pin of an answer.
     */
    public long revision()
    {
        return revision;
    }

    /**
     * @return bound of the pinned state.
     */
    public long bound()
    {
        return bound;
    }

    /**
     * @return the newest visible revision when the pin was taken: that of the answer's header.
     */
    public long currentRevision()
    {
        return currentRevision;
    }

    /**
     * Reads one key.
     *
     * @param key    buffer with the key.
     * @param offset of the key.
     * @param length of the key.
     * @param view   to fill.
     * @return false if the key is not alive in the pinned state.
     */
    public boolean get(final DirectBuffer key, final int offset, final int length, final RecordView view)
    {
        checkPinned();
        isScanning = false;
        if (!cursor.get(key, offset, length))
        {
            return false;
        }
        final long found = aliveLp();
        if (found < 0)
        {
            return false;
        }
        records.read(found, view);
        return true;
    }

    /**
     * Counts the keys of an interval that are alive in the pinned state. Touches no record of a key that has not
     * changed
     * since, nor of one whose generation began before.
     *
     * @param key       buffer with the key.
     * @param keyOffset of the key.
     * @param keyLength of the key.
     * @param end       buffer with the end.
     * @param endOffset of the end.
     * @param endLength of the end.
     * @return the number of keys.
     */
    public long count(
        final DirectBuffer key,
        final int keyOffset,
        final int keyLength,
        final DirectBuffer end,
        final int endOffset,
        final int endLength)
    {
        checkPinned();
        isScanning = false;
        cursor.seek(key, keyOffset, keyLength, end, endOffset, endLength);
        long count = 0;
        while (cursor.next())
        {
            if (isAlive())
            {
                count++;
            }
        }
        return count;
    }

    /**
     * Starts a scan of the keys of an interval that are alive in the pinned state, ascending.
     *
     * @param key       buffer with the key.
     * @param keyOffset of the key.
     * @param keyLength of the key.
     * @param end       buffer with the end.
     * @param endOffset of the end.
     * @param endLength of the end.
     */
    public void scan(
        final DirectBuffer key,
        final int keyOffset,
        final int keyLength,
        final DirectBuffer end,
        final int endOffset,
        final int endLength)
    {
        checkPinned();
        cursor.seek(key, keyOffset, keyLength, end, endOffset, endLength);
        isScanning = true;
    }

    /**
     * @return false at the end of the scan.
     */
    public boolean next()
    {
        checkScanning();
        while (cursor.next())
        {
            lp = aliveLp();
            if (lp >= 0)
            {
                return true;
            }
        }
        return false;
    }

    /**
     * Goes over the next key of the scan without resolving its version, to count what a limit has cut off.
     *
     * @return false at the end of the scan.
     */
    public boolean skip()
    {
        checkScanning();
        while (cursor.next())
        {
            if (isAlive())
            {
                return true;
            }
        }
        return false;
    }

    /**
     * @return buffer with the key of the scan at offset 0, valid until {@link #next()}.
     */
    public DirectBuffer key()
    {
        return cursor.key();
    }

    /**
     * @return length of the key, bytes.
     */
    public int keyLength()
    {
        return cursor.keyLength();
    }

    /**
     * @return logical position of the version that {@link #next()} has found.
     */
    public long lp()
    {
        return lp;
    }

    /**
     * @param view to fill with the version that {@link #next()} has found.
     */
    public void record(final RecordView view)
    {
        checkScanning();
        records.read(lp, view);
    }

    /**
     * Reads a record that the pinned state refers to, a previous version for example.
     *
     * @param atLp of the record.
     * @param view to fill.
     */
    public void recordAt(final long atLp, final RecordView view)
    {
        checkPinned();
        records.read(atLp, view);
    }

    /**
     * Starts a scan of the keys that are attached to a lease in the newest applied state, ascending.
     *
     * @param leaseId of the lease.
     */
    public void scanLease(final long leaseId)
    {
        checkPinned();
        leaseCursor.seek(
            leaseInterval, 0, 8, leaseInterval, 8, LeaseScan.interval(leaseId, leaseInterval));
    }

    /**
     * @return false at the end of the lease scan.
     */
    public boolean nextLeaseKey()
    {
        checkPinned();
        return leaseCursor.next();
    }

    /**
     * @return buffer with the key of the lease scan, valid until {@link #nextLeaseKey()}.
     */
    public DirectBuffer leaseKey()
    {
        return leaseCursor.key();
    }

    /**
     * @return where that key begins.
     */
    public int leaseKeyOffset()
    {
        return 8;
    }

    /**
     * @return length of that key, bytes.
     */
    public int leaseKeyLength()
    {
        return leaseCursor.keyLength() - 8;
    }

    /**
     * Key records in the order of their revisions, from one up to {@link #currentRevision()}. At the compact revision
     * it
     * gives what compaction retains, whether or not the rest is gone already. The reader has one iterator; pin at the
     * first revision or below before.
     *
     * @param fromRevision not below the pinned revision.
     * @return the iterator.
     */
    public RevisionIterator revisions(final long fromRevision)
    {
        checkPinned();
        if (isAnswer || fromRevision < revision)
        {
            throw new IllegalStateException("revisions from " + fromRevision + " with " + revision + " pinned");
        }
        revisions.start(
            fromRevision, compactRevision, currentRevision, locator.boundOf(currentRevision, currentRevision));
        return revisions;
    }

    /**
     * @return how many records chains made this reader touch so far.
     */
    public long chainSteps()
    {
        return walk.steps();
    }

    /**
     * Asked behind the fence of a pin, which pairs with the one in Views.oldestHeld: true if the pin must begin anew.
     */
    private boolean isReplaced()
    {
        final StoreParts inForce = views.current();
        if (inForce == view)
        {
            return false;
        }
        slot.unpin();
        bind(inForce);
        return true;
    }

    private void bind(final StoreParts toView)
    {
        view = toView;
        published = toView.published;
        ring = toView.ring;
        slot = toView.trees.epochs.newSlot();
        records = new RecordReader(toView.directory);
        locator = new RevisionLocator(toView.directory, ring, published, records);
        walk = new VersionWalk(records);
        cursor = toView.trees.keys.newCursor(slot);
        leaseCursor = toView.trees.leases.newCursor(slot);
        revisions = new RevisionIterator(
            new FrameWalk(toView.directory, records), locator, walk, toView.trees.keys.newCursor(slot));
    }

    /** A generation that began at or before the revision and goes on above the bound is alive without a look. */
    private boolean isAlive()
    {
        final long newest = cursor.lp();
        if (newest >= bound && !isAnswer && cursor.createRevision() <= revision)
        {
            return true;
        }
        return aliveLp() >= 0;
    }

    private long aliveLp()
    {
        final long found = walk.aliveAt(cursor.lp(), cursor.isTombstone(), bound);
        isOvertaken |= found < 0 && walk.isAtChainEnd() && isChainCut();
        return found;
    }

    /**
     * A chain that ends above the bound proves absence, unless a compaction above the pinned state has come since: then
     * the newest version may have been cut from a tombstone behind which the pinned version lies.
     */
    private boolean isChainCut()
    {
        return isAnswer ?
            published.cutLp.getAcquire() >= bound : published.cutRevision.getAcquire() > revision;
    }

    private void pinned(
        final long atRevision,
        final long current,
        final long atBound,
        final boolean ofAnswer,
        final long compacted)
    {
        isPinned = true;
        isScanning = false;
        revision = atRevision;
        currentRevision = current;
        bound = atBound;
        isAnswer = ofAnswer;
        isOvertaken = false;
        compactRevision = compacted;
    }

    private void checkPinned()
    {
        if (!isPinned)
        {
            throw new IllegalStateException("the reader is not pinned");
        }
    }

    private void checkUnpinned()
    {
        if (isPinned)
        {
            throw new IllegalStateException("the reader is pinned at revision " + revision);
        }
    }

    private void checkScanning()
    {
        if (!isScanning)
        {
            throw new IllegalStateException("no scan is running");
        }
    }
}
