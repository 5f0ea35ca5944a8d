package dev.quorate.transport;

import dev.quorate.core.seam.Clock;
import dev.quorate.core.seam.PeerLink;
import io.aeron.Aeron;
import io.aeron.ChannelUriStringBuilder;
import io.aeron.Image;
import io.aeron.Subscription;
import io.aeron.exceptions.AeronException;
import java.util.ArrayList;
import org.agrona.DirectBuffer;
import org.agrona.collections.ArrayListUtil;
import org.agrona.collections.Long2ObjectHashMap;

/**
 * Peer link over Aeron: to each peer an exclusive publication of each class, on the member's own endpoint one
 * subscription of each class. Core thread.
 */
public final class AeronPeerLink implements PeerLink
{
    private static final long REBUILD_INTERVAL_NS = 1_000_000_000L;
    private static final int[] STREAM_IDS =
        {TransportContext.CONTROL_STREAM_ID, TransportContext.BULK_STREAM_ID};

    private final TransportContext ctx;
    private final Clock clock;
    private final Long2ObjectHashMap<PeerStreams> streamsByMemberId = new Long2ObjectHashMap<>();
    private final ArrayList<PeerStreams> peers = new ArrayList<>();
    private final IncomingClass[] incoming = new IncomingClass[CLASS_COUNT];
    private AeronTransport transport;
    private long incomingSessionCount;
    private long backPressureCount;
    private long rebuildCount;
    private long rebuildAtNs;
    private boolean hasOffered;

    /**
     * Starts driver and client and binds the endpoint.
     *
     * @param ctx   concluded; the caller holds the lock of the data directory.
     * @param clock of the member.
     * @throws RuntimeException if the endpoint cannot be bound or the driver cannot start, with the reason.
     */
    public AeronPeerLink(final TransportContext ctx, final Clock clock)
    {
        this.ctx = ctx;
        this.clock = clock;
        for (int streamClass = 0; streamClass < CLASS_COUNT; streamClass++)
        {
            incoming[streamClass] = new IncomingClass(streamClass);
        }
        start();
    }

    @Override
    public void addPeer(final long memberId, final String endpoint)
    {
        final PeerStreams known = streamsByMemberId.get(memberId);
        if (known != null && known.endpoint.equals(endpoint))
        {
            return;
        }
        final PeerStreams streams = new PeerStreams(memberId, endpoint);
        for (int streamClass = 0; streamClass < CLASS_COUNT; streamClass++)
        {
            streams.byClass[streamClass] = new OutgoingStream(
                channelTo(endpoint, streamClass),
                STREAM_IDS[streamClass],
                known == null ? 0 : known.byClass[streamClass].sessionCount());
        }
        removePeer(memberId);
        streamsByMemberId.put(memberId, streams);
        peers.add(streams);
    }

    @Override
    public void removePeer(final long memberId)
    {
        final PeerStreams streams = streamsByMemberId.remove(memberId);
        if (streams != null)
        {
            ArrayListUtil.fastUnorderedRemove(peers, peers.indexOf(streams));
            for (final OutgoingStream stream : streams.byClass)
            {
                stream.close(transport.aeron());
            }
        }
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
        final int limit = streamClass == CONTROL ? MAX_CONTROL_MESSAGE_LENGTH : MAX_MESSAGE_LENGTH;
        if (headerLength < 0 || bodyLength < 0 || headerLength > limit - bodyLength)
        {
            throw new IllegalArgumentException(
                "message of " + headerLength + " + " + bodyLength + " bytes on class " + streamClass);
        }
        final PeerStreams streams = streamsByMemberId.get(memberId);
        if (streams == null)
        {
            return NOT_CONNECTED;
        }
        final int result = streams.byClass[streamClass].offer(
            header, headerOffset, headerLength, body, bodyOffset, bodyLength);
        if (result == ACCEPTED)
        {
            hasOffered = true;
        }
        else if (result == BACK_PRESSURED)
        {
            backPressureCount++;
        }

        return result;
    }

    @Override
    public void send()
    {
        if (hasOffered)
        {
            hasOffered = false;
            transport.send();
        }
    }

    @Override
    public long outgoingSession(final long memberId, final int streamClass)
    {
        final PeerStreams streams = streamsByMemberId.get(memberId);

        return streams == null ? 0 : streams.byClass[streamClass].session();
    }

    @Override
    public int poll(final int streamClass, final Handler handler, final int limit)
    {
        return incoming[streamClass].poll(handler, limit);
    }

    @Override
    public void refuse(final long session, final String reason)
    {
        for (final IncomingClass incomingClass : incoming)
        {
            incomingClass.refuse(session, reason);
        }
    }

    @Override
    public int doWork()
    {
        if (transport.isTerminated())
        {
            return rebuildAfterTermination();
        }
        hasOffered = false;
        final int workCount = transport.doWork();
        try
        {
            return workCount + connectStreams();
        }
        catch (final AeronException ex)
        {
            // A client that was away too long refuses all calls before it counts as closed: then all is made anew.
            ctx.monitor().onError(ex);
            transport.close();
            return workCount + 1;
        }
    }

    @Override
    public void close()
    {
        transport.close();
    }

    /**
     * Replaces driver and client: all sessions end and new ones begin.
     *
     * @param reason for the member's log.
     */
    public void rebuild(final String reason)
    {
        rebuildCount++;
        ctx.monitor().onRebuild(reason);
        for (int i = 0, size = peers.size(); i < size; i++)
        {
            for (final OutgoingStream stream : peers.get(i).byClass)
            {
                stream.forget();
            }
        }
        for (final IncomingClass incomingClass : incoming)
        {
            incomingClass.allDown();
        }
        transport.close();
        start();
    }

    /**
     * @return offers refused because a window was full.
     */
    public long backPressureCount()
    {
        return backPressureCount;
    }

    /**
     * @return how often driver and client were replaced.
     */
    public long rebuildCount()
    {
        return rebuildCount;
    }

    private int connectStreams()
    {
        int workCount = 0;
        final long nowNs = clock.nanoTime();
        for (int i = 0, size = peers.size(); i < size; i++)
        {
            for (final OutgoingStream stream : peers.get(i).byClass)
            {
                workCount += stream.doWork(transport.aeron(), nowNs, ctx);
            }
        }

        return workCount;
    }

    private int rebuildAfterTermination()
    {
        final long nowNs = clock.nanoTime();
        if (rebuildCount > 0 && nowNs - rebuildAtNs < 0)
        {
            return 0;
        }
        rebuildAtNs = nowNs + REBUILD_INTERVAL_NS;
        try
        {
            rebuild("driver or client ended");
        }
        catch (final RuntimeException ex)
        {
            // The port may be held for a moment: the next attempt follows.
            ctx.monitor().onError(ex);
        }

        return 1;
    }

    private void start()
    {
        transport = new AeronTransport(ctx);
        try
        {
            subscribe();
        }
        catch (final RuntimeException ex)
        {
            // Closed, it counts as terminated, and doWork() tries again.
            transport.close();
            throw ex;
        }
    }

    private void subscribe()
    {
        for (int streamClass = 0; streamClass < CLASS_COUNT; streamClass++)
        {
            final String channel = new ChannelUriStringBuilder()
                .media("udp")
                .endpoint(ctx.listenEndpoint())
                .build();
            incoming[streamClass].subscribe(transport.aeron(), channel);
        }
    }

    private String channelTo(final String endpoint, final int streamClass)
    {
        return new ChannelUriStringBuilder()
            .media("udp")
            .endpoint(endpoint)
            .mtu(isLoopback(endpoint) ? ctx.loopbackMtuLength() : ctx.mtuLength())
            .termLength(streamClass == CONTROL ? ctx.controlTermLength() : ctx.bulkTermLength())
            .build();
    }

    static boolean isLoopback(final String endpoint)
    {
        return endpoint.startsWith("127.") || endpoint.startsWith("localhost:") || endpoint.startsWith("[::1]:");
    }

    @Override
    public String toString()
    {
        return "AeronPeerLink{listenEndpoint=" + ctx.listenEndpoint() + ", peers=" + peers.size() +
            ", backPressureCount=" + backPressureCount + ", rebuildCount=" + rebuildCount + '}';
    }

    private static final class PeerStreams
    {
        final long memberId;
        final String endpoint;
        final OutgoingStream[] byClass = new OutgoingStream[CLASS_COUNT];

        PeerStreams(final long memberId, final String endpoint)
        {
            this.memberId = memberId;
            this.endpoint = endpoint;
        }

        @Override
        public String toString()
        {
            return "PeerStreams{memberId=" + Long.toHexString(memberId) + ", endpoint=" + endpoint + '}';
        }
    }

    /**
     * Subscription of one class and its sessions. The client's conductor, which runs within {@code doWork()}, tells of
     * images; the poll tells the core.
     */
    private final class IncomingClass
    {
        private final int streamClass;
        private final ArrayList<IncomingSession> sessions = new ArrayList<>();
        private int nextIndex;

        IncomingClass(final int streamClass)
        {
            this.streamClass = streamClass;
        }

        void subscribe(final Aeron aeron, final String channel)
        {
            final Subscription subscription =
                aeron.addSubscription(channel, STREAM_IDS[streamClass], this::onAvailable, this::onUnavailable);
            if (subscription.isClosed())
            {
                throw new IllegalStateException("no subscription to " + channel);
            }
        }

        int poll(final Handler handler, final int limit)
        {
            int count = 0;
            final int size = sessions.size();
            // Each poll begins with another session: none waits for ever behind a busy one.
            int index = nextIndex < size ? nextIndex : 0;
            nextIndex = index + 1;
            for (int i = 0; i < size && count < limit; i++)
            {
                final IncomingSession session = sessions.get(index);
                if (!session.isDown())
                {
                    count += session.poll(handler, limit - count);
                }
                index = index + 1 < size ? index + 1 : 0;
            }

            return count + tellDown(handler);
        }

        void refuse(final long sessionId, final String reason)
        {
            for (int i = 0, size = sessions.size(); i < size; i++)
            {
                final IncomingSession session = sessions.get(i);
                if (session.session() == sessionId && !session.isRefused())
                {
                    session.refuse();
                    session.image().reject(reason);
                }
            }
        }

        void allDown()
        {
            for (int i = 0, size = sessions.size(); i < size; i++)
            {
                sessions.get(i).down();
            }
        }

        private int tellDown(final Handler handler)
        {
            int count = 0;
            for (int i = sessions.size() - 1; i >= 0; i--)
            {
                final IncomingSession session = sessions.get(i);
                if (session.isDown())
                {
                    ArrayListUtil.fastUnorderedRemove(sessions, i);
                    handler.onSessionDown(session.session(), streamClass);
                    count++;
                }
            }

            return count;
        }

        private void onAvailable(final Image image)
        {
            sessions.add(new IncomingSession(++incomingSessionCount, streamClass, image));
        }

        private void onUnavailable(final Image image)
        {
            for (int i = 0, size = sessions.size(); i < size; i++)
            {
                if (sessions.get(i).image() == image)
                {
                    sessions.get(i).down();
                }
            }
        }
    }
}
