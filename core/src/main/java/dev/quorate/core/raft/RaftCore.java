package dev.quorate.core.raft;

import org.agrona.DirectBuffer;

/**
 * Consensus of one member: Raft (the thesis) with pre-vote, check-quorum, leader stickiness, learners, leadership
 * transfer, one configuration change at a time and read rounds. All methods belong to the consensus thread.
 * <p>
 * In each turn the owner calls {@link #tick}, then delivers messages, durable positions and proposals in any order,
 * then {@link #flush}: a batch of proposals leaves as one. Messages from this member itself are ignored. A broken
 * invariant throws {@link IllegalStateException} with the numbers; the member must halt.
 */
public final class RaftCore
{
    /** Accepted. */
    public static final int OK = 0;
    /** The log has no room. */
    public static final int NO_SPACE = (int)RaftLogAccess.NO_SPACE;
    /** This member does not lead. */
    public static final int NOT_LEADER = -2;
    /** Leadership is being handed over: nothing is proposed meanwhile. */
    public static final int TRANSFERRING = -3;
    /** A configuration change is not committed yet. */
    public static final int CONFIG_PENDING = -4;
    /** The leader has not committed an entry of its term yet. */
    public static final int NOT_READY = -5;
    /** The configuration does not admit the change. */
    public static final int BAD_CHANGE = -6;
    /** The target is no voter. */
    public static final int BAD_TRANSFEREE = -7;
    /** Too many reads wait. */
    public static final int READS_FULL = -8;

    /** No transfer was asked for. */
    public static final int TRANSFER_NONE = 0;
    /** The transfer is under way. */
    public static final int TRANSFER_PENDING = 1;
    /** This member's leadership ended; who leads is told by {@link RaftOutput#roleChanged}. */
    public static final int TRANSFER_DONE = 2;
    /** The target did not take over in time; this member goes on. */
    public static final int TRANSFER_TIMED_OUT = 3;

    private final RaftState state;
    private final RaftLogAccess log;
    private final RaftOutput output;
    private final TermAndVote termAndVote;
    private final Election election;
    private final Follower follower;
    private final Leader leader;
    private long lastTickNs;
    private boolean isStarted;

    /**
     * @param context concluded.
     * @throws IllegalStateException if the context is not concluded or a configuration entry cannot be read.
     */
    public RaftCore(final RaftContext context)
    {
        if (!context.isConcluded())
        {
            throw new IllegalStateException("context is not concluded");
        }
        state = new RaftState(context);
        log = state.log;
        output = state.output;
        termAndVote = state.termAndVote;
        election = new Election(context, state);
        follower = new Follower(state);
        leader = new Leader(context, state);
    }

    /**
     * Begins to take part. Called once, before anything else.
     *
     * @param nowNs time, nanoseconds of a monotonic clock.
     */
    public void start(final long nowNs)
    {
        if (isStarted)
        {
            throw new IllegalStateException("started already");
        }
        isStarted = true;
        state.nowNs(nowNs);
        lastTickNs = nowNs;
        if (log.lastTerm() > termAndVote.term())
        {
            // Entries of a term may reach the disk before the term does; no vote of that term can have left.
            termAndVote.adopt(log.lastTerm(), 0);
        }
        election.resetDeadline();
        election.expireIfAlone();
        output.configurationChanged(state.configuration());
        output.roleChanged(state.role(), state.term(), state.leaderId());
    }

    /**
     * Time passes. Called first in each turn.
     *
     * @param nowNs time, nanoseconds of a monotonic clock.
     */
    public void tick(final long nowNs)
    {
        final boolean wasPaused = nowNs - lastTickNs > state.electionTimeoutNs;
        lastTickNs = nowNs;
        state.nowNs(nowNs);
        if (state.role() == Role.LEADER)
        {
            if (!leader.tick(wasPaused))
            {
                follow(state.term(), 0, 0);
            }
            return;
        }
        if (wasPaused)
        {
            // What the leader sent meanwhile waits unread: give it a chance before disturbing it.
            election.resetDeadline();
            election.expireIfAlone();
        }
        if (election.isDue())
        {
            campaign();
        }
    }

    /**
     * Sends what this turn left to send. Called last in each turn.
     *
     * @param nowNs time, nanoseconds of a monotonic clock.
     */
    public void flush(final long nowNs)
    {
        state.nowNs(nowNs);
        if (state.role() == Role.LEADER && !leader.flush())
        {
            follow(state.term(), 0, 0);
        }
    }

    /**
     * Appends a command to the leader's log. It goes to the peers with the next {@link #flush}.
     *
     * @param type    {@link RaftLogAccess#COMMAND}.
     * @param payload holding its bytes; copied.
     * @param offset  of the payload.
     * @param length  of the payload, bytes.
     * @return its index, or {@link #NOT_LEADER}, {@link #TRANSFERRING}, {@link #NO_SPACE}.
     */
    public long propose(final int type, final DirectBuffer payload, final int offset, final int length)
    {
        if (type != RaftLogAccess.COMMAND)
        {
            throw new IllegalArgumentException("not a command: type=" + type);
        }
        return state.role() != Role.LEADER ? NOT_LEADER : leader.propose(type, payload, offset, length);
    }

    /**
     * Appends a configuration change to the leader's log, where it takes effect at once.
     *
     * @param kind     as {@link ConfigEntryReader} names them.
     * @param memberId that the change is about.
     * @param payload  holding its bytes, of the same change; copied.
     * @param offset   of the payload.
     * @param length   of the payload, bytes.
     * @return its index, or {@link #NOT_LEADER}, {@link #TRANSFERRING}, {@link #NOT_READY}, {@link #CONFIG_PENDING},
     * {@link #BAD_CHANGE}, {@link #NO_SPACE}.
     */
    public long proposeConfig(
        final int kind, final long memberId, final DirectBuffer payload, final int offset, final int length)
    {
        return state.role() != Role.LEADER ? NOT_LEADER :
            leader.proposeConfig(kind, memberId, payload, offset, length);
    }

    /**
     * Asks for an index at which a linearizable read may run; answered by {@link RaftOutput#readReady} or
     * {@link RaftOutput#readFailed}. A leader that has not committed in its term holds the request until it has.
     *
     * @param requestId given back with the answer.
     * @param from      member that asks, this one or a follower.
     * @return {@link #OK}, {@link #NOT_LEADER} or {@link #READS_FULL}.
     */
    public int readIndex(final long requestId, final long from)
    {
        return state.role() != Role.LEADER ? NOT_LEADER : leader.readIndex(requestId, from);
    }

    /**
     * Hands leadership over. How it goes is told by {@link #transferState}.
     *
     * @param target voter that shall lead; this member itself changes nothing.
     * @return {@link #OK}, {@link #NOT_LEADER} or {@link #BAD_TRANSFEREE}.
     */
    public int transferLeadership(final long target)
    {
        return state.role() != Role.LEADER ? NOT_LEADER : leader.transferTo(target);
    }

    /**
     * The own log is durable up to an entry: the last one that the log holds <em>now</em> whose frame lies below the
     * durable position. An entry cut meanwhile must not be reported, even if an equal one was appended again behind the
     * cut.
     *
     * @param index of the entry.
     * @param term  of the entry.
     */
    public void onDurable(final long index, final long term)
    {
        state.onDurable(index, term);
        if (state.role() == Role.LEADER)
        {
            leader.advanceCommit();
        }
        else
        {
            state.commitGrowth();
            follower.answer();
        }
    }

    /**
     * Term and vote are durable.
     *
     * @param sequence as given to {@link RaftOutput#persistTermAndVote}; covers the ones before.
     */
    public void onTermAndVoteDurable(final long sequence)
    {
        termAndVote.onDurable(sequence);
        if (election.onDurable())
        {
            lead();
        }
        follower.answer();
    }

    /**
     * See {@link RaftOutput#sendVoteRequest}.
     *
     * @param from         candidate.
     * @param term         of the candidacy; of the prospective one for a pre-vote.
     * @param preVote      true if nothing changes by the answer.
     * @param isTransfer   true if the leader asked for this candidacy.
     * @param lastLogIndex of the candidate.
     * @param lastLogTerm  of the candidate.
     */
    public void onVoteRequest(
        final long from,
        final long term,
        final boolean preVote,
        final boolean isTransfer,
        final long lastLogIndex,
        final long lastLogTerm)
    {
        if (isImpossible(from, term))
        {
            return;
        }
        if (term < state.term())
        {
            election.refuse(from, preVote);
        }
        else if (isTransfer || !election.isSticky())
        {
            if (preVote)
            {
                election.answerPreVote(from, term, lastLogIndex, lastLogTerm);
                return;
            }
            if (term > state.term())
            {
                follow(term, 0, state.isUpToDate(lastLogIndex, lastLogTerm) ? from : 0);
            }
            election.answerVote(from, lastLogIndex, lastLogTerm);
        }
    }

    /**
     * See {@link RaftOutput#sendVoteResponse}.
     *
     * @param from    member that was asked.
     * @param term    of the answer; of the prospective candidacy if a pre-vote is granted.
     * @param preVote as in the request.
     * @param granted true if the vote is given.
     */
    public void onVoteResponse(final long from, final long term, final boolean preVote, final boolean granted)
    {
        if (isImpossible(from, term))
        {
            return;
        }
        if (preVote && granted)
        {
            if (state.role() == Role.PRE_CANDIDATE && term == state.term() + 1 && election.onGranted(from))
            {
                raiseTerm(false);
            }
        }
        else if (term > state.term())
        {
            follow(term, 0, 0);
        }
        else if (granted && term == state.term() && state.role() == Role.CANDIDATE && election.onGranted(from))
        {
            lead();
        }
    }

    /**
     * An append begins, see {@link RaftOutput#sendAppend}. If it is accepted its entries follow by
     * {@link #appendEntry}, and {@link #endAppend}.
     *
     * @param from        leader.
     * @param term        of the leader.
     * @param prevIndex   index before the first entry.
     * @param prevTerm    its term.
     * @param commitIndex of the leader.
     * @return true if the entries are to be delivered.
     */
    public boolean beginAppend(
        final long from, final long term, final long prevIndex, final long prevTerm, final long commitIndex)
    {
        if (isImpossible(from, term) || prevIndex < 0 || prevTerm < 0 || prevTerm > term)
        {
            return false;
        }
        if (term < state.term())
        {
            if (termAndVote.isTermDurable())
            {
                output.sendAppendResponse(from, state.term(), false, prevIndex, 0, 0);
            }
            return false;
        }
        followLeader(from, term);
        return follower.beginAppend(prevIndex, prevTerm, commitIndex);
    }

    /**
     * The next entry of the append.
     *
     * @param index   of the entry.
     * @param term    of the entry.
     * @param type    of the entry.
     * @param payload holding its bytes; copied.
     * @param offset  of the payload.
     * @param length  of the payload, bytes.
     * @return false if the entry was not taken (out of order, or no room): the rest must not be delivered.
     */
    public boolean appendEntry(
        final long index,
        final long term,
        final int type,
        final DirectBuffer payload,
        final int offset,
        final int length)
    {
        return follower.appendEntry(index, term, type, payload, offset, length);
    }

    /**
     * The append that was accepted ended, or its rest was dropped.
     */
    public void endAppend()
    {
        follower.endAppend();
    }

    /**
     * See {@link RaftOutput#sendAppendResponse}.
     *
     * @param from       follower.
     * @param term       of the follower.
     * @param success    true if the logs match up to {@code matchIndex}, durably.
     * @param matchIndex if success: that index; else the {@code prevIndex} that was refused.
     * @param hintIndex  if refused: the largest index that may match.
     * @param hintTerm   its term in the follower's log.
     */
    public void onAppendResponse(
        final long from,
        final long term,
        final boolean success,
        final long matchIndex,
        final long hintIndex,
        final long hintTerm)
    {
        if (isAnswerToLeader(from, term))
        {
            leader.onAppendResponse(from, success, matchIndex, hintIndex, hintTerm);
        }
    }

    /**
     * See {@link RaftOutput#sendHeartbeat}.
     *
     * @param from        leader.
     * @param term        of the leader.
     * @param commitIndex of the leader.
     * @param readRound   newest round.
     */
    public void onHeartbeat(final long from, final long term, final long commitIndex, final long readRound)
    {
        if (isImpossible(from, term))
        {
            return;
        }
        if (term < state.term())
        {
            if (termAndVote.isTermDurable())
            {
                output.sendHeartbeatResponse(from, state.term(), 0);
            }
            return;
        }
        followLeader(from, term);
        follower.onHeartbeat(commitIndex, readRound);
    }

    /**
     * See {@link RaftOutput#sendHeartbeatResponse}.
     *
     * @param from      follower.
     * @param term      of the follower.
     * @param readRound as in the heartbeat.
     */
    public void onHeartbeatResponse(final long from, final long term, final long readRound)
    {
        if (isAnswerToLeader(from, term))
        {
            leader.onHeartbeatResponse(from, readRound);
        }
    }

    /**
     * See {@link RaftOutput#sendTimeoutNow}.
     *
     * @param from leader.
     * @param term of the leader.
     */
    public void onTimeoutNow(final long from, final long term)
    {
        if (isImpossible(from, term) || term < state.term())
        {
            return;
        }
        followLeader(from, term);
        if (state.isVoter())
        {
            raiseTerm(true);
        }
    }

    /**
     * The sending of a snapshot, asked for by {@link RaftOutput#sendSnapshot}, ended.
     *
     * @param peer          that it was sent to.
     * @param success       true if the peer installed it.
     * @param snapshotIndex last index that the snapshot covers.
     */
    public void onSnapshotStatus(final long peer, final boolean success, final long snapshotIndex)
    {
        leader.onSnapshotStatus(peer, success, snapshotIndex);
    }

    /**
     * A snapshot from the leader was installed durably on this member, and the log begins anew after it.
     *
     * @param index         last index that the snapshot covers, at least the commit index; base of the log now.
     * @param term          of that entry.
     * @param configuration in force at that index; copied.
     */
    public void onSnapshotInstalled(final long index, final long term, final Configuration configuration)
    {
        state.onSnapshotInstalled(index, term, configuration);
        follower.onSnapshotInstalled(index);
    }

    /**
     * A peer has a new session or boot id: what was on the way to it may be lost.
     *
     * @param peer concerned.
     */
    public void onPeerSession(final long peer)
    {
        leader.onPeerSession(peer);
    }

    /**
     * @return role of this member.
     */
    public Role role()
    {
        return state.role();
    }

    /**
     * @return current term.
     */
    public long term()
    {
        return state.term();
    }

    /**
     * @return member that has this member's vote in the current term, 0 for none.
     */
    public long votedFor()
    {
        return termAndVote.votedFor();
    }

    /**
     * @return leader of the term as far as known, else 0.
     */
    public long leaderId()
    {
        return state.leaderId();
    }

    /**
     * @return index up to which entries are known to be durable on a quorum.
     */
    public long commitIndex()
    {
        return state.commitIndex();
    }

    /**
     * @return last index of the own log that is durable.
     */
    public long durableIndex()
    {
        return state.durableIndex();
    }

    /**
     * @return true if this member leads and has committed an entry of its term.
     */
    public boolean isCommittedInTerm()
    {
        return state.role() == Role.LEADER && leader.isCommittedInTerm();
    }

    /**
     * @return true if this member leads and nobody else takes part: it has committed in its term, is the only voter by
     * a configuration that is committed, with no change under way, and sends entries to nobody.
     */
    public boolean isAlone()
    {
        return state.role() == Role.LEADER && leader.isAlone();
    }

    /**
     * @param peer of this leader.
     * @return index up to which its durable log equals this leader's; -1 if this member does not lead or the peer is
     * unknown.
     */
    public long matchIndex(final long peer)
    {
        if (peer == state.memberId)
        {
            return state.role() == Role.LEADER ? state.durableIndex() : -1;
        }
        final Progress progress = leader.progress(peer);
        return progress == null ? -1 : progress.matchIndex();
    }

    /**
     * @param peer of this leader.
     * @return true if it was heard within the last election time-out, after the last pause of this member.
     */
    public boolean isRecentlyActive(final long peer)
    {
        return leader.isRecentlyActive(peer);
    }

    /**
     * @param peer of this leader.
     * @return when it was heard last in this term, nanoseconds; when it became a peer if it never was;
     * {@link Long#MIN_VALUE} if this member does not lead or the peer is unknown.
     */
    public long lastHeardNs(final long peer)
    {
        final Progress progress = leader.progress(peer);
        return progress == null ? Long.MIN_VALUE : progress.heardNs();
    }

    /**
     * @return true if this member leads and a quorum answered a round that began after its last pause: what depends on
     * still being the leader may be done.
     */
    public boolean isQuorumFresh()
    {
        return state.role() == Role.LEADER && leader.isQuorumFresh();
    }

    /**
     * @return how long ago this leader was in touch with a quorum, nanoseconds; {@link Long#MAX_VALUE} if it never was
     * or does not lead.
     */
    public long quorumAgeNs()
    {
        return state.role() == Role.LEADER ? leader.quorumAgeNs() : Long.MAX_VALUE;
    }

    /**
     * @return configuration in force; valid until the next change.
     */
    public Configuration configuration()
    {
        return state.configuration();
    }

    /**
     * @return index of the newest configuration entry that is not known to be committed, 0 if there is none.
     */
    public long pendingConfigIndex()
    {
        return state.configs.pendingIndex();
    }

    /**
     * @return {@link #TRANSFER_NONE}, {@link #TRANSFER_PENDING}, {@link #TRANSFER_DONE} or
     * {@link #TRANSFER_TIMED_OUT}, of the transfer asked for last.
     */
    public int transferState()
    {
        return leader.transferState();
    }

    private boolean isImpossible(final long from, final long term)
    {
        return from == 0 || from == state.memberId || term <= 0;
    }

    private void campaign()
    {
        if (!election.isPreVoteOn())
        {
            raiseTerm(false);
            return;
        }
        role(Role.PRE_CANDIDATE, 0);
        if (election.preCampaign())
        {
            raiseTerm(false);
        }
    }

    private void raiseTerm(final boolean onTransfer)
    {
        termAndVote.adopt(state.term() + 1, state.memberId);
        election.campaign(onTransfer);
        state.roleAndLeader(Role.CANDIDATE, 0);
        follower.reset();
        output.roleChanged(Role.CANDIDATE, state.term(), 0);
    }

    private void lead()
    {
        state.roleAndLeader(Role.LEADER, state.memberId);
        election.reset();
        follower.reset();
        leader.begin();
        output.roleChanged(Role.LEADER, state.term(), state.memberId);
    }

    private void followLeader(final long leaderId, final long term)
    {
        final boolean isSameTerm = term == state.term();
        if (isSameTerm && (state.role() == Role.LEADER || state.leaderId() != 0 && state.leaderId() != leaderId))
        {
            throw new IllegalStateException("two leaders in a term: term=" + term + " leaderId=" +
                Long.toHexString(state.leaderId()) + " other=" + Long.toHexString(leaderId));
        }
        if (!isSameTerm || state.leaderId() != leaderId)
        {
            follow(term, leaderId, 0);
        }
        election.onLeaderContact();
    }

    private void follow(final long term, final long leaderId, final long vote)
    {
        final boolean wasLeader = state.role() == Role.LEADER;
        if (state.role() != Role.FOLLOWER)
        {
            election.resetDeadline();
        }
        if (term > state.term())
        {
            termAndVote.adopt(term, vote);
        }
        state.roleAndLeader(Role.FOLLOWER, leaderId);
        election.reset();
        follower.reset();
        if (wasLeader)
        {
            leader.end();
        }
        output.roleChanged(Role.FOLLOWER, state.term(), leaderId);
    }

    private void role(final Role role, final long leaderId)
    {
        if (state.role() != role || state.leaderId() != leaderId)
        {
            state.roleAndLeader(role, leaderId);
            output.roleChanged(role, state.term(), leaderId);
        }
    }

    /** An answer of a newer term from a member ends this term; one from a stranger or of an older term says nothing. */
    private boolean isAnswerToLeader(final long from, final long term)
    {
        if (isImpossible(from, term) || term < state.term())
        {
            return false;
        }
        if (term > state.term())
        {
            if (state.configuration().standing(from) != Configuration.ABSENT)
            {
                follow(term, 0, 0);
            }
            return false;
        }
        return state.role() == Role.LEADER;
    }

    @Override
    public String toString()
    {
        return "RaftCore{" + state + ", " + termAndVote + ", " + election + ", " + follower + ", " + leader + '}';
    }
}
