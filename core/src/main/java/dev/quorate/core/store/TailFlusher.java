package dev.quorate.core.store;

import dev.quorate.core.ring.DurationHistogram;
import dev.quorate.core.seam.DiskFile;
import dev.quorate.core.seam.DiskFullException;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Writes the tail behind the apply thread: fills the open file, seals it when apply has gone on to the next buffer,
 * forces and stores the durable mark. A full disk is met with the reserve, and waited out when that is used up. Owned
 * by housekeeping.
 */
final class TailFlusher
{
    private static final int WRITE_MIN = 4096;

    private final StoreContext context;
    private final Published published;
    private final SegmentDirectory segments;
    private final FileTable files;
    private final Retirement retirement;
    private final MarkFile markFile;
    private final SpaceReserve reserve;
    private final DurableMark mark = new DurableMark();
    private final DurableMark next = new DurableMark();
    private final EntryPosition entry;
    private final EntryPosition target = new EntryPosition();
    private final DurationHistogram forceDurations = new DurationHistogram();
    private boolean isForcing;
    private long scannedLp;
    private long flushedLp;
    private long forcedLp;
    private long forceRequestSeen;
    private long lastForceNs;
    private long diskFullCount;

    TailFlusher(
        final StoreParts parts, final Retirement retirement, final EntryPosition entry, final SpaceReserve reserve)
    {
        this.context = parts.context;
        this.published = parts.published;
        this.segments = parts.directory;
        this.files = parts.files;
        this.retirement = retirement;
        this.markFile = parts.markFile;
        this.reserve = reserve;
        this.mark.set(parts.mark);
        this.entry = entry;
        this.scannedLp = parts.position.lp;
        this.flushedLp = parts.position.lp;
        this.forcedLp = parts.position.lp;
        this.lastForceNs = context.clock().nanoTime();
        published.publishMark(mark);
    }

    /** How often the disk was found full. */
    long diskFullCount()
    {
        return diskFullCount;
    }

    /** How long forcing and storing the mark took; any thread may read. */
    DurationHistogram forceDurations()
    {
        return forceDurations;
    }

    /** Copies the newest durable mark. */
    void mark(final DurableMark into)
    {
        into.set(mark);
    }

    /** Base of the newest tail: what lies below can be sealed. */
    long rollEnd()
    {
        final Segment[] tails = segments.tails();
        return tails[tails.length - 1].baseLp;
    }

    int doWork()
    {
        if (!isForcing && isForceDue())
        {
            target.set(entry);
            isForcing = true;
        }
        try
        {
            final int work = flush(published.appendedLp.getAcquire());
            if (isForcing && flushedLp >= target.lp)
            {
                storeMark();
                reserve.tailWritten();
                return work + 1;
            }
            if (work > 0)
            {
                reserve.tailWritten();
            }
            return work;
        }
        catch (final DiskFullException ex)
        {
            diskFullCount++;
            return reserve.release(SpaceReserve.TAIL) ? 1 : 0;
        }
    }

    private boolean isForceDue()
    {
        final long requests = published.forceRequests.getAcquire();
        if (requests != forceRequestSeen)
        {
            forceRequestSeen = requests;
            return true;
        }
        final long unforced = entry.lp - forcedLp;
        return unforced >= context.forceLength() || entry.raftIndex - mark.raftIndex >= context.snapshotCount() ||
            entry.raftIndex > mark.raftIndex &&
            context.clock().nanoTime() - lastForceNs >= context.forceIntervalNs();
    }

    private void storeMark() throws DiskFullException
    {
        final long startNs = context.clock().nanoTime();
        if (null != files.active)
        {
            files.active.file.force();
        }
        next.lp = target.lp;
        next.raftIndex = target.raftIndex;
        next.term = target.term;
        next.mainRevision = target.main;
        next.compactRevision = target.compactRevision;
        next.streamHash = target.streamHash;
        next.compactBound = target.compactBound;
        // the same slot again if there is no room: the other one holds the newest mark
        next.sequence = mark.sequence + 1;
        markFile.write(next);
        mark.set(next);
        isForcing = false;
        forcedLp = target.lp;
        lastForceNs = context.clock().nanoTime();
        forceDurations.record(lastForceNs - startNs);
        published.publishMark(mark);
    }

    private int flush(final long appendedLp) throws DiskFullException
    {
        final Segment tail = unsealedTail();
        if (null == tail)
        {
            return 0;
        }
        // the end is looked at after the appended position, so that a roll is never missed
        final long endLp = tail.endLp();
        final long limit = Math.min(endLp, appendedLp);
        final boolean isRolled = endLp <= appendedLp;
        if (limit == flushedLp)
        {
            return isRolled && limit > tail.baseLp ? seal(tail, endLp) : 0;
        }
        if (!isForcing && !isRolled && limit - flushedLp < WRITE_MIN)
        {
            return 0;
        }
        if (null == files.active)
        {
            open(tail);
        }
        scan(tail, limit);
        files.active.file.write(
            SegmentFile.HEADER_LENGTH + flushedLp - tail.baseLp, tail.buffer, (int)(flushedLp - tail.baseLp),
            (int)(scannedLp - flushedLp));
        flushedLp = scannedLp;
        return 1;
    }

    /** Goes over whole frames for the file's offsets, as far as one slice reaches. */
    private void scan(final Segment tail, final long limit)
    {
        final StoreFile file = files.active;
        final UnsafeBuffer buffer = tail.buffer;
        final long until = Math.min(limit, flushedLp + context.sliceBytes());
        while (scannedLp < until)
        {
            final int at = (int)(scannedLp - tail.baseLp);
            final int frameLength = RecordDescriptor.frameLength(buffer, at);
            if (RecordDescriptor.lp(buffer, at) != scannedLp)
            {
                throw new IllegalStateException("tail holds no record at LP " + scannedLp);
            }
            file.append(scannedLp, 0, RecordDescriptor.mainRevision(buffer, at), frameLength);
            scannedLp += frameLength;
            file.endLp = scannedLp;
        }
    }

    private void open(final Segment tail) throws DiskFullException
    {
        final StoreFile file = new StoreFile(files.manifest.nextFileId, tail.baseLp, false);
        final String path = files.path(file);
        final DiskFile created = files.disk.createFile(path);
        try
        {
            files.format.writeHeader(file, created);
            files.disk.syncDirectory(files.directory);
            files.manifest.nextFileId++;
            file.file = created;
            files.active = file;
            files.writeManifest();
        }
        catch (final DiskFullException ex)
        {
            files.active = null;
            created.close();
            files.disk.delete(path);
            throw ex;
        }
        files.publishSizes();
    }

    private int seal(final Segment tail, final long endLp) throws DiskFullException
    {
        final StoreFile file = files.active;
        file.endLp = endLp;
        final long length = files.format.writeFooter(file, file.file, SegmentFile.HEADER_LENGTH + endLp - tail.baseLp);
        file.isSealed = true;
        try
        {
            files.format.writeHeader(file, file.file);
        }
        finally
        {
            file.isSealed = false;
        }
        file.file.force();
        files.map(file, endLp, length);
        files.sealed.add(file);
        files.active = null;
        files.publish();
        retirement.retireTail(tail);
        return 1;
    }

    /** The oldest tail that is not sealed yet; it holds the position up to which is written. */
    private Segment unsealedTail()
    {
        final long sealedEnd = files.sealedEnd();
        final Segment[] tails = segments.tails();
        for (int i = 0; i < tails.length; i++)
        {
            if (tails[i].baseLp >= sealedEnd)
            {
                return tails[i];
            }
        }
        return null;
    }
}
