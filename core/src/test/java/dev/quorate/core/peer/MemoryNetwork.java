package dev.quorate.core.peer;

import dev.quorate.core.seam.PeerLink;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Links in memory: ordered within a session, with a window for each stream, sessions that end and lose what is under
 * way, and receivers that restart while the sender keeps its session.
 */
final class MemoryNetwork
{
    int windowLength = Integer.MAX_VALUE;
    private final Map<Long, Link> links = new HashMap<>();
    private final Map<String, Stream> streams = new HashMap<>();
    private long sessionCount;

    /** Starts a member, anew if it ran before: what was under way to and from it is lost. */
    Link open(final long memberId)
    {
        links.remove(memberId);
        for (final Stream stream : streams.values())
        {
            if (stream.to == memberId)
            {
                stream.incomingSession = ++sessionCount;
                stream.messages.clear();
            }
            else if (stream.from == memberId)
            {
                stream.end();
            }
        }
        final Link link = new Link(memberId);
        links.put(memberId, link);

        return link;
    }

    /** Ends the session of a stream and begins another. */
    void endSession(final long from, final long to, final int streamClass)
    {
        stream(from, to, streamClass).end();
    }

    /** Loses the oldest message under way, which no real link does: the network of the simulation may. */
    void loseOne(final long from, final long to, final int streamClass)
    {
        stream(from, to, streamClass).messages.poll();
    }

    /** Delivers the newest message under way twice. */
    void duplicateLast(final long from, final long to, final int streamClass)
    {
        final ArrayDeque<byte[]> messages = stream(from, to, streamClass).messages;
        messages.add(messages.getLast());
    }

    byte[] lastMessage(final long from, final long to, final int streamClass)
    {
        return stream(from, to, streamClass).messages.peekLast();
    }

    private Stream stream(final long from, final long to, final int streamClass)
    {
        return streams.computeIfAbsent(from + ">" + to + "#" + streamClass, (key) -> new Stream(from, to, streamClass));
    }

    private final class Stream
    {
        final long from;
        final long to;
        final int streamClass;
        final ArrayDeque<byte[]> messages = new ArrayDeque<>();
        long outgoingSession = ++sessionCount;
        long incomingSession = ++sessionCount;

        Stream(final long from, final long to, final int streamClass)
        {
            this.from = from;
            this.to = to;
            this.streamClass = streamClass;
        }

        void end()
        {
            messages.clear();
            final Link target = links.get(to);
            if (target != null)
            {
                target.ended.add(new long[]{incomingSession, streamClass});
            }
            outgoingSession = ++sessionCount;
            incomingSession = ++sessionCount;
        }
    }

    /** One member's link. */
    final class Link implements PeerLink
    {
        final List<Long> refused = new ArrayList<>();
        private final long self;
        private final Map<Long, String> peers = new HashMap<>();
        private final List<long[]> ended = new ArrayList<>();

        Link(final long self)
        {
            this.self = self;
        }

        @Override
        public void addPeer(final long memberId, final String endpoint)
        {
            peers.put(memberId, endpoint);
        }

        @Override
        public void removePeer(final long memberId)
        {
            peers.remove(memberId);
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
            if (headerLength + bodyLength > MAX_MESSAGE_LENGTH)
            {
                throw new IllegalArgumentException("too long: " + (headerLength + bodyLength));
            }
            if (outgoingSession(memberId, streamClass) == 0)
            {
                return NOT_CONNECTED;
            }
            final Stream stream = stream(self, memberId, streamClass);
            int underWay = 0;
            for (final byte[] message : stream.messages)
            {
                underWay += message.length;
            }
            if (underWay + headerLength + bodyLength > windowLength)
            {
                return BACK_PRESSURED;
            }
            final byte[] message = new byte[headerLength + bodyLength];
            header.getBytes(headerOffset, message, 0, headerLength);
            if (bodyLength > 0)
            {
                body.getBytes(bodyOffset, message, headerLength, bodyLength);
            }
            stream.messages.add(message);

            return ACCEPTED;
        }

        @Override
        public void send()
        {
            // Sent when it was offered.
        }

        @Override
        public long outgoingSession(final long memberId, final int streamClass)
        {
            return peers.containsKey(memberId) && links.containsKey(memberId) ?
                stream(self, memberId, streamClass).outgoingSession : 0;
        }

        @Override
        public int poll(final int streamClass, final Handler handler, final int limit)
        {
            int count = 0;
            for (final long[] session : List.copyOf(ended))
            {
                if (session[1] == streamClass)
                {
                    ended.remove(session);
                    handler.onSessionDown(session[0], streamClass);
                    count++;
                }
            }
            for (final Stream stream : List.copyOf(streams.values()))
            {
                while (stream.to == self && stream.streamClass == streamClass && count < limit &&
                    !stream.messages.isEmpty())
                {
                    final byte[] message = stream.messages.poll();
                    if (!refused.contains(stream.incomingSession))
                    {
                        handler.onMessage(
                            stream.incomingSession, streamClass, new UnsafeBuffer(message), 0, message.length);
                        count++;
                    }
                }
            }

            return count;
        }

        @Override
        public void refuse(final long session, final String reason)
        {
            refused.add(session);
        }

        @Override
        public int doWork()
        {
            return 0;
        }

        @Override
        public void close()
        {
            links.remove(self);
        }
    }
}
