package dev.quorate.core.node;

import dev.quorate.core.lease.LeaseClock;
import dev.quorate.core.log.LogSyncAgent;
import dev.quorate.core.log.RaftLog;
import dev.quorate.core.machine.ClusterFounding;
import dev.quorate.core.machine.Directories;
import dev.quorate.core.machine.LeaseListener;
import dev.quorate.core.machine.MachineContext;
import dev.quorate.core.machine.Member;
import dev.quorate.core.machine.StateMachine;
import dev.quorate.core.raft.ConfigEntryReader;
import dev.quorate.core.raft.Configuration;
import dev.quorate.core.ring.NodeState;
import dev.quorate.core.seam.DiskFullException;
import dev.quorate.core.seam.StorageFault;
import dev.quorate.core.snapshot.SnapshotRings;
import dev.quorate.core.store.DurableMark;
import dev.quorate.core.store.HousekeepingStore;
import dev.quorate.core.store.Store;
import org.agrona.BufferUtil;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.ringbuffer.OneToOneRingBuffer;
import org.agrona.concurrent.ringbuffer.RingBufferDescriptor;

import java.util.ArrayList;
import java.util.List;

/**
 * One member, recovered and wired. Its agents are run by whoever opened it: on one thread or on several, as long as
 * each agent has one thread at a time.
 */
public final class Node implements AutoCloseable
{
    /** First term of a cluster: that of the entries which every initial member writes by itself. */
    private static final long BOOTSTRAP_TERM = 1;
    private static final int LEASE_RING_CAPACITY = 1024 * 1024;
    private static final int RESTART_ATTEMPTS = 100;

    private final NodeContext context;
    private final RaftLog log;
    private final Store store;
    private final Directories directories;
    private final ConsensusAgent consensus;
    private final ApplyAgent apply;
    private final HousekeepingAgent housekeeping;

    private Node(
        final NodeContext context,
        final RaftLog log,
        final Store store,
        final Directories directories,
        final ConsensusAgent consensus,
        final ApplyAgent apply,
        final HousekeepingAgent housekeeping)
    {
        this.context = context;
        this.log = log;
        this.store = store;
        this.directories = directories;
        this.consensus = consensus;
        this.apply = apply;
        this.housekeeping = housekeeping;
    }

    /**
     * Recovers a member from its data directory, or creates it: log first, then the store to its newest durable mark,
     * then what both say together.
     *
     * @param context        concluded.
     * @param initialMembers of a new cluster, written into the log of a new directory, or into the copy of a store that
     *                       a new cluster begins from; the directory gets its identity only when they are durable: a
     *                       part of them could elect this member alone; empty for a member that joins one.
     * @return the member, its agents not running yet.
     * @throws DiskFullException if the disk has no room for the first files.
     * @throws StorageFault      if log and store do not fit together, or are damaged.
     */
    public static Node open(final NodeContext context, final List<Member> initialMembers) throws DiskFullException
    {
        final RaftLog log = RaftLog.open(context.logContext()
            .disk(context.disk())
            .clock(context.clock())
            .rng(context.rng())
            .consensusSignal(context.coreSignal())
            .clusterId(context.clusterId())
            .maxPayloadLength(context.maxPayloadLength())
            .unsafeNoFsync(context.isUnsafeNoFsync())
            .conclude());
        final boolean isFounded = context.isFoundedOnStore();
        if (context.isNewDirectory() && !isFounded)
        {
            bootstrap(log, initialMembers);
        }
        final AnswerGrace grace = new AnswerGrace(context.loops());
        final Store store = Store.open(context.storeContext()
            .disk(context.disk())
            .clock(context.clock())
            .clusterId(context.clusterId())
            .storeId(log.termFile().storeId())
            .isNew(context.isNewDirectory() && !isFounded)
            .isAdopted(isFounded)
            .snapshotCount(context.snapshotCount())
            .answers(grace::request, grace::granted));
        if (isFounded)
        {
            found(store, initialMembers);
        }
        final long appliedIndex = reconcile(log, store);
        final OneToOneRingBuffer leaseRing = new OneToOneRingBuffer(new UnsafeBuffer(
            BufferUtil.allocateDirectAligned(LEASE_RING_CAPACITY + RingBufferDescriptor.TRAILER_LENGTH, 128)));
        final LeaseClock leaseClock = new LeaseClock(context.electionTimeoutNs());
        final Directories directories = new Directories();
        final SnapshotRings snapshotRings = new SnapshotRings();
        final ApplyAgent apply = recoverMachine(context, log, store, directories, leaseRing, leaseClock);
        final Configuration configuration = configurationOf(directories, appliedIndex);
        if (context.isAlone())
        {
            context.monitor().onAlone(LoneMember.begin(log, context.memberId(), configuration));
        }
        final long commitIndex = Math.min(Math.max(log.commitIndex(), appliedIndex), log.lastIndex());
        final ConsensusAgent consensus = new ConsensusAgent(
            context, log, store, directories, leaseRing, leaseClock, snapshotRings,
            configuration, commitIndex);
        return new Node(
            context, log, store, directories, consensus, apply,
            new HousekeepingAgent(context, log, store, directories, snapshotRings));
    }

    /**
     * @return the consensus agent.
     */
    public ConsensusAgent consensus()
    {
        return consensus;
    }

    /**
     * @return the apply agent.
     */
    public ApplyAgent apply()
    {
        return apply;
    }

    /**
     * @return the log sync agent.
     */
    public LogSyncAgent logSync()
    {
        return log.syncAgent();
    }

    /**
     * @return the cold agent.
     */
    public HousekeepingAgent housekeeping()
    {
        return housekeeping;
    }

    /**
     * @return the log.
     */
    public RaftLog log()
    {
        return log;
    }

    /**
     * @return the store.
     */
    public Store store()
    {
        return store;
    }

    /**
     * @return members and alarms as applied.
     */
    public Directories directories()
    {
        return directories;
    }

    /**
     * @return published values.
     */
    public NodeState state()
    {
        return context.state();
    }

    /**
     * Clean end, after all agents have ended and before {@link #close()}: leaves the next start little to do.
     *
     * @param maxNs longest time it should take, nanoseconds.
     * @return true if all was done in that time.
     */
    public boolean finish(final long maxNs)
    {
        return store.housekeeping().finish(store, maxNs);
    }

    @Override
    public void close()
    {
        store.close();
        log.close();
    }

    private static void bootstrap(final RaftLog log, final List<Member> initialMembers) throws DiskFullException
    {
        final List<Member> sorted = new ArrayList<>(initialMembers);
        sorted.sort((a, b) -> Long.compareUnsigned(a.id(), b.id()));
        final OwnConfigEntries entries = new OwnConfigEntries(log);
        for (final Member member : sorted)
        {
            entries.append(BOOTSTRAP_TERM, ConfigEntryReader.ADD_VOTER, member.id(), member.peerUrls());
        }
    }

    /** The members of the new cluster take the place of the old ones, and that is durable before anything else is. */
    private static void found(final Store store, final List<Member> members) throws DiskFullException
    {
        ClusterFounding.found(store, members);
        final HousekeepingStore cold = store.housekeeping();
        final DurableMark mark = new DurableMark();
        store.requestForce();
        do
        {
            store.doWork();
            cold.doWork();
            if (cold.diskFullCount() > 0)
            {
                throw new DiskFullException("no room for the first entry of the new cluster");
            }
        }
        while (!store.durableMark(mark) || mark.raftIndex() < store.raftIndex());
    }

    /** The frame that restarts the log may need a new segment, which housekeeping does not prepare yet. */
    private static void restart(final RaftLog log, final DurableMark mark) throws DiskFullException
    {
        for (int i = 0; log.resetTo(mark.raftIndex(), mark.term()) < 0; i++)
        {
            log.supplier().doWork();
            if (i == RESTART_ATTEMPTS)
            {
                throw new DiskFullException("no room for the segment in which the log begins anew");
            }
        }
    }

    private static long reconcile(final RaftLog log, final Store store) throws DiskFullException
    {
        final DurableMark mark = new DurableMark();
        if (!store.durableMark(mark))
        {
            throw new IllegalStateException("the mark changes although no agent runs yet");
        }
        final boolean isLogOther = mark.raftIndex() >= log.baseIndex() && mark.raftIndex() <= log.lastIndex() &&
            log.termAt(mark.raftIndex()) != mark.term();
        // A snapshot became the store, and the log was to begin anew after it.
        if (mark.raftIndex() > log.lastIndex() || isLogOther)
        {
            restart(log, mark);
        }
        if (log.baseIndex() > mark.raftIndex())
        {
            throw new StorageFault("the log begins after index " + log.baseIndex() + " but the store ends at " +
                mark.raftIndex() + ": entries between them are lost; remove this member and add it again");
        }
        return mark.raftIndex();
    }

    private static ApplyAgent recoverMachine(
        final NodeContext context,
        final RaftLog log,
        final Store store,
        final Directories directories,
        final OneToOneRingBuffer leaseRing,
        final LeaseClock leaseClock)
    {
        final ApplyAgent apply = new ApplyAgent(context, log, store, leaseRing, directListener(leaseClock));
        final StateMachine machine = new StateMachine(new MachineContext()
            .store(store)
            .memberId(context.memberId())
            .bootId(log.termFile().bootId())
            .resultSink(apply)
            .leaseListener(apply)
            .quota(new SpaceQuota(context.state(), store, context.quotaBytes()))
            .directories(directories)
            .nodeState(context.state()));
        machine.recover();
        apply.machine(machine);
        return apply;
    }

    private static LeaseListener directListener(final LeaseClock leaseClock)
    {
        return new LeaseListener()
        {
            @Override
            public void onGranted(final long leaseId, final long ttlSeconds, final long index)
            {
                leaseClock.onGranted(leaseId, ttlSeconds, 0);
            }

            @Override
            public void onRevoked(final long leaseId, final long index)
            {
                leaseClock.onRevoked(leaseId);
            }

            @Override
            public void onCleared()
            {
                leaseClock.clear();
            }
        };
    }

    static Configuration configurationOf(final Directories directories, final long appliedIndex)
    {
        final Configuration configuration = new Configuration();
        for (final Member member : directories.members().members())
        {
            configuration.standing(
                member.id(), member.isLearner() ? Configuration.LEARNER : Configuration.VOTER);
        }
        configuration.index(appliedIndex);
        return configuration;
    }
}
