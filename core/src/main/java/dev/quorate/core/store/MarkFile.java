package dev.quorate.core.store;

import dev.quorate.core.seam.Disk;
import dev.quorate.core.seam.DiskFile;
import dev.quorate.core.seam.DiskFullException;
import dev.quorate.core.seam.StorageFault;
import org.agrona.concurrent.UnsafeBuffer;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

/**
 * The durable mark: two slots of 4 KiB, written in turn and forced, so that a torn write leaves the other one. The
 * newest valid slot is the recovery point.
 * <pre>
 * 0 i64 magic   8 i64 sequence   16 i64 lp   24 i64 raftIndex   32 i64 term   40 i64 main revision
 * 48 i64 compact revision   56 i64 stream hash   64 i64 compact bound   72 i32 crc32c of 0..72
 * </pre>
 * Owner: housekeeping, and recovery before it starts.
 */
final class MarkFile
{
    private static final int SLOT_LENGTH = 4096;
    private static final long MAGIC = 0x314B52414D524F54L;
    private static final int CRC_OFFSET = 72;

    private final UnsafeBuffer slot = new UnsafeBuffer(new byte[SLOT_LENGTH]);
    private final FrameCrc crc = new FrameCrc();
    private final DiskFile file;
    private final String path;

    private MarkFile(final DiskFile file, final String path)
    {
        this.file = file;
        this.path = path;
    }

    /** Makes the file with the mark of an empty store; durable, name included, when it returns. */
    static MarkFile create(final Disk disk, final String directory)
    {
        final String path = path(directory);
        try
        {
            final MarkFile created = new MarkFile(disk.createFile(path), path);
            final DurableMark birth = new DurableMark();
            birth.mainRevision = 1;
            birth.compactRevision = -1;
            for (int i = 1; i >= 0; i--)
            {
                birth.sequence = i;
                created.write(birth);
            }
            disk.syncDirectory(directory);
            return created;
        }
        catch (final DiskFullException ex)
        {
            throw new StorageFault("no room for the mark file " + path + "; free space and start again", ex);
        }
    }

    static MarkFile open(final Disk disk, final String directory)
    {
        return new MarkFile(disk.openFile(path(directory)), path(directory));
    }

    void readNewest(final DurableMark into)
    {
        boolean isValid = false;
        for (int i = 0; i < 2; i++)
        {
            slot.setMemory(0, SLOT_LENGTH, (byte)0);
            file.read((long)i * SLOT_LENGTH, slot, 0, SLOT_LENGTH);
            final long sequence = slot.getLong(8, LITTLE_ENDIAN);
            if (MAGIC == slot.getLong(0, LITTLE_ENDIAN) && (sequence & 1) == i &&
                slot.getInt(CRC_OFFSET, LITTLE_ENDIAN) == crc.of(slot, 0, CRC_OFFSET) &&
                (!isValid || sequence > into.sequence))
            {
                isValid = true;
                into.sequence = sequence;
                into.lp = slot.getLong(16, LITTLE_ENDIAN);
                into.raftIndex = slot.getLong(24, LITTLE_ENDIAN);
                into.term = slot.getLong(32, LITTLE_ENDIAN);
                into.mainRevision = slot.getLong(40, LITTLE_ENDIAN);
                into.compactRevision = slot.getLong(48, LITTLE_ENDIAN);
                into.streamHash = slot.getLong(56, LITTLE_ENDIAN);
                into.compactBound = slot.getLong(64, LITTLE_ENDIAN);
            }
        }
        for (int i = 0; i < 2; i++)
        {
            // a valid slot does not count beside a newer one that this program cannot judge
            file.read((long)i * SLOT_LENGTH, slot, 0, SLOT_LENGTH);
            final boolean isNewest = !isValid || slot.getLong(8, LITTLE_ENDIAN) > into.sequence &&
                slot.getInt(CRC_OFFSET, LITTLE_ENDIAN) == crc.of(slot, 0, CRC_OFFSET);
            if (isNewest && Magic.isOfOtherVersion(slot.getLong(0, LITTLE_ENDIAN), MAGIC))
            {
                throw Magic.ofVersion(path, slot.getLong(0, LITTLE_ENDIAN), MAGIC);
            }
        }
        if (!isValid)
        {
            throw new StorageFault("no valid mark in " + path + "; remove this member " +
                "and add it again with an empty directory, or restore a backup");
        }
    }

    /** Writes the slot of the mark's sequence and forces it. */
    void write(final DurableMark mark) throws DiskFullException
    {
        slot.setMemory(0, SLOT_LENGTH, (byte)0);
        slot.putLong(0, MAGIC, LITTLE_ENDIAN);
        slot.putLong(8, mark.sequence, LITTLE_ENDIAN);
        slot.putLong(16, mark.lp, LITTLE_ENDIAN);
        slot.putLong(24, mark.raftIndex, LITTLE_ENDIAN);
        slot.putLong(32, mark.term, LITTLE_ENDIAN);
        slot.putLong(40, mark.mainRevision, LITTLE_ENDIAN);
        slot.putLong(48, mark.compactRevision, LITTLE_ENDIAN);
        slot.putLong(56, mark.streamHash, LITTLE_ENDIAN);
        slot.putLong(64, mark.compactBound, LITTLE_ENDIAN);
        slot.putInt(CRC_OFFSET, crc.of(slot, 0, CRC_OFFSET), LITTLE_ENDIAN);
        file.write((mark.sequence & 1) * SLOT_LENGTH, slot, 0, SLOT_LENGTH);
        file.force();
    }

    void close()
    {
        file.close();
    }

    private static String path(final String directory)
    {
        return directory + "/marks";
    }
}
