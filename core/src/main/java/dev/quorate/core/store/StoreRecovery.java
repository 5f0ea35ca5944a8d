package dev.quorate.core.store;

import dev.quorate.core.seam.Disk;
import dev.quorate.core.seam.DiskFile;
import dev.quorate.core.seam.DiskFullException;
import dev.quorate.core.seam.StorageFault;
import org.agrona.concurrent.UnsafeBuffer;

import java.util.ArrayList;
import java.util.List;

/**
 * Brings the files back to the newest durable mark: reads the manifest, cuts what lies above the mark, removes files
 * that nothing names, and rolls the index forward over every record. Doing it twice, or being cut off in the middle and
 * doing it again, gives the same.
 * <p>
 * Owner: the thread that opens the store.
 */
final class StoreRecovery
{
    private final StoreParts parts;
    private final FileTable files;
    private final Disk disk;

    StoreRecovery(final StoreParts parts)
    {
        this.parts = parts;
        files = parts.files;
        disk = parts.context.disk();
    }

    StoreParts recover()
    {
        try
        {
            if (!files.manifest.exists())
            {
                if (!parts.context.isNew())
                {
                    throw new StorageFault("the manifest of " + files.directory +
                        " is missing; restore the directory from a backup, or remove this member and add it again");
                }
                giveBirth();
            }
            else
            {
                restore();
            }
        }
        catch (final DiskFullException ex)
        {
            throw new StorageFault("no room to recover " + files.directory + "; free space and start again", ex);
        }
        return parts;
    }

    private void giveBirth() throws DiskFullException
    {
        disk.createDirectory(files.directory);
        for (final String name : disk.list(files.directory))
        {
            disk.delete(files.directory + "/" + name);
        }
        parts.markFile = MarkFile.create(disk, files.directory);
        files.writeManifest();
        parts.markFile.readNewest(parts.mark);
        position();
        files.publish();
    }

    private void restore() throws DiskFullException
    {
        parts.markFile = MarkFile.open(disk, files.directory);
        final List<StoreFile> listed = new ArrayList<>();
        files.manifest.read(listed, parts.context.isAdopted());
        parts.markFile.readNewest(parts.mark);
        if (files.manifest.installed.sequence > parts.mark.sequence)
        {
            // the mark file is still that of the store before the snapshot
            parts.mark.set(files.manifest.installed);
        }
        position();
        deleteUnnamed(listed);
        if (parts.context.isAdopted())
        {
            adopt(listed);
        }
        openFiles(listed);
        files.manifest.readDead(files.sealed);
        files.publish();
        final RollForward roll = new RollForward(parts, loadCheckpoint());
        roll.slice(Long.MAX_VALUE);
        files.publishSizes();
    }

    /** One that cannot be used is forgotten for good: while it is not named, anything may be dropped. */
    private CheckpointFoot loadCheckpoint() throws DiskFullException
    {
        if (!files.hasCheckpoint())
        {
            return null;
        }
        final CheckpointFoot foot = new CheckpointLoader(parts).load();
        if (null == foot)
        {
            parts.resetTrees();
            final long id = files.unnameCheckpoint();
            files.writeManifest();
            files.forgetCheckpoint(id);
        }
        return foot;
    }

    void position()
    {
        final DurableMark mark = parts.mark;
        parts.position.lp = mark.lp;
        parts.position.raftIndex = mark.raftIndex;
        parts.position.term = mark.term;
        parts.position.main = mark.mainRevision;
        parts.position.compactRevision = mark.compactRevision;
        parts.position.streamHash = mark.streamHash;
        parts.position.compactBound = mark.compactBound;
    }

    private void deleteUnnamed(final List<StoreFile> listed)
    {
        boolean isChanged = false;
        for (final String name : disk.list(files.directory))
        {
            final String path = files.directory + "/" + name;
            if (!isNamed(path, listed))
            {
                disk.delete(path);
                isChanged = true;
            }
        }
        if (isChanged)
        {
            // a name that came back after another crash could collide with that of a new file
            disk.syncDirectory(files.directory);
        }
    }

    /** Gives the files below the mark the ids of this store, the manifest last; begun again it goes on. */
    private void adopt(final List<StoreFile> listed) throws DiskFullException
    {
        final UnsafeBuffer page = new UnsafeBuffer(new byte[SegmentFile.HEADER_LENGTH]);
        for (int i = 0; i < listed.size(); i++)
        {
            final StoreFile file = listed.get(i);
            if (file.baseLp >= parts.mark.lp || file.endLp < 0 || file.endLp > parts.mark.lp)
            {
                // dropped, or cut and given its header there
                continue;
            }
            final String path = files.path(file);
            try (DiskFile opened = disk.openFile(path))
            {
                if (SegmentFile.HEADER_LENGTH != opened.read(0, page, 0, SegmentFile.HEADER_LENGTH) ||
                    !files.format.adoptHeader(page, files.manifest.foundClusterId, files.manifest.foundStoreId))
                {
                    throw new StorageFault(path + ": its header is damaged or that of another store; take another " +
                        "copy of the store");
                }
                opened.write(0, page, 0, SegmentFile.HEADER_LENGTH);
                opened.force();
            }
        }
    }

    private boolean isNamed(final String path, final List<StoreFile> listed)
    {
        if (path.equals(files.manifest.path()) || path.equals(files.directory + "/marks") ||
            0 != files.manifest.deadFileId && path.equals(files.manifest.deadPath(files.manifest.deadFileId)) ||
            files.hasCheckpoint() && path.equals(files.manifest.checkpointPath(files.manifest.checkpointId)))
        {
            return true;
        }
        for (int i = 0; i < listed.size(); i++)
        {
            if (path.equals(files.path(listed.get(i))))
            {
                return true;
            }
        }
        return false;
    }

    /** Maps what lies below the mark, cuts the file that the mark falls into, drops what lies above. */
    private void openFiles(final List<StoreFile> listed) throws DiskFullException
    {
        final long markLp = parts.mark.lp;
        final List<StoreFile> dropped = new ArrayList<>();
        boolean isChanged = false;
        for (int i = 0; i < listed.size(); i++)
        {
            final StoreFile file = listed.get(i);
            if (file.baseLp >= markLp)
            {
                dropped.add(file);
                isChanged = true;
                continue;
            }
            file.file = disk.openFile(files.path(file));
            if (file.endLp < 0 || file.endLp > markLp)
            {
                cut(file, markLp);
                isChanged = true;
            }
            mapChecked(file);
            files.sealed.add(file);
        }
        if (files.sealedEnd() != markLp)
        {
            throw new StorageFault("store files end at LP " + files.sealedEnd() + ", below the durable mark at " +
                markLp + "; remove this member and add it again with an empty directory, or restore a backup");
        }
        if (isChanged || parts.context.isAdopted())
        {
            files.writeManifest();
            for (int i = 0; i < dropped.size(); i++)
            {
                disk.delete(files.path(dropped.get(i)));
            }
            disk.syncDirectory(files.directory);
        }
    }

    /** Ends a file at the mark: walks its frames up to there, cuts behind, and writes the footer. */
    void cut(final StoreFile file, final long markLp) throws DiskFullException
    {
        if (file.isRewritten)
        {
            throw new StorageFault("the durable mark at LP " + markLp + " lies inside rewritten " + files.path(file));
        }
        final int length = (int)(markLp - file.baseLp);
        if (file.file.length() < SegmentFile.HEADER_LENGTH + (long)length)
        {
            throw new StorageFault(files.path(file) + " is shorter than the durable mark at LP " + markLp +
                "; remove this member and add it again with an empty directory, or restore a backup");
        }
        final UnsafeBuffer mapped = file.file.map(0, SegmentFile.HEADER_LENGTH + length);
        SegmentFile.checkVersion(files.path(file), mapped);
        final RecordReader reader = new RecordReader(parts.directory);
        long lp = file.baseLp;
        while (lp < markLp)
        {
            final int at = SegmentFile.HEADER_LENGTH + (int)(lp - file.baseLp);
            reader.check(mapped, at, lp, file.fileId);
            final int frameLength = RecordDescriptor.frameLength(mapped, at);
            file.append(lp, 0, RecordDescriptor.mainRevision(mapped, at), frameLength);
            lp += frameLength;
        }
        file.file.unmap(mapped);
        if (lp != markLp)
        {
            throw new StorageFault("no record ends at the durable mark at LP " + markLp + " in " + files.path(file));
        }
        file.endLp = markLp;
        file.isSealed = true;
        final long footerOffset = SegmentFile.HEADER_LENGTH + (long)length;
        file.file.truncate(footerOffset);
        files.format.writeFooter(file, file.file, footerOffset);
        files.format.writeHeader(file, file.file);
        file.file.force();
    }

    void mapChecked(final StoreFile file)
    {
        final long length = file.file.length();
        if (length < SegmentFile.HEADER_LENGTH + SegmentFile.TRAILER_LENGTH || length > 1 << 30)
        {
            throw new StorageFault(files.path(file) + " has the impossible length " + length);
        }
        final UnsafeBuffer mapped = file.file.map(0, (int)length);
        final String fault = files.format.check(files.path(file), file, mapped);
        if (null != fault)
        {
            throw new StorageFault(files.path(file) + ": " + fault + "; remove this member " +
                "and add it again with an empty directory, or restore a backup");
        }
        SegmentFile.readStatistics(file, mapped);
        file.sealed(mapped, file.endLp);
    }
}
