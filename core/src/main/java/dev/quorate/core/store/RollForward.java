package dev.quorate.core.store;

import dev.quorate.core.seam.StorageFault;
import dev.quorate.core.store.index.KeyIndex;
import dev.quorate.core.store.index.PurgeBatch;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Brings the index up to the recovery point: goes over the records of the stream in LP order, from the begin of a
 * checkpoint whose images are in the index already, or from the first one into an empty index, and sets each row to
 * what its record says, whatever it held before. What follows from the rows comes last ({@link RowPass}).
 * <p>
 * Which records are dead is found on the way if all records are gone over; those that an older run has marked dead and
 * stored so are passed over, since the deletion that killed them may have been dropped. After a checkpoint that is not
 * so: its dead bits stand for the compactions up to its mark, later ones are marked again by housekeeping.
 * <p>
 * Owner: the thread that opens the store.
 */
final class RollForward
{
    /** Nobody reads yet, so that replaced nodes are used again before their memory leaves the caches. */
    private static final long LIMBO_BYTES = 256 * 1024;

    private final StoreParts parts;
    private final FileTable files;
    private final Trees trees;
    private final FrameWalk walk;
    private final long compactRevision;
    private final boolean isWhole;
    /** Rows up to this LP may come from images and then be newer than the record that is gone over. */
    private final long imagesEndLp;
    private final PurgeBatch purge;
    private final RecordView view = new RecordView();
    private final RecordReader predecessors;
    private final RowPass rows;
    private boolean isRolled;

    /** @param from what was loaded into the index, null if it is empty. */
    RollForward(final StoreParts parts, final CheckpointFoot from)
    {
        this.parts = parts;
        files = parts.files;
        trees = parts.trees;
        purge = parts.purgeBatch;
        compactRevision = parts.position.compactRevision;
        predecessors = new RecordReader(parts.directory);
        rows = new RowPass(trees, purge, compactRevision);
        walk = new FrameWalk(parts.directory, new RecordReader(parts.directory));
        isWhole = null == from;
        imagesEndLp = isWhole ? -1 : from.highestLp;
        if (isWhole)
        {
            parts.marked.revision = compactRevision;
            parts.marked.bound = parts.position.compactBound;
            parts.marked.startLp = -1;
        }
        else
        {
            parts.marked.set(from.marked);
            parts.rolledFromLp = from.lp;
            parts.ring.floor(from.main);
            parts.ring.put(from.main, from.mainBound);
        }
        walk.seek(parts.rolledFromLp, parts.position.lp);
    }

    /**
     * Goes over the next records, then over the next rows of the index.
     *
     * @param sliceBytes most bytes to go over.
     * @return true if all is done.
     */
    boolean slice(final long sliceBytes)
    {
        long bytes = 0;
        while (bytes < sliceBytes)
        {
            if (!isRolled && !walk.next())
            {
                endOfRecords();
                isRolled = true;
            }
            if (isRolled)
            {
                return rows.slice(sliceBytes - bytes);
            }
            final UnsafeBuffer buffer = walk.buffer();
            final int offset = walk.offset();
            RecordReader.fill(buffer, offset, view);
            bytes += view.frameLength;
            if (isWhole && parts.marked.startLp < 0 && view.mainRevision >= compactRevision)
            {
                parts.marked.startLp = view.lp;
            }
            if (view.isKeyRecord())
            {
                parts.ring.put(view.mainRevision, view.lp + view.frameLength);
            }
            if (!isWhole || !files.isDead(view.lp))
            {
                apply(buffer, offset);
            }
            if (trees.arena.limboBytes() >= LIMBO_BYTES)
            {
                trees.arena.reclaim();
            }
        }
        return false;
    }

    private void endOfRecords()
    {
        final EntryPosition position = parts.position;
        trees.purge(purge);
        if (parts.marked.startLp < 0)
        {
            parts.marked.startLp = position.lp;
        }
        if (compactRevision > 1 && position.main - compactRevision < parts.ring.reach() &&
            parts.ring.knows(compactRevision))
        {
            parts.ring.put(compactRevision, position.compactBound);
        }
        if (view.lp >= 0 && null != view.buffer && view.mainRevision > position.main)
        {
            throw new StorageFault("the store holds revision " + view.mainRevision + " but its mark says " +
                position.main + "; remove this member and add it again with an empty directory, or restore a backup");
        }
    }

    private void apply(final UnsafeBuffer buffer, final int offset)
    {
        if (view.isKeyRecord())
        {
            applyKey(buffer, offset);
        }
        else if (RecordDescriptor.isSystem(view.kind))
        {
            applySystem(buffer);
        }
        else if (isWhole && view.lp < parts.position.compactBound)
        {
            files.markDead(view.lp, view.frameLength);
        }
    }

    private void applyKey(final UnsafeBuffer buffer, final int offset)
    {
        final KeyIndex keys = trees.keys;
        final boolean isFound = keys.find(buffer, view.keyOffset, view.keyLength);
        final boolean isTombstone = view.isTombstone();
        if (isFound && keys.lp() >= view.lp && keys.lp() > imagesEndLp)
        {
            throw new StorageFault("record at LP " + view.lp + " follows a newer one of its key");
        }
        if (isWhole && isFound && view.mainRevision <= compactRevision)
        {
            files.markDead(keys.lp(), keys.frameLength());
        }
        // A tombstone keeps the create revision of what it ends. A later generation sets its own when it is met.
        final long create = !isTombstone ? view.createRevision() :
            isFound && keys.createRevision() <= view.mainRevision ? keys.createRevision() : view.mainRevision;
        final long lease = view.lease();
        final long skipLp = RecordDescriptor.skipLp(buffer, offset);
        keys.put(
            buffer, view.keyOffset, view.keyLength, view.lp, Trees.flags(isTombstone, lease, skipLp), create,
            view.mainRevision, view.version(), view.frameLength, RecordDescriptor.chainOrdinal(buffer, offset), lease,
            skipLp);
        if (isTombstone && view.mainRevision < compactRevision)
        {
            if (isWhole)
            {
                files.markDead(view.lp, view.frameLength);
            }
            if (!purge.offer(buffer, view.keyOffset, view.keyLength, view.lp))
            {
                trees.purge(purge);
                purge.offer(buffer, view.keyOffset, view.keyLength, view.lp);
            }
        }
    }

    private void applySystem(final UnsafeBuffer buffer)
    {
        final boolean isFound = trees.findSystem(view.kind, buffer, view.keyOffset, view.keyLength);
        final boolean isMarking = isWhole && view.lp < parts.position.compactBound;
        if (isFound && isMarking)
        {
            final long oldLp = trees.system.lp();
            predecessors.locate(oldLp);
            files.markDead(oldLp, RecordDescriptor.frameLength(predecessors.buffer(), predecessors.offset()));
        }
        if (0 == (view.flags & RecordDescriptor.FLAG_SYSTEM_DELETED))
        {
            trees.putSystem(view.kind, buffer, view.keyOffset, view.keyLength, view.lp);
            return;
        }
        trees.removeSystem(view.kind, buffer, view.keyOffset, view.keyLength);
        if (isMarking)
        {
            files.markDead(view.lp, view.frameLength);
        }
    }
}
