package dev.quorate.core.node;

import dev.quorate.core.seam.PeerLink;
import org.agrona.BufferUtil;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.AtomicBuffer;
import org.agrona.concurrent.MessageHandler;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.ringbuffer.OneToOneRingBuffer;
import org.agrona.concurrent.ringbuffer.RingBufferDescriptor;

/**
 * Links between members on one thread: rings in memory, sessions that never end, and nothing allocated on the way.
 */
final class MemoryLinks
{
    private static final int RING_LENGTH = 2 * 1024 * 1024;
    private static final int MESSAGE = 1;

    private final int count;
    private final OneToOneRingBuffer[] rings;

    MemoryLinks(final int count)
    {
        this.count = count;
        rings = new OneToOneRingBuffer[count * count * PeerLink.CLASS_COUNT];
        for (int i = 0; i < rings.length; i++)
        {
            rings[i] = new OneToOneRingBuffer(new UnsafeBuffer(
                BufferUtil.allocateDirectAligned(RING_LENGTH + RingBufferDescriptor.TRAILER_LENGTH, 128)));
        }
    }

    /**
     * @param self    of the member.
     * @param firstId id of member 0; the others follow.
     * @return its link.
     */
    PeerLink link(final int self, final long firstId)
    {
        return new Link(self, firstId);
    }

    private int at(final int from, final int to, final int streamClass)
    {
        return (from * count + to) * PeerLink.CLASS_COUNT + streamClass;
    }

    private final class Link implements PeerLink, MessageHandler
    {
        private final int self;
        private final long firstId;
        private final boolean[] isPeer = new boolean[count];
        private Handler handler;
        private long session;
        private int polled;

        Link(final int self, final long firstId)
        {
            this.self = self;
            this.firstId = firstId;
        }

        @Override
        public void addPeer(final long memberId, final String endpoint)
        {
            isPeer[(int)(memberId - firstId)] = true;
        }

        @Override
        public void removePeer(final long memberId)
        {
            isPeer[(int)(memberId - firstId)] = false;
        }

        @Override
        public int offer(
            final long memberId,
            final int streamClass,
            final DirectBuffer header,
            final int headerOffset,
            final int headerLength,
            final DirectBuffer body,
            final int bodyOffset,
            final int bodyLength)
        {
            final OneToOneRingBuffer ring = rings[at(self, (int)(memberId - firstId), streamClass)];
            final int claimed = ring.tryClaim(MESSAGE, headerLength + bodyLength);
            if (claimed < 0)
            {
                return BACK_PRESSURED;
            }
            final AtomicBuffer buffer = ring.buffer();
            buffer.putBytes(claimed, header, headerOffset, headerLength);
            if (bodyLength > 0)
            {
                buffer.putBytes(claimed + headerLength, body, bodyOffset, bodyLength);
            }
            ring.commit(claimed);
            return ACCEPTED;
        }

        @Override
        public long outgoingSession(final long memberId, final int streamClass)
        {
            final int to = (int)(memberId - firstId);
            return isPeer[to] ? 1 + at(self, to, streamClass) : 0;
        }

        @Override
        public int poll(final int streamClass, final Handler messageHandler, final int limit)
        {
            handler = messageHandler;
            polled = streamClass;
            int work = 0;
            for (int from = 0; from < count; from++)
            {
                if (from != self)
                {
                    session = 1 + at(from, self, streamClass);
                    work += rings[at(from, self, streamClass)].read(this, limit);
                }
            }
            return work;
        }

        @Override
        public void onMessage(
            final int msgTypeId, final MutableDirectBuffer buffer, final int index, final int length)
        {
            handler.onMessage(session, polled, buffer, index, length);
        }

        @Override
        public void refuse(final long refused, final String reason)
        {
            throw new IllegalStateException(reason);
        }

        @Override
        public void send()
        {
            // sent when it was offered
        }

        @Override
        public int doWork()
        {
            return 0;
        }

        @Override
        public void close()
        {
            // rings are memory
        }
    }
}
