package dev.quorate.core.store;

import dev.quorate.core.seam.DiskFile;
import dev.quorate.core.seam.DiskFullException;
import dev.quorate.core.seam.StorageFault;
import org.agrona.BitUtil;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

/**
 * Layout of a segment file, little-endian.
 * <pre>
 * page 0   0 i64 magic      8 i32 format   12 i32 flags (1 rewritten)   16 i64 clusterId   24 i64 storeId
 *         32 i64 fileId    40 i64 generation    48 i64 baseLp    56 i64 endLp (-1 while open)   64 i64 records
 *         72 i64 first main   80 i64 last main   88 i64 order (0 LP)   96 i64 compact revision of the drop, -1
 *        104 i32 crc32c of 0..104
 * 4096     records
 * footer   i32 lpOffset/8[n] from baseLp, ascending; if rewritten i32 place/8[n] from 4096; to a multiple of 8;
 *          i64 main of every 64th record
 *          trailer: i64 n, i64 footer offset, i32 crc32c of footer and trailer before it, i32 magic
 * </pre>
 * While a file is open its header is advisory: the manifest names its base, and its frames prove themselves.
 */
final class SegmentFile
{
    static final int HEADER_LENGTH = 4096;
    static final int TRAILER_LENGTH = 24;
    /** Offsets are u32 units of 8 bytes; half of that keeps them positive. */
    static final long SPAN_MAX = (long)Integer.MAX_VALUE << 3;

    private static final long MAGIC = 0x3147455345524F54L;
    private static final int TRAILER_MAGIC = 0x544F4F46;
    private static final int FORMAT = 1;
    private static final int CRC_OFFSET = 104;

    private final long clusterId;
    private final long storeId;
    private final FrameCrc crc = new FrameCrc();
    private final UnsafeBuffer page = new UnsafeBuffer(new byte[HEADER_LENGTH]);
    private UnsafeBuffer footer = new UnsafeBuffer(new byte[64 * 1024]);

    SegmentFile(final long clusterId, final long storeId)
    {
        this.clusterId = clusterId;
        this.storeId = storeId;
    }

    static String path(final String directory, final long fileId)
    {
        return directory + "/segment-" + fileId;
    }

    static int physArrayOffset(final int footerOffset, final int records)
    {
        return footerOffset + (records << 2);
    }

    static int mainArrayOffset(final int footerOffset, final int records, final boolean isRewritten)
    {
        return BitUtil.align(footerOffset + (records << (isRewritten ? 3 : 2)), 8);
    }

    static int footerLength(final int records, final boolean isRewritten)
    {
        final int sparse = (records + Segment.SPARSE - 1) / Segment.SPARSE;
        return mainArrayOffset(0, records, isRewritten) + (sparse << 3) + TRAILER_LENGTH;
    }

    void writeHeader(final StoreFile of, final DiskFile to) throws DiskFullException
    {
        page.putLong(0, MAGIC, LITTLE_ENDIAN);
        page.putInt(8, FORMAT, LITTLE_ENDIAN);
        page.putInt(12, of.isRewritten ? 1 : 0, LITTLE_ENDIAN);
        page.putLong(16, clusterId, LITTLE_ENDIAN);
        page.putLong(24, storeId, LITTLE_ENDIAN);
        page.putLong(32, of.fileId, LITTLE_ENDIAN);
        page.putLong(40, of.isRewritten ? 1 : 0, LITTLE_ENDIAN);
        page.putLong(48, of.baseLp, LITTLE_ENDIAN);
        page.putLong(56, of.isSealed ? of.endLp : -1, LITTLE_ENDIAN);
        page.putLong(64, of.records, LITTLE_ENDIAN);
        page.putLong(72, of.firstMain, LITTLE_ENDIAN);
        page.putLong(80, of.lastMain, LITTLE_ENDIAN);
        page.putLong(88, 0, LITTLE_ENDIAN);
        page.putLong(96, of.dropRevision, LITTLE_ENDIAN);
        page.putInt(CRC_OFFSET, crc.of(page, 0, CRC_OFFSET), LITTLE_ENDIAN);
        to.write(0, page, 0, HEADER_LENGTH);
    }

    /** Writes the footer behind the records. @return length of the whole file. */
    long writeFooter(final StoreFile of, final DiskFile to, final long footerOffset) throws DiskFullException
    {
        final int records = of.records;
        final int length = footerLength(records, of.isRewritten);
        if (footer.capacity() < length)
        {
            footer = new UnsafeBuffer(new byte[length]);
        }
        footer.setMemory(0, length, (byte)0);
        final int phys = physArrayOffset(0, records);
        final int mains = mainArrayOffset(0, records, of.isRewritten);
        for (int i = 0; i < records; i++)
        {
            footer.putInt(i << 2, of.lpOffset8(i), LITTLE_ENDIAN);
            if (of.isRewritten)
            {
                footer.putInt(phys + (i << 2), of.physOffset8(i), LITTLE_ENDIAN);
            }
            if (0 == i % Segment.SPARSE)
            {
                footer.putLong(mains + (i / Segment.SPARSE << 3), of.sparseMain(i / Segment.SPARSE), LITTLE_ENDIAN);
            }
        }
        final int trailer = length - TRAILER_LENGTH;
        footer.putLong(trailer, records, LITTLE_ENDIAN);
        footer.putLong(trailer + 8, footerOffset, LITTLE_ENDIAN);
        footer.putInt(trailer + 16, crc.of(footer, 0, trailer + 16), LITTLE_ENDIAN);
        footer.putInt(trailer + 20, TRAILER_MAGIC, LITTLE_ENDIAN);
        to.write(footerOffset, footer, 0, length);
        return footerOffset + length;
    }

    /** True if a page is the intact header of a file of this cluster, whatever its store. */
    boolean isHeader(final DirectBuffer header)
    {
        return MAGIC == header.getLong(0, LITTLE_ENDIAN) && FORMAT == header.getInt(8, LITTLE_ENDIAN) &&
            clusterId == header.getLong(16, LITTLE_ENDIAN) &&
            crc.of(header, 0, CRC_OFFSET) == header.getInt(CRC_OFFSET, LITTLE_ENDIAN);
    }

    /**
     * Gives a file that came from another cluster the ids of this one.
     *
     * @param header      page of the file.
     * @param fromCluster id that it carries, unless this was begun before and it carries that of this cluster.
     * @param fromStore   id that it carries.
     * @return true if the page has changed; false if it is not an intact header of a file of that store.
     */
    boolean adoptHeader(final MutableDirectBuffer header, final long fromCluster, final long fromStore)
    {
        final long cluster = header.getLong(16, LITTLE_ENDIAN);
        if (MAGIC != header.getLong(0, LITTLE_ENDIAN) || FORMAT != header.getInt(8, LITTLE_ENDIAN) ||
            crc.of(header, 0, CRC_OFFSET) != header.getInt(CRC_OFFSET, LITTLE_ENDIAN) ||
            cluster != clusterId && (cluster != fromCluster || header.getLong(24, LITTLE_ENDIAN) != fromStore))
        {
            return false;
        }
        header.putLong(16, clusterId, LITTLE_ENDIAN);
        header.putLong(24, storeId, LITTLE_ENDIAN);
        header.putInt(CRC_OFFSET, crc.of(header, 0, CRC_OFFSET), LITTLE_ENDIAN);
        return true;
    }

    /**
     * Checks header and footer of a sealed, mapped file against what the manifest says. @return what is wrong, or null.
     *
     * @throws StorageFault if another version of the program wrote the file.
     */
    String check(final String path, final StoreFile of, final DirectBuffer mapped)
    {
        checkVersion(path, mapped);
        if (mapped.getLong(0, LITTLE_ENDIAN) != MAGIC ||
            mapped.getInt(CRC_OFFSET, LITTLE_ENDIAN) != crc.of(mapped, 0, CRC_OFFSET))
        {
            return "its header is damaged";
        }
        if (mapped.getLong(16, LITTLE_ENDIAN) != clusterId || mapped.getLong(24, LITTLE_ENDIAN) != storeId ||
            mapped.getLong(32, LITTLE_ENDIAN) != of.fileId || mapped.getLong(48, LITTLE_ENDIAN) != of.baseLp ||
            mapped.getLong(56, LITTLE_ENDIAN) != of.endLp)
        {
            return "its header is that of another file";
        }
        final int trailer = mapped.capacity() - TRAILER_LENGTH;
        final long footerOffset = mapped.getLong(trailer + 8, LITTLE_ENDIAN);
        if (mapped.getInt(trailer + 20, LITTLE_ENDIAN) != TRAILER_MAGIC || footerOffset < HEADER_LENGTH ||
            footerOffset > trailer)
        {
            return "its footer is missing";
        }
        final int from = (int)footerOffset;
        return mapped.getInt(trailer + 16, LITTLE_ENDIAN) != crc.of(mapped, from, trailer + 16 - from) ?
            "its footer is damaged" : null;
    }

    /** @throws StorageFault if another version of the program wrote the file. */
    static void checkVersion(final String path, final DirectBuffer header)
    {
        final long magic = header.getLong(0, LITTLE_ENDIAN);
        if (Magic.isOfOtherVersion(magic, MAGIC))
        {
            throw Magic.ofVersion(path, magic, MAGIC);
        }
        if (MAGIC == magic && FORMAT != header.getInt(8, LITTLE_ENDIAN))
        {
            throw StorageFault.ofVersion(path, header.getInt(8, LITTLE_ENDIAN), FORMAT);
        }
    }

    static void readStatistics(final StoreFile into, final DirectBuffer mapped)
    {
        into.records = (int)mapped.getLong(64, LITTLE_ENDIAN);
        into.firstMain = mapped.getLong(72, LITTLE_ENDIAN);
        into.lastMain = mapped.getLong(80, LITTLE_ENDIAN);
        into.dropRevision = mapped.getLong(96, LITTLE_ENDIAN);
    }

    static int footerOffset(final DirectBuffer mapped)
    {
        return (int)mapped.getLong(mapped.capacity() - TRAILER_LENGTH + 8, LITTLE_ENDIAN);
    }
}
