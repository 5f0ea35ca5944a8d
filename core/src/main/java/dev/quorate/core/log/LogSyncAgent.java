package dev.quorate.core.log;

import dev.quorate.core.ring.DurationHistogram;
import dev.quorate.core.seam.Clock;
import dev.quorate.core.seam.Signal;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Forces what was appended and publishes how far it is durable; writes the term file. A batch is whatever was appended
 * during the last sync. Owner: the log sync thread.
 */
public final class LogSyncAgent implements Agent
{
    /** After a sync with nothing behind it for so long, the watermark goes to the term file. */
    public static final long IDLE_WATERMARK_NS = 50_000_000L;

    private final RaftLog log;
    private final LogPositions positions;
    private final TermFile termFile;
    private final Clock clock;
    private final Signal consensusSignal;
    private final boolean isUnsafeNoFsync;
    private final DurationHistogram syncDurations = new DurationHistogram();
    private LogSegment syncing;
    private long durablePosition;
    private long rangeStart;
    private long rangeEnd;
    private long targetPosition;
    private long startedNs;
    private long syncedNs;
    private long storedWatermark;
    private boolean isStarted;
    private long syncCount;

    LogSyncAgent(
        final LogContext context, final RaftLog log, final LogPositions positions, final TermFile termFile)
    {
        this.log = log;
        this.positions = positions;
        this.termFile = termFile;
        clock = context.clock();
        consensusSignal = context.consensusSignal();
        isUnsafeNoFsync = context.isUnsafeNoFsync();
    }

    @Override
    public int doWork()
    {
        if (!isStarted)
        {
            isStarted = true;
            durablePosition = positions.durable();
            storedWatermark = durablePosition;
        }
        int work = termFile.doWork();
        if (isUnsafeNoFsync)
        {
            return work + skipSync();
        }
        if (syncing != null)
        {
            work += poll();
        }
        if (syncing == null)
        {
            work += start();
        }

        return work;
    }

    @Override
    public String roleName()
    {
        return "log-sync";
    }

    /**
     * @return how many syncs of the log were made; log sync thread.
     */
    public long syncCount()
    {
        return syncCount;
    }

    /**
     * @return how long each sync took, from its start until it was found done; any thread may read.
     */
    public DurationHistogram syncDurations()
    {
        return syncDurations;
    }

    private int start()
    {
        // pairs with the release in RaftLog: the frames up to here are whole
        final long appended = positions.appended();
        if (appended == durablePosition)
        {
            return storeIdleWatermark();
        }
        targetPosition = appended;
        rangeStart = durablePosition;
        startRange(log.segmentAt(durablePosition));

        // a disk that blocks is done by now
        return 1 + poll();
    }

    private int poll()
    {
        int work = 0;
        while (syncing != null && syncing.region().pollSync())
        {
            work++;
            syncCount++;
            syncDurations.record(clock.nanoTime() - startedNs);
            if (rangeEnd < targetPosition)
            {
                rangeStart = rangeEnd;
                startRange(log.segmentAfter(syncing));
            }
            else
            {
                syncing = null;
                syncedNs = clock.nanoTime();
                durablePosition = targetPosition;
                positions.durable(durablePosition);
                consensusSignal.signal();
            }
        }

        return work;
    }

    /** The part of the range that lies in one segment; its header too, if it begins there. */
    private void startRange(final LogSegment segment)
    {
        if (segment == null)
        {
            throw new IllegalStateException("no segment holds position " + rangeStart);
        }
        final LogSegment next = log.segmentAfter(segment);
        rangeEnd = next == null ? targetPosition : Math.min(targetPosition, next.basePosition());
        if (rangeEnd < rangeStart)
        {
            throw new IllegalStateException("segments overlap at position " + rangeStart + ": " + segment);
        }
        final int begin = rangeStart == segment.basePosition() ? 0 : segment.offsetOf(rangeStart);
        syncing = segment;
        startedNs = clock.nanoTime();
        segment.region().startSync(begin, segment.offsetOf(rangeEnd) - begin);
    }

    private int skipSync()
    {
        final long appended = positions.appended();
        if (appended == durablePosition)
        {
            return 0;
        }
        durablePosition = appended;
        positions.durable(appended);
        consensusSignal.signal();

        return 1;
    }

    private int storeIdleWatermark()
    {
        if (storedWatermark == durablePosition || clock.nanoTime() - syncedNs < IDLE_WATERMARK_NS || termFile.isBusy())
        {
            return 0;
        }
        storedWatermark = durablePosition;
        termFile.watermark(durablePosition, chainCrc(), positions.commitIndex());

        return 1 + termFile.doWork();
    }

    /** Walks the frames of the last range to the one that ends where it ends. */
    private int chainCrc()
    {
        LogSegment segment = log.segmentAt(rangeStart);
        LogSegment next = log.segmentAfter(segment);
        while (next != null && next.basePosition() < durablePosition)
        {
            segment = next;
            next = log.segmentAfter(segment);
        }
        final UnsafeBuffer buffer = segment.buffer();
        final int end = segment.offsetOf(durablePosition);
        int offset = segment.offsetOf(Math.max(rangeStart, segment.basePosition()));
        int last = -1;
        while (offset < end)
        {
            last = offset;
            offset += FrameDescriptor.alignedLength(
                buffer.getInt(offset) - FrameDescriptor.HEADER_LENGTH);
        }
        if (offset != end || last < 0)
        {
            throw new IllegalStateException("no frame ends at durable position " + durablePosition);
        }

        return buffer.getInt(last + FrameDescriptor.CHAIN_CRC_OFFSET);
    }
}
