package dev.quorate.core.sim;

import org.agrona.concurrent.ringbuffer.RingBuffer;

import java.util.Collection;
import java.util.Map;

/**
 * What flow control counts must come back to nothing once nobody asks for anything any more: windows to peers, rounds
 * of reads, commands that are held, rings, calls that wait, credits of watchers. What does not is a leak, and ends all
 * work some day.
 */
final class DrainCheck
{
    private static final String[] OF_LOOP = {
        "toConsensus", "toWatch", "toHousekeeping", "fromConsensus", "fromApply", "fromWatch", "fromHousekeeping"};
    private static final String[] OF_SESSION = {
        "parts.calls.pending", "parts.calls.waiting", "parts.calls.lost", "parts.timeouts.timed",
        "parts.retries.waiting", "parts.applied.waiters", "parts.rounds.gathering", "parts.rounds.inFlight",
        "parts.rounds.isInFlight", "parts.reads.running", "parts.reads.waiting", "parts.reads.streams",
        "watchStreams.streams", "watchStreams.unsent", "leaderLoss.streams"};
    private static final String[] OF_CONSENSUS = {
        "intake.heldCount", "intake.holding", "intake.placed.isAnyUntold", "reads.waitingCount", "transfers.isPending",
        "snapshots.unsent", "leaseRing", "snapshotRings.toHousekeeping", "snapshotRings.fromHousekeeping"};
    private static final String[] OF_HOUSEKEEPING = {"jobs", "hashing", "snapshots.sendings", "snapshots.taking"};

    private final Inside inside = new Inside();

    /** @return what is left of something in the members, empty if there is nothing. */
    String leftOver(final SimulatedMember[] members)
    {
        final StringBuilder found = new StringBuilder();
        for (final SimulatedMember member : members)
        {
            look(found, member, "consensus", member.node.consensus(), OF_CONSENSUS);
            look(found, member, "housekeeping", member.node.housekeeping(), OF_HOUSEKEEPING);
            for (int i = 0; i < SimulatedMember.LOOPS; i++)
            {
                look(found, member, "session " + i, member.ports[i], OF_SESSION);
                look(found, member, "loop " + i, inside.get(member.ports[i], "rings"), OF_LOOP);
                expectEqual(found, member, "range tasks", inside.get(member.ports[i], "parts.reads.created"),
                    ((Collection<?>)inside.get(member.ports[i], "parts.reads.free")).size());
            }
            lookAtConsensus(found, member);
            lookAtWatch(found, member);
        }
        return found.toString();
    }

    /** A window whose bytes do not fit its appends leaks, whenever one looks. */
    void checkWindows(final SimulatedMember member)
    {
        for (final Object peer : peersOf(member))
        {
            final long[] lengths = (long[])inside.get(peer, "inFlight.lengths");
            final int head = (int)inside.number(peer, "inFlight.head");
            final int count = (int)inside.number(peer, "inFlight.count");
            long sum = 0;
            for (int i = 0; i < count; i++)
            {
                sum += lengths[(head + i) % lengths.length];
            }
            if (sum != inside.number(peer, "inFlight.bytes"))
            {
                throw new Violation("R20", sum + " bytes are in flight: " + peer + " of " + member);
            }
        }
    }

    private void lookAtConsensus(final StringBuilder found, final SimulatedMember member)
    {
        final Object consensus = member.node.consensus();
        for (final Object peer : peersOf(member))
        {
            look(found, member, peer.toString(), peer, "inFlight.count", "inFlight.bytes");
        }
        expectEqual(found, member, "read rounds",
            inside.get(consensus, "raft.leader.reads.head"), inside.number(consensus, "raft.leader.reads.tail"));
        expectEqual(found, member, "lease calls",
            inside.get(consensus, "leases.head"), inside.number(consensus, "leases.tail"));
    }

    private void lookAtWatch(final StringBuilder found, final SimulatedMember member)
    {
        look(found, member, "watch", member.watch, "registry.index.size", "progress.requested", "progress.ticking");
        for (final Object port : (Object[])inside.get(member.watch, "ports"))
        {
            look(found, member, "watch", port, "streams", "overtaken");
        }
    }

    private Collection<?> peersOf(final SimulatedMember member)
    {
        return (Collection<?>)inside.get(member.node.consensus(), "raft.leader.peers.list");
    }

    private void look(
        final StringBuilder found,
        final SimulatedMember member,
        final String where,
        final Object root,
        final String... paths)
    {
        for (final String path : paths)
        {
            final long size = sizeOf(inside.get(root, path));
            if (size != 0)
            {
                found.append(member).append(": ").append(where).append(": ").append(path).append('=').append(size)
                    .append("; ");
            }
        }
    }

    private static void expectEqual(
        final StringBuilder found,
        final SimulatedMember member,
        final String what,
        final Object value,
        final long expected)
    {
        if (((Number)value).longValue() != expected)
        {
            found.append(member).append(": ").append(what).append(": ").append(value).append(" and not ")
                .append(expected).append("; ");
        }
    }

    private static long sizeOf(final Object value)
    {
        return switch (value)
        {
            case null -> 0;
            case Number number -> number.longValue();
            case Boolean is -> is ? 1 : 0;
            case Collection<?> collection -> collection.size();
            case Map<?, ?> map -> map.size();
            case RingBuffer ring -> ring.size();
            default -> 1;
        };
    }
}
