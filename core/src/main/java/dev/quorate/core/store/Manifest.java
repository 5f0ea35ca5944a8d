package dev.quorate.core.store;

import dev.quorate.core.seam.Disk;
import dev.quorate.core.seam.DiskFile;
import dev.quorate.core.seam.DiskFullException;
import dev.quorate.core.seam.StorageFault;
import org.agrona.DirectBuffer;
import org.agrona.ExpandableArrayBuffer;

import java.util.List;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

/**
 * Which files are the store, and which of their records are dead. Replaced whole: written aside, forced, renamed.
 * <pre>
 * manifest  i64 magic, i64 clusterId, i64 storeId, i64 next file id, i64 id of the dead-bits file (0 none), i64 count,
 *           i64 id of the index checkpoint (0 none), the durable mark of the newest snapshot that was installed (i64
 *           sequence, lp, raftIndex, term, main revision, compact revision, compact bound, stream hash), then for each
 *           file i64 fileId, i64 baseLp, i64 endLp (-1 open), i64 flags (1 rewritten); i32 crc32c
 * dead-ID   i64 count, then for each file with dead records i64 fileId, i64 dead bytes, i64 words, the words;
 *           i32 crc32c
 * </pre>
 * Dead bits are stored when records have been dropped: a dropped tombstone may be all that tells that an older version
 * elsewhere is dead.
 */
final class Manifest
{
    static final int ENTRY_LENGTH = 32;
    private static final long MAGIC = 0x3254464E414D5251L;
    private static final int CHECKPOINT_OFFSET = 48;
    private static final int MARK_OFFSET = 56;
    private static final int HEADER_LENGTH = 120;

    private final Disk disk;
    private final String directory;
    private final long clusterId;
    private final long storeId;
    private final FrameCrc crc = new FrameCrc();
    private final ExpandableArrayBuffer content = new ExpandableArrayBuffer(4096);
    /** Mark of the newest snapshot installed here; sequence 0 if there was none. */
    final DurableMark installed = new DurableMark();
    long nextFileId = 1;
    long foundClusterId;
    long foundStoreId;
    long deadFileId;
    long checkpointId;

    Manifest(final Disk disk, final String directory, final long clusterId, final long storeId)
    {
        this.disk = disk;
        this.directory = directory;
        this.clusterId = clusterId;
        this.storeId = storeId;
    }

    boolean exists()
    {
        return disk.exists(path());
    }

    /** Writes the list; durable when it returns. The files it names must be so already. */
    void write(final List<StoreFile> sealed, final StoreFile open) throws DiskFullException
    {
        final int count = sealed.size() + (null == open ? 0 : 1);
        content.putLong(0, MAGIC, LITTLE_ENDIAN);
        content.putLong(8, clusterId, LITTLE_ENDIAN);
        content.putLong(16, storeId, LITTLE_ENDIAN);
        content.putLong(24, nextFileId, LITTLE_ENDIAN);
        content.putLong(32, deadFileId, LITTLE_ENDIAN);
        content.putLong(40, count, LITTLE_ENDIAN);
        content.putLong(CHECKPOINT_OFFSET, checkpointId, LITTLE_ENDIAN);
        writeInstalled();
        for (int i = 0; i < count; i++)
        {
            final StoreFile file = i < sealed.size() ? sealed.get(i) : open;
            final int at = HEADER_LENGTH + i * ENTRY_LENGTH;
            content.putLong(at, file.fileId, LITTLE_ENDIAN);
            content.putLong(at + 8, file.baseLp, LITTLE_ENDIAN);
            content.putLong(at + 16, file.isSealed ? file.endLp : -1, LITTLE_ENDIAN);
            content.putLong(at + 24, file.isRewritten ? 1 : 0, LITTLE_ENDIAN);
        }
        store(HEADER_LENGTH + count * ENTRY_LENGTH, directory + "/manifest.new");
        disk.rename(directory + "/manifest.new", path());
        disk.syncDirectory(directory);
    }

    /**
     * Reads the list into files in LP order; those without an end are open.
     *
     * @param isAdopted true if the ids may be those of another cluster: they are found in the fields afterwards.
     */
    void read(final List<StoreFile> into, final boolean isAdopted)
    {
        content.putLong(0, 0, LITTLE_ENDIAN);
        final int length = load(path());
        if (Magic.isOfOtherVersion(content.getLong(0, LITTLE_ENDIAN), MAGIC))
        {
            throw Magic.ofVersion(path(), content.getLong(0, LITTLE_ENDIAN), MAGIC);
        }
        if (length < HEADER_LENGTH || MAGIC != content.getLong(0, LITTLE_ENDIAN))
        {
            throw new StorageFault(path() + " is damaged; remove this member " +
                "and add it again with an empty directory, or restore a backup");
        }
        foundClusterId = content.getLong(8, LITTLE_ENDIAN);
        foundStoreId = content.getLong(16, LITTLE_ENDIAN);
        if (!isAdopted && (clusterId != foundClusterId || storeId != foundStoreId))
        {
            throw new StorageFault(path() + " belongs to another cluster or store: cluster " +
                Long.toHexString(foundClusterId) + ", store " + Long.toHexString(foundStoreId) + " instead of " +
                Long.toHexString(clusterId) + ", " + Long.toHexString(storeId) +
                "; put the directory together from files of one member, or begin with an empty one");
        }
        nextFileId = content.getLong(24, LITTLE_ENDIAN);
        deadFileId = content.getLong(32, LITTLE_ENDIAN);
        checkpointId = content.getLong(CHECKPOINT_OFFSET, LITTLE_ENDIAN);
        readInstalled();
        final long count = content.getLong(40, LITTLE_ENDIAN);
        long endLp = 0;
        for (int i = 0; i < count; i++)
        {
            final int at = HEADER_LENGTH + i * ENTRY_LENGTH;
            final StoreFile file = new StoreFile(
                content.getLong(at, LITTLE_ENDIAN), content.getLong(at + 8, LITTLE_ENDIAN),
                0 != content.getLong(at + 24, LITTLE_ENDIAN));
            if (file.baseLp != endLp)
            {
                throw new StorageFault(path() + ": file " + file.fileId + " does not follow the one before it");
            }
            endLp = content.getLong(at + 16, LITTLE_ENDIAN);
            file.endLp = endLp;
            into.add(file);
        }
    }

    /** Writes the dead bits of all files under a new id; durable when it returns, in force with the next write(). */
    void writeDead(final List<StoreFile> files) throws DiskFullException
    {
        final long id = nextFileId++;
        int at = 8;
        int count = 0;
        for (int i = 0; i < files.size(); i++)
        {
            final StoreFile file = files.get(i);
            if (0 == file.deadCount)
            {
                continue;
            }
            count++;
            content.putLong(at, file.fileId, LITTLE_ENDIAN);
            content.putLong(at + 8, file.deadBytes, LITTLE_ENDIAN);
            content.putLong(at + 16, file.deadWords(), LITTLE_ENDIAN);
            at += 24;
            for (int word = 0; word < file.deadWords(); word++, at += 8)
            {
                content.putLong(at, file.deadWord(word), LITTLE_ENDIAN);
            }
        }
        content.putLong(0, count, LITTLE_ENDIAN);
        store(at, deadPath(id));
        disk.syncDirectory(directory);
        deadFileId = id;
    }

    /** Sets the dead bits that are stored. */
    void readDead(final List<StoreFile> files)
    {
        if (0 == deadFileId)
        {
            return;
        }
        if (load(deadPath(deadFileId)) < 8)
        {
            throw new StorageFault(deadPath(deadFileId) + " is damaged; remove this member " +
                "and add it again with an empty directory, or restore a backup");
        }
        int at = 8;
        for (long i = content.getLong(0, LITTLE_ENDIAN); i > 0; i--)
        {
            final long fileId = content.getLong(at, LITTLE_ENDIAN);
            final int words = (int)content.getLong(at + 16, LITTLE_ENDIAN);
            at += 24;
            for (int f = 0; f < files.size(); f++)
            {
                if (files.get(f).fileId == fileId)
                {
                    files.get(f).adoptDead(content, at, words, content.getLong(at - 16, LITTLE_ENDIAN));
                }
            }
            at += words << 3;
        }
    }

    String deadPath(final long id)
    {
        return directory + "/dead-" + id;
    }

    String checkpointPath(final long id)
    {
        return directory + "/index-" + id;
    }

    String path()
    {
        return directory + "/manifest";
    }

    /** Sets the dead bits of a sealed file. */
    static void restoreDead(final DirectBuffer content, final int at, final int words, final StoreFile file)
    {
        for (int ordinal = 0; ordinal < Math.min(words << 6, file.records); ordinal++)
        {
            if (0 != (content.getLong(at + (ordinal >> 6 << 3), LITTLE_ENDIAN) & 1L << ordinal))
            {
                final int offset = file.segment.offsetOf(ordinal);
                file.markDead(ordinal, RecordDescriptor.frameLength(file.mapped, offset));
            }
        }
    }

    private void writeInstalled()
    {
        content.putLong(MARK_OFFSET, installed.sequence, LITTLE_ENDIAN);
        content.putLong(MARK_OFFSET + 8, installed.lp, LITTLE_ENDIAN);
        content.putLong(MARK_OFFSET + 16, installed.raftIndex, LITTLE_ENDIAN);
        content.putLong(MARK_OFFSET + 24, installed.term, LITTLE_ENDIAN);
        content.putLong(MARK_OFFSET + 32, installed.mainRevision, LITTLE_ENDIAN);
        content.putLong(MARK_OFFSET + 40, installed.compactRevision, LITTLE_ENDIAN);
        content.putLong(MARK_OFFSET + 48, installed.compactBound, LITTLE_ENDIAN);
        content.putLong(MARK_OFFSET + 56, installed.streamHash, LITTLE_ENDIAN);
    }

    private void readInstalled()
    {
        installed.sequence = content.getLong(MARK_OFFSET, LITTLE_ENDIAN);
        installed.lp = content.getLong(MARK_OFFSET + 8, LITTLE_ENDIAN);
        installed.raftIndex = content.getLong(MARK_OFFSET + 16, LITTLE_ENDIAN);
        installed.term = content.getLong(MARK_OFFSET + 24, LITTLE_ENDIAN);
        installed.mainRevision = content.getLong(MARK_OFFSET + 32, LITTLE_ENDIAN);
        installed.compactRevision = content.getLong(MARK_OFFSET + 40, LITTLE_ENDIAN);
        installed.compactBound = content.getLong(MARK_OFFSET + 48, LITTLE_ENDIAN);
        installed.streamHash = content.getLong(MARK_OFFSET + 56, LITTLE_ENDIAN);
    }

    private void store(final int length, final String path) throws DiskFullException
    {
        content.putInt(length, crc.of(content, 0, length), LITTLE_ENDIAN);
        try (DiskFile file = disk.createFile(path))
        {
            file.write(0, content, 0, length + 4);
            file.force();
        }
        catch (final DiskFullException ex)
        {
            disk.delete(path);
            throw ex;
        }
    }

    /** @return length without the checksum, -1 if it does not match. */
    private int load(final String path)
    {
        try (DiskFile file = disk.openFile(path))
        {
            final int length = (int)file.length() - 4;
            if (length < 0)
            {
                return -1;
            }
            content.checkLimit(length + 4);
            file.read(0, content, 0, length + 4);
            return content.getInt(length, LITTLE_ENDIAN) == crc.of(content, 0, length) ? length : -1;
        }
    }
}
