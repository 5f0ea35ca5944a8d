package dev.quorate.core.sim;

import dev.quorate.core.codec.peer.AppendDecoder;
import dev.quorate.core.codec.peer.AppendResponseDecoder;
import dev.quorate.core.codec.peer.EntryChunkDecoder;
import dev.quorate.core.codec.peer.HeartbeatDecoder;
import dev.quorate.core.codec.peer.HeartbeatResponseDecoder;
import dev.quorate.core.codec.peer.MessageHeaderDecoder;
import dev.quorate.core.codec.peer.TimeoutNowDecoder;
import dev.quorate.core.codec.peer.VoteRequestDecoder;
import dev.quorate.core.codec.peer.VoteResponseDecoder;
import dev.quorate.core.raft.Configuration;
import dev.quorate.core.raft.RaftCore;
import dev.quorate.core.raft.Role;
import org.agrona.DirectBuffer;

import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * What disturbs a cluster, and what must not: why terms rise, who may be given a vote while a leader is heard, and for
 * how long a leader leads that hears nobody. Cause and effect are taken from the messages, not from the members.
 */
final class ElectionChecker
{
    private static final int FLAG_PRE_VOTE = 1;
    private static final int FLAG_GRANTED = 2;
    private static final int FLAG_TRANSFER = 2;
    /** A leader looks after its quorum once a turn; an answer may have been on its way to it since. */
    private static final int SILENT_ELECTIONS = 2;

    private record Asked(long candidate, long term, boolean isTrial)
    {
    }

    private record Beat(long leader, long term, long sentNs)
    {
    }

    /** What one boot of a member has heard. */
    private static final class Heard
    {
        /** Highest term that it may take over from others. */
        long term;
        /** Term in which the leader told it to become a candidate. */
        long toldInTerm;
        final Map<Long, Set<Long>> trialsWon = new HashMap<>();
        final Map<Beat, Long> beats = new HashMap<>();
        /** Whoever may have its vote. */
        final Set<Asked> asked = new HashSet<>();
        long leaderTerm;
        long leaderHeardNs = Long.MIN_VALUE;
        long[] heardNs;
        long graceNs;
        Role role = Role.FOLLOWER;
        long ownTerm;
        long configurationIndex;
    }

    private final VirtualTime time;
    private final SimulatedMember[] members;
    private final Heard[] heard;
    private final MessageHeaderDecoder header = new MessageHeaderDecoder();
    private final VoteRequestDecoder voteRequest = new VoteRequestDecoder();
    private final VoteResponseDecoder voteResponse = new VoteResponseDecoder();
    private final TimeoutNowDecoder timeoutNow = new TimeoutNowDecoder();
    private final AppendDecoder append = new AppendDecoder();
    private final EntryChunkDecoder entryChunk = new EntryChunkDecoder();
    private final AppendResponseDecoder appendResponse = new AppendResponseDecoder();
    private final HeartbeatDecoder heartbeat = new HeartbeatDecoder();
    private final HeartbeatResponseDecoder heartbeatResponse = new HeartbeatResponseDecoder();

    ElectionChecker(final VirtualTime time, final SimulatedMember[] members)
    {
        this.time = time;
        this.members = members;
        heard = new Heard[members.length];
        for (int i = 0; i < heard.length; i++)
        {
            heard[i] = new Heard();
        }
    }

    /** A member starts: what it heard before is forgotten, what it promised is durable. */
    void onStarted(final SimulatedMember member)
    {
        final Heard of = new Heard();
        of.heardNs = new long[members.length];
        Arrays.fill(of.heardNs, Long.MIN_VALUE);
        of.ownTerm = member.node.consensus().raft().term();
        of.term = of.ownTerm;
        heard[member.index] = of;
    }

    /** A message comes to a member, which may drop it. */
    void onHeard(final int from, final int to, final DirectBuffer buffer)
    {
        final Heard by = heard[to];
        by.heardNs[from] = time.nowNs();
        header.wrap(buffer, 0);
        switch (header.templateId())
        {
            case VoteRequestDecoder.TEMPLATE_ID -> onVoteRequest(by, members[to], buffer);
            case VoteResponseDecoder.TEMPLATE_ID ->
            {
                voteResponse.wrapAndApplyHeader(buffer, 0, header);
                if (voteResponse.flags() == (FLAG_PRE_VOTE | FLAG_GRANTED))
                {
                    by.trialsWon.computeIfAbsent(voteResponse.term(), (term) -> new HashSet<>())
                        .add(voteResponse.from());
                }
                else
                {
                    raise(by, voteResponse.term());
                }
            }
            case TimeoutNowDecoder.TEMPLATE_ID ->
            {
                timeoutNow.wrapAndApplyHeader(buffer, 0, header);
                by.toldInTerm = Math.max(by.toldInTerm, timeoutNow.term());
                raise(by, timeoutNow.term());
            }
            case AppendDecoder.TEMPLATE_ID -> raise(by, append.wrapAndApplyHeader(buffer, 0, header).term());
            case EntryChunkDecoder.TEMPLATE_ID -> raise(by, entryChunk.wrapAndApplyHeader(buffer, 0, header).term());
            case AppendResponseDecoder.TEMPLATE_ID ->
                raise(by, appendResponse.wrapAndApplyHeader(buffer, 0, header).term());
            case HeartbeatDecoder.TEMPLATE_ID ->
            {
                heartbeat.wrapAndApplyHeader(buffer, 0, header);
                raise(by, heartbeat.term());
                by.beats.putIfAbsent(
                    new Beat(heartbeat.from(), heartbeat.term(), heartbeat.sentNs()), time.nowNs());
            }
            case HeartbeatResponseDecoder.TEMPLATE_ID ->
                raise(by, heartbeatResponse.wrapAndApplyHeader(buffer, 0, header).term());
            default ->
            {
                // Says nothing about terms.
            }
        }
    }

    /** A member says something: a vote must be free, and an answered heartbeat was believed. */
    void onSent(final SimulatedMember member, final DirectBuffer buffer)
    {
        final Heard by = heard[member.index];
        header.wrap(buffer, 0);
        if (header.templateId() == VoteResponseDecoder.TEMPLATE_ID)
        {
            voteResponse.wrapAndApplyHeader(buffer, 0, header);
            final boolean isTrial = 0 != (voteResponse.flags() & FLAG_PRE_VOTE);
            if (0 != (voteResponse.flags() & FLAG_GRANTED) &&
                !by.asked.contains(new Asked(voteResponse.to(), voteResponse.term(), isTrial)))
            {
                throw new Violation("R15", "a vote in term " + voteResponse.term() + ", as a trial: " + isTrial +
                    ", for " + Long.toHexString(voteResponse.to()) + " though a leader was heard: " + member);
            }
        }
        else if (header.templateId() == HeartbeatResponseDecoder.TEMPLATE_ID)
        {
            heartbeatResponse.wrapAndApplyHeader(buffer, 0, header);
            final Long beatNs = by.beats.get(
                new Beat(heartbeatResponse.to(), heartbeatResponse.term(), heartbeatResponse.sentNs()));
            if (beatNs != null && heartbeatResponse.term() >= by.leaderTerm)
            {
                by.leaderTerm = heartbeatResponse.term();
                by.leaderHeardNs = Math.max(by.leaderHeardNs, beatNs);
            }
        }
    }

    /** After a turn of consensus. */
    void afterTurn(final SimulatedMember member)
    {
        final Heard by = heard[member.index];
        final RaftCore raft = member.node.consensus().raft();
        if (raft.term() > by.ownTerm)
        {
            checkRise(member, by, raft);
        }
        by.ownTerm = raft.term();
        checkContact(member, by, raft);
        by.role = raft.role();
    }

    private void onVoteRequest(final Heard by, final SimulatedMember member, final DirectBuffer buffer)
    {
        voteRequest.wrapAndApplyHeader(buffer, 0, header);
        final boolean isTrial = 0 != (voteRequest.flags() & FLAG_PRE_VOTE);
        final RaftCore raft = member.node.consensus().raft();
        final boolean isLeaderAlive = raft.role() == Role.LEADER || by.leaderTerm == raft.term() &&
            by.leaderHeardNs != Long.MIN_VALUE &&
            time.nowNs() - by.leaderHeardNs < member.settings.electionTimeoutNs;
        if (!isLeaderAlive || 0 != (voteRequest.flags() & FLAG_TRANSFER))
        {
            by.asked.add(new Asked(voteRequest.from(), voteRequest.term(), isTrial));
            if (!isTrial)
            {
                raise(by, voteRequest.term());
            }
        }
    }

    private static void raise(final Heard by, final long term)
    {
        by.term = Math.max(by.term, term);
    }

    /** A term comes from others who are in it, from a leader's wish, or from a trial that a quorum has granted. */
    private void checkRise(final SimulatedMember member, final Heard by, final RaftCore raft)
    {
        final long term = raft.term();
        if (term <= by.term)
        {
            return;
        }
        final Configuration configuration = raft.configuration();
        final Set<Long> granted = new HashSet<>(by.trialsWon.getOrDefault(term, Set.of()));
        granted.add(member.memberId);
        int votes = 0;
        for (int i = 0; i < configuration.voters().size(); i++)
        {
            votes += granted.contains(configuration.voters().getLong(i)) ? 1 : 0;
        }
        final boolean isWished = by.toldInTerm == term - 1;
        if (raft.votedFor() != member.memberId || !isWished && votes < configuration.quorum())
        {
            throw new Violation("R15", "term " + term + " comes from nowhere; heard of " + by.term + ", trial won by " +
                granted + ": " + member);
        }
    }

    /** A leader that hears no quorum steps down. */
    private void checkContact(final SimulatedMember member, final Heard by, final RaftCore raft)
    {
        final Configuration configuration = raft.configuration();
        final boolean isPauseOver = member.pauseEndedNs == member.clockNs();
        if (raft.role() != Role.LEADER || by.role != Role.LEADER || isPauseOver ||
            by.configurationIndex != configuration.index())
        {
            by.graceNs = time.nowNs();
            by.configurationIndex = configuration.index();
        }
        final long sinceNs = time.nowNs() - SILENT_ELECTIONS * member.settings.electionTimeoutNs;
        if (raft.role() != Role.LEADER || by.graceNs > sinceNs)
        {
            return;
        }
        int reached = 0;
        for (final SimulatedMember other : members)
        {
            final boolean isReached = other == member || by.heardNs[other.index] >= sinceNs;
            reached += isReached && configuration.isVoter(other.memberId) ? 1 : 0;
        }
        if (reached < configuration.quorum())
        {
            throw new Violation("R15", "leads on though nobody was heard since " + sinceNs + ": " + member);
        }
    }
}
