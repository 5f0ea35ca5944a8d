package dev.quorate.core.node;

import dev.quorate.core.api.EtcdError;
import dev.quorate.core.peer.PeerEvents;
import dev.quorate.core.raft.RaftCore;
import org.agrona.DirectBuffer;

/**
 * Hands what peers say to consensus and to those who wait for answers.
 * <p>
 * Owned by the consensus thread.
 */
final class PeerEventAdapter implements PeerEvents
{
    private final long memberId;
    private final long bootId;
    private RaftCore raft;
    private CommandIntake intake;
    private ReadIndexCalls reads;
    private LeaseCalls leases;
    private SnapshotDesk snapshots;
    private long nowNs;
    private long leaderHeardNs;
    private boolean isAppendAccepted;

    PeerEventAdapter(final long memberId, final long bootId)
    {
        this.memberId = memberId;
        this.bootId = bootId;
    }

    /**
     * Wires the receivers, once.
     *
     * @param core      consensus.
     * @param commands  where forwarded commands go.
     * @param readCalls where read-index requests and answers go.
     * @param leaseCalls where keep-alives and answers go.
     * @param desk       where what is said about snapshots goes.
     */
    void wire(
        final RaftCore core,
        final CommandIntake commands,
        final ReadIndexCalls readCalls,
        final LeaseCalls leaseCalls,
        final SnapshotDesk desk)
    {
        snapshots = desk;
        raft = core;
        intake = commands;
        reads = readCalls;
        leases = leaseCalls;
    }

    /**
     * @param value time of this turn, ns.
     */
    void nowNs(final long value)
    {
        nowNs = value;
    }

    /**
     * @return when a leader was last heard, ns.
     */
    long leaderHeardNs()
    {
        return leaderHeardNs;
    }

    @Override
    public void onPeerSession(final long peer, final long peerBootId)
    {
        raft.onPeerSession(peer);
    }

    @Override
    public void onVoteRequest(
        final long from,
        final long term,
        final boolean preVote,
        final boolean transfer,
        final long lastLogIndex,
        final long lastLogTerm)
    {
        raft.onVoteRequest(from, term, preVote, transfer, lastLogIndex, lastLogTerm);
    }

    @Override
    public void onVoteResponse(final long from, final long term, final boolean preVote, final boolean granted)
    {
        raft.onVoteResponse(from, term, preVote, granted);
    }

    @Override
    public void beginAppend(
        final long from,
        final long term,
        final long prevIndex,
        final long prevTerm,
        final long commitIndex,
        final int entryCount)
    {
        leaderHeardNs = nowNs;
        isAppendAccepted = raft.beginAppend(from, term, prevIndex, prevTerm, commitIndex);
    }

    @Override
    public void appendEntry(
        final long index,
        final long term,
        final int type,
        final DirectBuffer buffer,
        final int offset,
        final int length)
    {
        if (isAppendAccepted)
        {
            isAppendAccepted = raft.appendEntry(index, term, type, buffer, offset, length);
            if (!isAppendAccepted)
            {
                raft.endAppend();
            }
        }
    }

    @Override
    public void endAppend()
    {
        if (isAppendAccepted)
        {
            raft.endAppend();
            isAppendAccepted = false;
        }
    }

    @Override
    public void onAppendResponse(
        final long from,
        final long term,
        final boolean success,
        final long matchIndex,
        final long hintIndex,
        final long hintTerm)
    {
        raft.onAppendResponse(from, term, success, matchIndex, hintIndex, hintTerm);
    }

    @Override
    public void onHeartbeat(final long from, final long term, final long commitIndex, final long readRound)
    {
        leaderHeardNs = nowNs;
        raft.onHeartbeat(from, term, commitIndex, readRound);
    }

    @Override
    public void onHeartbeatResponse(final long from, final long term, final long readRound)
    {
        raft.onHeartbeatResponse(from, term, readRound);
    }

    @Override
    public void onTimeoutNow(final long from, final long term)
    {
        raft.onTimeoutNow(from, term);
    }

    @Override
    public void onReadIndexRequest(final long from, final long fromBootId, final long requestId)
    {
        reads.onPeerRequest(from, fromBootId, requestId);
    }

    @Override
    public void onReadIndexResponse(final long from, final long requestId, final long index, final boolean ok)
    {
        reads.onPeerResponse(requestId, index, ok);
    }

    @Override
    public void onForward(
        final long from,
        final long term,
        final int entryType,
        final DirectBuffer buffer,
        final int offset,
        final int length)
    {
        intake.onForward(term, entryType, buffer, offset, length);
    }

    @Override
    public void onRefused(
        final long from,
        final long originMemberId,
        final long originBootId,
        final long correlationId,
        final int errorOrdinal)
    {
        if (originMemberId == memberId && originBootId == bootId && isError(errorOrdinal))
        {
            intake.refuse(correlationId, EtcdError.of(errorOrdinal));
        }
    }

    @Override
    public void onKeepAliveRequest(
        final long from, final long fromBootId, final long correlationId, final long leaseId)
    {
        leases.onKeepAlive(from, fromBootId, correlationId, leaseId, nowNs);
    }

    @Override
    public void onKeepAliveAnswer(
        final long from,
        final long correlationId,
        final long leaseId,
        final long ttlSeconds,
        final long index,
        final int errorOrdinal)
    {
        if (isError(errorOrdinal))
        {
            leases.onKeepAliveAnswer(correlationId, leaseId, ttlSeconds, index, EtcdError.of(errorOrdinal));
        }
    }

    @Override
    public void onTimeToLiveRequest(
        final long from, final long fromBootId, final long correlationId, final long leaseId)
    {
        leases.onTimeToLive(from, fromBootId, correlationId, leaseId, nowNs);
    }

    @Override
    public void onTimeToLiveAnswer(
        final long from,
        final long correlationId,
        final long leaseId,
        final long ttlSeconds,
        final long grantedTtlSeconds,
        final long index,
        final int errorOrdinal)
    {
        if (isError(errorOrdinal))
        {
            leases.onTimeToLiveAnswer(
                correlationId, leaseId, ttlSeconds, grantedTtlSeconds, index, EtcdError.of(errorOrdinal));
        }
    }

    @Override
    public void onSnapshotOffer(
        final long from,
        final long term,
        final long snapshotId,
        final long index,
        final long entryTerm,
        final long totalLength)
    {
        snapshots.onOffer(from, term, snapshotId, index, entryTerm, totalLength);
    }

    @Override
    public void onSnapshotReady(final long from, final long snapshotId, final long fromOffset)
    {
        snapshots.onReady(from, snapshotId, fromOffset);
    }

    @Override
    public void onSnapshotStatus(
        final long from, final long snapshotId, final long index, final boolean installed)
    {
        snapshots.onStatus(from, snapshotId, index, installed);
    }

    private static boolean isError(final int ordinal)
    {
        return ordinal >= 0 && ordinal < EtcdError.COUNT;
    }
}
