package dev.quorate.core.machine;

import dev.quorate.core.api.EtcdError;
import dev.quorate.core.raft.RaftLogAccess;
import dev.quorate.core.ring.NodeState;
import dev.quorate.core.seam.Clock;
import dev.quorate.core.seam.SimulatedDisk;
import dev.quorate.core.seam.SimulatedRng;
import dev.quorate.core.store.HashJob;
import dev.quorate.core.store.Store;
import dev.quorate.core.store.StoreContext;
import org.agrona.concurrent.UnsafeBuffer;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/**
 * A state machine over a store on a simulated disk, with a taker of results that keeps them.
 */
final class TestMachine implements LeaseListener
{
    static final long MEMBER_ID = 0x8000_0000_0000_0001L;
    static final long BOOT_ID = 7;

    /** A whole result, its parts put together. */
    record Result(
        long correlationId,
        long index,
        long revision,
        long boundBefore,
        long boundAfter,
        EtcdError error,
        List<Long> values)
    {
    }

    final SimulatedDisk disk;
    final Directories directories = new Directories();
    final NodeState state = new NodeState();
    final TreeMap<Long, Long> leases = new TreeMap<>();
    final List<Result> results = new ArrayList<>();
    final Store store;
    final StateMachine machine;
    long term = 1;
    int turns;

    private final Commands commands = new Commands();
    private final List<Long> openValues = new ArrayList<>();
    private long nextCorrelationId = 1;
    private int mostValues;

    TestMachine(final int sliceUnits)
    {
        this(sliceUnits, MemberDirectory.EMPTY, ApplyQuota.UNLIMITED);
    }

    TestMachine(final int sliceUnits, final MemberDirectory bootstrap, final ApplyQuota quota)
    {
        this(new SimulatedDisk(new SimulatedRng(1)), sliceUnits, bootstrap, quota);
    }

    private TestMachine(
        final SimulatedDisk disk, final int sliceUnits, final MemberDirectory bootstrap, final ApplyQuota quota)
    {
        this.disk = disk;
        store = Store.open(new StoreContext().disk(disk).clock(clock()).clusterId(3).storeId(4)
            .tailBufferLength(1024 * 1024).ringLength(1024));
        machine = new StateMachine(new MachineContext().store(store).memberId(MEMBER_ID).bootId(BOOT_ID)
            .resultSink(this::onResult).leaseListener(this).directories(directories).nodeState(state)
            .bootstrap(bootstrap).quota(quota).sliceUnits(sliceUnits));
        machine.recover();
    }

    /**
     * Applies a command that this boot of this member asked for, publishes it and gives its result.
     */
    Result apply(final Command command)
    {
        results.clear();
        applyFrom(MEMBER_ID, BOOT_ID, command);
        store.publish();
        return results.isEmpty() ? null : results.get(0);
    }

    EtcdError errorOf(final Command command)
    {
        return apply(command).error();
    }

    void applyFrom(final long memberId, final long bootId, final Command command)
    {
        final UnsafeBuffer payload = commands.encode(memberId, bootId, nextCorrelationId++, command);
        applyBytes(command instanceof Command.Change ? RaftLogAccess.CONFIG :
            command instanceof Command.Noop ? RaftLogAccess.NOOP : RaftLogAccess.COMMAND, payload);
    }

    void applyBytes(final int type, final UnsafeBuffer payload)
    {
        turns = 1;
        boolean isDone = machine.apply(machine.appliedIndex() + 1, term, type, payload, 0, payload.capacity());
        while (!isDone)
        {
            turns++;
            store.doWork();
            if (store.isBackPressured())
            {
                store.housekeeping().doWork();
                continue;
            }
            isDone = machine.resume();
        }
    }

    int mostValues()
    {
        return mostValues;
    }

    /** The hash at the newest revision, or 0 if that is compacted: there the hash that a compaction kept may answer. */
    int hashKv()
    {
        if (store.visibleRevision() <= store.compactedRevision())
        {
            return 0;
        }
        final HashJob job = store.newHashJob();
        job.submitHashKv(store.visibleRevision());
        for (int i = 0; !job.isDone(); i++)
        {
            if (i > 100_000)
            {
                throw new IllegalStateException("no hash");
            }
            store.housekeeping().doWork();
            store.doWork();
        }
        return job.hash();
    }

    /**
     * A clean stop with everything forced, and a start from the same disk.
     */
    TestMachine reopen(final int sliceUnits)
    {
        store.requestForce();
        for (int i = 0; store.durableRaftIndex() < machine.appliedIndex(); i++)
        {
            if (i > 100_000)
            {
                throw new IllegalStateException("not forced: " + store.durableRaftIndex());
            }
            store.housekeeping().doWork();
            store.doWork();
        }
        store.close();
        final TestMachine reopened =
            new TestMachine(disk, sliceUnits, MemberDirectory.EMPTY, ApplyQuota.UNLIMITED);
        reopened.term = term;
        reopened.nextCorrelationId = nextCorrelationId;
        return reopened;
    }

    @Override
    public void onGranted(final long leaseId, final long ttlSeconds, final long index)
    {
        if (null != leases.put(leaseId, ttlSeconds))
        {
            throw new IllegalStateException("granted twice: " + leaseId);
        }
    }

    @Override
    public void onRevoked(final long leaseId, final long index)
    {
        if (null == leases.remove(leaseId))
        {
            throw new IllegalStateException("never granted: " + leaseId);
        }
    }

    @Override
    public void onCleared()
    {
        leases.clear();
    }

    private void onResult(final org.agrona.DirectBuffer buffer, final int offset, final int length)
    {
        final ApplyResult part = new ApplyResult().wrap(buffer, offset, length);
        mostValues = Math.max(mostValues, part.valueCount());
        for (int i = 0; i < part.valueCount(); i++)
        {
            openValues.add(part.value(i));
        }
        if (!part.isContinued())
        {
            results.add(new Result(part.correlationId(), part.index(), part.revision(), part.boundBefore(),
                part.boundAfter(), part.error(), List.copyOf(openValues)));
            openValues.clear();
        }
    }

    private static Clock clock()
    {
        return new Clock()
        {
            private long now;

            @Override
            public long nanoTime()
            {
                now += 1_000_000;
                return now;
            }

            @Override
            public long epochMillis()
            {
                return 0;
            }
        };
    }
}
