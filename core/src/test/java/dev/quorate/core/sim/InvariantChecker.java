package dev.quorate.core.sim;

import dev.quorate.core.codec.command.ConfigChangeDecoder;
import dev.quorate.core.codec.peer.AppendResponseDecoder;
import dev.quorate.core.codec.peer.HeartbeatResponseDecoder;
import dev.quorate.core.codec.peer.HelloDecoder;
import dev.quorate.core.codec.peer.HelloRequestDecoder;
import dev.quorate.core.codec.peer.MessageHeaderDecoder;
import dev.quorate.core.codec.peer.VoteRequestDecoder;
import dev.quorate.core.codec.peer.VoteResponseDecoder;
import dev.quorate.core.log.LogEntryView;
import dev.quorate.core.log.LogProbe;
import dev.quorate.core.log.RaftLog;
import dev.quorate.core.machine.Command;
import dev.quorate.core.node.ConsensusAgent;
import dev.quorate.core.peer.PeerRegistry;
import dev.quorate.core.raft.ConfigEntryReader;
import dev.quorate.core.raft.Configuration;
import dev.quorate.core.raft.RaftCore;
import dev.quorate.core.raft.RaftLogAccess;
import dev.quorate.core.raft.Role;
import dev.quorate.core.ring.NodeState;
import dev.quorate.core.seam.PeerLink;
import dev.quorate.core.store.Store;
import org.agrona.DirectBuffer;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The rules that hold at every moment, checked after every turn of an agent and at every message: those of Raft, of
 * what is durable before it is told, and of what members apply.
 */
final class InvariantChecker implements SimulatedNetwork.Tap
{
    private static final int NOBODY = -1;
    /** A leak stays: some turns are enough to see it. */
    private static final int WINDOWS_ONE_IN = 32;
    private static final int FLAG_PRE_VOTE = 1;
    private static final int FLAG_GRANTED = 2;

    /** What one member showed last, and what it promised over all its boots. */
    private static final class Seen
    {
        long term;
        long commitIndex;
        /** It led as the only voter after its last turn. */
        boolean isAlone;
        /** When it began a turn as such, last. */
        long aloneNs = Long.MIN_VALUE;
        long appliedIndex;
        long scannedPosition = -1;
        long[] positions = new long[64];
        long scannedIndex;
        long[] roundTripNs;
        Role role = Role.FOLLOWER;
        long promisedTerm;
        long[] durableTerms = new long[0];
    }

    private record LogKey(long index, long term)
    {
    }

    private record LogEntry(long previousTerm, int crc, long firstSeenNs)
    {
    }

    private record Vote(long voter, long term)
    {
    }

    private final VirtualTime time;
    private final SimulatedMember[] members;
    private final CommittedLog committed;
    private final Seen[] seen;
    private final Map<Long, Long> leaderOfTerm = new HashMap<>();
    private final Map<LogKey, LogEntry> entries = new HashMap<>();
    private final Map<Vote, Long> votes = new HashMap<>();
    private final List<Long> commitTerms = new ArrayList<>();
    private final TreeMap<Long, Configuration> configurations = new TreeMap<>();
    private final Set<Long> lost = new HashSet<>();
    private final List<Long> streamHashes = new ArrayList<>();
    private final MessageHeaderDecoder header = new MessageHeaderDecoder();
    private final AppendResponseDecoder appendResponse = new AppendResponseDecoder();
    private final VoteRequestDecoder voteRequest = new VoteRequestDecoder();
    private final VoteResponseDecoder voteResponse = new VoteResponseDecoder();
    private final HeartbeatResponseDecoder heartbeatResponse = new HeartbeatResponseDecoder();
    private final CommandDecoder decoder = new CommandDecoder();
    private final Inside inside = new Inside();
    private final StateDigest digest = new StateDigest();
    private final DrainCheck drains = new DrainCheck();
    private final ElectionChecker elections;
    private long digestBefore;
    private int forgedAt = NOBODY;
    private long leaderTurns;
    long leaders;
    long cuts;
    long expiries;
    long installs;
    long longEntries;

    InvariantChecker(final VirtualTime time, final SimulatedMember[] members, final CommittedLog committed)
    {
        this.time = time;
        this.members = members;
        this.committed = committed;
        elections = new ElectionChecker(time, members);
        configurations.put(0L, new Configuration());
        seen = new Seen[members.length];
        for (int i = 0; i < seen.length; i++)
        {
            seen[i] = new Seen();
            seen[i].roundTripNs = new long[members.length];
        }
    }

    /** A member runs again: what it promised before must hold. */
    void onStarted(final SimulatedMember member)
    {
        final Seen was = seen[member.index];
        final RaftCore raft = member.node.consensus().raft();
        final RaftLog log = member.node.log();
        if (raft.term() < was.promisedTerm)
        {
            throw new Violation("R9", "term " + was.promisedTerm + " was promised and is forgotten by " + member);
        }
        for (int i = 0; i < was.durableTerms.length && i < committed.size(); i++)
        {
            final long index = i + 1;
            final CommittedLog.Entry entry = committed.entry(index);
            if (was.durableTerms[i] == entry.term() && index >= log.baseIndex() && log.termAt(index) != entry.term())
            {
                throw new Violation("D2", "entry " + index + " of term " + entry.term() +
                    " was committed and durable and is lost by " + member);
            }
        }
        was.durableTerms = new long[0];
        was.commitIndex = 0;
        was.appliedIndex = 0;
        was.term = raft.term();
        was.role = Role.FOLLOWER;
        was.isAlone = false;
        was.scannedPosition = -1;
        Arrays.fill(was.positions, 0);
        was.scannedIndex = 0;
        Arrays.fill(was.roundTripNs, Long.MIN_VALUE);
        elections.onStarted(member);
    }

    /** A member is gone with its disk. */
    void onLost(final SimulatedMember member)
    {
        lost.add(member.memberId);
    }

    /** Another member takes its place: nothing is known of it. */
    void onReplaced(final SimulatedMember member)
    {
        seen[member.index] = new Seen();
        seen[member.index].roundTripNs = new long[members.length];
        for (final Seen other : seen)
        {
            other.roundTripNs[member.index] = Long.MIN_VALUE;
        }
    }

    /** A member is about to start again: its log of the last boot will be gone. */
    void onRelease(final SimulatedMember member)
    {
        if (member.probe == null)
        {
            return;
        }
        final RaftLog log = member.probe.log();
        final long[] terms = new long[(int)log.lastIndex()];
        for (long index = 1; index <= log.lastIndex(); index++)
        {
            if (index < log.baseIndex())
            {
                terms[(int)index - 1] = index <= committed.size() ? committed.entry(index).term() : 0;
            }
            else if (member.probe.isDurable(index, log.termAt(index)))
            {
                terms[(int)index - 1] = log.termAt(index);
            }
        }
        seen[member.index].durableTerms = terms;
    }

    /** A snapshot became the state of a member: nothing that it knew is gone, and nothing is there too early. */
    void onInstalled(final SimulatedMember member, final long index)
    {
        installs++;
        final long applied = member.state.get(NodeState.Value.APPLIED_INDEX);
        if (index <= seen[member.index].commitIndex || index > committed.size() || applied != index ||
            member.node.store().raftIndex() != index || member.node.log().baseIndex() != index)
        {
            throw new Violation("R12", "a snapshot up to " + index + " after commit index " +
                seen[member.index].commitIndex + " of " + committed.size() + ", applied " + applied + ": " + member);
        }
        final Configuration expected = configurations.floorEntry(index).getValue();
        final Configuration present = member.node.consensus().raft().configuration();
        if (!expected.voters().equals(present.voters()) || !expected.learners().equals(present.learners()))
        {
            throw new Violation("R18", "a snapshot up to " + index + " brought " + present + " instead of " +
                expected + ": " + member);
        }
    }

    void afterTurn(final SimulatedMember member, final int agent)
    {
        if (agent == SimulatedMember.CONSENSUS)
        {
            checkRaft(member);
            elections.afterTurn(member);
        }
        else if (agent == SimulatedMember.APPLY)
        {
            checkApplied(member);
        }
    }

    /** @return when an entry was first seen in a log. */
    long firstSeenNs(final long index, final long term)
    {
        return entries.get(new LogKey(index, term)).firstSeenNs;
    }

    @Override
    public void onSent(final int from, final int to, final DirectBuffer buffer, final int length)
    {
        header.wrap(buffer, 0);
        final SimulatedMember member = members[from];
        if (from == forgedAt && header.templateId() != HelloDecoder.TEMPLATE_ID &&
            header.templateId() != HelloRequestDecoder.TEMPLATE_ID)
        {
            throw new Violation("R19", "message " + header.templateId() + " answers one that is wrong: " + member);
        }
        elections.onSent(member, buffer);
        header.wrap(buffer, 0);
        if (header.templateId() == VoteResponseDecoder.TEMPLATE_ID)
        {
            voteResponse.wrapAndApplyHeader(buffer, 0, header);
            if (FLAG_GRANTED == (voteResponse.flags() & (FLAG_PRE_VOTE | FLAG_GRANTED)))
            {
                checkVote(member, voteResponse.term(), voteResponse.to());
            }
            if (0 != (voteResponse.flags() & FLAG_GRANTED))
            {
                checkStanding(member, voteResponse.to());
            }
        }
        else if (header.templateId() == VoteRequestDecoder.TEMPLATE_ID)
        {
            voteRequest.wrapAndApplyHeader(buffer, 0, header);
            checkCandidacy(member, voteRequest.term(), 0 != (voteRequest.flags() & FLAG_PRE_VOTE));
        }
        else if (header.templateId() == AppendResponseDecoder.TEMPLATE_ID)
        {
            appendResponse.wrapAndApplyHeader(buffer, 0, header);
            if (1 == appendResponse.success())
            {
                checkAcknowledgement(member, appendResponse.term(), appendResponse.matchIndex());
            }
        }
    }

    @Override
    public void onHeard(final int from, final int to, final DirectBuffer buffer, final int length)
    {
        elections.onHeard(from, to, buffer);
        header.wrap(buffer, 0);
        if (header.templateId() == HeartbeatResponseDecoder.TEMPLATE_ID)
        {
            heartbeatResponse.wrapAndApplyHeader(buffer, 0, header);
            final long[] roundTrip = seen[to].roundTripNs;
            roundTrip[from] = Math.max(roundTrip[from], heartbeatResponse.sentNs());
        }
    }

    @Override
    public void beforeForged(final int to)
    {
        forgedAt = to;
        digestBefore = digest.of(members[to]);
    }

    @Override
    public void afterForged(final int to, final Forgery kind, final DirectBuffer buffer)
    {
        forgedAt = NOBODY;
        if (digestBefore != digest.of(members[to]))
        {
            header.wrap(buffer, 0);
            throw new Violation("R19", "a wrong message was believed: " + kind + " of template " +
                header.templateId() + " by " + members[to]);
        }
    }

    @Override
    public long[] knownTo(final int to, final long memberId)
    {
        final ConsensusAgent consensus = members[to].node.consensus();
        final PeerRegistry registry = (PeerRegistry)inside.get(consensus, "registry");
        return new long[]{registry.bootId(memberId), consensus.raft().term(), members[to].node.log().lastIndex()};
    }

    /** A trial changes no term; a candidacy is told when the own vote is durable. */
    private void checkCandidacy(final SimulatedMember member, final long term, final boolean isTrial)
    {
        final long present = member.node.consensus().raft().term();
        if (term != (isTrial ? present + 1 : present))
        {
            throw new Violation("R15", "asks for votes in term " + term + ", as a trial: " + isTrial + ": " + member);
        }
        if (!isTrial && !LogProbe.isTermDurable(member.disk, "term", term, member.memberId))
        {
            throw new Violation("R9", "a candidacy in term " + term + " was told before it was durable: " + member);
        }
    }

    private void checkVote(final SimulatedMember member, final long term, final long candidate)
    {
        final Long other = votes.put(new Vote(member.memberId, term), candidate);
        if (other != null && other != candidate)
        {
            throw new Violation("R9", "two votes in term " + term + " by " + member);
        }
        if (!LogProbe.isTermDurable(member.disk, "term", term, candidate))
        {
            throw new Violation("R9", "a vote in term " + term + " left before it was durable: " + member);
        }
        promise(member, term);
    }

    /** Who was removed, as the member that is asked knows for certain, is not helped to lead. */
    private void checkStanding(final SimulatedMember member, final long candidate)
    {
        final long commitIndex = member.node.consensus().raft().commitIndex();
        boolean wasMember = false;
        for (final Configuration configuration : configurations.headMap(commitIndex, true).values())
        {
            wasMember |= configuration.standing(candidate) != Configuration.ABSENT;
        }
        if (wasMember &&
            configurations.floorEntry(commitIndex).getValue().standing(candidate) == Configuration.ABSENT)
        {
            throw new Violation("R17", Long.toHexString(candidate) + " was removed and gets a vote: " + member);
        }
    }

    private void checkAcknowledgement(final SimulatedMember member, final long term, final long matchIndex)
    {
        final RaftLog log = member.node.log();
        if (!member.probe.isDurable(matchIndex, log.termAt(matchIndex)))
        {
            throw new Violation("R21", "entry " + matchIndex + " was acknowledged before it was durable: " + member);
        }
        if (!LogProbe.isTermDurable(member.disk, "term", term, 0))
        {
            throw new Violation("R9", "an answer of term " + term + " left before the term was durable: " + member);
        }
        promise(member, term);
    }

    private void promise(final SimulatedMember member, final long term)
    {
        final Seen of = seen[member.index];
        of.promisedTerm = Math.max(of.promisedTerm, term);
    }

    private void checkRaft(final SimulatedMember member)
    {
        final Seen was = seen[member.index];
        final RaftCore raft = member.node.consensus().raft();
        final RaftLog log = member.node.log();
        if (raft.term() < was.term)
        {
            throw new Violation("R9", "the term fell from " + was.term + ": " + member);
        }
        if (raft.commitIndex() < was.commitIndex)
        {
            throw new Violation("R9", "the commit index fell from " + was.commitIndex + ": " + member);
        }
        final long applied = member.state.get(NodeState.Value.APPLIED_INDEX);
        if (raft.commitIndex() > log.lastIndex() || applied > raft.commitIndex())
        {
            throw new Violation("R12", "applied " + applied + ", committed, last out of order: " + member);
        }
        if (raft.role() == Role.LEADER && ++leaderTurns % WINDOWS_ONE_IN == 0)
        {
            drains.checkWindows(member);
        }
        if (was.isAlone && was.term == raft.term())
        {
            was.aloneNs = member.clockNs();
        }
        scan(member, was, raft, log);
        if (raft.role() == Role.LEADER && (was.role != Role.LEADER || raft.term() != was.term))
        {
            onLeader(member, raft, log);
        }
        final boolean isOut = !raft.configuration().isVoter(member.memberId) &&
            raft.configuration().index() <= raft.commitIndex();
        if (raft.role() == Role.LEADER && isOut)
        {
            throw new Violation("R17", "a member that was removed leads: " + member);
        }
        if (raft.commitIndex() > was.commitIndex)
        {
            onCommit(member, was.commitIndex, raft, log);
        }
        was.term = raft.term();
        was.commitIndex = raft.commitIndex();
        was.role = raft.role();
        was.isAlone = raft.role() == Role.LEADER && raft.configuration().voters().size() == 1;
    }

    private void onLeader(final SimulatedMember member, final RaftCore raft, final RaftLog log)
    {
        leaders++;
        final Long other = leaderOfTerm.put(raft.term(), member.memberId);
        if (other != null && other != member.memberId)
        {
            throw new Violation(
                "R1", "two leaders in term " + raft.term() + ": " + Long.toHexString(other) + " and " + member);
        }
        if (!LogProbe.isTermDurable(member.disk, "term", raft.term(), member.memberId))
        {
            throw new Violation("R9", "leads before its own vote is durable: " + member);
        }
        for (long index = Math.max(1, log.baseIndex()); index <= committed.size(); index++)
        {
            if (commitTerms.get((int)index - 1) < raft.term() && log.termAt(index) != committed.entry(index).term())
            {
                throw new Violation("R4", "a leader lacks committed entry " + index + " of term " +
                    committed.entry(index).term() + ": " + member);
            }
        }
    }

    private void onCommit(final SimulatedMember member, final long from, final RaftCore raft, final RaftLog log)
    {
        final long to = raft.commitIndex();
        if (raft.role() == Role.LEADER && log.termAt(to) != raft.term())
        {
            throw new Violation("R10", "entry " + to + " of term " + log.termAt(to) + " committed by " + member);
        }
        final LogEntryView view = log.newView();
        for (long index = Math.max(from, log.baseIndex()) + 1; index <= to; index++)
        {
            final int crc = member.probe.entryCrc(index);
            if (index > committed.size())
            {
                committed.add(view, index, crc, time.nowNs());
                configure(view, index);
                commitTerms.add(raft.term());
            }
            else if (committed.entry(index).term() != log.termAt(index) || committed.entry(index).crc() != crc)
            {
                throw new Violation("R5", "entry " + index + " differs from the one that was committed: " + member);
            }
        }
        checkConfiguration(member, raft);
        checkQuorum(member, raft, to, log.termAt(to));
    }

    /** Where no change is under way, the configuration in force is the one that committed entries make. */
    private void checkConfiguration(final SimulatedMember member, final RaftCore raft)
    {
        final Configuration expected = configurations.floorEntry(raft.commitIndex()).getValue();
        final Configuration present = raft.configuration();
        if (present.index() <= raft.commitIndex() && (!expected.voters().equals(present.voters()) ||
            !expected.learners().equals(present.learners())))
        {
            throw new Violation("R16", present + " in force instead of " + expected + " at entry " +
                raft.commitIndex() + ": " + member);
        }
    }

    private void configure(final LogEntryView view, final long index)
    {
        if (RaftLogAccess.CONFIG == view.type())
        {
            final ConfigChangeDecoder change =
                decoder.configChange(view.buffer(), view.payloadOffset(), view.payloadLength());
            final Configuration next = new Configuration();
            next.copyFrom(configurations.lastEntry().getValue());
            if (next.admits(change.kind(), change.targetMemberId()))
            {
                next.standing(change.targetMemberId(), switch (change.kind())
                {
                    case ConfigEntryReader.ADD_VOTER, ConfigEntryReader.PROMOTE -> Configuration.VOTER;
                    case ConfigEntryReader.ADD_LEARNER -> Configuration.LEARNER;
                    case ConfigEntryReader.REMOVE -> Configuration.ABSENT;
                    default -> next.standing(change.targetMemberId());
                });
            }
            configurations.put(index, next);
        }
    }

    /**
     * An entry that a member holds for committed is durable on a quorum of the voters: now, and for ever. A disk that
     * is lost held what it had acknowledged.
     */
    private void checkQuorum(
        final SimulatedMember member, final RaftCore raft, final long index, final long term)
    {
        final Configuration configuration = raft.configuration();
        if (isGrowth(index) && isHeldByQuorum(configurations.lowerEntry(index).getValue(), index, term))
        {
            return;
        }
        // A leader may append a change in the turn in which it has committed what is before it.
        final boolean isHeldAtEntry = configuration.index() > index &&
            isHeldByQuorum(configurations.floorEntry(index).getValue(), index, term);
        if (raft.role() == Role.LEADER ? !isHeldAtEntry && !isHeldByQuorum(configuration, index, term) :
            configuration.index() <= index && !isHeldByQuorumOfSomebody(index, term))
        {
            throw new Violation("R8", "entry " + index + " of term " + term + " is committed and not durable on a " +
                "quorum of " + configuration + ", as known by " + member);
        }
    }

    /** An entry that gives a sole voter a second one is committed by the first alone. */
    private boolean isGrowth(final long index)
    {
        return configurations.containsKey(index) && configurations.get(index).voters().size() == 2 &&
            configurations.lowerEntry(index).getValue().voters().size() == 1;
    }

    /** The leader may have decided in a configuration that has not come to the others yet. */
    private boolean isHeldByQuorumOfSomebody(final long index, final long term)
    {
        for (final SimulatedMember member : members)
        {
            if (member.node != null && isHeldByQuorum(member.node.consensus().raft().configuration(), index, term))
            {
                return true;
            }
        }
        return false;
    }

    private boolean isHeldByQuorum(final Configuration configuration, final long index, final long term)
    {
        int holders = 0;
        for (int i = 0; i < configuration.voters().size(); i++)
        {
            final long voter = configuration.voters().getLong(i);
            holders += lost.contains(voter) || isHeldBy(voter, index, term) ? 1 : 0;
        }
        return holders >= configuration.quorum();
    }

    private boolean isHeldBy(final long voter, final long index, final long term)
    {
        for (final SimulatedMember holder : members)
        {
            if (holder.memberId == voter)
            {
                final long[] released = seen[holder.index].durableTerms;
                return holder.probe != null ? holder.probe.isDurable(index, term) :
                    index <= released.length && released[(int)index - 1] == term;
            }
        }
        return false;
    }

    /** Looks at frames that were not there before: same index and term mean the same entry and the same past. */
    private void scan(final SimulatedMember member, final Seen was, final RaftCore raft, final RaftLog log)
    {
        final long appended = log.appendedPosition();
        if (appended == was.scannedPosition)
        {
            return;
        }
        was.scannedPosition = appended;
        // What was there above the present end is cut, and forgotten: other entries may come there in another term.
        for (; was.scannedIndex > log.lastIndex(); was.scannedIndex--)
        {
            if (was.positions[(int)was.scannedIndex] != 0)
            {
                cuts++;
                checkCut(member, was, raft, was.scannedIndex);
                was.positions[(int)was.scannedIndex] = 0;
            }
        }
        was.scannedIndex = log.lastIndex();
        if (was.positions.length <= log.lastIndex())
        {
            was.positions = Arrays.copyOf(was.positions, 2 * (int)log.lastIndex());
        }
        for (long index = log.lastIndex(); index > log.baseIndex(); index--)
        {
            final long position = member.probe.position(index) + 1;
            if (was.positions[(int)index] == position)
            {
                break;
            }
            if (was.positions[(int)index] != 0)
            {
                cuts++;
                checkCut(member, was, raft, index);
            }
            was.positions[(int)index] = position;
            final long term = log.termAt(index);
            final LogKey key = new LogKey(index, term);
            final LogEntry known = entries.get(key);
            if (known == null)
            {
                longEntries += log.payloadLength(index) > PeerLink.MAX_MESSAGE_LENGTH ? 1 : 0;
                entries.put(key, new LogEntry(
                    log.termAt(index - 1), member.probe.entryCrc(index), time.nowNs()));
                if (raft.role() == Role.LEADER && term == raft.term())
                {
                    checkProposal(member, log, index);
                }
            }
            else if (known.previousTerm != log.termAt(index - 1) || known.crc != member.probe.entryCrc(index))
            {
                throw new Violation("R3", "entry " + index + " of term " + term + " differs on " + member);
            }
        }
    }

    /** Another entry is where one was: never below the commit index, and never in the log of who leads. */
    private static void checkCut(
        final SimulatedMember member, final Seen was, final RaftCore raft, final long index)
    {
        if (index <= was.commitIndex)
        {
            throw new Violation("R11", "entry " + index + " was cut below commit index " + was.commitIndex + ": " +
                member);
        }
        if (was.role == Role.LEADER && raft.role() == Role.LEADER && was.term == raft.term())
        {
            throw new Violation("R2", "entry " + index + " was cut by its leader: " + member);
        }
    }

    /** One change at a time, and only by a leader that has committed in its term. */
    private void checkChange(final SimulatedMember member, final RaftLog log, final long index)
    {
        final RaftCore raft = member.node.consensus().raft();
        boolean isSingle = raft.isCommittedInTerm();
        for (long i = raft.commitIndex() + 1; i < index; i++)
        {
            isSingle &= log.typeAt(i) != RaftLogAccess.CONFIG;
        }
        if (!isSingle)
        {
            throw new Violation("R16", "a change is proposed before what was before it is committed: index=" + index +
                ' ' + member);
        }
    }

    /** A leader that slept hears a quorum before it takes anything for expired. */
    private void checkProposal(final SimulatedMember member, final RaftLog log, final long index)
    {
        if (log.typeAt(index) == RaftLogAccess.CONFIG)
        {
            checkChange(member, log, index);
        }
        if (log.typeAt(index) != RaftLogAccess.COMMAND)
        {
            return;
        }
        final LogEntryView view = log.newView();
        view.wrap(index);
        final Command command = decoder.decode(view.buffer(), view.payloadOffset(), view.payloadLength());
        if (command instanceof Command.Revoke revoke && revoke.leaderTerm() != 0)
        {
            expiries++;
            if (revoke.leaderTerm() != log.termAt(index))
            {
                throw new Violation("L3", "an expiry of term " + revoke.leaderTerm() + " proposed by " + member);
            }
            final RaftCore raft = member.node.consensus().raft();
            // it may have been heard just before a change of the members was appended
            if (!isHeardByQuorum(member, raft.configuration()) &&
                !isHeardByQuorum(member, configurations.floorEntry(raft.commitIndex()).getValue()))
            {
                throw new Violation("L3", "an expiry was decided after a pause that ended at " + member.pauseEndedNs +
                    " and before a quorum was heard: " + Arrays.toString(seen[member.index].roundTripNs) + " of " +
                    raft.configuration() + " by " + member);
            }
        }
    }

    private boolean isHeardByQuorum(final SimulatedMember member, final Configuration configuration)
    {
        int heard = 0;
        for (final SimulatedMember other : members)
        {
            final boolean isHeard =
                other == member || seen[member.index].roundTripNs[other.index] >= member.pauseEndedNs;
            heard += isHeard && configuration.isVoter(other.memberId) ? 1 : 0;
        }
        // who was alone since has heard the quorum of that time
        return heard >= configuration.quorum() || seen[member.index].aloneNs >= member.pauseEndedNs;
    }

    private void checkApplied(final SimulatedMember member)
    {
        final Seen was = seen[member.index];
        final long applied = member.state.get(NodeState.Value.APPLIED_INDEX);
        if (applied < was.appliedIndex)
        {
            throw new Violation("R9",
                "the applied index fell from " + was.appliedIndex + " to " + applied + ": " + member);
        }
        was.appliedIndex = applied;
        if (applied > committed.size())
        {
            // a member that starts may know of commits before the first turn of its consensus
            checkRaft(member);
        }
        if (applied > committed.size())
        {
            throw new Violation("R12",
                "applied " + applied + " of " + committed.size() + " committed entries: " + member);
        }
        final Store store = member.node.store();
        if (store.raftIndex() != applied)
        {
            return;
        }
        while (streamHashes.size() <= applied)
        {
            streamHashes.add(null);
        }
        final Long known = streamHashes.get((int)applied);
        if (known == null)
        {
            streamHashes.set((int)applied, store.streamHash());
        }
        else if (known != store.streamHash())
        {
            throw new Violation("S1", "state after entry " + applied + " differs on " + member);
        }
    }
}
