package dev.quorate.core.sim;

import dev.quorate.core.api.ClientPort;
import dev.quorate.core.log.LogContext;
import dev.quorate.core.log.LogProbe;
import dev.quorate.core.machine.Member;
import dev.quorate.core.node.Node;
import dev.quorate.core.node.NodeContext;
import dev.quorate.core.node.NodeMonitor;
import dev.quorate.core.peer.PeerCounters;
import dev.quorate.core.raft.Role;
import dev.quorate.core.ring.LoopRings;
import dev.quorate.core.ring.NodeState;
import dev.quorate.core.seam.Clock;
import dev.quorate.core.seam.Disk;
import dev.quorate.core.seam.DiskFullException;
import dev.quorate.core.seam.PeerLink;
import dev.quorate.core.seam.SimulatedCrash;
import dev.quorate.core.seam.SimulatedDisk;
import dev.quorate.core.seam.SimulatedRng;
import dev.quorate.core.seam.StorageFault;
import dev.quorate.core.session.LoopSession;
import dev.quorate.core.session.SessionContext;
import dev.quorate.core.session.StoreLeases;
import dev.quorate.core.session.StoreState;
import dev.quorate.core.store.LeaseIds;
import dev.quorate.core.store.StoreContext;
import dev.quorate.core.watch.WatchAgent;
import dev.quorate.core.watch.WatchContext;

import org.agrona.collections.LongArrayList;

import java.util.Arrays;
import java.util.List;

/**
 * One member: its disk, which outlives boots, and for each boot a node with all agents and two event loops, each
 * stepped when virtual time says so.
 */
final class SimulatedMember
{
    static final int LOOPS = 2;
    static final String[] AGENTS = {
        "consensus", "log-sync", "apply", "housekeeping", "watch", "loop-0", "loop-1"};
    static final int CONSENSUS = 0;
    static final int LOG_SYNC = 1;
    static final int APPLY = 2;
    static final int HOUSEKEEPING = 3;
    static final int WATCH = 4;
    static final int FIRST_LOOP = 5;
    private static final int[] IDLE_NS = {
        10_000_000, 20_000_000, 10_000_000, 20_000_000, 10_000_000, 10_000_000, 10_000_000};
    private static final int BUSY_NS = 20_000;
    private static final int WAKE_NS = 30_000;
    /** The rest is polled; those end within the turn that began them. */
    private static final int SYNC_AT_ONCE_ONE_IN = 3;

    /** Hears of each turn of an agent, and of ends. */
    interface Observer
    {
        void onStarted(SimulatedMember member);

        void onInstalled(SimulatedMember member, long index);

        void onRemoved(SimulatedMember member);

        void onTurn(SimulatedMember member, int agent, int work);

        void onHalted(SimulatedMember member, Throwable cause);
    }

    /** A step of an agent. */
    private interface Step
    {
        int run();
    }

    /** An agent and when it is due. */
    private final class Task
    {
        final int agent;
        final Step step;
        final int idleNs;
        long dueNs = Long.MAX_VALUE;
        long ticket;

        Task(final int agent, final Step step)
        {
            this.agent = agent;
            this.step = step;
            idleNs = IDLE_NS[agent];
        }

        void dueIn(final long delayNs)
        {
            final long atNs = time.nowNs() + delayNs;
            if (atNs < dueNs)
            {
                dueNs = atNs;
                final long ofTicket = ++ticket;
                final long ofBoot = boots;
                time.at(atNs, () ->
                {
                    if (ofTicket == ticket && ofBoot == boots && isUp)
                    {
                        turn(this);
                    }
                });
            }
        }
    }

    final int index;
    long memberId;
    final SimulationSettings settings;
    private final VirtualTime time;
    private final SimulatedNetwork network;
    private final SimulatedSnapshotNetwork snapshots;
    private final SimulatedRng rng;
    private final Observer observer;
    private final long clusterId;
    private List<Member> initialMembers;
    private List<Member> knownPeers = List.of();
    private final long clockOffsetNs;
    private final long[] pausedUntilNs = new long[AGENTS.length];
    private final Task[] tasks = new Task[AGENTS.length];
    final ClientPort[] ports = new ClientPort[LOOPS];
    SimulatedDisk disk;
    Node node;
    NodeState state;
    WatchAgent watch;
    LogProbe probe;
    PeerLink link;
    long boots;
    /** Of the checks. */
    private LeaseIds leases;
    boolean isUp;
    private boolean isNewDirectory = true;
    long pauseEndedNs = Long.MIN_VALUE;
    /** The time of day is wrong by so much. */
    long wallAheadMs;
    private long lastConsensusNs;

    SimulatedMember(
        final int index,
        final long memberId,
        final long clusterId,
        final List<Member> initialMembers,
        final VirtualTime time,
        final SimulatedNetwork network,
        final SimulatedSnapshotNetwork snapshots,
        final SimulationSettings settings,
        final SimulatedRng rng,
        final Observer observer)
    {
        this.index = index;
        this.memberId = memberId;
        this.clusterId = clusterId;
        this.initialMembers = initialMembers;
        this.time = time;
        this.network = network;
        this.snapshots = snapshots;
        this.settings = settings;
        this.rng = rng;
        this.observer = observer;
        clockOffsetNs = 1_000_000_000L + rng.nextInt(1_000_000_000);
        disk = new SimulatedDisk(rng.fork()).captureOneIn(16);
    }

    /** Another member, with an empty disk, takes the place of this one; it starts like any that joins. */
    void replace(final long newMemberId, final List<Member> known)
    {
        release();
        memberId = newMemberId;
        initialMembers = List.of();
        knownPeers = known;
        isNewDirectory = true;
        disk = new SimulatedDisk(rng.fork()).captureOneIn(16);
    }

    long clockNs()
    {
        return clockOffsetNs + time.nowNs();
    }

    /** @return false if the member could not start: the disk is full or failed. */
    boolean start()
    {
        boots++;
        state = new NodeState();
        final LoopRings[] loops = new LoopRings[LOOPS];
        for (int i = 0; i < LOOPS; i++)
        {
            loops[i] = new LoopRings(i, settings.commandRingCapacity(), 64 * 1024);
            final int agent = FIRST_LOOP + i;
            loops[i].signals(
                () ->
                {
                    wake(CONSENSUS);
                    wake(APPLY);
                    wake(WATCH);
                },
                () -> wake(HOUSEKEEPING),
                () -> wake(agent));
        }
        link = network.open(index, () -> wake(CONSENSUS));
        final Clock clock = new MemberClock();
        try
        {
            node = Node.open(context(disk, clock, loops), initialMembers);
        }
        catch (final DiskFullException | StorageFault | SimulatedCrash ex)
        {
            network.crash(index);
            snapshots.crash(index);
            node = null;
            observer.onHalted(this, ex);
            return false;
        }
        if (isNewDirectory)
        {
            isNewDirectory = false;
            completeDirectory();
        }
        probe = new LogProbe(node.log(), disk);
        leases = node.store().newLeaseIds();
        for (int i = 0; i < LOOPS; i++)
        {
            ports[i] = session(loops[i], clock);
        }
        isUp = true;
        pauseEndedNs = Long.MIN_VALUE;
        lastConsensusNs = time.nowNs();
        tasks[CONSENSUS] = new Task(CONSENSUS, node.consensus()::doWork);
        tasks[LOG_SYNC] = new Task(LOG_SYNC, node.logSync()::doWork);
        tasks[APPLY] = new Task(APPLY, node.apply()::doWork);
        tasks[HOUSEKEEPING] = new Task(HOUSEKEEPING, node.housekeeping()::doWork);
        watch = new WatchAgent(new WatchContext()
            .store(node.store())
            .loops(loops)
            .nodeState(state)
            .clock(clock)
            .rng(rng.fork())
            .conclude());
        tasks[WATCH] = new Task(WATCH, watch::doWork);
        for (int i = 0; i < LOOPS; i++)
        {
            tasks[FIRST_LOOP + i] = new Task(FIRST_LOOP + i, ports[i]::doWork);
        }
        node.consensus().onStart();
        observer.onStarted(this);
        for (final Task task : tasks)
        {
            task.dueIn(1 + rng.nextInt(BUSY_NS));
        }
        return true;
    }

    /** As the server does: the first entries are durable before the directory gets its identity and agents run. */
    private void completeDirectory()
    {
        while (node.log().durablePosition() < node.log().appendedPosition())
        {
            node.logSync().doWork();
        }
        disk.syncTakes(time::nowNs, settings.syncMinNs, settings.syncMaxNs).syncAtOnceOneIn(SYNC_AT_ONCE_ONE_IN)
            .syncListener(this::onSyncStarted);
    }

    void wake(final int agent)
    {
        if (isUp)
        {
            tasks[agent].dueIn(1 + rng.nextInt(WAKE_NS));
        }
    }

    /** A call of a client comes to an event loop: what ends the loop there ends the member, as in a turn. */
    void onLoop(final Runnable step)
    {
        try
        {
            step.run();
        }
        catch (final StorageFault | SimulatedCrash ex)
        {
            stop();
            observer.onHalted(this, ex);
        }
    }

    /** The agent of this number does nothing for a while. */
    void pause(final int agent, final long durationNs)
    {
        pausedUntilNs[agent] = Math.max(pausedUntilNs[agent], time.nowNs() + durationNs);
    }

    long pausedUntilNs(final int agent)
    {
        return pausedUntilNs[agent];
    }

    /** All pauses end now. */
    void unpause()
    {
        Arrays.fill(pausedUntilNs, 0);
        for (int i = 0; i < AGENTS.length; i++)
        {
            wake(i);
        }
    }

    void pauseAll(final long durationNs)
    {
        for (int i = 0; i < AGENTS.length; i++)
        {
            pause(i, durationNs);
        }
    }

    /** The member ends without warning. What its disk is afterwards is decided by the caller. */
    void stop()
    {
        isUp = false;
        for (final Task task : tasks)
        {
            if (task != null)
            {
                task.ticket++;
            }
        }
        network.crash(index);
        snapshots.crash(index);
    }

    /** @return members, alarms and leases as this member has applied them. */
    String systemState()
    {
        final LongArrayList ids = new LongArrayList();
        leases.copyTo(ids);
        return node.directories().members() + " " + node.directories().alarms() + " leases=" + ids;
    }

    /** Gives back memory of the last boot; its log can no longer be looked at. */
    void release()
    {
        if (node != null)
        {
            try
            {
                node.close();
            }
            catch (final IllegalStateException ex)
            {
                // The disk below it is dead; memory is given back before files are.
            }
            node = null;
            probe = null;
        }
    }

    private void turn(final Task task)
    {
        final long nowNs = time.nowNs();
        task.dueNs = Long.MAX_VALUE;
        if (pausedUntilNs[task.agent] > nowNs)
        {
            task.dueIn(pausedUntilNs[task.agent] - nowNs + rng.nextInt(WAKE_NS));
            return;
        }
        if (task.agent == CONSENSUS)
        {
            if (nowNs - lastConsensusNs > settings.electionTimeoutNs)
            {
                pauseEndedNs = clockNs();
            }
            lastConsensusNs = nowNs;
        }
        final int work;
        try
        {
            work = task.step.run();
        }
        catch (final StorageFault | SimulatedCrash ex)
        {
            stop();
            observer.onHalted(this, ex);
            return;
        }
        observer.onTurn(this, task.agent, work);
        if (task.agent == CONSENSUS && 0 != state.get(NodeState.Value.IS_REMOVED))
        {
            // as the server does
            stop();
            observer.onRemoved(this);
        }
        if (isUp)
        {
            task.dueIn(1 + rng.nextInt(work > 0 ? BUSY_NS : idleNs(task)));
        }
    }

    private void onSyncStarted(final long endNs)
    {
        if (isUp)
        {
            tasks[LOG_SYNC].dueIn(endNs - time.nowNs() + 1 + rng.nextInt(WAKE_NS));
        }
    }

    private int idleNs(final Task task)
    {
        if (task.agent < FIRST_LOOP)
        {
            return task.idleNs;
        }
        final long deadlineNs = ports[task.agent - FIRST_LOOP].nextDeadlineNs() - clockNs();
        return (int)Math.max(1, Math.min(task.idleNs, deadlineNs));
    }

    private NodeContext context(final Disk onDisk, final Clock clock, final LoopRings[] loops)
    {
        return new NodeContext()
            .isNewDirectory(isNewDirectory)
            .knownPeers(knownPeers)
            .isStrictReconfigCheck(settings.isStrictReconfigCheck)
            .memberId(memberId)
            .clusterId(clusterId)
            .name("m" + index)
            .clientUrls(List.of("http://m" + index + ":2379"))
            .disk(onDisk)
            .clock(clock)
            .rng(rng.fork())
            .peerLink(link)
            .peerCounters(new PeerCounters())
            .snapshotLink(snapshots.open(index))
            .snapshotBytesPerSecond(settings.snapshotBytesPerSecond)
            .monitor(new Monitor())
            .state(state)
            .loops(loops)
            .coreSignal(() -> wake(CONSENSUS))
            .applySignal(() -> wake(APPLY))
            .watchSignal(() -> wake(WATCH))
            .logSyncSignal(() -> wake(LOG_SYNC))
            .housekeepingSignal(() -> wake(HOUSEKEEPING))
            .heartbeatIntervalNs(settings.heartbeatNs)
            .electionTimeoutNs(settings.electionTimeoutNs)
            .maxPayloadLength(settings.maxPayloadLength())
            .commandRingCapacity(settings.commandRingCapacity())
            .snapshotCount(settings.snapshotCount)
            .catchUpEntries(settings.catchUpEntries)
            .storeContext(new StoreContext()
                .tailBufferLength(settings.tailBufferLength)
                .forceLength(settings.forceLength)
                .forceIntervalNs(settings.forceIntervalNs)
                .checkpointInterval(16 * 1024, 1024 * 1024)
                .sliceBytes(settings.sliceBytes)
                .ringLength(1024))
            .logContext(new LogContext()
                .initialSegmentLength(settings.segmentLength)
                .maxSegmentLength(settings.segmentLength))
            .conclude();
    }

    private ClientPort session(final LoopRings rings, final Clock clock)
    {
        return new LoopSession(new SessionContext()
            .rings(rings)
            .nodeState(state)
            .state(new StoreState(node.store()))
            .directories(node.directories())
            .leases(new StoreLeases(node.store().newLeaseIds()))
            .clock(clock)
            .rng(rng.fork())
            .clusterId(clusterId)
            .memberId(memberId)
            .bootId(node.log().termFile().bootId())
            .maxRequestBytes(settings.maxRequestBytes())
            .heartbeatNs(settings.heartbeatNs)
            .electionTimeoutNs(settings.electionTimeoutNs)
            .conclude());
    }

    @Override
    public String toString()
    {
        return "m" + index + (isUp && node != null ? " boot " + boots + " " + node.consensus().raft() : " down");
    }

    private final class Monitor implements NodeMonitor
    {
        @Override
        public void onRoleChanged(final Role role, final long term, final long leaderId)
        {
            // Seen by the checker after the turn.
        }

        @Override
        public void onSnapshotInstalled(final long snapshotIndex)
        {
            observer.onInstalled(SimulatedMember.this, snapshotIndex);
        }
    }

    private final class MemberClock implements Clock
    {
        @Override
        public long nanoTime()
        {
            return clockNs();
        }

        @Override
        public long epochMillis()
        {
            return 1_700_000_000_000L + wallAheadMs + time.nowNs() / 1_000_000;
        }
    }
}
