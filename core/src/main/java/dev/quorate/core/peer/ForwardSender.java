package dev.quorate.core.peer;

import dev.quorate.core.codec.peer.ForwardChunkEncoder;
import dev.quorate.core.codec.peer.ForwardEncoder;
import dev.quorate.core.codec.peer.MessageHeaderEncoder;
import dev.quorate.core.seam.PeerLink;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Sends commands of this member's clients to the leader, each at most once. Consensus thread.
 */
final class ForwardSender
{
    private static final int FORWARD_LENGTH = MessageHeaderEncoder.ENCODED_LENGTH + ForwardEncoder.BLOCK_LENGTH;
    private static final int CHUNK_HEADER_LENGTH =
        MessageHeaderEncoder.ENCODED_LENGTH + ForwardChunkEncoder.BLOCK_LENGTH;

    private final PeerRegistry registry;
    private final long from;
    private final UnsafeBuffer message = new UnsafeBuffer(new byte[PeerLink.MAX_MESSAGE_LENGTH]);
    private final TailChecksum checksum = new TailChecksum();
    private final MessageHeaderEncoder header = new MessageHeaderEncoder();
    private final ForwardEncoder forward = new ForwardEncoder();
    private final ForwardChunkEncoder forwardChunk = new ForwardChunkEncoder();

    ForwardSender(final PeerRegistry registry)
    {
        this.registry = registry;
        from = registry.self().memberId();
    }

    int send(
        final long to,
        final long term,
        final long correlationId,
        final int entryType,
        final DirectBuffer buffer,
        final int offset,
        final int length)
    {
        final Peer peer = registry.peer(to);
        if (peer == null || !registry.isHeardBy(peer, PeerLink.BULK))
        {
            return PeerLink.NOT_CONNECTED;
        }
        if (length > PeerLink.MAX_MESSAGE_LENGTH - FORWARD_LENGTH)
        {
            return sendChunks(peer, term, correlationId, entryType, buffer, offset, length);
        }

        message.putBytes(FORWARD_LENGTH, buffer, offset, length);
        forward.wrapAndApplyHeader(message, 0, header)
            .from(from)
            .to(to)
            .toBootId(peer.bootId)
            .sequence(peer.forwardSequence + 1)
            .checksum(checksum.compute(message, FORWARD_LENGTH, length))
            .entryType((short)entryType)
            .term(term);
        final int result = registry.transmit(peer, PeerLink.BULK, message, 0, FORWARD_LENGTH + length);
        if (result == PeerLink.ACCEPTED)
        {
            peer.forwardSequence++;
            peer.forwardProgress.reset();
        }

        return result;
    }

    private int sendChunks(
        final Peer peer,
        final long term,
        final long correlationId,
        final int entryType,
        final DirectBuffer buffer,
        final int offset,
        final int totalLength)
    {
        int sent = peer.forwardProgress.resume(
            correlationId, term, peer.bootId, peer.outgoingSession[PeerLink.BULK], totalLength);
        if (sent == 0)
        {
            // A sequence is not used again: pieces of an earlier try must not mix with these.
            peer.forwardSequence++;
        }
        for (int i = 0; i < EntrySender.MAX_CHUNKS_PER_CALL && sent < totalLength; i++)
        {
            final int length = Math.min(totalLength - sent, PeerLink.MAX_MESSAGE_LENGTH - CHUNK_HEADER_LENGTH);
            message.putBytes(CHUNK_HEADER_LENGTH, buffer, offset + sent, length);
            forwardChunk.wrapAndApplyHeader(message, 0, header)
                .from(from)
                .to(peer.memberId)
                .toBootId(peer.bootId)
                .sequence(peer.forwardSequence)
                .totalLength(totalLength)
                .chunkOffset(sent)
                .checksum(checksum.compute(message, CHUNK_HEADER_LENGTH, length))
                .entryType((short)entryType)
                .term(term);
            final int result = registry.transmit(
                peer, PeerLink.BULK, message, 0, CHUNK_HEADER_LENGTH + length);
            if (result != PeerLink.ACCEPTED)
            {
                return result;
            }
            sent += length;
            peer.forwardProgress.sent(sent);
        }
        if (sent < totalLength)
        {
            return PeerLink.BACK_PRESSURED;
        }
        peer.forwardProgress.reset();

        return PeerLink.ACCEPTED;
    }
}
