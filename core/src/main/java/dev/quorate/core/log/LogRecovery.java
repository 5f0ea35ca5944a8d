package dev.quorate.core.log;

import dev.quorate.core.seam.Disk;
import dev.quorate.core.seam.DiskFile;
import dev.quorate.core.seam.DiskFullException;
import dev.quorate.core.seam.Region;
import dev.quorate.core.seam.StorageFault;
import java.util.ArrayList;
import java.util.List;
import org.agrona.BitUtil;

/**
 * Opens a log. A bad frame at or below the newest watermark is rot and halts; above it the log is cut there, even if
 * later frames look whole, as pages reach a device in any order. What lies above the watermark may come from a page
 * cache that once failed to write it, so it is copied into a fresh segment and synced before it counts. Nothing that a
 * crash in here leaves behind makes the next recovery find another log.
 */
final class LogRecovery
{
    private final LogContext context;
    private final Disk disk;
    private final List<LogSegment> valid = new ArrayList<>();
    private final List<LogSegment> broken = new ArrayList<>();
    private final List<LogSegment> unused = new ArrayList<>();
    private final List<LogSegment> unwanted = new ArrayList<>();
    private TermFile termFile;
    private FrameChecksums checksums;
    private FrameScanner scanner;
    private RaftLog log;
    private long nextSequence = 1;

    LogRecovery(final LogContext context)
    {
        this.context = context;
        disk = context.disk();
    }

    RaftLog recover() throws DiskFullException
    {
        disk.createDirectory(context.directory());
        final List<LogSegment> found = openSegments();
        termFile = TermFile.open(context, hasContent(found));
        checksums = new FrameChecksums(termFile.storeId());
        final LogPositions positions = new LogPositions(context.maxHolds());
        log = new RaftLog(context, termFile, positions);
        scanner = new FrameScanner(log, checksums, termFile);

        judgeHeaders(found);
        removeSuperseded();
        scan();
        finish();

        return log;
    }

    private List<LogSegment> openSegments()
    {
        final List<LogSegment> found = new ArrayList<>();
        for (final String name : disk.list(context.directory()))
        {
            final long sequence = SegmentDescriptor.sequenceOf(name);
            if (sequence >= 0)
            {
                final String path = context.directory() + "/" + name;
                found.add(new LogSegment(disk.openRegion(path), path, sequence));
                nextSequence = Math.max(nextSequence, sequence + 1);
            }
            else if (SegmentDescriptor.RESERVE_NAME.equals(name))
            {
                final String path = context.directory() + "/" + name;
                unused.add(new LogSegment(disk.openRegion(path), path, 0));
            }
        }

        return found;
    }

    private static boolean hasContent(final List<LogSegment> found)
    {
        for (final LogSegment segment : found)
        {
            if (!SegmentHeader.isUnused(segment))
            {
                return true;
            }
        }

        return false;
    }

    private void judgeHeaders(final List<LogSegment> found)
    {
        for (final LogSegment segment : found)
        {
            if (SegmentHeader.isUnused(segment))
            {
                unused.add(segment);
            }
            else if (SegmentHeader.read(segment, checksums, context.clusterId(), termFile.storeId()))
            {
                valid.add(segment);
            }
            else
            {
                broken.add(segment);
            }
        }
        if (!valid.isEmpty() && !broken.isEmpty() && broken.get(0).sequence() < valid.get(0).sequence())
        {
            throw rot(broken.get(0), 0, valid.get(0).basePosition());
        }
    }

    /** A copy of a tail begins where it begins in the segments that it replaces. */
    private void removeSuperseded()
    {
        for (int i = valid.size() - 2; i >= 0; i--)
        {
            if (valid.get(i).basePosition() >= valid.get(i + 1).basePosition())
            {
                unwanted.add(valid.remove(i));
            }
        }
    }

    private void scan()
    {
        if (!valid.isEmpty())
        {
            scanner.begin(valid.get(0));
        }
        int count = 0;
        boolean isWhole = true;
        while (isWhole && count < valid.size())
        {
            final LogSegment segment = valid.get(count++);
            final LogSegment next = count < valid.size() ? valid.get(count) : null;
            isWhole = scanner.scan(segment, next);
        }
        final LogSegment last = count == 0 ? null : valid.get(count - 1);
        if (last != null)
        {
            scanner.seekWatermarks(last, scanner.offset() + FrameDescriptor.ALIGNMENT);
        }
        while (valid.size() > count)
        {
            final LogSegment later = valid.remove(count);
            scanner.readHeaderHints(later);
            scanner.seekWatermarks(later, 0);
            unwanted.add(later);
        }
        for (final LogSegment segment : broken)
        {
            scanner.seekWatermarks(segment, 0);
        }
        if (scanner.watermark() > scanner.position())
        {
            throw damageBelowWatermark(last);
        }
        unwanted.addAll(broken);
    }

    private void finish() throws DiskFullException
    {
        final long end = scanner.position();
        final long watermark = valid.isEmpty() ? end : Math.max(scanner.watermark(), valid.get(0).basePosition());
        LogSegment tail = null;
        if (watermark < end)
        {
            tail = copyTail(watermark, end);
            while (!valid.isEmpty() && valid.get(valid.size() - 1).basePosition() >= watermark)
            {
                unwanted.add(valid.remove(valid.size() - 1));
            }
            valid.add(tail);
        }
        while (valid.size() > 1 && valid.get(valid.size() - 1).basePosition() == end)
        {
            unwanted.add(valid.remove(valid.size() - 1));
        }
        log.recovered(valid.toArray(new LogSegment[0]), tail, end, scanner.chainCrc(), scanner.commitIndex());
        termFile.boot(disk, end, scanner.chainCrc(), log.commitIndex());

        for (final LogSegment segment : unwanted)
        {
            segment.region().close();
            disk.delete(segment.path());
            disk.syncDirectory(context.directory());
        }
        log.supplier().startAt(nextSequence, valid.isEmpty() ? 0 : valid.get(valid.size() - 1).length());
        for (final LogSegment segment : unused)
        {
            log.supplier().reserve(segment);
        }
        log.supplier().doWork();
    }

    /** The header comes last: before it is durable the old tail counts, afterwards the copy is whole. */
    private LogSegment copyTail(final long begin, final long end) throws DiskFullException
    {
        final LogSegment copy = freshSegment(begin, end);
        int from = valid.size() - 1;
        while (valid.get(from).basePosition() > begin)
        {
            from--;
        }
        scanner.setBase(copy, valid.get(from), begin);
        long position = begin;
        for (int i = from; i < valid.size() && position < end; i++)
        {
            final LogSegment source = valid.get(i);
            final long until = i + 1 < valid.size() ? Math.min(end, valid.get(i + 1).basePosition()) : end;
            copy.buffer().putBytes(
                copy.offsetOf(position), source.buffer(), source.offsetOf(position), (int)(until - position));
            position = until;
        }
        final int endOffset = copy.offsetOf(end);
        for (int offset = SegmentDescriptor.FIRST_FRAME_OFFSET; offset < endOffset; )
        {
            final int length = copy.buffer().getInt(offset);
            copy.buffer().putInt(
                offset + FrameDescriptor.LOCAL_CRC_OFFSET, checksums.local(copy, offset, length));
            offset += FrameDescriptor.alignedLength(length - FrameDescriptor.HEADER_LENGTH);
        }
        int written = endOffset - SegmentDescriptor.FIRST_FRAME_OFFSET;
        if (endOffset < copy.length())
        {
            copy.buffer().putInt(endOffset, 0);
            written += Integer.BYTES;
        }
        copy.region().wrote(SegmentDescriptor.FIRST_FRAME_OFFSET, written);
        force(copy);
        RaftLog.writeHeader(
            copy, checksums, context.clusterId(), termFile.storeId(), end, scanner.commitIndex());
        force(copy);

        return copy;
    }

    private LogSegment freshSegment(final long begin, final long end) throws DiskFullException
    {
        final long least = BitUtil.align(
            SegmentDescriptor.FIRST_FRAME_OFFSET + end - begin, SegmentDescriptor.PAGE_LENGTH);
        final int length = (int)Math.max(least, log.supplier().lengthAfter(0));
        final long sequence = nextSequence++;
        final String path = context.directory() + "/" + SegmentDescriptor.fileName(sequence);
        Region region = null;
        try
        {
            region = disk.createRegion(path, length);
        }
        catch (final DiskFullException ex)
        {
            for (int i = 0; i < unused.size() && region == null; i++)
            {
                if (unused.get(i).length() >= length)
                {
                    final LogSegment reserve = unused.remove(i);
                    disk.rename(reserve.path(), path);
                    region = reserve.region();
                }
            }
            if (region == null)
            {
                throw ex;
            }
        }
        disk.syncDirectory(context.directory());

        return new LogSegment(region, path, sequence);
    }

    private void force(final LogSegment segment)
    {
        try (DiskFile file = disk.openFile(segment.path()))
        {
            file.force();
        }
    }

    private StorageFault damageBelowWatermark(final LogSegment last)
    {
        LogSegment damaged = last;
        int offset = last == null ? 0 : scanner.offset();
        for (final LogSegment segment : broken)
        {
            // the frames end where the segment ends, so that the next one's header is what is missing
            if (last == null || segment.sequence() == last.sequence() + 1 && !scanner.hasRemains(last))
            {
                damaged = segment;
                offset = 0;
            }
        }
        if (damaged == null)
        {
            return new StorageFault("the log was durable up to position " + scanner.watermark() + " but " +
                context.directory() + " holds no segment: restore its files, or remove this member and add it again " +
                "with an empty directory");
        }

        return rot(damaged, offset, scanner.watermark());
    }

    private StorageFault rot(final LogSegment segment, final int offset, final long watermark)
    {
        return new StorageFault("log segment " + segment.path() + " is damaged at offset " + offset + ", position " +
            scanner.position() + ", behind entry " + log.lastIndex() + ", though the log was durable up to position " +
            watermark + ": nothing was cut; restore the file, or remove this member and add it again with an empty " +
            "directory");
    }
}
