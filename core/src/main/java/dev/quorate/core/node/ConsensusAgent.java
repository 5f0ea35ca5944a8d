package dev.quorate.core.node;

import dev.quorate.core.lease.LeaseClock;
import dev.quorate.core.log.LogEntryView;
import dev.quorate.core.log.RaftLog;
import dev.quorate.core.log.TermFile;
import dev.quorate.core.machine.Directories;
import dev.quorate.core.machine.Member;
import dev.quorate.core.machine.MemberDirectory;
import dev.quorate.core.machine.PeerActivity;
import dev.quorate.core.peer.EntrySource;
import dev.quorate.core.peer.PeerIdentity;
import dev.quorate.core.peer.PeerMessages;
import dev.quorate.core.peer.PeerReceiver;
import dev.quorate.core.peer.PeerRegistry;
import dev.quorate.core.raft.Configuration;
import dev.quorate.core.raft.RaftContext;
import dev.quorate.core.raft.RaftCore;
import dev.quorate.core.raft.RaftOutput;
import dev.quorate.core.raft.Role;
import dev.quorate.core.ring.NodeState;
import dev.quorate.core.ring.RingMessages;
import dev.quorate.core.ring.RingReads;
import dev.quorate.core.seam.Clock;
import dev.quorate.core.seam.PeerLink;
import dev.quorate.core.seam.StorageFault;
import dev.quorate.core.snapshot.SnapshotRings;
import dev.quorate.core.store.Store;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.collections.Long2LongHashMap;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.MessageHandler;
import org.agrona.concurrent.ringbuffer.OneToOneRingBuffer;

import java.util.List;

/**
 * The consensus agent: owner of Raft state, the log's tail, peer links, read rounds and the lease clock. A turn hears
 * the peers, learns what the own disk holds, takes commands as one batch, and sends what follows from all of it.
 */
public final class ConsensusAgent implements Agent, RaftOutput, PeerActivity, EntrySource
{
    private static final int CONTROL_LIMIT = 64;
    private static final int BULK_LIMIT = 32;
    private static final int LEASE_LIMIT = 64;
    private static final long SLOW_INTERVAL_NS = 10_000_000L;
    private static final Role[] ROLES = Role.values();

    private final Clock clock;
    private final long memberId;
    private final long electionTimeoutNs;
    private final NodeContext context;
    private final NodeState state;
    private final RaftLog log;
    private final TermFile termFile;
    private final Store store;
    private final Directories directories;
    private final PeerLink link;
    private final PeerRegistry registry;
    private final PeerMessages messages;
    private final PeerReceiver receiver;
    private final PeerEventAdapter events;
    private final PeerEndpoints endpoints;
    private final RaftCore raft;
    private final SpaceGate space;
    private final CommandIntake intake;
    private final ReadIndexCalls reads;
    private final LocalReads localReads;
    private final TurnSync turnSync;
    private final LeaseCalls leases;
    private final TransferCalls transfers;
    private final InternalProposals internal;
    private final SnapshotRings snapshotRings;
    private final SnapshotDesk snapshots;
    private final AutoCompactor compactor;
    private final LeaseClock leaseClock;
    private final LeaseClock.Proposer leaseProposer;
    private final OneToOneRingBuffer leaseRing;
    private final MessageHandler leaseHandler = this::onLeaseEvent;
    private final Runnable drainLeaseEvents = this::drainLeaseEvents;
    private final LogEntryView entry;
    private final int maxPayloadLength;
    private final Long2LongHashMap activeSinceNs = new Long2LongHashMap(INACTIVE);
    private MemberDirectory seenDirectory;
    private long seenDurablePosition;
    private long seenTermSequence;
    private long signalledPosition;
    private long lastTurnNs;
    private long nextSlowNs;
    private long nowNs;
    private long leaderId;
    private long leaderChanges;
    private long longestTurnNs;
    private boolean wasMember;
    private boolean wasShort;
    private boolean isRemoved;
    private boolean isStopping;
    private boolean hasCommitted;

    ConsensusAgent(
        final NodeContext context,
        final RaftLog log,
        final Store store,
        final Directories directories,
        final OneToOneRingBuffer leaseRing,
        final LeaseClock leaseClock,
        final SnapshotRings snapshotRings,
        final Configuration configuration,
        final long commitIndex)
    {
        this.context = context;
        this.clock = context.clock();
        this.memberId = context.memberId();
        this.electionTimeoutNs = context.electionTimeoutNs();
        this.state = context.state();
        this.log = log;
        this.termFile = log.termFile();
        this.store = store;
        this.directories = directories;
        this.leaseRing = leaseRing;
        this.entry = log.newView();
        this.maxPayloadLength = context.maxPayloadLength();
        link = context.peerLink();
        events = new PeerEventAdapter(memberId, termFile.bootId());
        registry = new PeerRegistry(
            link,
            clock,
            new PeerIdentity(context.clusterId(), memberId, termFile.storeId(), termFile.bootId()),
            this::isBoundToAnother,
            events,
            context.peerMonitor(),
            context.peerCounters(),
            context.maxPayloadLength());
        messages = new PeerMessages(registry, this);
        this.snapshotRings = snapshotRings;
        snapshots = new SnapshotDesk(
            context, snapshotRings, store.handover(), messages, log, this::installedConfiguration);
        receiver = new PeerReceiver(registry, events);
        endpoints = new PeerEndpoints(context, registry, log, log.newReader());
        seenDirectory = directories.members();
        raft = new RaftCore(new RaftContext()
            .memberId(memberId)
            .electionTimeoutNs(electionTimeoutNs)
            .heartbeatIntervalNs(context.heartbeatIntervalNs())
            .configuration(configuration)
            .term(termFile.term())
            .votedFor(termFile.votedFor())
            .commitIndex(commitIndex)
            .rng(context.rng())
            .log(log)
            .output(this)
            .configEntryReader(new LogConfigReader(log.newReader()))
            .conclude());
        this.leaseClock = leaseClock;
        localReads = new LocalReads(raft, state);
        turnSync = new TurnSync(context, raft, log);
        reads = new ReadIndexCalls(context, raft, messages);
        leases = new LeaseCalls(context, raft, log, messages, leaseClock);
        transfers = new TransferCalls(context, raft);
        space = new SpaceGate(log, store.space(), state);
        intake = new CommandIntake(context, raft, log, messages, events, reads, leases,
            new ConfigurationCalls(context, raft, log, directories, this), space);
        intake.transfers(transfers);
        internal = new InternalProposals(context, termFile.storeId(), raft, intake, directories, space);
        compactor = new AutoCompactor(context.isAutoCompactionPeriodic(), context.autoCompactionRetention());
        leaseProposer = internal::revoke;
        snapshots.wire(raft);
        events.wire(raft, intake, reads, leases, snapshots);
        seenTermSequence = termFile.durableSequence();
        signalledPosition = log.appendedPosition();
        seenDurablePosition = log.durablePosition();
        log.commitIndex(raft.commitIndex());
        state.set(NodeState.Value.COMMIT_INDEX, raft.commitIndex());
    }

    @Override
    public void onStart()
    {
        nowNs = clock.nanoTime();
        lastTurnNs = nowNs;
        raft.start(nowNs);
    }

    @Override
    public int doWork()
    {
        nowNs = clock.nanoTime();
        hasCommitted = false;
        noticePause();
        events.nowNs(nowNs);
        int work = link.doWork();
        if (snapshots.isFrozen())
        {
            return work + snapshots.drive(drainLeaseEvents);
        }
        turnSync.beginTurn();
        raft.tick(nowNs);
        work += link.poll(PeerLink.CONTROL, receiver, CONTROL_LIMIT);
        work += link.poll(PeerLink.BULK, receiver, BULK_LIMIT);
        work += registry.doWork(nowNs);
        work += learnWhatIsDurable();
        work += RingReads.read(leaseRing, leaseHandler, LEASE_LIMIT);
        work += intake.doWork(nowNs);
        work += reads.doWork();
        work += driveLeases();
        work += transfers.doWork();
        work += snapshots.doWork();
        if (nowNs >= nextSlowNs)
        {
            nextSlowNs = nowNs + SLOW_INTERVAL_NS;
            work += slowDuties();
        }
        raft.flush(nowNs);
        localReads.doWork();
        // What was committed waits to be applied: then log sync forces what is new beside it.
        if (!hasCommitted && turnSync.endTurn(nowNs))
        {
            work += learnWhatIsDurable();
        }
        // What was committed is applied and answered first: its clients wait, and peers hear of it in the next turn.
        if (!hasCommitted)
        {
            link.send();
        }
        publish();
        return work;
    }

    @Override
    public void onClose()
    {
        link.close();
    }

    @Override
    public String roleName()
    {
        return "consensus";
    }

    /**
     * Begins an orderly stop: a leader hands over. Called on the consensus thread.
     */
    public void stop()
    {
        if (!isStopping)
        {
            isStopping = true;
            if (Role.LEADER == raft.role())
            {
                transfers.yieldLeadership();
            }
        }
    }

    /**
     * @return true once nothing holds an orderly stop up: this member does not lead, or nobody could take over.
     */
    public boolean isStopped()
    {
        return isStopping && !transfers.isPending();
    }

    /**
     * @return consensus, for checks by tests and the simulation; for the consensus thread alone.
     */
    public RaftCore raft()
    {
        return raft;
    }

    /**
     * @return where commands enter, for tests; for the consensus thread alone.
     */
    CommandIntake intake()
    {
        return intake;
    }

    @Override
    public long activeSinceNs(final long peer)
    {
        return activeSinceNs.get(peer);
    }

    @Override
    public void sendVoteRequest(
        final long to,
        final long term,
        final boolean preVote,
        final boolean transfer,
        final long lastLogIndex,
        final long lastLogTerm)
    {
        messages.sendVoteRequest(to, term, preVote, transfer, lastLogIndex, lastLogTerm);
    }

    @Override
    public void sendVoteResponse(final long to, final long term, final boolean preVote, final boolean granted)
    {
        messages.sendVoteResponse(to, term, preVote, granted);
    }

    @Override
    public long sendAppend(
        final long to,
        final long term,
        final long prevIndex,
        final long prevTerm,
        final long commitIndex,
        final long firstIndex,
        final long lastIndex)
    {
        return messages.sendAppend(to, term, prevIndex, prevTerm, commitIndex, firstIndex, lastIndex);
    }

    @Override
    public void sendAppendResponse(
        final long to,
        final long term,
        final boolean success,
        final long matchIndex,
        final long hintIndex,
        final long hintTerm)
    {
        messages.sendAppendResponse(to, term, success, matchIndex, hintIndex, hintTerm);
    }

    @Override
    public void sendHeartbeat(final long to, final long term, final long commitIndex, final long readRound)
    {
        messages.sendHeartbeat(to, term, commitIndex, readRound);
    }

    @Override
    public void sendHeartbeatResponse(final long to, final long term, final long readRound)
    {
        messages.sendHeartbeatResponse(to, term, readRound);
    }

    @Override
    public void sendTimeoutNow(final long to, final long term)
    {
        messages.sendTimeoutNow(to, term);
    }

    @Override
    public void sendSnapshot(final long to)
    {
        snapshots.send(to);
    }

    @Override
    public void persistTermAndVote(final long sequence, final long term, final long votedFor)
    {
        termFile.request(sequence, term, votedFor);
        context.logSyncSignal().signal();
    }

    @Override
    public void committed(final long commitIndex)
    {
        hasCommitted = true;
        log.commitIndex(commitIndex);
        state.set(NodeState.Value.COMMIT_INDEX, commitIndex);
        context.applySignal().signal();
    }

    @Override
    public void roleChanged(final Role role, final long term, final long newLeaderId)
    {
        localReads.end();
        state.set(NodeState.Value.TERM, term);
        state.set(NodeState.Value.ROLE, role.ordinal());
        state.set(NodeState.Value.LEADER_ID, newLeaderId);
        if (newLeaderId != leaderId)
        {
            leaderId = newLeaderId;
            if (0 != newLeaderId)
            {
                state.set(NodeState.Value.LEADER_CHANGES, ++leaderChanges);
                state.set(NodeState.Value.LEADER_SINCE_NS, nowNs);
                state.set(NodeState.Value.LEADER_LOST_NS, 0);
            }
            else
            {
                state.set(NodeState.Value.LEADER_LOST_NS, nowNs);
            }
            if (null != reads)
            {
                reads.onLeaderChanged();
            }
        }
        if (null != leaseClock && Role.LEADER != role && leaseClock.isRunning())
        {
            leaseClock.stop();
            leases.onFailed();
        }
        context.monitor().onRoleChanged(role, term, newLeaderId);
    }

    @Override
    public void readReady(final long requestId, final long from, final long index)
    {
        if (from == memberId && isLeaseRound(requestId))
        {
            leases.onReady(requestId, index);
        }
        else
        {
            reads.onRound(requestId, from, index, true);
        }
    }

    @Override
    public void readFailed(final long requestId, final long from)
    {
        if (from == memberId && isLeaseRound(requestId))
        {
            leases.onFailed();
        }
        else
        {
            reads.onRound(requestId, from, 0, false);
        }
    }

    @Override
    public void configurationChanged(final Configuration configuration)
    {
        localReads.end();
        endpoints.update(configuration, seenDirectory, state.get(NodeState.Value.APPLIED_INDEX));
        state.set(NodeState.Value.IS_LEARNER, Configuration.LEARNER == configuration.standing(memberId) ? 1 : 0);
    }

    @Override
    public DirectBuffer buffer(final long index)
    {
        return wrapped(index).buffer();
    }

    @Override
    public int offset(final long index)
    {
        return wrapped(index).entryPartOffset();
    }

    @Override
    public int length(final long index)
    {
        final int payloadLength = wrapped(index).payloadLength();
        if (payloadLength < 0 || payloadLength > maxPayloadLength)
        {
            throw damage(index);
        }
        return entry.entryPartLength();
    }

    @Override
    public StorageFault damage(final long index)
    {
        return wrapped(index).damage(index);
    }

    private LogEntryView wrapped(final long index)
    {
        // Looked up each time: a cut or a recycled segment may have moved the entry since.
        if (!entry.wrap(index))
        {
            throw new IllegalStateException("entry to send is not held: index=" + index);
        }
        return entry;
    }

    private void noticePause()
    {
        final long pauseNs = nowNs - lastTurnNs;
        lastTurnNs = nowNs;
        if (pauseNs > electionTimeoutNs && leaseClock.isRunning())
        {
            leases.fence();
        }
    }

    private int learnWhatIsDurable()
    {
        int work = 0;
        final long sequence = termFile.durableSequence();
        if (sequence != seenTermSequence)
        {
            seenTermSequence = sequence;
            raft.onTermAndVoteDurable(sequence);
            work++;
        }
        final long position = log.durablePosition();
        if (position != seenDurablePosition)
        {
            seenDurablePosition = position;
            final long index = log.durableIndex(position);
            raft.onDurable(index, log.termAt(index));
            work++;
        }
        return work;
    }

    private int driveLeases()
    {
        if (!leaseClock.isRunning())
        {
            if (Role.LEADER == raft.role() && raft.isCommittedInTerm() &&
                state.get(NodeState.Value.APPLIED_INDEX) >= raft.commitIndex())
            {
                leaseClock.start(nowNs);
            }
            return 0;
        }
        return leases.doWork() + leaseClock.poll(nowNs, LEASE_LIMIT, leaseProposer);
    }

    private int slowDuties()
    {
        final MemberDirectory directory = directories.members();
        if (directory != seenDirectory)
        {
            seenDirectory = directory;
            endpoints.update(raft.configuration(), directory, state.get(NodeState.Value.APPLIED_INDEX));
            wasMember |= null != directory.member(memberId);
            isRemoved = directory.isRemoved(memberId);
            state.set(NodeState.Value.IS_REMOVED, isRemoved ? 1 : 0);
            for (final long removed : directory.removedIds())
            {
                activeSinceNs.remove(removed);
            }
        }
        final List<Member> members = directory.members();
        for (int i = 0, size = members.size(); i < size; i++)
        {
            final long peer = members.get(i).id();
            if (peer != memberId)
            {
                final boolean isConnected = registry.isConnected(peer);
                if (!isConnected)
                {
                    activeSinceNs.remove(peer);
                }
                else if (INACTIVE == activeSinceNs.get(peer))
                {
                    activeSinceNs.put(peer, nowNs);
                }
            }
        }
        int work = internal.doWork(nowNs);
        log.retainFrom(snapshotRings.retainFrom());
        final long revision = compactor.poll(nowNs, Role.LEADER == raft.role(), store.visibleRevision());
        if (AutoCompactor.NONE != revision && internal.compact(revision))
        {
            work++;
        }
        if (0 != leaderId && raft.isQuorumFresh())
        {
            state.set(NodeState.Value.QUORUM_HEARD_NS, nowNs);
        }
        noticeSpace();
        turnSync.noticeIdle(nowNs);
        state.set(NodeState.Value.LEASES_RENEWED, leaseClock.renewedCount());
        state.set(NodeState.Value.LEASES_EXPIRED, leaseClock.expiredCount());
        intake.publish();
        return work;
    }

    private void noticeSpace()
    {
        final boolean isShort = space.isShort();
        if (isShort != wasShort)
        {
            wasShort = isShort;
            state.set(NodeState.Value.SHORT_OF_SPACE, isShort ? 1 : 0);
            context.monitor().onSpaceChanged(isShort, space.lack());
        }
    }

    private void publish()
    {
        final long position = log.appendedPosition();
        if (position != signalledPosition)
        {
            signalledPosition = position;
            state.set(NodeState.Value.LAST_INDEX, log.lastIndex());
            state.set(NodeState.Value.LOG_BYTES, position);
            if (log.durablePosition() != position)
            {
                context.logSyncSignal().signal();
            }
            if (!log.hasSpare())
            {
                context.housekeepingSignal().signal();
            }
        }
        final long turnNs = clock.nanoTime() - nowNs;
        if (turnNs > longestTurnNs)
        {
            longestTurnNs = turnNs;
            state.set(NodeState.Value.LONGEST_TURN_NS, turnNs);
        }
    }

    private void onLeaseEvent(
        final int msgTypeId, final MutableDirectBuffer buffer, final int index, final int length)
    {
        switch (msgTypeId)
        {
            case RingMessages.LEASE_GRANTED -> leaseClock.onGranted(
                buffer.getLong(index), buffer.getLong(index + 8), nowNs);
            case RingMessages.LEASE_REVOKED -> leaseClock.onRevoked(buffer.getLong(index));
            case RingMessages.LEASES_CLEARED -> leaseClock.clear();
            default -> throw new IllegalStateException("unknown lease event: type=" + msgTypeId);
        }
    }

    private void drainLeaseEvents()
    {
        while (RingReads.read(leaseRing, leaseHandler, LEASE_LIMIT) > 0)
        {
            // until it is empty
        }
    }

    /** Apply has taken the snapshot over: where peers are reached comes from its directory. */
    private Configuration installedConfiguration()
    {
        seenDirectory = directories.members();
        return Node.configurationOf(directories, state.get(NodeState.Value.APPLIED_INDEX));
    }

    private boolean isBoundToAnother(final long peer, final long storeId)
    {
        final Member member = directories.members().member(peer);
        return null != member && 0 != member.storeId() && storeId != member.storeId();
    }

    private static boolean isLeaseRound(final long requestId)
    {
        return LeaseCalls.ROUND_PREFIX == (requestId & 0xFF00_0000_0000_0000L);
    }

    @Override
    public String toString()
    {
        return "ConsensusAgent{memberId=" + Long.toHexString(memberId) +
            ", role=" + ROLES[(int)state.get(NodeState.Value.ROLE)] + ", wasMember=" + wasMember + '}';
    }
}
