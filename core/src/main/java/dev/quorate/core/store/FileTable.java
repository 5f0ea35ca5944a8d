package dev.quorate.core.store;

import dev.quorate.core.seam.Disk;
import dev.quorate.core.seam.DiskFullException;

import java.util.ArrayList;
import java.util.List;

/**
 * The files of the store in LP order, their dead records and their sizes. Tiles the LP space without gap or overlap.
 * Owned by housekeeping, and by recovery before it starts.
 */
final class FileTable
{
    final Disk disk;
    final String directory;
    final Manifest manifest;
    final SegmentFile format;
    final List<StoreFile> sealed = new ArrayList<>();
    StoreFile active;
    /** Where the index checkpoint that the manifest names begins to be rolled forward, the largest value if none. */
    long checkpointLp = Long.MAX_VALUE;
    /** Length of that checkpoint, bytes. */
    long checkpointLength;
    /** Highest LP of a deletion that was dropped since the start, -1 if none was. */
    long droppedDeletionLp = -1;

    private final SegmentDirectory segments;
    private final Published published;
    private StoreFile cached;
    private int cachedOrdinal;

    FileTable(final StoreContext context, final SegmentDirectory segments, final Published published)
    {
        this.disk = context.disk();
        this.directory = context.directory();
        this.segments = segments;
        this.published = published;
        this.manifest = new Manifest(disk, directory, context.clusterId(), context.storeId());
        this.format = new SegmentFile(context.clusterId(), context.storeId());
    }

    long sealedEnd()
    {
        return sealed.isEmpty() ? 0 : sealed.get(sealed.size() - 1).endLp;
    }

    String path(final StoreFile file)
    {
        return SegmentFile.path(directory, file.fileId);
    }

    void writeManifest() throws DiskFullException
    {
        manifest.write(sealed, active);
    }

    boolean hasCheckpoint()
    {
        return 0 != manifest.checkpointId;
    }

    /** Takes the index checkpoint out of the next manifest. @return its id, 0 if there is none. */
    long unnameCheckpoint()
    {
        final long id = manifest.checkpointId;
        manifest.checkpointId = 0;
        return id;
    }

    /** After the manifest was stored: the file of a checkpoint that it names no more goes. */
    void forgetCheckpoint(final long id)
    {
        if (0 != id)
        {
            checkpointLp = Long.MAX_VALUE;
            checkpointLength = 0;
            disk.delete(manifest.checkpointPath(id));
        }
    }

    /** Maps a sealed file whole. */
    void map(final StoreFile file, final long endLp, final long length)
    {
        file.sealed(file.file.map(0, (int)length), endLp);
    }

    void publish()
    {
        final Segment[] array = new Segment[sealed.size()];
        long endLp = 0;
        for (int i = 0; i < array.length; i++)
        {
            array[i] = sealed.get(i).segment;
            if (array[i].baseLp != endLp)
            {
                throw new IllegalStateException("store files leave a gap at LP " + endLp);
            }
            endLp = array[i].endLp();
        }
        cached = null;
        segments.publishSealed(array);
        publishSizes();
    }

    void publishSizes()
    {
        long bytes = null == active ? 0 : SegmentFile.HEADER_LENGTH;
        long dead = null == active ? 0 : active.deadBytes;
        for (int i = 0; i < sealed.size(); i++)
        {
            bytes += sealed.get(i).length;
            dead += sealed.get(i).deadBytes;
        }
        published.fileBytesBeyondLp.setRelease(bytes - sealedEnd());
        published.deadBytes.setRelease(dead);
    }

    /** @return true if the record at an LP is dead or dropped. */
    boolean isDead(final long lp)
    {
        return !find(lp) || cached.isDead(cachedOrdinal);
    }

    /** Marks the record at an LP dead, unless it is so or dropped already. */
    boolean markDead(final long lp, final int frameLength)
    {
        return find(lp) && cached.markDead(cachedOrdinal, frameLength);
    }

    private boolean find(final long lp)
    {
        if (null != cached && cachedOrdinal + 1 < cached.records && cached.lpOf(cachedOrdinal + 1) == lp)
        {
            cachedOrdinal++;
            return true;
        }
        final StoreFile file = fileOf(lp);
        final int ordinal = null == file ? -1 : file.ordinalOf(lp);
        if (ordinal < 0)
        {
            return false;
        }
        cached = file;
        cachedOrdinal = ordinal;
        return true;
    }

    private StoreFile fileOf(final long lp)
    {
        if (lp >= sealedEnd())
        {
            return active;
        }
        int low = 0;
        int high = sealed.size();
        while (low < high)
        {
            final int middle = (low + high) >>> 1;
            if (sealed.get(middle).baseLp <= lp)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }
        return sealed.get(low - 1);
    }
}
