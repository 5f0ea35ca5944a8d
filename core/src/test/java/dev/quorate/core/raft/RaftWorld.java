package dev.quorate.core.raft;

import org.agrona.collections.LongArrayList;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A simulated cluster, its network, and the rules that must hold after every event.
 */
final class RaftWorld
{
    private record Identity(long prevTerm, int type, long number)
    {
    }

    final Map<Long, RaftMember> members = new TreeMap<>();
    final List<RaftMessage> network = new ArrayList<>();
    final List<String> trace = new ArrayList<>();
    private final Map<Long, Long> leaderOfTerm = new HashMap<>();
    private final Map<String, Identity> entries = new HashMap<>();
    private final Map<Long, Long> committedTerms = new HashMap<>();
    private final Map<Long, Long> readFloor = new HashMap<>();
    private final Map<Long, long[]> seen = new HashMap<>();
    private long committedAnywhere;
    private boolean isPreVote = true;

    boolean isPreVote()
    {
        return isPreVote;
    }

    void preVote(final boolean on)
    {
        isPreVote = on;
    }

    RaftMember add(final long id, final long seed, final Configuration first)
    {
        final RaftMember member = new RaftMember(this, id, seed);
        member.markConfiguration.copyFrom(first);
        members.put(id, member);
        return member;
    }

    void send(final RaftMessage message)
    {
        network.add(message);
    }

    long committedAnywhere()
    {
        return committedAnywhere;
    }

    void deliver(final RaftMessage message)
    {
        trace.add(message.toString());
        final RaftMember member = members.get(message.to());
        if (member == null || !member.isUp())
        {
            return;
        }
        if (message.kind().equals("snapshot"))
        {
            member.install(message);
            final RaftMember sender = members.get(message.from());
            if (sender.isUp())
            {
                sender.core.onSnapshotStatus(member.id, true, message.values()[1]);
            }
            return;
        }
        final long term = member.core.term();
        final long vote = member.core.votedFor();
        message.deliver(member.core);
        if (message.kind().equals("prevote-request"))
        {
            check(member.core.term() == term && member.core.votedFor() == vote, "R15 pre-vote changed term or vote");
        }
        member.core.flush(member.nowNs);
        check(member);
    }

    void lose(final RaftMessage message)
    {
        final RaftMember sender = members.get(message.from());
        if (message.kind().equals("snapshot") && sender.isUp())
        {
            sender.core.onSnapshotStatus(message.to(), false, 0);
        }
    }

    int readIndex(final RaftMember member, final long requestId)
    {
        readFloor.put(requestId, committedAnywhere);
        return member.core.readIndex(requestId, member.id);
    }

    void onReadReady(final long requestId, final long index)
    {
        check(index >= readFloor.get(requestId), "R13 read " + requestId + " at " + index + " misses a commit");
    }

    void onRoleChanged(final RaftMember member, final Role role, final long term)
    {
        if (role != Role.LEADER)
        {
            return;
        }
        final Long other = leaderOfTerm.putIfAbsent(term, member.id);
        check(other == null || other == member.id, "R1 two leaders in term " + term);
        for (long i = member.log.baseIndex() + 1; i <= committedAnywhere; i++)
        {
            check(member.log.termAt(i) == committedTerms.get(i), "R4 leader " + member.id + " lacks entry " + i);
        }
    }

    void onCommitted(final RaftMember member, final long commitIndex)
    {
        check(commitIndex <= member.log.lastIndex(), "R12 commit beyond the log");
        if (member.core.role() == Role.LEADER && commitIndex > committedAnywhere)
        {
            check(member.log.termAt(commitIndex) == member.core.term(), "R10 commit of an entry of an older term");
            checkQuorumHolds(member, commitIndex);
        }
        for (long i = member.log.baseIndex() + 1; i <= commitIndex; i++)
        {
            final Long known = committedTerms.putIfAbsent(i, member.log.termAt(i));
            check(known == null || known == member.log.termAt(i), "R5 different entries committed at " + i);
        }
        committedAnywhere = Math.max(committedAnywhere, commitIndex);
    }

    /** After an event at a member. */
    void check(final RaftMember member)
    {
        if (!member.isUp())
        {
            seen.remove(member.id);
            return;
        }
        final RaftCore core = member.core;
        final InMemoryRaftLog log = member.log;
        final long[] last = seen.computeIfAbsent(member.id, id -> new long[4]);
        check(core.term() >= last[0], "R9 term went back");
        check(core.commitIndex() >= last[1], "R9 commit went back");
        check(core.commitIndex() <= log.lastIndex(), "R12 commit beyond the log");
        final boolean isLeading = core.role() == Role.LEADER;
        check(!isLeading || last[2] != core.term() || log.lastIndex() >= last[3], "R2 leader dropped entries");
        last[0] = core.term();
        last[1] = core.commitIndex();
        last[2] = isLeading ? core.term() : 0;
        last[3] = log.lastIndex();
        checkEntries(log);
        if (isLeading)
        {
            int pending = 0;
            for (long i = Math.max(core.commitIndex(), log.baseIndex()) + 1; i <= log.lastIndex(); i++)
            {
                pending += log.typeAt(i) == RaftLogAccess.CONFIG ? 1 : 0;
            }
            check(pending <= 1, "R16 more than one configuration entry is not committed");
        }
    }

    void forget(final RaftMember member)
    {
        final long[] last = seen.get(member.id);
        if (last != null)
        {
            last[0] = 0;
            last[1] = 0;
            last[2] = 0;
        }
    }

    private void checkEntries(final InMemoryRaftLog log)
    {
        for (long i = Math.max(log.baseIndex() + 1, log.lastIndex() - 12); i <= log.lastIndex(); i++)
        {
            final Identity identity = new Identity(
                log.termAt(i - 1), log.typeAt(i), InMemoryRaftLog.number(log.payloadAt(i)));
            final Identity known = entries.putIfAbsent(i + ":" + log.termAt(i), identity);
            check(known == null || known.equals(identity), "R3 logs differ at " + i + ": " + known + " " + identity);
        }
    }

    /** A sole voter commits the entry that admits the second one by itself. */
    private static boolean isGrowth(final RaftMember leader, final long index)
    {
        return leader.core.durableIndex() >= index && leader.core.configuration().voters().size() == 2 &&
            leader.core.configuration().index() >= index;
    }

    private void checkQuorumHolds(final RaftMember leader, final long index)
    {
        final long term = leader.log.termAt(index);
        final LongArrayList voters = leader.core.configuration().voters();
        int holders = 0;
        for (int i = 0; i < voters.size(); i++)
        {
            final RaftMember voter = members.get(voters.getLong(i));
            final InMemoryRaftLog durable = voter == null ? null : voter.log.afterCrash();
            if (durable != null && (durable.termAt(index) == term || durable.baseIndex() >= index))
            {
                holders++;
            }
        }
        check(holders >= leader.core.configuration().quorum() || holders == 1 && isGrowth(leader, index),
            "R8 commit " + index + " is durable on " + holders + " only");
    }

    private void check(final boolean holds, final String rule)
    {
        if (!holds)
        {
            throw new AssertionError(rule);
        }
    }
}
