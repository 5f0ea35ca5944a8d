package dev.quorate.core.store;

import dev.quorate.core.seam.StorageFault;
import dev.quorate.core.store.index.KeyIndex;
import dev.quorate.core.store.index.PurgeBatch;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Rebuilds index, revision ring and dead bits from the records of the stream in LP order. What an older run has marked
 * dead and stored so is passed over; what else died up to the compact revision is found again from the order of
 * versions.
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
    private final PurgeBatch purge;
    private final RecordView view = new RecordView();
    private final RecordReader predecessors;

    RollForward(final StoreParts parts)
    {
        this.parts = parts;
        files = parts.files;
        trees = parts.trees;
        purge = parts.purgeBatch;
        compactRevision = parts.position.compactRevision;
        predecessors = new RecordReader(parts.directory);
        walk = new FrameWalk(parts.directory, new RecordReader(parts.directory));
        walk.seek(0, parts.position.lp);
        parts.markStartLp = -1;
    }

    /**
     * Goes over the next records.
     *
     * @param sliceBytes most bytes to go over.
     * @return true if all is done.
     */
    boolean slice(final long sliceBytes)
    {
        long bytes = 0;
        while (bytes < sliceBytes)
        {
            if (!walk.next())
            {
                end();
                return true;
            }
            final UnsafeBuffer buffer = walk.buffer();
            final int offset = walk.offset();
            RecordReader.fill(buffer, offset, view);
            bytes += view.frameLength;
            if (parts.markStartLp < 0 && view.mainRevision >= compactRevision)
            {
                parts.markStartLp = view.lp;
            }
            if (view.isKeyRecord())
            {
                parts.ring.put(view.mainRevision, view.lp + view.frameLength);
            }
            if (!files.isDead(view.lp))
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

    private void end()
    {
        final EntryPosition position = parts.position;
        final long endLp = position.lp;
        purgeAll();
        if (parts.markStartLp < 0)
        {
            parts.markStartLp = endLp;
        }
        if (compactRevision > 1 && position.main - compactRevision < parts.ring.reach())
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
        else if (view.lp < parts.position.compactBound)
        {
            files.markDead(view.lp, view.frameLength);
        }
    }

    private void applyKey(final UnsafeBuffer buffer, final int offset)
    {
        final KeyIndex keys = trees.keys;
        final boolean isFound = keys.find(buffer, view.keyOffset, view.keyLength);
        final boolean wasAlive = isFound && !keys.isTombstone();
        final long oldLease = wasAlive ? keys.lease() : 0;
        final boolean isTombstone = view.isTombstone();
        final boolean isCompacted = view.mainRevision <= compactRevision;
        if (isFound && isCompacted)
        {
            files.markDead(keys.lp(), keys.frameLength());
        }
        if (isFound && keys.lp() >= view.lp)
        {
            throw new StorageFault("record at LP " + view.lp + " follows a newer one of its key");
        }
        final long create = !isTombstone ? view.createRevision() :
            wasAlive ? keys.createRevision() : view.mainRevision;
        trees.store(
            buffer, view.keyOffset, view.keyLength, view.lp, isTombstone, create, view.mainRevision,
            view.version(), view.frameLength, RecordDescriptor.chainOrdinal(buffer, offset), view.lease(),
            RecordDescriptor.skipLp(buffer, offset), wasAlive, oldLease);
        if (isTombstone && view.mainRevision < compactRevision)
        {
            files.markDead(view.lp, view.frameLength);
            if (!purge.offer(buffer, view.keyOffset, view.keyLength, view.lp))
            {
                purgeAll();
                purge.offer(buffer, view.keyOffset, view.keyLength, view.lp);
            }
        }
    }

    private void applySystem(final UnsafeBuffer buffer)
    {
        final boolean isFound = trees.findSystem(view.kind, buffer, view.keyOffset, view.keyLength);
        final boolean isCompacted = view.lp < parts.position.compactBound;
        if (isFound && isCompacted)
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
        if (isCompacted)
        {
            files.markDead(view.lp, view.frameLength);
        }
    }

    private void purgeAll()
    {
        purge.sort();
        while (!purge.isDone())
        {
            trees.keys.purge(purge, Integer.MAX_VALUE);
        }
        purge.clear();
    }
}
