package dev.quorate.core.log;

import dev.quorate.core.seam.Clock;
import dev.quorate.core.seam.Disk;
import dev.quorate.core.seam.DiskFile;
import dev.quorate.core.seam.DiskFullException;
import org.agrona.concurrent.Agent;

/**
 * Keeps one segment ready ahead of need and takes dropped ones back: one is kept in reserve and used again, the others
 * are deleted. Owner: the cold thread. Everything here may block.
 */
public final class SegmentSupplier implements Agent
{
    /** After a full disk the next attempt is made so much later. */
    public static final long RETRY_NS = 100_000_000L;

    private final Disk disk;
    private final Clock clock;
    private final SegmentExchange exchange;
    private final LogPositions positions;
    private final String directory;
    private final int leastLength;
    private final int maxLength;
    private LogSegment reserve;
    private int wantedLength;
    private long nextSequence;
    private long retryNs;
    private boolean isFull;

    SegmentSupplier(final LogContext context, final SegmentExchange exchange, final LogPositions positions)
    {
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
        return takeBack() + prepare();
    }

    @Override
    public String roleName()
    {
        return "log-supplier";
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

    void close()
    {
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
        if (segment.length() >= leastLength && (reserve == null || reserve.length() < segment.length()))
        {
            unwanted = reserve;
            reserve = segment;
            clearHeader(segment);
        }
        if (unwanted != null)
        {
            disk.delete(unwanted.path());
            // one at a time, so that a power cut never leaves a gap
            disk.syncDirectory(directory);
            unwanted.region().close();
        }
    }

    private int prepare()
    {
        if (exchange.hasSpare() || isFull && clock.nanoTime() - retryNs < 0 && reserve == null)
        {
            return 0;
        }
        if (reserve != null && reserve.length() >= wantedLength)
        {
            recycle();
        }
        else
        {
            create();
        }

        return 1;
    }

    private void create()
    {
        final String path = directory + "/" + SegmentDescriptor.fileName(nextSequence);
        try
        {
            final LogSegment segment = new LogSegment(disk.createRegion(path, wantedLength), path, nextSequence);
            handOver(segment);
        }
        catch (final DiskFullException ex)
        {
            if (reserve != null)
            {
                recycle();
            }
            else
            {
                isFull = true;
                retryNs = clock.nanoTime() + RETRY_NS;
                exchange.isFull(true);
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

    private void recycle()
    {
        final String path = directory + "/" + SegmentDescriptor.fileName(nextSequence);
        final LogSegment segment = new LogSegment(reserve.region(), path, nextSequence);
        disk.rename(reserve.path(), path);
        reserve = null;
        handOver(segment);
    }

    private void handOver(final LogSegment segment)
    {
        disk.syncDirectory(directory);
        nextSequence++;
        wantedLength = lengthAfter(segment.length());
        isFull = false;
        exchange.isFull(false);
        exchange.offerSpare(segment);
    }
}
