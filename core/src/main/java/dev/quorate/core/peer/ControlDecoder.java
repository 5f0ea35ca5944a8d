package dev.quorate.core.peer;

import dev.quorate.core.codec.peer.AppendResponseDecoder;
import dev.quorate.core.codec.peer.HeartbeatDecoder;
import dev.quorate.core.codec.peer.HeartbeatResponseDecoder;
import dev.quorate.core.codec.peer.KeepAliveAnswerDecoder;
import dev.quorate.core.codec.peer.KeepAliveRequestDecoder;
import dev.quorate.core.codec.peer.ProbeAnswerDecoder;
import dev.quorate.core.codec.peer.ProbeDecoder;
import dev.quorate.core.codec.peer.ReadIndexRequestDecoder;
import dev.quorate.core.codec.peer.ReadIndexResponseDecoder;
import dev.quorate.core.codec.peer.RefusedDecoder;
import dev.quorate.core.codec.peer.SnapshotOfferDecoder;
import dev.quorate.core.codec.peer.SnapshotReadyDecoder;
import dev.quorate.core.codec.peer.SnapshotStatusDecoder;
import dev.quorate.core.codec.peer.TimeToLiveAnswerDecoder;
import dev.quorate.core.codec.peer.TimeToLiveRequestDecoder;
import dev.quorate.core.codec.peer.TimeoutNowDecoder;
import dev.quorate.core.codec.peer.VoteRequestDecoder;
import dev.quorate.core.codec.peer.VoteResponseDecoder;
import org.agrona.DirectBuffer;

/**
 * Decodes the messages of fixed length, whose length the receiver has checked. Consensus thread.
 */
final class ControlDecoder
{
    private final PeerRegistry registry;
    private final PeerEvents events;
    private final ProbeDecoder probe = new ProbeDecoder();
    private final ProbeAnswerDecoder probeAnswer = new ProbeAnswerDecoder();
    private final VoteRequestDecoder voteRequest = new VoteRequestDecoder();
    private final VoteResponseDecoder voteResponse = new VoteResponseDecoder();
    private final TimeoutNowDecoder timeoutNow = new TimeoutNowDecoder();
    private final AppendResponseDecoder appendResponse = new AppendResponseDecoder();
    private final HeartbeatDecoder heartbeat = new HeartbeatDecoder();
    private final HeartbeatResponseDecoder heartbeatResponse = new HeartbeatResponseDecoder();
    private final RefusedDecoder refused = new RefusedDecoder();
    private final ReadIndexRequestDecoder readIndexRequest = new ReadIndexRequestDecoder();
    private final ReadIndexResponseDecoder readIndexResponse = new ReadIndexResponseDecoder();
    private final KeepAliveRequestDecoder keepAliveRequest = new KeepAliveRequestDecoder();
    private final KeepAliveAnswerDecoder keepAliveAnswer = new KeepAliveAnswerDecoder();
    private final TimeToLiveRequestDecoder timeToLiveRequest = new TimeToLiveRequestDecoder();
    private final TimeToLiveAnswerDecoder timeToLiveAnswer = new TimeToLiveAnswerDecoder();
    private final SnapshotOfferDecoder snapshotOffer = new SnapshotOfferDecoder();
    private final SnapshotReadyDecoder snapshotReady = new SnapshotReadyDecoder();
    private final SnapshotStatusDecoder snapshotStatus = new SnapshotStatusDecoder();

    ControlDecoder(final PeerRegistry registry, final PeerEvents events)
    {
        this.registry = registry;
        this.events = events;
    }

    /**
     * @return block length of the first version of a message, -1 if there is no such message.
     */
    static int shortestBlock(final int templateId)
    {
        return switch (templateId)
        {
            case ProbeDecoder.TEMPLATE_ID -> ProbeDecoder.BLOCK_LENGTH;
            case ProbeAnswerDecoder.TEMPLATE_ID -> ProbeAnswerDecoder.BLOCK_LENGTH;
            case VoteRequestDecoder.TEMPLATE_ID -> VoteRequestDecoder.BLOCK_LENGTH;
            case VoteResponseDecoder.TEMPLATE_ID -> VoteResponseDecoder.BLOCK_LENGTH;
            case TimeoutNowDecoder.TEMPLATE_ID -> TimeoutNowDecoder.BLOCK_LENGTH;
            case AppendResponseDecoder.TEMPLATE_ID -> AppendResponseDecoder.BLOCK_LENGTH;
            case HeartbeatDecoder.TEMPLATE_ID -> HeartbeatDecoder.BLOCK_LENGTH;
            case HeartbeatResponseDecoder.TEMPLATE_ID -> HeartbeatResponseDecoder.BLOCK_LENGTH;
            case RefusedDecoder.TEMPLATE_ID -> RefusedDecoder.BLOCK_LENGTH;
            case ReadIndexRequestDecoder.TEMPLATE_ID -> ReadIndexRequestDecoder.BLOCK_LENGTH;
            case ReadIndexResponseDecoder.TEMPLATE_ID -> ReadIndexResponseDecoder.BLOCK_LENGTH;
            case KeepAliveRequestDecoder.TEMPLATE_ID -> KeepAliveRequestDecoder.BLOCK_LENGTH;
            case KeepAliveAnswerDecoder.TEMPLATE_ID -> KeepAliveAnswerDecoder.BLOCK_LENGTH;
            case TimeToLiveRequestDecoder.TEMPLATE_ID -> TimeToLiveRequestDecoder.BLOCK_LENGTH;
            case TimeToLiveAnswerDecoder.TEMPLATE_ID -> TimeToLiveAnswerDecoder.BLOCK_LENGTH;
            case SnapshotOfferDecoder.TEMPLATE_ID -> SnapshotOfferDecoder.BLOCK_LENGTH;
            case SnapshotReadyDecoder.TEMPLATE_ID -> SnapshotReadyDecoder.BLOCK_LENGTH;
            case SnapshotStatusDecoder.TEMPLATE_ID -> SnapshotStatusDecoder.BLOCK_LENGTH;
            default -> -1;
        };
    }

    void dispatch(
        final Peer peer,
        final int templateId,
        final DirectBuffer buffer,
        final int offset,
        final int blockLength,
        final int version)
    {
        switch (templateId)
        {
            case ProbeDecoder.TEMPLATE_ID:
                registry.probes().onProbe(peer, probe.wrap(buffer, offset, blockLength, version).sentNs());
                break;

            case ProbeAnswerDecoder.TEMPLATE_ID:
                registry.probes().onAnswer(peer, probeAnswer.wrap(buffer, offset, blockLength, version).sentNs());
                break;

            case VoteRequestDecoder.TEMPLATE_ID:
                onVoteRequest(peer, voteRequest.wrap(buffer, offset, blockLength, version));
                break;

            case VoteResponseDecoder.TEMPLATE_ID:
                onVoteResponse(peer, voteResponse.wrap(buffer, offset, blockLength, version));
                break;

            case TimeoutNowDecoder.TEMPLATE_ID:
                onTimeoutNow(peer, timeoutNow.wrap(buffer, offset, blockLength, version));
                break;

            case AppendResponseDecoder.TEMPLATE_ID:
                onAppendResponse(peer, appendResponse.wrap(buffer, offset, blockLength, version));
                break;

            case HeartbeatDecoder.TEMPLATE_ID:
                onHeartbeat(peer, heartbeat.wrap(buffer, offset, blockLength, version));
                break;

            case HeartbeatResponseDecoder.TEMPLATE_ID:
                onHeartbeatResponse(peer, heartbeatResponse.wrap(buffer, offset, blockLength, version));
                break;

            default:
                dispatchRequest(peer, templateId, buffer, offset, blockLength, version);
                break;
        }
    }

    private void dispatchRequest(
        final Peer peer,
        final int templateId,
        final DirectBuffer buffer,
        final int offset,
        final int blockLength,
        final int version)
    {
        switch (templateId)
        {
            case RefusedDecoder.TEMPLATE_ID:
                onRefused(peer, refused.wrap(buffer, offset, blockLength, version));
                break;

            case ReadIndexRequestDecoder.TEMPLATE_ID:
                readIndexRequest.wrap(buffer, offset, blockLength, version);
                events.onReadIndexRequest(peer.memberId, peer.bootId, readIndexRequest.requestId());
                break;

            case ReadIndexResponseDecoder.TEMPLATE_ID:
                onReadIndexResponse(peer, readIndexResponse.wrap(buffer, offset, blockLength, version));
                break;

            case KeepAliveRequestDecoder.TEMPLATE_ID:
                keepAliveRequest.wrap(buffer, offset, blockLength, version);
                events.onKeepAliveRequest(
                    peer.memberId, peer.bootId, keepAliveRequest.correlationId(), keepAliveRequest.leaseId());
                break;

            case KeepAliveAnswerDecoder.TEMPLATE_ID:
                onKeepAliveAnswer(peer, keepAliveAnswer.wrap(buffer, offset, blockLength, version));
                break;

            case TimeToLiveRequestDecoder.TEMPLATE_ID:
                timeToLiveRequest.wrap(buffer, offset, blockLength, version);
                events.onTimeToLiveRequest(
                    peer.memberId, peer.bootId, timeToLiveRequest.correlationId(), timeToLiveRequest.leaseId());
                break;

            case TimeToLiveAnswerDecoder.TEMPLATE_ID:
                onTimeToLiveAnswer(peer, timeToLiveAnswer.wrap(buffer, offset, blockLength, version));
                break;

            default:
                dispatchSnapshot(peer, templateId, buffer, offset, blockLength, version);
                break;
        }
    }

    private void dispatchSnapshot(
        final Peer peer,
        final int templateId,
        final DirectBuffer buffer,
        final int offset,
        final int blockLength,
        final int version)
    {
        switch (templateId)
        {
            case SnapshotOfferDecoder.TEMPLATE_ID:
                onSnapshotOffer(peer, snapshotOffer.wrap(buffer, offset, blockLength, version));
                break;

            case SnapshotReadyDecoder.TEMPLATE_ID:
                snapshotReady.wrap(buffer, offset, blockLength, version);
                events.onSnapshotReady(peer.memberId, snapshotReady.snapshotId(), snapshotReady.fromOffset());
                break;

            case SnapshotStatusDecoder.TEMPLATE_ID:
                onSnapshotStatus(peer, snapshotStatus.wrap(buffer, offset, blockLength, version));
                break;

            default:
                registry.dropped(peer, PeerDrop.MALFORMED);
                break;
        }
    }

    private void onVoteRequest(final Peer peer, final VoteRequestDecoder message)
    {
        if (arePossible(peer, message.term() - 1, message.lastLogIndex(), message.lastLogTerm()))
        {
            final int flags = message.flags();
            events.onVoteRequest(
                peer.memberId,
                message.term(),
                (flags & PeerMessages.FLAG_PRE_VOTE) != 0,
                (flags & PeerMessages.FLAG_TRANSFER) != 0,
                message.lastLogIndex(),
                message.lastLogTerm());
        }
    }

    private void onVoteResponse(final Peer peer, final VoteResponseDecoder message)
    {
        if (arePossible(peer, message.term(), 0, 0))
        {
            final int flags = message.flags();
            events.onVoteResponse(
                peer.memberId,
                message.term(),
                (flags & PeerMessages.FLAG_PRE_VOTE) != 0,
                (flags & PeerMessages.FLAG_GRANTED) != 0);
        }
    }

    private void onTimeoutNow(final Peer peer, final TimeoutNowDecoder message)
    {
        if (arePossible(peer, message.term() - 1, 0, 0))
        {
            events.onTimeoutNow(peer.memberId, message.term());
        }
    }

    private void onAppendResponse(final Peer peer, final AppendResponseDecoder message)
    {
        if (arePossible(peer, message.term(), message.matchIndex(), message.hintIndex()))
        {
            events.onAppendResponse(
                peer.memberId,
                message.term(),
                message.success() != 0,
                message.matchIndex(),
                message.hintIndex(),
                message.hintTerm());
        }
    }

    private void onHeartbeat(final Peer peer, final HeartbeatDecoder message)
    {
        if (arePossible(peer, message.term() - 1, message.commitIndex(), message.readRound()))
        {
            peer.heartbeatSentNs = message.sentNs();
            events.onHeartbeat(peer.memberId, message.term(), message.commitIndex(), message.readRound());
        }
    }

    private void onHeartbeatResponse(final Peer peer, final HeartbeatResponseDecoder message)
    {
        if (arePossible(peer, message.term(), message.readRound(), 0))
        {
            registry.probes().onAnswer(peer, message.sentNs());
            events.onHeartbeatResponse(peer.memberId, message.term(), message.readRound());
        }
    }

    private void onRefused(final Peer peer, final RefusedDecoder message)
    {
        events.onRefused(
            peer.memberId,
            message.originMemberId(),
            message.originBootId(),
            message.correlationId(),
            message.errorOrdinal());
    }

    private void onReadIndexResponse(final Peer peer, final ReadIndexResponseDecoder message)
    {
        if (isOfThisBoot(peer, message.toBootId()) && arePossible(peer, message.index(), 0, 0))
        {
            events.onReadIndexResponse(peer.memberId, message.requestId(), message.index(), message.ok() != 0);
        }
    }

    private void onKeepAliveAnswer(final Peer peer, final KeepAliveAnswerDecoder message)
    {
        if (isOfThisBoot(peer, message.toBootId()) && arePossible(peer, message.index(), 0, 0))
        {
            events.onKeepAliveAnswer(
                peer.memberId,
                message.correlationId(),
                message.leaseId(),
                message.ttlSeconds(),
                message.index(),
                message.errorOrdinal());
        }
    }

    private void onTimeToLiveAnswer(final Peer peer, final TimeToLiveAnswerDecoder message)
    {
        if (isOfThisBoot(peer, message.toBootId()) && arePossible(peer, message.index(), 0, 0))
        {
            events.onTimeToLiveAnswer(
                peer.memberId,
                message.correlationId(),
                message.leaseId(),
                message.ttlSeconds(),
                message.grantedTtlSeconds(),
                message.index(),
                message.errorOrdinal());
        }
    }

    private void onSnapshotOffer(final Peer peer, final SnapshotOfferDecoder message)
    {
        if (arePossible(peer, message.term() - 1, message.index(), message.totalLength()) &&
            arePossible(peer, message.entryTerm(), message.term() - message.entryTerm(), 0))
        {
            events.onSnapshotOffer(
                peer.memberId,
                message.term(),
                message.snapshotId(),
                message.index(),
                message.entryTerm(),
                message.totalLength());
        }
    }

    private void onSnapshotStatus(final Peer peer, final SnapshotStatusDecoder message)
    {
        if (arePossible(peer, message.index(), 0, 0))
        {
            events.onSnapshotStatus(
                peer.memberId, message.snapshotId(), message.index(), message.installed() != 0);
        }
    }

    private boolean isOfThisBoot(final Peer peer, final long toBootId)
    {
        final boolean isOfThisBoot = toBootId == registry.self().bootId();
        if (!isOfThisBoot)
        {
            registry.dropped(peer, PeerDrop.OLD_BOOT);
        }

        return isOfThisBoot;
    }

    /**
     * @return true if no number is negative; else the message is counted as dropped.
     */
    private boolean arePossible(final Peer peer, final long first, final long second, final long third)
    {
        final boolean arePossible = (first | second | third) >= 0;
        if (!arePossible)
        {
            registry.dropped(peer, PeerDrop.MALFORMED);
        }

        return arePossible;
    }
}
