package dev.quorate.core.store;

import dev.quorate.core.seam.DiskFullException;
import dev.quorate.core.seam.StorageFault;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Copies the live records of a run of adjacent files into one new file, bit for bit and in LP order, and puts it in
 * their place. Until the new manifest is renamed the old files are the store, afterwards the new one. Owned by
 * housekeeping.
 */
final class Rewriter
{
    private static final int STAGE_LENGTH = 256 * 1024;

    private final FileTable files;
    private final Retirement retirement;
    private final Published published;
    private final FrameCrc crc = new FrameCrc();
    private UnsafeBuffer stage = new UnsafeBuffer(new byte[STAGE_LENGTH]);
    private int staged;
    private int first;
    private int count;
    private int current;
    private int ordinal;
    private long written;
    private long droppedDeletionLp;
    private StoreFile target;

    Rewriter(final FileTable files, final Retirement retirement, final Published published)
    {
        this.files = files;
        this.retirement = retirement;
        this.published = published;
    }

    boolean isRunning()
    {
        return null != target;
    }

    /** True once files that were replaced are gone, but for those that a snapshot on its way holds. */
    boolean isRoomFreed()
    {
        return retirement.isEmpty();
    }

    /** Begins with files[first, first + count). */
    void start(final int firstIndex, final int fileCount, final long dropRevision) throws DiskFullException
    {
        final StoreFile last = files.sealed.get(firstIndex + fileCount - 1);
        if (last.endLp > published.durableLp.getPlain())
        {
            throw new IllegalStateException("rewriting up to LP " + last.endLp + " above the durable mark");
        }
        final StoreFile file = new StoreFile(
            files.manifest.nextFileId++, files.sealed.get(firstIndex).baseLp, true);
        file.endLp = last.endLp;
        file.dropRevision = dropRevision;
        file.file = files.disk.createFile(files.path(file));
        target = file;
        first = firstIndex;
        count = fileCount;
        current = 0;
        ordinal = 0;
        staged = 0;
        written = SegmentFile.HEADER_LENGTH;
        droppedDeletionLp = -1;
    }

    /** Copies one slice. @return bytes copied, -1 if all is copied. */
    int copy(final int sliceBytes) throws DiskFullException
    {
        int copied = 0;
        while (copied < sliceBytes)
        {
            final StoreFile source = files.sealed.get(first + current);
            if (ordinal == source.records)
            {
                if (++current == count)
                {
                    flush();
                    return -1;
                }
                ordinal = 0;
                continue;
            }
            if (!source.isDead(ordinal))
            {
                copied += copyFrame(source);
            }
            else
            {
                noteDropped(source);
            }
            copied += RecordDescriptor.HEADER_LENGTH;
            ordinal++;
        }
        return copied;
    }

    /** Completes the new file and puts it in the place of the old ones. */
    void complete() throws DiskFullException
    {
        final StoreFile file = target;
        final long length = files.format.writeFooter(file, file.file, written);
        file.isSealed = true;
        files.format.writeHeader(file, file.file);
        file.file.force();
        files.disk.syncDirectory(files.directory);
        files.map(file, file.endLp, length);
        final StoreFile[] replaced = new StoreFile[count];
        for (int i = 0; i < count; i++)
        {
            replaced[i] = files.sealed.remove(first);
        }
        files.sealed.add(first, file);
        final long previousDead = files.manifest.deadFileId;
        // Its images may hold what the deletion took out, and rolling forward would not meet the deletion any more.
        final long checkpoint = droppedDeletionLp >= files.checkpointLp ? files.unnameCheckpoint() : 0;
        try
        {
            files.manifest.writeDead(files.sealed);
            files.writeManifest();
        }
        catch (final DiskFullException ex)
        {
            if (files.manifest.deadFileId != previousDead)
            {
                files.disk.delete(files.manifest.deadPath(files.manifest.deadFileId));
            }
            files.manifest.deadFileId = previousDead;
            files.manifest.checkpointId = 0 != checkpoint ? checkpoint : files.manifest.checkpointId;
            files.sealed.remove(first);
            for (int i = 0; i < count; i++)
            {
                files.sealed.add(first + i, replaced[i]);
            }
            throw ex;
        }
        target = null;
        files.droppedDeletionLp = Math.max(files.droppedDeletionLp, droppedDeletionLp);
        files.publish();
        files.forgetCheckpoint(checkpoint);
        for (int i = 0; i < count; i++)
        {
            retirement.retireFile(replaced[i]);
        }
        if (0 != previousDead)
        {
            files.disk.delete(files.manifest.deadPath(previousDead));
        }
    }

    /** Gives up; the old files stay. */
    void abandon()
    {
        if (null != target)
        {
            if (null != target.mapped)
            {
                target.file.unmap(target.mapped);
            }
            target.file.close();
            files.disk.delete(files.path(target));
            target = null;
        }
    }

    private void noteDropped(final StoreFile source)
    {
        final int at = source.segment.offsetOf(ordinal);
        if (RecordDescriptor.isDeletion(source.mapped, at))
        {
            droppedDeletionLp = source.lpOf(ordinal);
        }
    }

    private int copyFrame(final StoreFile source) throws DiskFullException
    {
        final int at = source.segment.offsetOf(ordinal);
        final UnsafeBuffer from = source.mapped;
        final int frameLength = RecordDescriptor.frameLength(from, at);
        final long lp = source.lpOf(ordinal);
        if (RecordDescriptor.lp(from, at) != lp ||
            RecordDescriptor.crc(from, at) != crc.ofFrame(from, at, frameLength))
        {
            throw new StorageFault("store record at LP " + lp + " in " + files.path(source) +
                " is damaged; remove this member and add it again with an empty directory, or restore a backup");
        }
        if (staged + frameLength > stage.capacity())
        {
            flush();
            if (frameLength > stage.capacity())
            {
                stage = new UnsafeBuffer(new byte[frameLength]);
            }
        }
        target.append(
            lp, (int)(written + staged - SegmentFile.HEADER_LENGTH),
            RecordDescriptor.mainRevision(from, at), frameLength);
        stage.putBytes(staged, from, at, frameLength);
        staged += frameLength;
        return frameLength;
    }

    private void flush() throws DiskFullException
    {
        if (staged > 0)
        {
            target.file.write(written, stage, 0, staged);
            written += staged;
            staged = 0;
        }
    }
}
