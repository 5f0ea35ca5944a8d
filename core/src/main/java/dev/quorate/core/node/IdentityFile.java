package dev.quorate.core.node;

import dev.quorate.core.seam.Disk;
import dev.quorate.core.seam.DiskFile;
import dev.quorate.core.seam.DiskFullException;
import dev.quorate.core.seam.StorageFault;
import org.agrona.concurrent.UnsafeBuffer;

import java.util.List;
import java.util.zip.CRC32C;

/**
 * Which cluster and member a data directory belongs to. Its name appears last when a directory is made, so that a
 * directory with an identity is complete; until then it lies there under a temporary name.
 * <pre>
 *  0 u64 magic  8 u32 version  12 u32 crc32c over bytes 16..32  16 u64 clusterId  24 u64 memberId
 * </pre>
 *
 * @param clusterId of the cluster.
 * @param memberId  of the member.
 */
public record IdentityFile(long clusterId, long memberId)
{
    /** Name of the file in the data directory. */
    public static final String NAME = "identity";

    private static final String TEMPORARY_NAME = "identity.tmp";
    private static final String FOUNDING_NAME = "identity.founding";
    private static final long MAGIC = 0x3179_7469_746E_6451L;
    private static final int VERSION = 1;
    private static final int LENGTH = 32;

    /**
     * @param disk of the data directory.
     * @return the identity, or null if the directory has none yet.
     * @throws StorageFault if the file is damaged.
     */
    public static IdentityFile read(final Disk disk)
    {
        if (!disk.exists(NAME))
        {
            return null;
        }
        final UnsafeBuffer buffer = new UnsafeBuffer(new byte[LENGTH]);
        final int length;
        try (DiskFile file = disk.openFile(NAME))
        {
            length = file.read(0, buffer, 0, LENGTH);
        }
        if (LENGTH == length && MAGIC == buffer.getLong(0) && VERSION != buffer.getInt(8))
        {
            throw StorageFault.ofVersion("file '" + NAME + "' of the data directory", buffer.getInt(8), VERSION);
        }
        if (LENGTH != length || MAGIC != buffer.getLong(0) || checksum(buffer) != buffer.getInt(12))
        {
            throw new StorageFault("file '" + NAME + "' of the data directory is damaged; " +
                "restore it from a backup, or remove this member and add it again with an empty directory");
        }
        return new IdentityFile(buffer.getLong(16), buffer.getLong(24));
    }

    /**
     * Marks the directory as being made. What an earlier attempt left is deleted: without an identity it never took
     * part in anything.
     *
     * @param disk        of the data directory.
     * @param directories of the log and the store, whose files are deleted.
     * @throws DiskFullException if there is no room.
     * @throws StorageFault      if there are files of a member whose identity is lost.
     */
    public void begin(final Disk disk, final String... directories) throws DiskFullException
    {
        final boolean isMarked = disk.exists(TEMPORARY_NAME);
        for (final String directory : directories)
        {
            for (final String name : disk.list(directory))
            {
                if (!isMarked)
                {
                    throw new StorageFault("file '" + NAME + "' of the data directory is missing but '" + directory +
                        "' holds files; restore it from a backup, start with an empty directory, or begin a new " +
                        "cluster from a copy of 'store' alone with --force-new-cluster");
                }
                disk.delete(directory + "/" + name);
            }
        }
        disk.delete("term");
        disk.delete(FOUNDING_NAME);
        write(disk, TEMPORARY_NAME);
    }

    /**
     * Marks a directory that holds a copy of a store, and nothing else of a member, as the first one of a new cluster.
     * What an earlier attempt made besides the store is deleted.
     *
     * @param disk  of the data directory.
     * @param log   directory of the log.
     * @param store manifest of the store, which must be there.
     * @throws DiskFullException if there is no room.
     * @throws StorageFault      if the directory holds no store, or more than a store.
     */
    public void beginOnStore(final Disk disk, final String log, final String store) throws DiskFullException
    {
        if (!disk.exists(store))
        {
            throw new StorageFault("--force-new-cluster begins a cluster from a copy of a store, but '" + store +
                "' is not in the data directory");
        }
        final List<String> segments = disk.list(log);
        if (!disk.exists(FOUNDING_NAME) &&
            (!segments.isEmpty() || disk.exists("term") || disk.exists(TEMPORARY_NAME)))
        {
            throw new StorageFault("--force-new-cluster begins a cluster from a copy of a store alone, but the data " +
                "directory holds 'log' or 'term' of a member: copy its 'store' into a new data directory");
        }
        for (final String name : segments)
        {
            disk.delete(log + "/" + name);
        }
        disk.delete("term");
        write(disk, FOUNDING_NAME);
    }

    /**
     * The directory is complete: it gets its identity, durably.
     *
     * @param disk of the data directory.
     */
    public void complete(final Disk disk)
    {
        disk.rename(disk.exists(FOUNDING_NAME) ? FOUNDING_NAME : TEMPORARY_NAME, NAME);
        disk.syncDirectory("");
    }

    private void write(final Disk disk, final String name) throws DiskFullException
    {
        final UnsafeBuffer buffer = new UnsafeBuffer(new byte[LENGTH]);
        buffer.putLong(0, MAGIC);
        buffer.putInt(8, VERSION);
        buffer.putLong(16, clusterId);
        buffer.putLong(24, memberId);
        buffer.putInt(12, checksum(buffer));
        try (DiskFile file = disk.createFile(name))
        {
            file.write(0, buffer, 0, LENGTH);
            file.force();
        }
        disk.syncDirectory("");
    }

    private static int checksum(final UnsafeBuffer buffer)
    {
        final CRC32C crc = new CRC32C();
        crc.update(buffer.byteArray(), 16, LENGTH - 16);
        return (int)crc.getValue();
    }
}
