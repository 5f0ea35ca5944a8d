package dev.quorate.core.sim;

import dev.quorate.core.api.GrpcCode;
import dev.quorate.core.machine.EtcdModel.KeyValue;
import dev.quorate.core.machine.Member;
import dev.quorate.core.ring.NodeState;
import dev.quorate.core.seam.SimulatedRng;

import java.util.ArrayList;
import java.util.List;

/**
 * One run of one seed: a cluster under faults, then healed, then compared member by member. Everything in it belongs to
 * the thread that calls {@link #run()}.
 */
final class Simulation implements SimulatedMember.Observer, SimulatedOperator.Observer
{
    /** After the heal an operation must be committed within so many election time-outs. */
    static final int LIVENESS_ELECTIONS = 10;
    private static final int WATCHERS = 2;
    private static final long CLUSTER_ID = 0x51304A7EL;
    private static final long FIRST_MEMBER_ID = 0xA0L;
    private static final long MAX_EVENTS = 60_000_000L;
    private static final long SHARE_NS = 20 * SimulationSettings.SECOND;
    /** Longer than a call may wait for a result that is lost, or a member for the rest of a snapshot. */
    private static final long DRAIN_NS = 40 * SimulationSettings.SECOND;
    private static final long DRAIN_LOOK_NS = 50_000_000L;
    private static final long SETTLE_NS = 60 * SimulationSettings.SECOND;

    /** What a run showed. */
    record Result(
        long seed,
        long traceHash,
        long events,
        long virtualNs,
        int operations,
        int acknowledged,
        long entries,
        long leaders,
        long crashes,
        long crashesThatLost,
        long exits,
        long storageFaults,
        long partitions,
        long pauses,
        long fullDisks,
        long cuts,
        long expiries,
        long messages,
        long watchEvents,
        long watchResumptions,
        long snapshotInstalls,
        long snapshotChunks,
        long replacements,
        long promotions,
        long chores,
        long forged,
        long longEntries,
        long rots,
        long damagesFound,
        String settings)
    {
        boolean hasLeaderChange()
        {
            return leaders > 1;
        }
    }

    private final long seed;
    private final SimulationSettings settings;
    private final SimulatedRng rng;
    private final VirtualTime time;
    private final SimulatedNetwork network;
    private final SimulatedSnapshotNetwork snapshots;
    private final SimulatedMember[] members;
    private final CommittedLog committed = new CommittedLog();
    private final History history = new History();
    private final InvariantChecker invariants;
    private final FaultInjector faults;
    private final SimulatedOperator operator;
    private final List<SimulatedClient> clients = new ArrayList<>();
    private final List<SimulatedWatcher> watchers = new ArrayList<>();
    private final TraceHash trace = new TraceHash();
    private long events;

    Simulation(final long seed, final SimulationSettings settings)
    {
        this.seed = seed;
        this.settings = settings;
        rng = new SimulatedRng(seed);
        time = new VirtualTime(rng.fork());
        final int count = settings.memberCount;
        members = new SimulatedMember[count];
        final List<Member> initial = new ArrayList<>();
        for (int i = 0; i < count; i++)
        {
            initial.add(Member.ofUrls(FIRST_MEMBER_ID + i, false, "http://m" + i + ":2380"));
        }
        invariants = new InvariantChecker(time, members, committed);
        network = new SimulatedNetwork(time, settings, rng.fork(), count, invariants);
        snapshots = new SimulatedSnapshotNetwork(time, settings, rng.fork(), network, count);
        for (int i = 0; i < count; i++)
        {
            members[i] = new SimulatedMember(
                i, FIRST_MEMBER_ID + i, CLUSTER_ID, initial, time, network, snapshots, settings, rng.fork(), this);
        }
        faults = new FaultInjector(time, settings, rng.fork(), network, snapshots, members, invariants);
        operator = new SimulatedOperator(time, settings, rng.fork(), members, committed, faults, this);
        faults.wire(operator::onDamaged, operator::isIdle);
        for (int i = 0; i < settings.clients; i++)
        {
            clients.add(newClient());
        }
        watchers.add(new SimulatedWatcher(time, settings, rng.fork(), members, committed, true));
        for (int i = 0; i < WATCHERS; i++)
        {
            watchers.add(new SimulatedWatcher(time, settings, rng.fork(), members, committed, false));
        }
    }

    /**
     * @param seed of a run of three members under faults.
     * @return the simulation.
     */
    static Simulation ofSeed(final long seed)
    {
        return new Simulation(seed, new SimulationSettings(seed, 3, true));
    }

    /**
     * @param seed of a run of a pair that shrinks to one member and grows again.
     * @return the simulation.
     */
    static Simulation ofPair(final long seed)
    {
        return new Simulation(seed, SimulationSettings.ofPair(seed));
    }

    Result run()
    {
        try
        {
            for (final SimulatedMember member : members)
            {
                member.start();
            }
            clients.forEach(SimulatedClient::start);
            watchers.forEach(SimulatedWatcher::start);
            faults.start();
            operator.start();
            if (settings.hasFaults)
            {
                new AlarmKeeper(time, members).start();
            }
            runFaulty();
            runHealed();
            compareMembers();
            drain();
            new HistoryChecker(history, committed, invariants, CLUSTER_ID, members.length).check();
            return result();
        }
        catch (final Violation violation)
        {
            throw violation;
        }
        catch (final RuntimeException | Error ex)
        {
            throw new Violation("HALT", "a member broke: " + ex, ex);
        }
        finally
        {
            for (final SimulatedMember member : members)
            {
                member.release();
            }
        }
    }

    /** @return the operation that took longest; one without an answer took for ever. */
    Operation slowest()
    {
        Operation slowest = history.operations.get(0);
        for (final Operation operation : history.operations)
        {
            final boolean isSlower = operation.code != null &&
                operation.returnedNs - operation.invokedNs > slowest.returnedNs - slowest.invokedNs;
            slowest = isSlower ? operation : slowest;
        }
        return slowest;
    }

    /** @return where the run stands, for who looks at a failure. */
    String state()
    {
        final StringBuilder text = new StringBuilder("at " + time.nowNs() / 1_000 + "us, " + events + " events\n");
        for (final SimulatedMember member : members)
        {
            text.append("  ").append(member).append('\n');
        }
        return text.toString();
    }

    @Override
    public void onStarted(final SimulatedMember member)
    {
        trace.add(0x57A7L + member.index);
        invariants.onStarted(member);
    }

    @Override
    public void onInstalled(final SimulatedMember member, final long index)
    {
        trace.add(0x1257L + member.index);
        trace.add(index);
        invariants.onInstalled(member, index);
    }

    @Override
    public void onRemoved(final SimulatedMember member)
    {
        trace.add(0x9E30L + member.index);
    }

    @Override
    public void onLost(final SimulatedMember member)
    {
        trace.add(0x1057L + member.index);
        invariants.onLost(member);
    }

    @Override
    public void onReplaced(final SimulatedMember member)
    {
        trace.add(0x9EB1L + member.index);
        invariants.onReplaced(member);
    }

    @Override
    public void onTurn(final SimulatedMember member, final int agent, final int work)
    {
        events++;
        trace.add(time.nowNs());
        trace.add(((long)member.index << 32 | agent) << 16 | work);
        trace.add(member.state.get(NodeState.Value.APPLIED_INDEX) << 32 | member.state.get(NodeState.Value.TERM));
        invariants.afterTurn(member, agent);
    }

    @Override
    public void onHalted(final SimulatedMember member, final Throwable cause)
    {
        trace.add(0x4A17L + member.index);
        faults.onHalted(member, cause);
    }

    private void runFaulty()
    {
        while (time.nowNs() < SimulationSettings.MIN_DURATION_NS ||
            history.completed() < SimulationSettings.MIN_OPERATIONS &&
            time.nowNs() < SimulationSettings.MAX_DURATION_NS)
        {
            step();
        }
    }

    private void runHealed()
    {
        clients.forEach(SimulatedClient::stop);
        operator.calm();
        faults.calm();
        final long healedNs = time.nowNs();
        final SimulatedClient client = newClient();
        client.stop();
        // while a member is gone for good, the other two may have to share a snapshot first
        final long limitNs =
            LIVENESS_ELECTIONS * settings.electionTimeoutNs + (operator.isIdle() ? 0 : SHARE_NS);
        Operation first = null;
        for (int i = 0; first == null || !first.isOk(); i++)
        {
            if (time.nowNs() > healedNs + limitNs)
            {
                throw new Violation(
                    "LIVENESS", "nothing was committed within " + limitNs / 1_000_000 + " ms: " + first + ' ' +
                    state());
            }
            final Request put = new Request.Put("live", "live:" + i, 0);
            if (members[i % members.length].isUp)
            {
                first = call(client, i % members.length, put, settings.electionTimeoutNs);
            }
            else
            {
                step();
            }
        }
    }

    private void compareMembers()
    {
        final SimulatedClient client = newClient();
        client.stop();
        final long limitNs = time.nowNs() + SETTLE_NS;
        while (!operator.isIdle())
        {
            if (time.nowNs() > limitNs)
            {
                throw new Violation("LIVENESS", "a member is not replaced: " + operator + ' ' + state());
            }
            step();
        }
        for (int i = 0; i < members.length; i++)
        {
            Operation put = null;
            for (int attempt = 0; put == null || !put.isOk(); attempt++)
            {
                final Request request = new Request.Put("settle", "settle:" + i + ":" + attempt, 0);
                put = call(client, i, request, SimulationSettings.SECOND);
                if (time.nowNs() > limitNs)
                {
                    throw new Violation("LIVENESS", "m" + i + " does not answer: " + state());
                }
            }
        }
        while (!clients.stream().allMatch(SimulatedClient::isIdle))
        {
            step();
        }
        final long revision = history.floor();
        while (!watchers.stream().allMatch((watcher) -> watcher.hasSeen(revision)))
        {
            if (time.nowNs() > limitNs)
            {
                throw new Violation("W5", "a watcher goes on from " + watchers.get(1).resume() + " and " +
                    watchers.get(2).resume() + " only, of " + revision);
            }
            step();
        }
        String first = null;
        for (int i = 0; i < members.length; i++)
        {
            final String shown = shownBy(client, i, revision);
            if (first != null && !first.equals(shown))
            {
                throw new Violation("S1", "m" + i + " shows " + shown + " and m0 " + first);
            }
            first = shown;
        }
        compareSystemStates(limitNs);
    }

    /** What clients do not see: compared where all members have applied the same. */
    private void compareSystemStates(final long limitNs)
    {
        while (!areLevel())
        {
            if (time.nowNs() > limitNs)
            {
                throw new Violation("LIVENESS", "the members do not come level: " + state());
            }
            step();
        }
        for (final SimulatedMember member : members)
        {
            if (!member.systemState().equals(members[0].systemState()))
            {
                throw new Violation("S11", "after entry " + committed.size() + " " + member + " shows " +
                    member.systemState() + " and m0 " + members[0].systemState());
            }
        }
    }

    /** Nobody asks for anything any more: what is counted for flow control comes back to nothing. */
    private void drain()
    {
        watchers.forEach(SimulatedWatcher::stop);
        final DrainCheck check = new DrainCheck();
        final long limitNs = time.nowNs() + DRAIN_NS;
        long nextNs = time.nowNs();
        while (true)
        {
            if (time.nowNs() >= nextNs)
            {
                nextNs = time.nowNs() + DRAIN_LOOK_NS;
                final String left = areLevel() ? check.leftOver(members) : state();
                if (left.isEmpty())
                {
                    return;
                }
                if (time.nowNs() > limitNs)
                {
                    throw new Violation("R20", "not drained: " + left);
                }
            }
            step();
        }
    }

    private boolean areLevel()
    {
        boolean areLevel = true;
        for (final SimulatedMember member : members)
        {
            areLevel &= member.isUp && member.state.get(NodeState.Value.APPLIED_INDEX) == committed.size();
        }
        return areLevel;
    }

    /** Everything that can be asked of a member at one revision. */
    private String shownBy(final SimulatedClient client, final int member, final long revision)
    {
        final Operation range = answered(client, member, new Request.Range("a", "\0", revision, false));
        final Operation hash = answered(client, member, new Request.HashKv(revision));
        final StringBuilder shown = new StringBuilder();
        for (final KeyValue kv : range.response.kvs)
        {
            shown.append(kv).append(' ');
        }
        return shown.append(" hash=").append(hash.response.hash).toString();
    }

    private Operation answered(final SimulatedClient client, final int member, final Request request)
    {
        Operation operation = null;
        final long limitNs = time.nowNs() + SETTLE_NS;
        while (operation == null || !operation.isOk())
        {
            // a member that finds damage in what it is asked for is replaced first
            operation = call(client, member, request, 2 * SimulationSettings.SECOND);
            if (time.nowNs() > limitNs)
            {
                throw new Violation("LIVENESS", "no answer: " + operation);
            }
        }
        return operation;
    }

    private Operation call(
        final SimulatedClient client, final int member, final Request request, final long deadlineNs)
    {
        while (!members[member].isUp)
        {
            step();
        }
        final Operation operation = client.call(member, request, deadlineNs);
        while (operation.code == null)
        {
            step();
        }
        final long againNs = time.nowNs() + 5_000_000;
        while (operation.code != GrpcCode.OK && time.nowNs() < againNs)
        {
            step();
        }
        return operation;
    }

    private void step()
    {
        if (events > MAX_EVENTS || !time.step())
        {
            throw new Violation("LIVENESS", "the run does not end: " + state());
        }
        for (final SimulatedMember member : members)
        {
            if (!member.isUp)
            {
                clients.forEach((client) -> client.onMemberDown(member.index));
                watchers.forEach((watcher) -> watcher.onMemberDown(member.index));
                operator.onMemberDown(member.index);
            }
        }
    }

    private SimulatedClient newClient()
    {
        return new SimulatedClient(
            clients.size() + 100 * (history.operations.isEmpty() ? 0 : 1 + history.operations.size()),
            time, settings, rng.fork(), members, history, committed, this::onReturned);
    }

    private void onReturned(final Operation operation)
    {
        trace.add(operation.id);
        trace.add(operation.isOk() ? operation.response.revision : -1 - operation.code.ordinal());
    }

    private Result result()
    {
        int acknowledged = 0;
        for (final Operation operation : history.operations)
        {
            acknowledged += operation.isOk() ? 1 : 0;
        }
        return new Result(
            seed, trace.value(), events, time.nowNs(), history.completed(), acknowledged, committed.size(),
            invariants.leaders, faults.crashes, faults.crashesThatLost, faults.exits, faults.storageFaults,
            faults.partitions, faults.pauses, faults.fullDisks, invariants.cuts, invariants.expiries,
            network.messages, watchers.stream().mapToLong((watcher) -> watcher.events).sum(),
            watchers.stream().mapToLong((watcher) -> watcher.resumptions).sum(), invariants.installs,
            snapshots.chunks, operator.replacements, operator.promotions, operator.chores,
            network.forged, invariants.longEntries, faults.rots, faults.damagesFound, settings.toString());
    }
}
