package dev.quorate.transport;

import dev.quorate.core.seam.Clock;
import dev.quorate.core.seam.PeerLink;
import dev.quorate.core.seam.SnapshotLink;
import io.aeron.Aeron;
import io.aeron.ChannelUriStringBuilder;
import io.aeron.FragmentAssembler;
import io.aeron.Subscription;
import io.aeron.exceptions.AeronException;
import java.util.concurrent.TimeUnit;
import org.agrona.CloseHelper;
import org.agrona.DirectBuffer;
import org.agrona.LangUtil;
import org.agrona.collections.Long2ObjectHashMap;
import org.agrona.concurrent.AgentInvoker;

/**
 * Snapshot link over Aeron: a client of its own at the member's driver, so that nothing here is shared with the core
 * thread but the driver. When the driver was replaced the client ends, and a new one is made.
 * <p>
 * Housekeeping thread.
 */
public final class AeronSnapshotLink implements SnapshotLink
{
    private static final long RETRY_NS = TimeUnit.SECONDS.toNanos(1);
    private static final long NONE = -1;

    private final TransportContext ctx;
    private final Clock clock;
    private final Long2ObjectHashMap<OutgoingStream> streams = new Long2ObjectHashMap<>();
    private final Long2ObjectHashMap<String> endpoints = new Long2ObjectHashMap<>();
    private final FragmentAssembler assembler;
    private Aeron aeron;
    private AgentInvoker invoker;
    private Subscription subscription;
    private Handler handler;
    private long subscriptionId = NONE;
    private long connectAtNs;
    private boolean isClosed;

    /**
     * Connects with the first turn, when the driver runs.
     *
     * @param ctx   of the peer link, concluded.
     * @param clock of the member.
     */
    public AeronSnapshotLink(final TransportContext ctx, final Clock clock)
    {
        this.ctx = ctx;
        this.clock = clock;
        this.connectAtNs = clock.nanoTime();
        this.assembler = new FragmentAssembler((buffer, offset, length, header) ->
        {
            if (length <= MAX_MESSAGE_LENGTH)
            {
                handler.onMessage(buffer, offset, length);
            }
        });
    }

    @Override
    public void open(final long memberId, final String endpoint)
    {
        if (endpoint.equals(endpoints.get(memberId)))
        {
            return;
        }
        close(memberId);
        endpoints.put(memberId, endpoint);
        streams.put(memberId, new OutgoingStream(channelTo(endpoint), TransportContext.SNAPSHOT_STREAM_ID, 0));
    }

    @Override
    public void close(final long memberId)
    {
        endpoints.remove(memberId);
        final OutgoingStream stream = streams.remove(memberId);
        if (null != stream && null != aeron && !aeron.isClosed())
        {
            stream.close(aeron);
        }
    }

    @Override
    public int offer(final long memberId, final DirectBuffer buffer, final int offset, final int length)
    {
        if (length <= 0 || length > MAX_MESSAGE_LENGTH)
        {
            throw new IllegalArgumentException("message of " + length + " bytes");
        }
        final OutgoingStream stream = streams.get(memberId);
        if (null == stream || null == aeron || aeron.isClosed())
        {
            return NOT_CONNECTED;
        }
        return switch (stream.offer(buffer, offset, length, null, 0, 0))
        {
            case PeerLink.ACCEPTED -> ACCEPTED;
            case PeerLink.BACK_PRESSURED -> BACK_PRESSURED;
            default -> NOT_CONNECTED;
        };
    }

    @Override
    public int poll(final Handler messageHandler, final int limit)
    {
        if (null == subscription || subscription.isClosed())
        {
            return 0;
        }
        handler = messageHandler;
        return subscription.poll(assembler, limit);
    }

    @Override
    public int doWork()
    {
        if (null == aeron || aeron.isClosed() || invoker.isClosed())
        {
            return connect();
        }
        try
        {
            return turn();
        }
        catch (final AeronException ex)
        {
            // The driver ended, or the client was away too long: it refuses all calls before it counts as closed.
            ctx.monitor().onError(ex);
            CloseHelper.quietClose(aeron);
            return 1;
        }
    }

    @Override
    public void close()
    {
        isClosed = true;
        CloseHelper.quietClose(aeron);
    }

    private int turn()
    {
        int work = invoker.invoke();
        if (aeron.isClosed())
        {
            return work;
        }
        if (null == subscription)
        {
            subscription = aeron.getSubscription(subscriptionId);
            work += null == subscription ? 0 : 1;
        }
        for (final OutgoingStream stream : streams.values())
        {
            work += stream.doWork(aeron, clock.nanoTime(), ctx);
        }
        return work;
    }

    private int connect()
    {
        final long nowNs = clock.nanoTime();
        if (isClosed || nowNs < connectAtNs)
        {
            return 0;
        }
        connectAtNs = nowNs + RETRY_NS;
        CloseHelper.quietClose(aeron);
        for (final OutgoingStream stream : streams.values())
        {
            stream.forget();
        }
        subscription = null;
        aeron = null;
        try
        {
            final Aeron client = Aeron.connect(new Aeron.Context()
                .aeronDirectoryName(ctx.aeronDirectory().toString())
                .useConductorAgentInvoker(true)
                .driverTimeoutMs(TimeUnit.NANOSECONDS.toMillis(ctx.pauseLimitNs()))
                .errorHandler(ctx.monitor()::onError)
                .subscriberErrorHandler(LangUtil::rethrowUnchecked));
            subscriptionId = client.asyncAddSubscription(
                new ChannelUriStringBuilder().media("udp").endpoint(ctx.listenEndpoint()).build(),
                TransportContext.SNAPSHOT_STREAM_ID);
            invoker = client.conductorAgentInvoker();
            aeron = client;
        }
        catch (final RuntimeException ex)
        {
            // The driver may be about to be replaced: the next attempt follows.
            ctx.monitor().onError(ex);
        }
        return 1;
    }

    private String channelTo(final String endpoint)
    {
        return new ChannelUriStringBuilder()
            .media("udp")
            .endpoint(endpoint)
            .mtu(AeronPeerLink.isLoopback(endpoint) ? ctx.loopbackMtuLength() : ctx.mtuLength())
            .termLength(ctx.bulkTermLength())
            .build();
    }

    @Override
    public String toString()
    {
        return "AeronSnapshotLink{endpoints=" + endpoints + '}';
    }
}
