package dev.quorate.core.peer;

import org.agrona.DirectBuffer;

/**
 * What peers told, decoded and checked. Called on the consensus thread within {@code PeerLink.poll}; buffers are valid
 * during the call only. {@code from} is always a peer that was added, and never this member.
 */
public interface PeerEvents
{
    /**
     * A peer talks on a new session, after a restart of either side or a loss of the connection, or hears a new session
     * of this member. What was sent to it before may be lost: its progress goes back to probing.
     *
     * @param memberId of the peer.
     * @param bootId   of the peer.
     */
    void onPeerSession(long memberId, long bootId);

    /**
     * @param from         candidate.
     * @param term         of the candidacy, or of the prospective one.
     * @param preVote      true if nothing changes by the answer.
     * @param transfer     true if the leader asked for this candidacy.
     * @param lastLogIndex of the candidate.
     * @param lastLogTerm  of the candidate.
     */
    void onVoteRequest(long from, long term, boolean preVote, boolean transfer, long lastLogIndex, long lastLogTerm);

    /**
     * @param from    voter.
     * @param term    of the answer.
     * @param preVote as in the request.
     * @param granted true if the vote is given.
     */
    void onVoteResponse(long from, long term, boolean preVote, boolean granted);

    /**
     * An append begins: exactly {@code entryCount} calls of {@link #appendEntry} follow, then {@link #endAppend}.
     *
     * @param from        leader.
     * @param term        of the leader.
     * @param prevIndex   index before the first entry.
     * @param prevTerm    its term.
     * @param commitIndex of the leader.
     * @param entryCount  how many entries follow, 0 for a probe.
     */
    void beginAppend(long from, long term, long prevIndex, long prevTerm, long commitIndex, int entryCount);

    /**
     * One entry of the append that was begun; indices are consecutive, terms never fall and never pass the leader's.
     *
     * @param index  of the entry.
     * @param term   of the entry.
     * @param type   of the entry, one of {@code RaftLogAccess}.
     * @param buffer holding its payload.
     * @param offset of the payload.
     * @param length of the payload, bytes.
     */
    void appendEntry(long index, long term, int type, DirectBuffer buffer, int offset, int length);

    /** The append that was begun is complete. */
    void endAppend();

    /**
     * @param from       follower.
     * @param term       of the follower.
     * @param success    as in {@code RaftOutput.sendAppendResponse}, like the following.
     * @param matchIndex durable index, or the refused one.
     * @param hintIndex  largest index that may match.
     * @param hintTerm   its term.
     */
    void onAppendResponse(long from, long term, boolean success, long matchIndex, long hintIndex, long hintTerm);

    /**
     * @param from        leader.
     * @param term        of the leader.
     * @param commitIndex that this member may use.
     * @param readRound   newest read round, 0 if none.
     */
    void onHeartbeat(long from, long term, long commitIndex, long readRound);

    /**
     * @param from      follower.
     * @param term      of the follower.
     * @param readRound as in the heartbeat.
     */
    void onHeartbeatResponse(long from, long term, long readRound);

    /**
     * @param from leader.
     * @param term of the leader.
     */
    void onTimeoutNow(long from, long term);

    /**
     * @param from       follower that asks.
     * @param fromBootId its boot, to be given with the answer.
     * @param requestId  its own number of the request.
     */
    void onReadIndexRequest(long from, long fromBootId, long requestId);

    /**
     * @param from      leader.
     * @param requestId as in the request of this boot.
     * @param index     to wait for.
     * @param ok        false if the round was lost.
     */
    void onReadIndexResponse(long from, long requestId, long index, boolean ok);

    /**
     * A follower's command. It arrives at most once.
     *
     * @param from      follower.
     * @param term      in which it may be appended, and in no other.
     * @param entryType {@code RaftLogAccess.COMMAND} or {@code CONFIG}.
     * @param buffer    holding the payload of the entry.
     * @param offset    of the payload.
     * @param length    of the payload, bytes.
     */
    void onForward(long from, long term, int entryType, DirectBuffer buffer, int offset, int length);

    /**
     * A forwarded command was not appended and never will be.
     *
     * @param from           member that refused.
     * @param originMemberId of the command.
     * @param originBootId   of the command.
     * @param correlationId  of the command.
     * @param errorOrdinal   of {@code EtcdError}.
     */
    void onRefused(long from, long originMemberId, long originBootId, long correlationId, int errorOrdinal);

    /**
     * @param from          follower that asks.
     * @param fromBootId    its boot, to be given with the answer.
     * @param correlationId its own number of the request.
     * @param leaseId       to renew.
     */
    void onKeepAliveRequest(long from, long fromBootId, long correlationId, long leaseId);

    /**
     * @param from          leader.
     * @param correlationId as in the request of this boot.
     * @param leaseId       renewed.
     * @param ttlSeconds    0 if the lease is unknown.
     * @param index         to be applied before the answer is given.
     * @param errorOrdinal  of {@code EtcdError}.
     */
    void onKeepAliveAnswer(
        long from, long correlationId, long leaseId, long ttlSeconds, long index, int errorOrdinal);

    /**
     * @param from          follower that asks.
     * @param fromBootId    its boot, to be given with the answer.
     * @param correlationId its own number of the request.
     * @param leaseId       to look up.
     */
    void onTimeToLiveRequest(long from, long fromBootId, long correlationId, long leaseId);

    /**
     * @param from              leader.
     * @param correlationId     as in the request of this boot.
     * @param leaseId           looked up.
     * @param ttlSeconds        remaining, -1 if the lease is unknown.
     * @param grantedTtlSeconds as granted.
     * @param index             to be applied before the answer is given.
     * @param errorOrdinal      of {@code EtcdError}.
     */
    void onTimeToLiveAnswer(
        long from,
        long correlationId,
        long leaseId,
        long ttlSeconds,
        long grantedTtlSeconds,
        long index,
        int errorOrdinal);

    /**
     * @param from        leader.
     * @param term        of the leader.
     * @param snapshotId  its number of the snapshot.
     * @param index       of the last entry that the snapshot holds.
     * @param entryTerm   its term.
     * @param totalLength of the snapshot, bytes.
     */
    void onSnapshotOffer(long from, long term, long snapshotId, long index, long entryTerm, long totalLength);

    /**
     * @param from       follower.
     * @param snapshotId as offered.
     * @param fromOffset how many bytes it already has, -1 if it wants none.
     */
    void onSnapshotReady(long from, long snapshotId, long fromOffset);

    /**
     * @param from       follower.
     * @param snapshotId as offered.
     * @param index      after which it continues.
     * @param installed  false if it failed.
     */
    void onSnapshotStatus(long from, long snapshotId, long index, boolean installed);
}
