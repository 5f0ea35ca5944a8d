package dev.quorate.core.store;

import dev.quorate.core.ring.DurationHistogram;
import dev.quorate.core.seam.DiskFullException;

import java.util.ArrayList;
import java.util.List;

/**
 * The cold half of the store: writes the tail out, forces, keeps the durable mark, compacts, rewrites, hashes.
 * <p>
 * Owner: the housekeeping thread.
 */
public final class HousekeepingStore
{
    /** What a start goes over so quickly that a checkpoint at the end does not pay. */
    private static final long END_ROLL_BYTES = 8L << 20;

    private final StoreParts parts;
    private final Views views;
    private final List<HousekeepingStore> replaced = new ArrayList<>();
    private final Published published;
    private final FileTable files;
    private final MarkFile markFile;
    private final EntryPosition entry = new EntryPosition();
    private final EntryPosition scratch = new EntryPosition();
    private final DurableMark mark = new DurableMark();
    private final Retirement retirement;
    private final SpaceReserve reserve;
    private final TailFlusher flusher;
    private final HashAgent hashes;
    private final Rewriter rewriter;
    private final Checkpoints checkpoints;
    private final Compaction compaction;

    /**
     * @param jobs    every slot for hashes that was made.
     * @param reserve of the directory, which outlives a store that a snapshot replaces.
     */
    HousekeepingStore(
        final StoreParts parts, final Views views, final List<HashJob> jobs, final SpaceReserve reserve)
    {
        this.parts = parts;
        this.views = views;
        published = parts.published;
        files = parts.files;
        markFile = parts.markFile;
        entry.set(parts.position);
        retirement = new Retirement(parts.trees.epochs, published, files);
        this.reserve = reserve;
        flusher = new TailFlusher(parts, retirement, entry, reserve);
        final KvHasher ofCompactions = new KvHasher(files, parts.directory);
        hashes = new HashAgent(parts, new KvHasher(files, parts.directory), jobs);
        rewriter = new Rewriter(files, retirement, published);
        checkpoints = new Checkpoints(parts, entry, reserve);
        compaction = new Compaction(parts, entry, flusher, rewriter, ofCompactions, hashes, reserve, checkpoints);
    }

    /**
     * One bounded turn: at most one slice of each duty.
     *
     * @return how much was done, 0 if there was nothing to do.
     */
    public int doWork()
    {
        readEntry();
        int work = flusher.doWork();
        work += compaction.doWork();
        work += hashes.doWork(compaction.markedRevision());
        work += checkpoints.doWork();
        if (!replaced.isEmpty())
        {
            work += letGoOfReplaced();
        }
        return work + retirement.doWork() + reserve.doWork();
    }

    /**
     * The store up to its newest durable mark, to be sent to a peer.
     *
     * @return the snapshot, to be closed.
     */
    public SnapshotSource newSource()
    {
        flusher.mark(mark);
        return new SnapshotSource(files, mark, parts.context.clusterId());
    }

    /**
     * Begins to take a snapshot from a peer.
     *
     * @param length of the snapshot, bytes.
     * @return where its bytes go.
     */
    public SnapshotSink newSink(final long length)
    {
        return new SnapshotSink(parts.context, files, markFile, parts.number + 1, length);
    }

    /**
     * Stops all duties before a snapshot replaces the store, and tells it which mark it must outrank.
     *
     * @param sink ready to be installed.
     */
    public void makeDurable(final SnapshotSink sink) throws DiskFullException
    {
        flusher.mark(mark);
        sink.makeDurable(mark.sequence);
        rewriter.abandon();
        checkpoints.abandon();
    }

    /**
     * @return how many checkpoints of the index were put in force since the store was opened.
     */
    public long checkpointsTaken()
    {
        return checkpoints.taken();
    }

    /**
     * @return how often the disk was found full.
     */
    public long diskFullCount()
    {
        return flusher.diskFullCount();
    }

    /**
     * @return how long it took each time to force the store and to store its mark; any thread may read.
     */
    public DurationHistogram forceDurations()
    {
        return flusher.forceDurations();
    }

    HashJob newHashJob()
    {
        return hashes.newJob();
    }

    /**
     * Asks every loop to read what was published for it; while apply and watch rest.
     *
     * @return ticket for {@link #areAnswersDrained(long)}.
     */
    public long requestAnswers()
    {
        return parts.context.answersProduced().getAsLong();
    }

    /**
     * @param ticket of a request.
     * @return true if nothing refers to the store any more that was published before the request.
     */
    public boolean areAnswersDrained(final long ticket)
    {
        return parts.context.answersDrained().getAsLong() >= ticket;
    }

    /** Apply, while housekeeping does not run: the cold half of the snapshot that replaces this store. */
    HousekeepingStore successor(final StoreParts next)
    {
        next.published.defragmentRequests.setRelease(published.defragmentRequests.getAcquire());
        // nothing is left of what was to be rewritten
        next.published.defragmentsWhole.setRelease(published.defragmentRequests.getAcquire());
        next.published.defragmentsDone.setRelease(published.defragmentRequests.getAcquire());
        final HousekeepingStore successor = new HousekeepingStore(next, views, hashes.jobs(), reserve);
        successor.replaced.addAll(replaced);
        successor.replaced.add(this);
        return successor;
    }

    /**
     * Clean end, when no agent runs any more: writes out what is applied and checkpoints the index, so that the next
     * start has little to do. Nothing depends on it; what is not done in time is left.
     *
     * @param store of this half.
     * @param maxNs longest time it may take, nanoseconds; the last force may pass it.
     * @return true if all was done.
     */
    public boolean finish(final Store store, final long maxNs)
    {
        if (store.isInEntry || Handover.Phase.IDLE != store.handover().phase())
        {
            return false;
        }
        final long startNs = parts.context.clock().nanoTime();
        store.publish();
        readEntry();
        published.forceRequests.getAndIncrement();
        if (entry.lp - (files.hasCheckpoint() ? files.checkpointLp : 0) >=
            Math.min(END_ROLL_BYTES, parts.context.checkpointIntervalMin()))
        {
            checkpoints.hurry();
            checkpoints.request(entry.lp - 1);
        }
        while (mark.raftIndex < entry.raftIndex || checkpoints.isRequested())
        {
            if (parts.context.clock().nanoTime() - startNs > maxNs)
            {
                return false;
            }
            store.doWork();
            flusher.doWork();
            checkpoints.doWork();
            flusher.mark(mark);
        }
        return true;
    }

    /**
     * @return where recovery began to go over the records: 0, or the begin of the index checkpoint that it used.
     */
    public long rolledFromLp()
    {
        return parts.rolledFromLp;
    }

    StoreParts parts()
    {
        return parts;
    }

    void close()
    {
        for (int i = 0; i < replaced.size(); i++)
        {
            replaced.get(i).letGo();
        }
        replaced.clear();
        rewriter.abandon();
        checkpoints.abandon();
        retirement.close();
        for (int i = 0; i < files.sealed.size(); i++)
        {
            final StoreFile file = files.sealed.get(i);
            file.file.unmap(file.mapped);
            file.file.close();
        }
        if (null != files.active)
        {
            files.active.file.close();
        }
        markFile.close();
    }

    private int letGoOfReplaced()
    {
        int work = 0;
        for (int i = replaced.size() - 1; i >= 0; i--)
        {
            final HousekeepingStore old = replaced.get(i);
            if (old.parts.number < views.oldestHeld() && !old.isHeld())
            {
                replaced.remove(i);
                old.letGo();
                work++;
            }
        }
        return work;
    }

    private boolean isHeld()
    {
        for (int i = 0; i < files.sealed.size(); i++)
        {
            if (files.sealed.get(i).holds > 0)
            {
                return true;
            }
        }
        return retirement.isHeld() || null != files.active && files.active.holds > 0;
    }

    /** Nobody stands on this store any more: its files and its index go. */
    private void letGo()
    {
        retirement.deleteAll();
        for (int i = 0; i < files.sealed.size(); i++)
        {
            final StoreFile file = files.sealed.get(i);
            file.file.unmap(file.mapped);
            file.file.close();
            files.disk.delete(files.path(file));
        }
        if (null != files.active)
        {
            files.active.file.close();
            files.disk.delete(files.path(files.active));
        }
        parts.trees.arena.close();
    }

    private void readEntry()
    {
        if (published.readEntry(scratch))
        {
            entry.set(scratch);
        }
    }
}
