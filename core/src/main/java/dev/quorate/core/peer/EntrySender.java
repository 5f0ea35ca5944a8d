package dev.quorate.core.peer;

import dev.quorate.core.codec.peer.AppendEncoder;
import dev.quorate.core.codec.peer.EntryChunkEncoder;
import dev.quorate.core.codec.peer.MessageHeaderEncoder;
import dev.quorate.core.seam.PeerLink;
import java.nio.ByteOrder;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Packs entries of the log into messages, and parts those that are longer than one. Consensus thread.
 */
final class EntrySender
{
    /** Returned when nothing was sent, or not all of an entry. */
    static final long NOTHING_SENT = -1;
    /** Chunks of one entry sent in one call, so that a turn stays short. */
    static final int MAX_CHUNKS_PER_CALL = 16;

    private static final int APPEND_LENGTH = MessageHeaderEncoder.ENCODED_LENGTH + AppendEncoder.BLOCK_LENGTH;
    private static final int CHUNK_HEADER_LENGTH =
        MessageHeaderEncoder.ENCODED_LENGTH + EntryChunkEncoder.BLOCK_LENGTH;

    private final PeerRegistry registry;
    private final EntrySource source;
    private final long from;
    private final UnsafeBuffer message = new UnsafeBuffer(new byte[PeerLink.MAX_MESSAGE_LENGTH]);
    private final TailChecksum checksum = new TailChecksum();
    private final MessageHeaderEncoder header = new MessageHeaderEncoder();
    private final AppendEncoder append = new AppendEncoder();
    private final EntryChunkEncoder entryChunk = new EntryChunkEncoder();

    EntrySender(final PeerRegistry registry, final EntrySource source)
    {
        this.registry = registry;
        this.source = source;
        from = registry.self().memberId();
    }

    long send(
        final long to,
        final long term,
        final long prevIndex,
        final long prevTerm,
        final long commitIndex,
        final long firstIndex,
        final long lastIndex)
    {
        if (firstIndex != prevIndex + 1 || lastIndex < prevIndex)
        {
            throw new IllegalStateException(
                "prevIndex=" + prevIndex + " firstIndex=" + firstIndex + " lastIndex=" + lastIndex);
        }
        final Peer peer = registry.peer(to);
        if (peer == null || !registry.isHeardBy(peer, PeerLink.BULK))
        {
            return NOTHING_SENT;
        }
        if (firstIndex <= lastIndex && isLong(firstIndex))
        {
            return sendChunks(peer, term, prevIndex, prevTerm, commitIndex);
        }

        int length = APPEND_LENGTH;
        int count = 0;
        for (long index = firstIndex; index <= lastIndex; index++)
        {
            final int partLength = EntryPartDescriptor.HEADER_LENGTH + source.length(index);
            if (partLength > PeerLink.MAX_MESSAGE_LENGTH - length)
            {
                break;
            }
            putEntry(index, length, partLength - EntryPartDescriptor.HEADER_LENGTH);
            length += partLength;
            count++;
        }
        append.wrapAndApplyHeader(message, 0, header)
            .from(from)
            .to(to)
            .term(term)
            .prevIndex(prevIndex)
            .prevTerm(prevTerm)
            .commitIndex(commitIndex)
            .entryCount(count)
            .checksum(checksum.compute(message, APPEND_LENGTH, length - APPEND_LENGTH));

        return registry.transmit(peer, PeerLink.BULK, message, 0, length) == PeerLink.ACCEPTED ?
            prevIndex + count : NOTHING_SENT;
    }

    private long sendChunks(
        final Peer peer, final long term, final long prevIndex, final long prevTerm, final long commitIndex)
    {
        final long index = prevIndex + 1;
        final int totalLength = source.length(index);
        int sent = peer.entryProgress.resume(
            index, term, peer.bootId, peer.outgoingSession[PeerLink.BULK], totalLength);

        for (int i = 0; i < MAX_CHUNKS_PER_CALL && sent < totalLength; i++)
        {
            final int length = Math.min(totalLength - sent, PeerLink.MAX_MESSAGE_LENGTH - CHUNK_HEADER_LENGTH);
            message.putBytes(CHUNK_HEADER_LENGTH, source.buffer(index), source.offset(index) + sent, length);
            entryChunk.wrapAndApplyHeader(message, 0, header)
                .from(from)
                .to(peer.memberId)
                .term(term)
                .prevIndex(prevIndex)
                .prevTerm(prevTerm)
                .commitIndex(commitIndex)
                .index(index)
                .entryTerm(source.term(index))
                .totalLength(totalLength)
                .chunkOffset(sent)
                .checksum(checksum.compute(message, CHUNK_HEADER_LENGTH, length))
                .entryType((short)source.type(index));
            if (registry.transmit(peer, PeerLink.BULK, message, 0, CHUNK_HEADER_LENGTH + length) != PeerLink.ACCEPTED)
            {
                return NOTHING_SENT;
            }
            sent += length;
            peer.entryProgress.sent(sent);
        }
        if (sent < totalLength)
        {
            return NOTHING_SENT;
        }
        peer.entryProgress.reset();

        return index;
    }

    private boolean isLong(final long index)
    {
        return source.length(index) >
            PeerLink.MAX_MESSAGE_LENGTH - APPEND_LENGTH - EntryPartDescriptor.HEADER_LENGTH;
    }

    private void putEntry(final long index, final int offset, final int payloadLength)
    {
        message.putLong(offset + EntryPartDescriptor.TERM_OFFSET, source.term(index), ByteOrder.LITTLE_ENDIAN);
        message.putInt(offset + EntryPartDescriptor.LENGTH_OFFSET, payloadLength, ByteOrder.LITTLE_ENDIAN);
        message.putInt(offset + EntryPartDescriptor.TYPE_OFFSET, source.type(index), ByteOrder.LITTLE_ENDIAN);
        message.putBytes(
            offset + EntryPartDescriptor.HEADER_LENGTH, source.buffer(index), source.offset(index), payloadLength);
    }
}
