package dev.quorate.core.node;

import dev.quorate.core.api.EtcdError;
import dev.quorate.core.log.RaftLog;
import dev.quorate.core.log.SegmentSupplier;
import dev.quorate.core.machine.Directories;
import dev.quorate.core.machine.Member;
import dev.quorate.core.ring.LoopRings;
import dev.quorate.core.ring.RingMessages;
import dev.quorate.core.ring.RingReads;
import dev.quorate.core.snapshot.SnapshotAgent;
import dev.quorate.core.snapshot.SnapshotRings;
import dev.quorate.core.store.DurableMark;
import dev.quorate.core.store.HashJob;
import dev.quorate.core.store.HousekeepingStore;
import dev.quorate.core.store.Store;
import dev.quorate.core.store.StoreReader;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.MessageHandler;
import org.agrona.concurrent.UnsafeBuffer;

import java.util.ArrayDeque;

/**
 * The cold agent: everything that touches files in bulk. It prepares and recycles log segments, writes and compacts the
 * store, lets the log go below durable marks, and runs hashes, defragmentation and waits for compaction that loops
 * asked for.
 */
public final class HousekeepingAgent implements Agent
{
    private static final int MAX_JOBS = 256;
    /** On a full disk the log keeps no more entries than these for members that are behind. */
    private static final long KEPT_WHEN_SHORT = 16;

    private final RaftLog log;
    private final SegmentSupplier segments;
    private final Store store;
    private final SnapshotRings snapshotRings;
    private final SnapshotAgent snapshots;
    private HousekeepingStore cold;
    private final LoopRings[] loops;
    private final long catchUpEntries;
    private final DurableMark mark = new DurableMark();
    private final ArrayDeque<Job> jobs = new ArrayDeque<>();
    private final UnsafeBuffer answer = new UnsafeBuffer(new byte[48]);
    private final MessageHandler handler = this::onRequest;
    private final HashJob hash;
    private Job hashing;
    private long retainedFrom;

    HousekeepingAgent(
        final NodeContext context,
        final RaftLog log,
        final Store store,
        final Directories directories,
        final SnapshotRings snapshotRings)
    {
        this.snapshotRings = snapshotRings;
        final long firstId = (context.memberId() << 40) + (log.termFile().bootId() << 16);
        this.snapshots = new SnapshotAgent(
            store, snapshotRings, context.snapshotLink(), context.clock(), firstId, context.coreSignal(),
            (memberId) -> endpointOf(directories.members().member(memberId)), context.snapshotBytesPerSecond());
        this.log = log;
        this.segments = log.supplier();
        this.store = store;
        this.cold = store.housekeeping();
        this.loops = context.loops();
        this.hash = store.newHashJob();
        this.catchUpEntries = context.catchUpEntries();
    }

    @Override
    public int doWork()
    {
        int work = segments.doWork() + snapshots.doWork();
        if (snapshots.isSwitching())
        {
            return work;
        }
        cold = store.housekeeping();
        work += cold.doWork();
        for (final LoopRings loop : loops)
        {
            if (jobs.size() < MAX_JOBS)
            {
                work += RingReads.read(loop.toHousekeeping(), handler, 16);
            }
        }
        work += runJob();
        letGo();
        return work;
    }

    @Override
    public String roleName()
    {
        return "housekeeping";
    }

    @Override
    public void onClose()
    {
        snapshots.close();
    }

    private static String endpointOf(final Member member)
    {
        return null == member || member.peerUrls().isEmpty() ? null :
            PeerEndpoints.endpointOf(member.peerUrls().get(0));
    }

    private void letGo()
    {
        if (!store.durableMark(mark))
        {
            return;
        }
        final boolean isShort = log.isFull() || store.space().isShortOfDisk();
        if (isShort)
        {
            segments.beFrugal();
        }
        final long kept = isShort ? Math.min(catchUpEntries, KEPT_WHEN_SHORT) : catchUpEntries;
        final long from = Math.min(mark.raftIndex() + 1 - kept, snapshots.heldIndex());
        if (from > retainedFrom)
        {
            retainedFrom = from;
            snapshotRings.retainFrom(from);
        }
    }

    private void onRequest(
        final int msgTypeId, final MutableDirectBuffer buffer, final int index, final int length)
    {
        final Job job = new Job(msgTypeId, buffer.getLong(index));
        switch (msgTypeId)
        {
            case RingMessages.HASH_KV, RingMessages.AWAIT_COMPACTION -> job.revision = buffer.getLong(index + 8);
            case RingMessages.HASH, RingMessages.DEFRAGMENT ->
            {
                // No further fields.
            }
            default -> throw new IllegalStateException("unknown request to housekeeping: type=" + msgTypeId);
        }
        jobs.add(job);
    }

    private int runJob()
    {
        final int count = jobs.size();
        int work = 0;
        for (int i = 0; i < count; i++)
        {
            final Job job = jobs.poll();
            if (run(job))
            {
                work++;
            }
            else
            {
                jobs.add(job);
            }
        }
        return work;
    }

    private boolean run(final Job job)
    {
        return switch (job.type)
        {
            case RingMessages.HASH_KV, RingMessages.HASH -> runHash(job);
            case RingMessages.DEFRAGMENT -> runDefragment(job);
            default -> store.finishedCompaction() >= job.revision ? deliver(job, EtcdError.NONE, 0, 0, 0, 0) :
                failWithoutSpace(job);
        };
    }

    private boolean runHash(final Job job)
    {
        if (null == hashing)
        {
            hashing = job;
            if (RingMessages.HASH == job.type)
            {
                hash.submitHash();
            }
            else
            {
                hash.submitHashKv(job.revision);
            }
        }
        if (hashing != job || !hash.isDone())
        {
            return false;
        }
        final EtcdError error = switch (hash.status())
        {
            case StoreReader.COMPACTED -> EtcdError.COMPACTED;
            case StoreReader.FUTURE -> EtcdError.FUTURE_REVISION;
            default -> EtcdError.NONE;
        };
        final boolean isDelivered = deliver(
            job,
            error,
            Integer.toUnsignedLong(hash.hash()),
            hash.compactRevision(),
            hash.hashRevision(),
            hash.currentRevision());
        if (isDelivered)
        {
            hashing = null;
        }
        return isDelivered;
    }

    private boolean runDefragment(final Job job)
    {
        if (0 == job.ticket)
        {
            job.ticket = store.requestDefragment();
        }
        if (!store.isDefragmented(job.ticket))
        {
            return failWithoutSpace(job);
        }
        return deliver(
            job, store.isDefragmentShort(job.ticket) ? EtcdError.NO_SPACE : EtcdError.NONE, 0, 0, 0, 0);
    }

    /** What waits for the tail to be written would wait until somebody makes room. */
    private boolean failWithoutSpace(final Job job)
    {
        return store.space().isOutOfDisk() && deliver(job, EtcdError.NO_SPACE, 0, 0, 0, 0);
    }

    private boolean deliver(
        final Job job,
        final EtcdError error,
        final long hash,
        final long compactRevision,
        final long hashRevision,
        final long currentRevision)
    {
        answer.putLong(0, job.correlationId);
        answer.putLong(8, error.ordinal());
        answer.putLong(16, hash);
        answer.putLong(24, compactRevision);
        answer.putLong(32, hashRevision);
        answer.putLong(40, currentRevision);
        final LoopRings loop = loops[(int)(job.correlationId >>> 56)];
        if (!loop.fromHousekeeping().write(RingMessages.HOUSEKEEPING_ANSWER, answer, 0, 48))
        {
            return false;
        }
        loop.signalLoop();
        return true;
    }

    private static final class Job
    {
        private final int type;
        private final long correlationId;
        private long revision;
        private long ticket;

        Job(final int type, final long correlationId)
        {
            this.type = type;
            this.correlationId = correlationId;
        }
    }
}
