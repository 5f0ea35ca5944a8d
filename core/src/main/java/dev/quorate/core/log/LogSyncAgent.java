package dev.quorate.core.log;

import dev.quorate.core.ring.DurationHistogram;
import dev.quorate.core.seam.Clock;
import dev.quorate.core.seam.Signal;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.UnsafeBuffer;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Forces what was appended and publishes how far it is durable; writes the term file. A batch is whatever was appended
 * during the last sync. Owner: the log sync thread; for a single sync, and while that thread is not in its turn, the
 * consensus thread ({@link #syncInTurn}).
 */
public final class LogSyncAgent implements Agent
{
    /** After a sync with nothing behind it for so long, the watermark goes to the term file. */
    public static final long IDLE_WATERMARK_NS = 50_000_000L;

    private static final int FREE = 0;
    private static final int OWNED = 1;
    private static final VarHandle OWNER;

    static
    {
        try
        {
            OWNER = MethodHandles.lookup().findVarHandle(LogSyncAgent.class, "owner", int.class);
        }
        catch (final ReflectiveOperationException ex)
        {
            throw new ExceptionInInitializerError(ex);
        }
    }

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
    private boolean isInTurn;
    @SuppressWarnings("unused")
    private volatile int owner;

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
        // Who finds it owned has nothing to do: consensus alone makes work for this agent, and signals behind its sync.
        if (!tryOwn())
        {
            return 0;
        }
        // What throws keeps the word: a sync that failed must be found done by nobody.
        final int work = turn();
        disown();

        return work;
    }

    /**
     * Forces what consensus has just appended on the thread of consensus, so that the way to the log sync thread and
     * back is saved. With a disk that does not block the sync is only begun.
     *
     * @return true if all that is appended is durable and the term file has nothing to write; else the log sync thread
     * must be signalled, as it may have looked meanwhile and found its work owned.
     */
    public boolean syncInTurn()
    {
        if (!tryOwn())
        {
            return false;
        }
        final boolean isTermFileBusy = termFile.isBusy();
        if (isStarted && !isUnsafeNoFsync && syncing == null && !isTermFileBusy)
        {
            isInTurn = true;
            start();
            isInTurn = false;
        }
        disown();

        return !isTermFileBusy && positions.durable() == positions.appended();
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

    /** Acquire: pairs with the release in disown(), so that what the other thread left here is seen. */
    private boolean tryOwn()
    {
        return (int)OWNER.compareAndExchangeAcquire(this, FREE, OWNED) == FREE;
    }

    private void disown()
    {
        // pairs with the acquire in tryOwn()
        OWNER.setRelease(this, FREE);
    }

    private int turn()
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

    private int start()
    {
        // pairs with the release in RaftLog: the frames up to here are whole
        final long appended = positions.appended();
        if (appended == durablePosition)
        {
            return isInTurn ? 0 : storeIdleWatermark();
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
                if (!isInTurn)
                {
                    consensusSignal.signal();
                }
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
