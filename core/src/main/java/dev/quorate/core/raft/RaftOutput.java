package dev.quorate.core.raft;

/**
 * What consensus wants done. Called in the midst of a step, on the consensus thread; implementations only encode, offer
 * and publish, and never call back into consensus. Unless said otherwise a message that could not be sent is lost, as
 * any message may be.
 */
public interface RaftOutput
{

    /**
     * Ask for a vote.
     *
     * @param to           member that is asked.
     * @param term         of the candidacy; of the prospective one for a pre-vote.
     * @param preVote      true if nothing changes by the answer.
     * @param transfer     true if the leader asked for this candidacy, which overrides stickiness.
     * @param lastLogIndex of the candidate.
     * @param lastLogTerm  of the candidate.
     */
    void sendVoteRequest(long to, long term, boolean preVote, boolean transfer, long lastLogIndex, long lastLogTerm);

    /**
     * Answer a request for a vote.
     *
     * @param to      candidate.
     * @param term    of the answer.
     * @param preVote as in the request.
     * @param granted true if the vote is given.
     */
    void sendVoteResponse(long to, long term, boolean preVote, boolean granted);

    /**
     * Send entries that the log holds. The implementation may send fewer than asked for, whole entries only, at least
     * one (in chunks, if it is larger than a message).
     *
     * @param to          follower.
     * @param term        of the leader.
     * @param prevIndex   index before the first entry sent.
     * @param prevTerm    its term.
     * @param commitIndex of the leader, not bounded by what the follower has.
     * @param firstIndex  {@code prevIndex + 1}.
     * @param lastIndex   last entry to send; {@code prevIndex} for an empty append (a probe).
     * @return the last index sent ({@code prevIndex} for an empty one); -1 if the peer's window is full and nothing was
     * sent: progress must not change.
     */
    long sendAppend(
        long to, long term, long prevIndex, long prevTerm, long commitIndex, long firstIndex, long lastIndex);

    /**
     * Answer an append. Sent only for what is durable.
     *
     * @param to         leader.
     * @param term       of the answering member.
     * @param success    true if the log matches up to {@code matchIndex}.
     * @param matchIndex if success: durable index that is known to match the leader's log; else the {@code prevIndex}
     *                   that was refused.
     * @param hintIndex  if refused: the largest index that may match, found by the follower; else 0.
     * @param hintTerm   its term in the follower's log.
     */
    void sendAppendResponse(long to, long term, boolean success, long matchIndex, long hintIndex, long hintTerm);

    /**
     * Tell that the leader lives, how far the commit is, and which read round is open.
     *
     * @param to          follower.
     * @param term        of the leader.
     * @param commitIndex of the leader, not bounded by what the follower has: it uses what it knows to match.
     * @param readRound   id of the newest read round, 0 if none.
     */
    void sendHeartbeat(long to, long term, long commitIndex, long readRound);

    /**
     * Answer a heartbeat.
     *
     * @param to        leader.
     * @param term      of the answering member.
     * @param readRound as in the heartbeat.
     */
    void sendHeartbeatResponse(long to, long term, long readRound);

    /**
     * Ask a follower to campaign at once.
     *
     * @param to   follower that holds the whole log.
     * @param term of the leader.
     */
    void sendTimeoutNow(long to, long term);

    /**
     * A follower needs entries below the base: begin to send it a snapshot. The end is reported by
     * {@code RaftCore.onSnapshotStatus}.
     *
     * @param to follower.
     */
    void sendSnapshot(long to);

    /**
     * Persist term and vote. The completion is reported by {@code RaftCore.onTermAndVoteDurable(sequence)}; consensus
     * itself holds back what depends on it.
     *
     * @param sequence grows by one with each call.
     * @param term     to persist.
     * @param votedFor member that has this member's vote in the term, 0 for none.
     */
    void persistTermAndVote(long sequence, long term, long votedFor);

    /**
     * The commit index advanced.
     *
     * @param commitIndex new value; entries up to it are durable on a quorum.
     */
    void committed(long commitIndex);

    /**
     * Role, term or leader changed. Called after the change is complete.
     *
     * @param role     of this member now.
     * @param term     current.
     * @param leaderId leader of the term as far as known, else 0.
     */
    void roleChanged(Role role, long term, long leaderId);

    /**
     * A linearizable read may proceed once {@code index} is applied.
     *
     * @param requestId as given to {@code RaftCore.readIndex}.
     * @param from      member that asked, this one or a follower.
     * @param index     to wait for.
     */
    void readReady(long requestId, long from, long index);

    /**
     * A read round was lost: leader changed or stepped down.
     *
     * @param requestId as given to {@code RaftCore.readIndex}.
     * @param from      member that asked.
     */
    void readFailed(long requestId, long from);

    /**
     * The configuration in force changed (appended, cut, or restored).
     *
     * @param configuration in force; valid until the next change.
     */
    void configurationChanged(Configuration configuration);
}
