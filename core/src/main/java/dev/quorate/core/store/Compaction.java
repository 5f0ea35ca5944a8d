package dev.quorate.core.store;

import dev.quorate.core.seam.DiskFullException;
import dev.quorate.core.store.index.EpochRegistry;
import dev.quorate.core.store.index.PurgeBatch;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The physical half of a compaction, in slices: wait until its record is durable, wait until nobody reads older states,
 * hash what it will drop, mark what is dead, have apply purge old tombstones, rewrite files that hold much garbage.
 * Defragmentation is the same rewriting after the tail has been sealed, down to the last dead record.
 * <p>
 * Owner: housekeeping.
 */
final class Compaction
{
    private enum State
    {
        IDLE, GATE, GRACE, ANSWERS, HASH, MARK, PURGE, CHECKPOINT, REWRITE, ROLL, SEAL
    }

    private final StoreContext context;
    private final Published published;
    private final FileTable files;
    private final EpochRegistry epochs;
    private final TailFlusher flusher;
    private final RewritePlan plan;
    private final Rewriter rewriter;
    private final KvHasher hasher;
    private final HashAgent hashes;
    private final SpaceReserve reserve;
    private final PurgeBatch purgeBatch;
    private final FrameWalk walk;
    private final RecordReader predecessors;
    private final EntryPosition entry;
    private final EntryPosition job = new EntryPosition();
    private State state = State.IDLE;
    private final CompactionMark marked;
    private final Checkpoints checkpoints;
    private long nextMarkStartLp;
    private long deadDeletionLp;
    private long answersTicket;
    private long defragmentTicket;
    private long rollTicket;
    private long sealLp;
    private boolean isMarking;

    Compaction(
        final StoreParts parts,
        final EntryPosition entry,
        final TailFlusher flusher,
        final Rewriter rewriter,
        final KvHasher hasher,
        final HashAgent hashes,
        final SpaceReserve reserve,
        final Checkpoints checkpoints)
    {
        this.context = parts.context;
        this.published = parts.published;
        this.files = parts.files;
        this.epochs = parts.trees.epochs;
        this.purgeBatch = parts.purgeBatch;
        this.entry = entry;
        this.flusher = flusher;
        this.rewriter = rewriter;
        this.hasher = hasher;
        this.hashes = hashes;
        this.reserve = reserve;
        this.plan = new RewritePlan(parts.files, parts.published, parts.context);
        this.predecessors = new RecordReader(parts.directory);
        this.walk = new FrameWalk(parts.directory, new RecordReader(parts.directory));
        this.checkpoints = checkpoints;
        this.marked = parts.marked;
        this.deadDeletionLp = marked.bound - 1;
        published.finishedCompaction.setRelease(marked.revision);
    }

    /** The compaction whose dead records are all marked; between two of them the largest negative number. */
    long markedRevision()
    {
        return isMarking ? Long.MIN_VALUE : marked.revision;
    }

    int doWork()
    {
        switch (state)
        {
            case IDLE:
                return idle();
            case GATE:
                return published.durableLp.getPlain() >= job.compactRecordEnd ? next(State.GRACE) : 0;
            case GRACE:
                return isGraceOver() ? awaitAnswers() : 0;
            case ANSWERS:
                return !hashes.isRunning() && context.answersDrained().getAsLong() >= answersTicket ? startHash() : 0;
            case HASH:
                return hash();
            case MARK:
                return mark();
            case PURGE:
                return 0 == published.purgeTurn.getAcquire() ? purged() : 0;
            case CHECKPOINT:
                return checkpoints.isRequested() ? 0 : next(State.REWRITE);
            case REWRITE:
                return rewrite();
            case ROLL:
                return published.rollsDone.getAcquire() >= rollTicket ? rolled() : 0;
            case SEAL:
                return files.sealedEnd() >= sealLp && published.durableLp.getPlain() >= sealLp ?
                    startRewriting(true) : 0;
            default:
                throw new IllegalStateException("state " + state);
        }
    }

    private int idle()
    {
        if (entry.compactRevision > marked.revision)
        {
            job.set(entry);
            published.forceRequests.getAndIncrement();
            return next(State.GATE);
        }
        if (published.defragmentRequests.getAcquire() > published.defragmentsDone.getPlain())
        {
            defragmentTicket = published.defragmentRequests.getAcquire();
            rollTicket = published.rollRequests.incrementAndGet();
            return next(State.ROLL);
        }
        return 0;
    }

    private boolean isGraceOver()
    {
        return !hashes.isRunning() && epochs.minRevision() >= job.compactRevision;
    }

    /** A reader that has just let go may have handed out what it read, so the answers are asked for after it. */
    private int awaitAnswers()
    {
        answersTicket = context.answersProduced().getAsLong();
        return next(State.ANSWERS);
    }

    private int startHash()
    {
        isMarking = true;
        if (!job.isCompactHashable)
        {
            return startMarking();
        }
        hasher.start(
            marked.revision, marked.bound, job.compactRevision, job.compactBound, true, false, job.compactBound);
        return next(State.HASH);
    }

    private int hash()
    {
        if (hasher.slice(context.sliceBytes()))
        {
            hashes.store(job.compactRevision, marked.revision, hasher.hash());
            startMarking();
        }
        return 1;
    }

    private int startMarking()
    {
        nextMarkStartLp = -1;
        walk.seek(marked.startLp, job.compactBound);
        return next(State.MARK);
    }

    private int mark()
    {
        int bytes = 0;
        while (bytes < context.sliceBytes())
        {
            if (!walk.next())
            {
                walk.pause();
                return handOver();
            }
            bytes += RecordDescriptor.frameLength(walk.buffer(), walk.offset());
            if (!mark(walk.buffer(), walk.offset(), walk.lp()))
            {
                walk.seek(walk.lp(), job.compactBound);
                return handOver();
            }
        }
        walk.pause();
        files.publishSizes();
        return 1;
    }

    /** @return false if the purge batch is full; the record is then marked again. */
    private boolean mark(final UnsafeBuffer buffer, final int offset, final long lp)
    {
        final byte kind = RecordDescriptor.kind(buffer, offset);
        final long main = RecordDescriptor.mainRevision(buffer, offset);
        final int frameLength = RecordDescriptor.frameLength(buffer, offset);
        if (main >= job.compactRevision && nextMarkStartLp < 0)
        {
            nextMarkStartLp = lp;
        }
        if (RecordDescriptor.TOMBSTONE == kind && main < job.compactRevision)
        {
            final int body = RecordDescriptor.bodyOffset(buffer, offset);
            final int length = RecordDescriptor.bodyLength(buffer, offset);
            if (!purgeBatch.offer(
                buffer, KeyValueBody.keyOffset(buffer, body, length),
                KeyValueBody.keyLength(buffer, body, length), lp) && purgeBatch.size() > 0)
            {
                return false;
            }
            // One whose key alone is longer than a batch stays in the index, where it only takes room.
            files.markDead(lp, frameLength);
        }
        final boolean isPassing = RecordDescriptor.MARK == kind || RecordDescriptor.COMPACT == kind ||
            0 != (RecordDescriptor.flags(buffer, offset) & RecordDescriptor.FLAG_SYSTEM_DELETED);
        if (isPassing)
        {
            files.markDead(lp, frameLength);
        }
        if (RecordDescriptor.isDeletion(buffer, offset))
        {
            deadDeletionLp = lp;
        }
        final long prevLp = RecordDescriptor.prevLp(buffer, offset);
        if (prevLp >= 0)
        {
            if (prevLp >= lp)
            {
                throw new IllegalStateException("record at LP " + lp + " names a predecessor at " + prevLp);
            }
            markPredecessor(kind, prevLp, RecordDescriptor.prevFrameLength(buffer, offset));
        }
        return true;
    }

    /** The record of a system row does not tell how long its predecessor is. */
    private void markPredecessor(final byte kind, final long prevLp, final int prevFrameLength)
    {
        if (!RecordDescriptor.isSystem(kind))
        {
            files.markDead(prevLp, prevFrameLength);
        }
        else if (!files.isDead(prevLp))
        {
            predecessors.locate(prevLp);
            files.markDead(prevLp, RecordDescriptor.frameLength(predecessors.buffer(), predecessors.offset()));
        }
    }

    private int handOver()
    {
        files.publishSizes();
        purgeBatch.sort();
        // gives the batch to apply until it sets 0 again; pairs with the load in Store.doWork
        published.purgeTurn.setRelease(1);
        return next(State.PURGE);
    }

    private int purged()
    {
        if (walk.hasNext())
        {
            return next(State.MARK);
        }
        marked.startLp = nextMarkStartLp < 0 ? job.compactBound : nextMarkStartLp;
        marked.revision = job.compactRevision;
        marked.bound = job.compactBound;
        isMarking = false;
        return startRewriting(false);
    }

    /**
     * A checkpoint of the index that began before a deletion which is to be dropped cannot be used any more, so a newer
     * one is taken first, unless the disk is full.
     */
    private int startRewriting(final boolean isWhole)
    {
        plan.start(isWhole, marked.bound, context.clock().nanoTime());
        if (files.checkpointLp <= deadDeletionLp && files.hasCheckpoint() &&
            plan.choose(context.rewriteLengthMax()))
        {
            checkpoints.request(deadDeletionLp);
            return next(State.CHECKPOINT);
        }
        return next(State.REWRITE);
    }

    private int rewrite()
    {
        if (hashes.isRunning())
        {
            return 0;
        }
        try
        {
            if (!rewriter.isRunning())
            {
                if (!plan.choose(reserve.isShort() ? reserve.length() / 2 : context.rewriteLengthMax()))
                {
                    return plan.isWorthAnotherPass() ? anotherPass() : finish();
                }
                rewriter.start(plan.first(), plan.count(), marked.revision);
                return 1;
            }
            if (!plan.isInBudget(context.clock().nanoTime()))
            {
                return 0;
            }
            final int copied = rewriter.copy(context.sliceBytes());
            plan.copied(copied);
            if (copied < 0)
            {
                rewriter.complete();
                plan.completed();
            }
            return 1;
        }
        catch (final DiskFullException ex)
        {
            rewriter.abandon();
            if (!reserve.release(SpaceReserve.REWRITE))
            {
                // what is dead stays marked: it is tried again behind the other files, and by the next compaction
                plan.noRoom();
            }
            return 1;
        }
    }

    /** What was skipped may find room where the files were that have been rewritten. */
    private int anotherPass()
    {
        if (!rewriter.isRoomFreed())
        {
            return 0;
        }
        plan.again();
        return 1;
    }

    private int rolled()
    {
        sealLp = flusher.rollEnd();
        published.forceRequests.getAndIncrement();
        return next(State.SEAL);
    }

    private int finish()
    {
        if (plan.isWhole())
        {
            if (!plan.hasSkipped())
            {
                published.defragmentsWhole.setRelease(defragmentTicket);
            }
            // pairs with the load in Store.isDefragmented
            published.defragmentsDone.setRelease(defragmentTicket);
        }
        else
        {
            published.finishedCompaction.setRelease(marked.revision);
        }
        return next(State.IDLE);
    }

    private int next(final State following)
    {
        state = following;
        return 1;
    }
}
