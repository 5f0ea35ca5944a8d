package dev.quorate.core.peer;

import dev.quorate.core.codec.peer.AppendDecoder;
import dev.quorate.core.codec.peer.EntryChunkDecoder;
import dev.quorate.core.codec.peer.ForwardChunkDecoder;
import dev.quorate.core.codec.peer.ForwardDecoder;
import dev.quorate.core.codec.peer.HelloAnswerDecoder;
import dev.quorate.core.codec.peer.HelloDecoder;
import dev.quorate.core.codec.peer.HelloRequestDecoder;
import dev.quorate.core.codec.peer.MessageHeaderDecoder;
import dev.quorate.core.entry.EntryChecksum;
import dev.quorate.core.entry.EntryDescriptor;
import dev.quorate.core.raft.RaftLogAccess;
import dev.quorate.core.seam.PeerLink;
import java.nio.ByteOrder;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Decodes what arrives, drops and counts what is wrong, puts chunks together, and hands the rest to {@link PeerEvents}.
 * Nothing that a peer sends makes it throw. Consensus thread.
 */
public final class PeerReceiver implements PeerLink.Handler
{
    private static final int HEADER_LENGTH = MessageHeaderDecoder.ENCODED_LENGTH;
    private static final int FROM_OFFSET = HEADER_LENGTH;
    private static final int TO_OFFSET = HEADER_LENGTH + Long.BYTES;
    private static final int SHORTEST_MESSAGE = HEADER_LENGTH + 2 * Long.BYTES;

    private final PeerRegistry registry;
    private final PeerEvents events;
    private final ControlDecoder control;
    private final long self;
    private final TailChecksum checksum = new TailChecksum();
    private final EntryChecksum entryChecksum = new EntryChecksum();
    private final UnsafeBuffer entries = new UnsafeBuffer(new byte[PeerLink.MAX_MESSAGE_LENGTH]);
    private final MessageHeaderDecoder header = new MessageHeaderDecoder();
    private final HelloDecoder hello = new HelloDecoder();
    private final HelloAnswerDecoder helloAnswer = new HelloAnswerDecoder();
    private final HelloRequestDecoder helloRequest = new HelloRequestDecoder();
    private final AppendDecoder append = new AppendDecoder();
    private final EntryChunkDecoder entryChunk = new EntryChunkDecoder();
    private final ForwardDecoder forward = new ForwardDecoder();
    private final ForwardChunkDecoder forwardChunk = new ForwardChunkDecoder();

    /**
     * @param registry of the peers.
     * @param events   receiver of what they say.
     */
    public PeerReceiver(final PeerRegistry registry, final PeerEvents events)
    {
        this.registry = registry;
        this.events = events;
        control = new ControlDecoder(registry, events);
        self = registry.self().memberId();
    }

    @Override
    public void onMessage(
        final long session, final int streamClass, final DirectBuffer buffer, final int offset, final int length)
    {
        if (length < SHORTEST_MESSAGE || length > PeerLink.MAX_MESSAGE_LENGTH)
        {
            registry.counters().drop(PeerDrop.MALFORMED);
            return;
        }
        header.wrap(buffer, offset);
        final int shortestBlock = shortestBlock(header.templateId());
        if (header.schemaId() != HelloDecoder.SCHEMA_ID || shortestBlock < 0 ||
            header.blockLength() < shortestBlock || HEADER_LENGTH + header.blockLength() > length)
        {
            registry.counters().drop(PeerDrop.MALFORMED);
            return;
        }
        final long from = buffer.getLong(offset + FROM_OFFSET, ByteOrder.LITTLE_ENDIAN);
        final boolean isHello = header.templateId() == HelloDecoder.TEMPLATE_ID;
        if (isHello)
        {
            hello.wrap(buffer, offset + HEADER_LENGTH, header.blockLength(), header.version());
        }
        // Who is of another cluster knows the member at this address by another id, and is to be told.
        final boolean isForeign = isHello && hello.clusterId() != registry.self().clusterId();
        if (buffer.getLong(offset + TO_OFFSET, ByteOrder.LITTLE_ENDIAN) != self && !isForeign)
        {
            registry.counters().drop(PeerDrop.WRONG_MEMBER);
            return;
        }
        if (isHello)
        {
            registry.onHello(session, streamClass, hello);
            return;
        }
        final Peer peer = registry.speaker(session, streamClass, from);
        if (peer != null)
        {
            registry.counters().add(peer.slot, PeerCounters.Value.RECEIVED_BYTES, length);
            registry.counters().add(peer.slot, PeerCounters.Value.RECEIVED_MESSAGES, 1);
            dispatch(peer, buffer, offset + HEADER_LENGTH, length - HEADER_LENGTH);
        }
    }

    @Override
    public void onSessionDown(final long session, final int streamClass)
    {
        registry.onSessionDown(session);
    }

    private void dispatch(final Peer peer, final DirectBuffer buffer, final int offset, final int length)
    {
        final int blockLength = header.blockLength();
        final int version = header.version();
        final int tailOffset = offset + blockLength;
        final int tailLength = length - blockLength;

        switch (header.templateId())
        {
            case HelloAnswerDecoder.TEMPLATE_ID:
                helloAnswer.wrap(buffer, offset, blockLength, version);
                registry.onHelloAnswer(peer, helloAnswer.bootId(), helloAnswer.epoch(), helloAnswer.streamClass());
                break;

            case HelloRequestDecoder.TEMPLATE_ID:
                helloRequest.wrap(buffer, offset, blockLength, version);
                registry.onHelloRequest(peer, helloRequest.streamClass());
                break;

            case AppendDecoder.TEMPLATE_ID:
                append.wrap(buffer, offset, blockLength, version);
                onAppend(peer, buffer, tailOffset, tailLength);
                break;

            case EntryChunkDecoder.TEMPLATE_ID:
                entryChunk.wrap(buffer, offset, blockLength, version);
                onEntryChunk(peer, buffer, tailOffset, tailLength);
                break;

            case ForwardDecoder.TEMPLATE_ID:
                forward.wrap(buffer, offset, blockLength, version);
                onForward(peer, buffer, tailOffset, tailLength);
                break;

            case ForwardChunkDecoder.TEMPLATE_ID:
                forwardChunk.wrap(buffer, offset, blockLength, version);
                onForwardChunk(peer, buffer, tailOffset, tailLength);
                break;

            default:
                control.dispatch(peer, header.templateId(), buffer, offset, blockLength, version);
                break;
        }
    }

    private void onAppend(final Peer peer, final DirectBuffer buffer, final int tailOffset, final int tailLength)
    {
        if (!isPossible(append.term(), append.prevIndex(), append.prevTerm(), append.commitIndex()))
        {
            registry.dropped(peer, PeerDrop.MALFORMED);
            return;
        }
        DirectBuffer tail = buffer;
        int offset = tailOffset;
        if (tail.byteArray() == null)
        {
            entries.putBytes(0, buffer, tailOffset, tailLength);
            tail = entries;
            offset = 0;
        }
        handOn(peer, append.term(), append.prevIndex(), append.prevTerm(), append.commitIndex(), append.entryCount(),
            tail, offset, tailLength);
    }

    private void onEntryChunk(final Peer peer, final DirectBuffer buffer, final int tailOffset, final int tailLength)
    {
        final long term = entryChunk.term();
        final long prevIndex = entryChunk.prevIndex();
        if (!isPossible(term, prevIndex, entryChunk.prevTerm(), entryChunk.commitIndex()) ||
            entryChunk.index() != prevIndex + 1)
        {
            registry.dropped(peer, PeerDrop.MALFORMED);
            return;
        }
        if (entryChunk.checksum() != checksum.compute(buffer, tailOffset, tailLength))
        {
            registry.dropped(peer, PeerDrop.CHECKSUM);
            return;
        }
        final ChunkAssembly assembly = peer.entryAssembly;
        if (!assembly.take(entryChunk.index(), term, entryChunk.totalLength(), entryChunk.chunkOffset(),
            buffer, tailOffset, tailLength))
        {
            registry.dropped(peer, PeerDrop.CHUNK);
            return;
        }
        if (assembly.isComplete())
        {
            handOn(peer, term, prevIndex, entryChunk.prevTerm(), entryChunk.commitIndex(), 1,
                assembly.buffer(), 0, assembly.length());
            assembly.reset();
        }
    }

    /**
     * Looks at all entries before the first is handed on: an append is heard as a whole or not at all.
     *
     * @param tail around an array: what is compared with its checksum is what is handed on.
     */
    private void handOn(
        final Peer peer,
        final long term,
        final long prevIndex,
        final long prevTerm,
        final long commitIndex,
        final int count,
        final DirectBuffer tail,
        final int tailOffset,
        final int tailLength)
    {
        if (!arePossible(count, term, prevIndex, prevTerm, tail, tailOffset, tailLength))
        {
            registry.dropped(peer, PeerDrop.MALFORMED);
            return;
        }
        int offset = tailOffset;
        for (int i = 0; i < count; i++)
        {
            if (!entryChecksum.isRight(tail, offset))
            {
                registry.dropped(peer, PeerDrop.CHECKSUM);
                return;
            }
            offset += EntryDescriptor.HEADER_LENGTH + tail.getInt(
                offset + EntryDescriptor.PAYLOAD_LENGTH_OFFSET, ByteOrder.LITTLE_ENDIAN);
        }

        events.beginAppend(peer.memberId, term, prevIndex, prevTerm, commitIndex, count);
        offset = tailOffset;
        for (int i = 0; i < count; i++)
        {
            final int payloadLength =
                tail.getInt(offset + EntryDescriptor.PAYLOAD_LENGTH_OFFSET, ByteOrder.LITTLE_ENDIAN);
            events.appendEntry(
                prevIndex + 1 + i,
                tail.getLong(offset + EntryDescriptor.TERM_OFFSET, ByteOrder.LITTLE_ENDIAN),
                tail.getInt(offset + EntryDescriptor.TYPE_OFFSET, ByteOrder.LITTLE_ENDIAN),
                tail,
                offset + EntryDescriptor.PAYLOAD_OFFSET,
                payloadLength);
            offset += EntryDescriptor.HEADER_LENGTH + payloadLength;
        }
        events.endAppend();
    }

    private void onForward(final Peer peer, final DirectBuffer buffer, final int tailOffset, final int tailLength)
    {
        if (isNewForward(
            peer, forward.toBootId(), forward.sequence(), forward.term(), forward.entryType()))
        {
            if (forward.checksum() != checksum.compute(buffer, tailOffset, tailLength))
            {
                registry.dropped(peer, PeerDrop.CHECKSUM);
                return;
            }
            peer.forwardSequenceHeard = forward.sequence();
            events.onForward(peer.memberId, forward.term(), forward.entryType(), buffer, tailOffset, tailLength);
        }
    }

    private void onForwardChunk(final Peer peer, final DirectBuffer buffer, final int tailOffset, final int tailLength)
    {
        final long term = forwardChunk.term();
        if (!isNewForward(
            peer, forwardChunk.toBootId(), forwardChunk.sequence(), term, forwardChunk.entryType()))
        {
            return;
        }
        if (forwardChunk.checksum() != checksum.compute(buffer, tailOffset, tailLength))
        {
            registry.dropped(peer, PeerDrop.CHECKSUM);
            return;
        }
        final ChunkAssembly assembly = peer.forwardAssembly;
        if (!assembly.take(forwardChunk.sequence(), term, forwardChunk.totalLength(), forwardChunk.chunkOffset(),
            buffer, tailOffset, tailLength))
        {
            registry.dropped(peer, PeerDrop.CHUNK);
            return;
        }
        if (assembly.isComplete())
        {
            peer.forwardSequenceHeard = forwardChunk.sequence();
            events.onForward(
                peer.memberId, term, forwardChunk.entryType(), assembly.buffer(), 0, assembly.length());
            assembly.reset();
        }
    }

    private boolean isNewForward(
        final Peer peer, final long toBootId, final long sequence, final long term, final int entryType)
    {
        if (term <= 0 || entryType != RaftLogAccess.COMMAND && entryType != RaftLogAccess.CONFIG)
        {
            registry.dropped(peer, PeerDrop.MALFORMED);
            return false;
        }
        if (toBootId != registry.self().bootId())
        {
            registry.dropped(peer, PeerDrop.OLD_BOOT);
            return false;
        }
        if (sequence <= peer.forwardSequenceHeard)
        {
            registry.dropped(peer, PeerDrop.DUPLICATE);
            return false;
        }

        return true;
    }

    private static boolean isPossible(
        final long term, final long prevIndex, final long prevTerm, final long commitIndex)
    {
        return term > 0 && prevIndex >= 0 && prevIndex < Long.MAX_VALUE - PeerLink.MAX_MESSAGE_LENGTH &&
            prevTerm >= 0 && prevTerm <= term && commitIndex >= 0;
    }

    private static boolean arePossible(
        final int count,
        final long term,
        final long prevIndex,
        final long prevTerm,
        final DirectBuffer tail,
        final int tailOffset,
        final int tailLength)
    {
        int rest = tailLength;
        int offset = tailOffset;
        long lastTerm = prevTerm;
        for (int i = 0; i < count; i++)
        {
            if (rest < EntryDescriptor.HEADER_LENGTH)
            {
                return false;
            }
            final long entryTerm = tail.getLong(offset + EntryDescriptor.TERM_OFFSET, ByteOrder.LITTLE_ENDIAN);
            final int length = tail.getInt(offset + EntryDescriptor.PAYLOAD_LENGTH_OFFSET, ByteOrder.LITTLE_ENDIAN);
            rest -= EntryDescriptor.HEADER_LENGTH;
            if (length < 0 || length > rest || entryTerm < lastTerm || entryTerm > term ||
                tail.getLong(offset + EntryDescriptor.INDEX_OFFSET, ByteOrder.LITTLE_ENDIAN) != prevIndex + 1 + i ||
                !isEntryType(tail.getInt(offset + EntryDescriptor.TYPE_OFFSET, ByteOrder.LITTLE_ENDIAN)))
            {
                return false;
            }
            rest -= length;
            offset += EntryDescriptor.HEADER_LENGTH + length;
            lastTerm = entryTerm;
        }

        return count >= 0 && rest == 0;
    }

    private static boolean isEntryType(final int type)
    {
        return type >= RaftLogAccess.COMMAND && type <= RaftLogAccess.NOOP;
    }

    /**
     * @return block length of a message in the oldest version that this protocol version admits, -1 if there is no such
     * message.
     */
    private static int shortestBlock(final int templateId)
    {
        return switch (templateId)
        {
            case HelloDecoder.TEMPLATE_ID -> HelloDecoder.BLOCK_LENGTH;
            case HelloAnswerDecoder.TEMPLATE_ID -> HelloAnswerDecoder.BLOCK_LENGTH;
            case HelloRequestDecoder.TEMPLATE_ID -> HelloRequestDecoder.BLOCK_LENGTH;
            case AppendDecoder.TEMPLATE_ID -> AppendDecoder.BLOCK_LENGTH;
            case EntryChunkDecoder.TEMPLATE_ID -> EntryChunkDecoder.BLOCK_LENGTH;
            case ForwardDecoder.TEMPLATE_ID -> ForwardDecoder.BLOCK_LENGTH;
            case ForwardChunkDecoder.TEMPLATE_ID -> ForwardChunkDecoder.BLOCK_LENGTH;
            default -> ControlDecoder.shortestBlock(templateId);
        };
    }
}
