package dev.quorate.core.peer;

import dev.quorate.core.codec.peer.AppendResponseEncoder;
import dev.quorate.core.codec.peer.HeartbeatEncoder;
import dev.quorate.core.codec.peer.HeartbeatResponseEncoder;
import dev.quorate.core.codec.peer.KeepAliveAnswerEncoder;
import dev.quorate.core.codec.peer.KeepAliveRequestEncoder;
import dev.quorate.core.codec.peer.MessageHeaderEncoder;
import dev.quorate.core.codec.peer.ReadIndexRequestEncoder;
import dev.quorate.core.codec.peer.ReadIndexResponseEncoder;
import dev.quorate.core.codec.peer.RefusedEncoder;
import dev.quorate.core.codec.peer.SnapshotOfferEncoder;
import dev.quorate.core.codec.peer.SnapshotReadyEncoder;
import dev.quorate.core.codec.peer.SnapshotStatusEncoder;
import dev.quorate.core.codec.peer.TimeToLiveAnswerEncoder;
import dev.quorate.core.codec.peer.TimeToLiveRequestEncoder;
import dev.quorate.core.codec.peer.TimeoutNowEncoder;
import dev.quorate.core.codec.peer.VoteRequestEncoder;
import dev.quorate.core.codec.peer.VoteResponseEncoder;
import dev.quorate.core.seam.PeerLink;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Encodes and sends what this member tells its peers. Unless a method says otherwise, a message that cannot be sent is
 * lost and counted; the boolean tells. Consensus thread; nothing is allocated.
 */
public final class PeerMessages
{
    /** Flag of votes: pre-vote. */
    static final int FLAG_PRE_VOTE = 1;
    /** Flag of a vote request: the leader asked for the candidacy. */
    static final int FLAG_TRANSFER = 2;
    /** Flag of a vote response: granted. */
    static final int FLAG_GRANTED = 2;

    private static final int SCRATCH_LENGTH = 256;

    private final PeerRegistry registry;
    private final long from;
    private final EntrySender entrySender;
    private final ForwardSender forwardSender;
    private final UnsafeBuffer message = new UnsafeBuffer(new byte[SCRATCH_LENGTH]);
    private final MessageHeaderEncoder header = new MessageHeaderEncoder();
    private final VoteRequestEncoder voteRequest = new VoteRequestEncoder();
    private final VoteResponseEncoder voteResponse = new VoteResponseEncoder();
    private final TimeoutNowEncoder timeoutNow = new TimeoutNowEncoder();
    private final AppendResponseEncoder appendResponse = new AppendResponseEncoder();
    private final HeartbeatEncoder heartbeat = new HeartbeatEncoder();
    private final HeartbeatResponseEncoder heartbeatResponse = new HeartbeatResponseEncoder();
    private final RefusedEncoder refused = new RefusedEncoder();
    private final ReadIndexRequestEncoder readIndexRequest = new ReadIndexRequestEncoder();
    private final ReadIndexResponseEncoder readIndexResponse = new ReadIndexResponseEncoder();
    private final KeepAliveRequestEncoder keepAliveRequest = new KeepAliveRequestEncoder();
    private final KeepAliveAnswerEncoder keepAliveAnswer = new KeepAliveAnswerEncoder();
    private final TimeToLiveRequestEncoder timeToLiveRequest = new TimeToLiveRequestEncoder();
    private final TimeToLiveAnswerEncoder timeToLiveAnswer = new TimeToLiveAnswerEncoder();
    private final SnapshotOfferEncoder snapshotOffer = new SnapshotOfferEncoder();
    private final SnapshotReadyEncoder snapshotReady = new SnapshotReadyEncoder();
    private final SnapshotStatusEncoder snapshotStatus = new SnapshotStatusEncoder();

    /**
     * @param registry of the peers.
     * @param source   of the entries that appends carry.
     */
    public PeerMessages(final PeerRegistry registry, final EntrySource source)
    {
        this.registry = registry;
        from = registry.self().memberId();
        entrySender = new EntrySender(registry, source);
        forwardSender = new ForwardSender(registry);
    }

    /**
     * Sends entries as {@code RaftOutput.sendAppend} asks: one message, packed with whole entries; or up to sixteen
     * messages of an entry longer than one, in which case -1 says that it is not complete: call again with the same
     * {@code firstIndex} in a later turn to go on. Also -1 while the peer has not answered the hello of the session.
     *
     * @param to          follower.
     * @param term        of the leader.
     * @param prevIndex   index before the first entry.
     * @param prevTerm    its term.
     * @param commitIndex of the leader.
     * @param firstIndex  {@code prevIndex + 1}.
     * @param lastIndex   last entry to send, {@code prevIndex} for a probe.
     * @return last index sent, {@code prevIndex} for a probe, or -1.
     */
    public long sendAppend(
        final long to,
        final long term,
        final long prevIndex,
        final long prevTerm,
        final long commitIndex,
        final long firstIndex,
        final long lastIndex)
    {
        return entrySender.send(to, term, prevIndex, prevTerm, commitIndex, firstIndex, lastIndex);
    }

    /**
     * Sends a command to the leader. What was accepted arrives at most once, or never.
     *
     * @param to            leader.
     * @param term          in which it leads; it must refuse the command in any other.
     * @param correlationId tells commands apart while one that is longer than a message is under way.
     * @param entryType     {@code RaftLogAccess.COMMAND} or {@code CONFIG}.
     * @param buffer        holding the payload of the entry.
     * @param offset        of the payload.
     * @param length        of the payload, bytes.
     * @return {@link PeerLink#ACCEPTED}; {@link PeerLink#BACK_PRESSURED}: call again with the same command in a later
     * turn; {@link PeerLink#NOT_CONNECTED}: it will not arrive and may be tried with another leader.
     */
    public int sendForward(
        final long to,
        final long term,
        final long correlationId,
        final int entryType,
        final DirectBuffer buffer,
        final int offset,
        final int length)
    {
        return forwardSender.send(to, term, correlationId, entryType, buffer, offset, length);
    }

    /** See {@code RaftOutput.sendVoteRequest}. */
    public boolean sendVoteRequest(
        final long to,
        final long term,
        final boolean preVote,
        final boolean transfer,
        final long lastLogIndex,
        final long lastLogTerm)
    {
        voteRequest.wrapAndApplyHeader(message, 0, header)
            .from(from)
            .to(to)
            .term(term)
            .lastLogIndex(lastLogIndex)
            .lastLogTerm(lastLogTerm)
            .flags((short)((preVote ? FLAG_PRE_VOTE : 0) | (transfer ? FLAG_TRANSFER : 0)));

        return control(to, voteRequest.limit());
    }

    /** See {@code RaftOutput.sendVoteResponse}. */
    public boolean sendVoteResponse(final long to, final long term, final boolean preVote, final boolean granted)
    {
        voteResponse.wrapAndApplyHeader(message, 0, header)
            .from(from)
            .to(to)
            .term(term)
            .flags((short)((preVote ? FLAG_PRE_VOTE : 0) | (granted ? FLAG_GRANTED : 0)));

        return control(to, voteResponse.limit());
    }

    /** See {@code RaftOutput.sendTimeoutNow}. */
    public boolean sendTimeoutNow(final long to, final long term)
    {
        timeoutNow.wrapAndApplyHeader(message, 0, header).from(from).to(to).term(term);

        return control(to, timeoutNow.limit());
    }

    /** See {@code RaftOutput.sendAppendResponse}. */
    public boolean sendAppendResponse(
        final long to,
        final long term,
        final boolean success,
        final long matchIndex,
        final long hintIndex,
        final long hintTerm)
    {
        appendResponse.wrapAndApplyHeader(message, 0, header)
            .from(from)
            .to(to)
            .term(term)
            .matchIndex(matchIndex)
            .hintIndex(hintIndex)
            .hintTerm(hintTerm)
            .success(flag(success));

        return control(to, appendResponse.limit());
    }

    /** See {@code RaftOutput.sendHeartbeat}; carries this member's clock to measure the round trip. */
    public boolean sendHeartbeat(final long to, final long term, final long commitIndex, final long readRound)
    {
        heartbeat.wrapAndApplyHeader(message, 0, header)
            .from(from)
            .to(to)
            .term(term)
            .commitIndex(commitIndex)
            .readRound(readRound)
            .sentNs(registry.clock().nanoTime());

        return control(to, heartbeat.limit());
    }

    /** See {@code RaftOutput.sendHeartbeatResponse}; returns the clock of the heartbeat heard last. */
    public boolean sendHeartbeatResponse(final long to, final long term, final long readRound)
    {
        final Peer peer = registry.peer(to);
        heartbeatResponse.wrapAndApplyHeader(message, 0, header)
            .from(from)
            .to(to)
            .term(term)
            .readRound(readRound)
            .sentNs(peer == null ? 0 : peer.heartbeatSentNs);

        return control(to, heartbeatResponse.limit());
    }

    /** See {@code PeerEvents.onRefused}. */
    public boolean sendRefused(
        final long to,
        final long originMemberId,
        final long originBootId,
        final long correlationId,
        final int errorOrdinal)
    {
        refused.wrapAndApplyHeader(message, 0, header)
            .from(from)
            .to(to)
            .originMemberId(originMemberId)
            .originBootId(originBootId)
            .correlationId(correlationId)
            .errorOrdinal(errorOrdinal);

        return control(to, refused.limit());
    }

    /** See {@code PeerEvents.onReadIndexRequest}. */
    public boolean sendReadIndexRequest(final long to, final long requestId)
    {
        readIndexRequest.wrapAndApplyHeader(message, 0, header).from(from).to(to).requestId(requestId);

        return control(to, readIndexRequest.limit());
    }

    /** See {@code PeerEvents.onReadIndexResponse}; {@code toBootId} as given with the request. */
    public boolean sendReadIndexResponse(
        final long to, final long toBootId, final long requestId, final long index, final boolean ok)
    {
        readIndexResponse.wrapAndApplyHeader(message, 0, header)
            .from(from)
            .to(to)
            .toBootId(toBootId)
            .requestId(requestId)
            .index(index)
            .ok(flag(ok));

        return control(to, readIndexResponse.limit());
    }

    /** See {@code PeerEvents.onKeepAliveRequest}. */
    public boolean sendKeepAliveRequest(final long to, final long correlationId, final long leaseId)
    {
        keepAliveRequest.wrapAndApplyHeader(message, 0, header)
            .from(from)
            .to(to)
            .correlationId(correlationId)
            .leaseId(leaseId);

        return control(to, keepAliveRequest.limit());
    }

    /** See {@code PeerEvents.onKeepAliveAnswer}; {@code toBootId} as given with the request. */
    public boolean sendKeepAliveAnswer(
        final long to,
        final long toBootId,
        final long correlationId,
        final long leaseId,
        final long ttlSeconds,
        final long index,
        final int errorOrdinal)
    {
        keepAliveAnswer.wrapAndApplyHeader(message, 0, header)
            .from(from)
            .to(to)
            .toBootId(toBootId)
            .correlationId(correlationId)
            .leaseId(leaseId)
            .ttlSeconds(ttlSeconds)
            .index(index)
            .errorOrdinal(errorOrdinal);

        return control(to, keepAliveAnswer.limit());
    }

    /** See {@code PeerEvents.onTimeToLiveRequest}. */
    public boolean sendTimeToLiveRequest(final long to, final long correlationId, final long leaseId)
    {
        timeToLiveRequest.wrapAndApplyHeader(message, 0, header)
            .from(from)
            .to(to)
            .correlationId(correlationId)
            .leaseId(leaseId);

        return control(to, timeToLiveRequest.limit());
    }

    /** See {@code PeerEvents.onTimeToLiveAnswer}; {@code toBootId} as given with the request. */
    public boolean sendTimeToLiveAnswer(
        final long to,
        final long toBootId,
        final long correlationId,
        final long leaseId,
        final long ttlSeconds,
        final long grantedTtlSeconds,
        final long index,
        final int errorOrdinal)
    {
        timeToLiveAnswer.wrapAndApplyHeader(message, 0, header)
            .from(from)
            .to(to)
            .toBootId(toBootId)
            .correlationId(correlationId)
            .leaseId(leaseId)
            .ttlSeconds(ttlSeconds)
            .grantedTtlSeconds(grantedTtlSeconds)
            .index(index)
            .errorOrdinal(errorOrdinal);

        return control(to, timeToLiveAnswer.limit());
    }

    /** See {@code PeerEvents.onSnapshotOffer}. */
    public boolean sendSnapshotOffer(
        final long to,
        final long term,
        final long snapshotId,
        final long index,
        final long entryTerm,
        final long totalLength)
    {
        snapshotOffer.wrapAndApplyHeader(message, 0, header)
            .from(from)
            .to(to)
            .term(term)
            .snapshotId(snapshotId)
            .index(index)
            .entryTerm(entryTerm)
            .totalLength(totalLength);

        return control(to, snapshotOffer.limit());
    }

    /** See {@code PeerEvents.onSnapshotReady}. */
    public boolean sendSnapshotReady(final long to, final long snapshotId, final long fromOffset)
    {
        snapshotReady.wrapAndApplyHeader(message, 0, header)
            .from(from)
            .to(to)
            .snapshotId(snapshotId)
            .fromOffset(fromOffset);

        return control(to, snapshotReady.limit());
    }

    /** See {@code PeerEvents.onSnapshotStatus}. */
    public boolean sendSnapshotStatus(
        final long to, final long snapshotId, final long index, final boolean installed)
    {
        snapshotStatus.wrapAndApplyHeader(message, 0, header)
            .from(from)
            .to(to)
            .snapshotId(snapshotId)
            .index(index)
            .installed(flag(installed));

        return control(to, snapshotStatus.limit());
    }

    private boolean control(final long to, final int length)
    {
        final Peer peer = registry.peer(to);

        return peer != null && registry.transmit(peer, PeerLink.CONTROL, message, 0, length) == PeerLink.ACCEPTED;
    }

    private static short flag(final boolean value)
    {
        return (short)(value ? 1 : 0);
    }
}
