package dev.quorate.core.log;

import dev.quorate.core.seam.Clock;
import dev.quorate.core.seam.Disk;
import dev.quorate.core.seam.DiskFile;
import dev.quorate.core.seam.DiskFullException;
import org.agrona.concurrent.Agent;

/**
 * Keeps one segment ready ahead of need and another one in reserve, so that a full disk is noticed while there still is
 * room for the commands that free some. Dropped segments are taken back: one is used again, one may become the reserve,
 * the others are deleted. The log is full from the first segment that cannot be made until both are whole again. Owner:
 * the cold thread. Everything here may block.
 * <p>
 * It also keeps what the log is going to be written to in memory, see {@link WarmWindow}.
 */
public final class SegmentSupplier implements Agent
{
    /** After a full disk the next attempt is made so much later. */
    public static final long RETRY_NS = 100_000_000L;

    private final Disk disk;
    private final Clock clock;
    private final SegmentExchange exchange;
    private final LogPositions positions;
    private final RaftLog log;
    private final WarmWindow window;
    private final String directory;
    private final int leastLength;
    private int maxLength;
    private LogSegment recycled;
    private LogSegment reserve;
    private int wantedLength;
    private int spareLength;
    private long nextSequence;
    private long retryNs;
    private boolean isFull;
    private boolean isFrugal;

    SegmentSupplier(
        final LogContext context, final RaftLog log, final SegmentExchange exchange, final LogPositions positions)
    {
        this.log = log;
        window = new WarmWindow(context.clock(), positions);
        disk = context.disk();
        clock = context.clock();
        directory = context.directory();
        leastLength = context.initialSegmentLength();
        maxLength = context.maxSegmentLength();
        wantedLength = leastLength;
        this.exchange = exchange;
        this.positions = positions;
    }

    @Override
    public int doWork()
    {
        final int work = takeBack() + prepare();
        window.touch(log);

        return work;
    }

    @Override
    public String roleName()
    {
        return "log-supplier";
    }

    /**
     * The disk was found full, by whomever: segments are short from now on, and nothing is kept beyond a spare one and
     * the reserve.
     */
    public void beFrugal()
    {
        isFrugal = true;
        maxLength = leastLength;
        wantedLength = leastLength;
    }

    /** Start-up: what the next segment follows. */
    void startAt(final long sequence, final int lastLength)
    {
        nextSequence = sequence;
        wantedLength = lengthAfter(lastLength);
    }

    int lengthAfter(final int length)
    {
        return (int)Math.min(maxLength, Math.max(leastLength, 2L * length));
    }

    /** Start-up: a segment that nobody uses. */
    void reserve(final LogSegment segment)
    {
        keepOrDelete(segment);
    }

    WarmWindow window()
    {
        return window;
    }

    void close()
    {
        if (recycled != null)
        {
            recycled.region().close();
        }
        if (reserve != null)
        {
            reserve.region().close();
        }
        final LogSegment spare = exchange.takeSpare();
        if (spare != null)
        {
            spare.region().close();
        }
    }

    private int takeBack()
    {
        final SegmentExchange.Dropped dropped = exchange.peekDropped();
        if (dropped == null || positions.lowestHeld() <= dropped.lastIndex())
        {
            return 0;
        }
        exchange.removeDropped();
        keepOrDelete(dropped.segment());

        return 1;
    }

    private void keepOrDelete(final LogSegment segment)
    {
        LogSegment unwanted = segment;
        if (segment.length() >= leastLength && !(isFrugal && segment.length() > 2L * leastLength))
        {
            if (recycled == null || recycled.length() < segment.length())
            {
                clearHeader(segment);
                unwanted = recycled;
                recycled = segment;
            }
            if (unwanted != null && reserve == null)
            {
                clearHeader(unwanted);
                reserve = unwanted;
                unwanted = null;
            }
        }
        if (unwanted != null)
        {
            delete(unwanted);
        }
    }

    private void delete(final LogSegment segment)
    {
        window.unmapped(segment);
        disk.delete(segment.path());
        // one at a time, so that a power cut never leaves a gap
        disk.syncDirectory(directory);
        segment.region().close();
    }

    private int prepare()
    {
        if (isFrugal && spareLength > 2L * leastLength)
        {
            spareLength = 0;
            final LogSegment longSpare = exchange.takeSpare();
            if (longSpare != null)
            {
                delete(longSpare);
            }
        }
        if (!exchange.hasSpare())
        {
            return prepareSpare();
        }
        if (reserve == null)
        {
            return prepareReserve();
        }
        if (isFull)
        {
            isFull = false;
            exchange.level(SegmentExchange.ROOM);
        }
        if (isFrugal && recycled != null)
        {
            delete(recycled);
            recycled = null;
            return 1;
        }

        return 0;
    }

    private int prepareSpare()
    {
        LogSegment next = null;
        if (recycled == null || recycled.length() < wantedLength && !isFull)
        {
            next = create(pathOf(nextSequence), isFull ? leastLength : wantedLength);
        }
        if (next == null)
        {
            next = recycled != null ? recycled : reserve;
            reserve = recycled != null ? reserve : null;
            recycled = null;
        }
        if (next == null)
        {
            exchange.level(SegmentExchange.OUT);
            return 0;
        }
        handOver(next);

        return 1;
    }

    private int prepareReserve()
    {
        if (isFull && recycled != null)
        {
            reserve = recycled;
            recycled = null;
            return 1;
        }
        reserve = create(directory + "/" + SegmentDescriptor.RESERVE_NAME, leastLength);
        if (reserve == null)
        {
            return 0;
        }
        disk.syncDirectory(directory);

        return 1;
    }

    /** @return the segment; null if the disk is full, or was so a short time ago. */
    private LogSegment create(final String path, final int length)
    {
        if (isFull && clock.nanoTime() - retryNs < 0)
        {
            return null;
        }
        for (int tried = length; ; tried = leastLength)
        {
            try
            {
                return new LogSegment(disk.createRegion(path, tried), path, nextSequence);
            }
            catch (final DiskFullException ex)
            {
                beFrugal();
                if (tried == leastLength)
                {
                    isFull = true;
                    retryNs = clock.nanoTime() + RETRY_NS;
                    exchange.level(Math.max(SegmentExchange.FULL, exchange.level()));
                    return null;
                }
            }
        }
    }

    /**
     * What the file still holds is harmless once its header is gone: frames are bound to sequence and offset. Done
     * before the segment behind it may be deleted, so that a power cut never leaves a gap between two headers.
     */
    private void clearHeader(final LogSegment segment)
    {
        segment.buffer().setMemory(0, SegmentDescriptor.FIRST_FRAME_OFFSET, (byte)0);
        segment.region().wrote(0, SegmentDescriptor.FIRST_FRAME_OFFSET);
        try (DiskFile file = disk.openFile(segment.path()))
        {
            file.force();
        }
    }

    private void handOver(final LogSegment segment)
    {
        final String path = pathOf(nextSequence);
        if (!path.equals(segment.path()))
        {
            disk.rename(segment.path(), path);
        }
        disk.syncDirectory(directory);
        final LogSegment spare = new LogSegment(segment.region(), path, nextSequence);
        nextSequence++;
        wantedLength = lengthAfter(segment.length());
        spareLength = segment.length();
        window.spare(spare);
        exchange.offerSpare(spare);
        if (isFull)
        {
            exchange.level(SegmentExchange.FULL);
        }
    }

    private String pathOf(final long sequence)
    {
        return directory + "/" + SegmentDescriptor.fileName(sequence);
    }
}
