package dev.quorate.core.raft;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

import dev.quorate.core.seam.Rng;

/**
 * One member of a simulated cluster: consensus over a log and a term file that lose what was not synced in a crash.
 */
final class RaftMember implements RaftOutput
{
    static final long MS = 1_000_000;
    static final long HEARTBEAT_NS = 100 * MS;
    static final long ELECTION_NS = 1_000 * MS;

    final long id;
    final List<String> reads = new ArrayList<>();
    private final RaftWorld world;
    private final SplittableRandom random;
    private final List<long[]> persists = new ArrayList<>();
    final Configuration markConfiguration = new Configuration();
    InMemoryRaftLog log = new InMemoryRaftLog();
    RaftCore core;
    long nowNs;
    boolean isSyncingLog = true;
    boolean isSyncingVote = true;
    private long durableTerm;
    private long durableVote;
    private long durableCommit;
    private int windowMessages = RaftContext.MAX_IN_FLIGHT_MESSAGES_DEFAULT;

    RaftMember(final RaftWorld world, final long id, final long seed)
    {
        this.world = world;
        this.id = id;
        random = new SplittableRandom(seed);
        nowNs = random.nextLong() >> 8;
    }

    void window(final int messages)
    {
        windowMessages = messages;
    }

    void preset(final long term, final long vote, final long commit)
    {
        durableTerm = term;
        durableVote = vote;
        durableCommit = commit;
    }

    /** The first members find their configuration in the log, as every later one will. */
    void bootstrap(final int voters)
    {
        for (int i = 1; i <= voters; i++)
        {
            log.append(i, 1, RaftLogAccess.CONFIG, InMemoryRaftLog.payload(ConfigEntryReader.ADD_VOTER, i), 0,
                InMemoryRaftLog.PAYLOAD_LENGTH);
        }
        log.sync();
        preset(1, 0, voters);
    }

    boolean isUp()
    {
        return core != null;
    }

    void start()
    {
        final RaftContext context = new RaftContext()
            .memberId(id)
            .electionTimeoutNs(ELECTION_NS)
            .heartbeatIntervalNs(HEARTBEAT_NS)
            .maxInFlightMessages(windowMessages)
            .maxAppendBytes(200)
            .preVote(world.isPreVote())
            .configuration(markConfiguration)
            .term(durableTerm)
            .votedFor(durableVote)
            .commitIndex(Math.max(log.baseIndex(), Math.min(durableCommit, log.lastIndex())))
            .rng(new Rng()
            {
                @Override
                public long nextLong()
                {
                    return random.nextLong();
                }

                @Override
                public int nextInt(final int bound)
                {
                    return random.nextInt(bound);
                }
            })
            .log(log)
            .output(this)
            .configEntryReader(log);
        core = new RaftCore(context.conclude());
        core.start(nowNs);
    }

    void crash()
    {
        core = null;
        log = log.afterCrash();
        persists.clear();
        reads.clear();
    }

    /** A sync of the log returns. */
    void syncLog()
    {
        log.sync();
        afterSync();
    }

    void syncOneFrame()
    {
        log.syncOneFrame();
        afterSync();
    }

    /** A sync of the term file returns. */
    void syncVote()
    {
        if (!persists.isEmpty())
        {
            final long[] newest = persists.getLast();
            durableTerm = newest[1];
            durableVote = newest[2];
            persists.clear();
            core.onTermAndVoteDurable(newest[0]);
        }
    }

    boolean hasUnsynced()
    {
        return isSyncingVote && !persists.isEmpty() ||
            isSyncingLog && (!log.isSynced() || log.durableIndex() > core.durableIndex());
    }

    void compact(final long index)
    {
        final Configuration configuration = core.configuration();
        if (index <= log.baseIndex() || index > Math.min(core.commitIndex(), core.durableIndex()) ||
            configuration.index() > index)
        {
            return;
        }
        markConfiguration.copyFrom(configuration);
        log.compact(index);
        durableCommit = Math.max(durableCommit, index);
    }

    RaftMessage snapshot(final long to)
    {
        return new RaftMessage("snapshot", id, to,
            new long[] {core.term(), log.baseIndex(), log.termAt(log.baseIndex())}, List.of(), markConfiguration);
    }

    void install(final RaftMessage snapshot)
    {
        final long index = snapshot.values()[1];
        final long term = snapshot.values()[2];
        if (core.role() != Role.LEADER && index > core.commitIndex())
        {
            log.installSnapshot(index, term);
            markConfiguration.copyFrom(snapshot.configuration());
            durableCommit = index;
            core.onSnapshotInstalled(index, term, markConfiguration);
        }
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
        if (!preVote)
        {
            check(durableTerm == term && durableVote == id, "vote asked for before the own one is durable");
        }
        send(RaftMessage.of(
            preVote ? "prevote-request" : "vote-request", id, to, term, transfer ? 1 : 0, lastLogIndex, lastLogTerm));
    }

    @Override
    public void sendVoteResponse(final long to, final long term, final boolean preVote, final boolean granted)
    {
        if (granted && !preVote)
        {
            check(durableTerm == term && durableVote == to, "R9 vote left before it was durable: term=" + term);
        }
        check(preVote && granted || durableTerm >= term, "R9 term left before it was durable: term=" + term);
        send(RaftMessage.of(preVote ? "prevote-response" : "vote-response", id, to, term, granted ? 1 : 0));
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
        check(log.termAt(prevIndex) == prevTerm && lastIndex <= log.lastIndex(), "append that the log does not hold");
        send(RaftMessage.append(id, to, log, new long[] {term, prevIndex, prevTerm, commitIndex}, lastIndex));
        return lastIndex;
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
        check(durableTerm >= term, "R9 term left before it was durable: term=" + term);
        check(!success || matchIndex <= log.afterCrash().lastIndex(), "R21 acknowledged before durable: " + matchIndex);
        send(RaftMessage.of("append-response", id, to, term, success ? 1 : 0, matchIndex, hintIndex, hintTerm));
    }

    @Override
    public void sendHeartbeat(final long to, final long term, final long commitIndex, final long readRound)
    {
        send(RaftMessage.of("heartbeat", id, to, term, commitIndex, readRound));
    }

    @Override
    public void sendHeartbeatResponse(final long to, final long term, final long readRound)
    {
        check(durableTerm >= term, "R9 term left before it was durable: term=" + term);
        send(RaftMessage.of("heartbeat-response", id, to, term, readRound));
    }

    @Override
    public void sendTimeoutNow(final long to, final long term)
    {
        send(RaftMessage.of("timeout-now", id, to, term));
    }

    @Override
    public void sendSnapshot(final long to)
    {
        send(snapshot(to));
    }

    @Override
    public void persistTermAndVote(final long sequence, final long term, final long votedFor)
    {
        persists.add(new long[] {sequence, term, votedFor});
    }

    @Override
    public void committed(final long commitIndex)
    {
        world.onCommitted(this, commitIndex);
    }

    @Override
    public void roleChanged(final Role role, final long term, final long leaderId)
    {
        world.onRoleChanged(this, role, term);
    }

    @Override
    public void readReady(final long requestId, final long from, final long index)
    {
        reads.add("ready " + requestId + "@" + index);
        world.onReadReady(requestId, index);
    }

    @Override
    public void readFailed(final long requestId, final long from)
    {
        reads.add("failed " + requestId);
    }

    @Override
    public void configurationChanged(final Configuration configuration)
    {
        check(core == null || configuration == core.configuration(), "another configuration than the one in force");
    }

    private void afterSync()
    {
        final long index = log.durableIndex();
        durableCommit = Math.max(durableCommit, Math.min(core.commitIndex(), index));
        core.onDurable(index, log.termAt(index));
    }

    private void send(final RaftMessage message)
    {
        check(message.to() != id && message.to() != 0, "message to nobody: " + message);
        world.send(message);
    }

    private void check(final boolean holds, final String rule)
    {
        if (!holds)
        {
            throw new AssertionError(rule + " at member " + id + " " + core);
        }
    }
}
