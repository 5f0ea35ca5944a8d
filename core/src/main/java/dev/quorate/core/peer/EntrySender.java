package dev.quorate.core.peer;

import dev.quorate.core.codec.peer.AppendEncoder;
import dev.quorate.core.codec.peer.EntryChunkEncoder;
import dev.quorate.core.codec.peer.MessageHeaderEncoder;
import dev.quorate.core.entry.EntryChecksum;
import dev.quorate.core.entry.EntryDescriptor;
import dev.quorate.core.seam.PeerLink;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Packs entries of the log into messages, and parts those that are longer than one. An entry leaves only if its copy
 * fits the checksum that the log holds: a damaged log halts here and never spreads. Consensus thread.
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
    private final EntryChecksum checksum = new EntryChecksum();
    private final TailChecksum chunkChecksum = new TailChecksum();
    private final UnsafeBuffer longEntry = new UnsafeBuffer(0, 0);
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
            final int entryLength = source.length(index);
            if (entryLength > PeerLink.MAX_MESSAGE_LENGTH - length)
            {
                break;
            }
            message.putBytes(length, source.buffer(index), source.offset(index), entryLength);
            check(index, message, length, entryLength);
            length += entryLength;
            count++;
        }
        append.wrapAndApplyHeader(message, 0, header)
            .from(from)
            .to(to)
            .term(term)
            .prevIndex(prevIndex)
            .prevTerm(prevTerm)
            .commitIndex(commitIndex)
            .entryCount(count);

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
        if (sent == 0)
        {
            checkLong(index, totalLength);
        }

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
                .totalLength(totalLength)
                .chunkOffset(sent)
                .checksum(chunkChecksum.compute(message, CHUNK_HEADER_LENGTH, length));
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
        return source.length(index) > PeerLink.MAX_MESSAGE_LENGTH - APPEND_LENGTH;
    }

    private void checkLong(final long index, final int length)
    {
        if (longEntry.capacity() < length)
        {
            longEntry.wrap(new byte[length]);
        }
        longEntry.putBytes(0, source.buffer(index), source.offset(index), length);
        check(index, longEntry, 0, length);
    }

    private void check(final long index, final UnsafeBuffer copy, final int offset, final int length)
    {
        if (copy.getLong(offset + EntryDescriptor.INDEX_OFFSET) != index ||
            copy.getInt(offset + EntryDescriptor.PAYLOAD_LENGTH_OFFSET) != length - EntryDescriptor.HEADER_LENGTH ||
            !checksum.isRight(copy, offset))
        {
            throw source.damage(index);
        }
    }
}
