package dev.quorate.gateway;

import dev.quorate.core.api.ClientPort;
import dev.quorate.core.seam.Signal;
import dev.quorate.gateway.http.AccessRules;
import dev.quorate.gateway.http.Connections;
import dev.quorate.gateway.http.HealthChecks;
import dev.quorate.gateway.http.HttpEndpoints;
import dev.quorate.gateway.http.HttpPipeline;
import dev.quorate.gateway.http.SharedPort;
import dev.quorate.gateway.loop.EventLoops;
import dev.quorate.gateway.loop.LoopRunner;
import dev.quorate.gateway.metrics.HealthCounters;
import dev.quorate.gateway.metrics.LoopCounters;
import dev.quorate.gateway.metrics.MetricsPage;
import dev.quorate.gateway.rpc.CountedHealth;
import dev.quorate.gateway.rpc.EtcdServices;
import dev.quorate.gateway.rpc.UnknownMethods;
import io.grpc.Server;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.InternalNettyServerBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The client's side of a member: event loops that each run a {@link ClientPort}, the client listeners (gRPC and
 * HTTP/1.1 on one port) and the metrics listeners.
 * <p>
 * Life cycle, all by one thread: construct; wire {@link #signal(int)} into the rings of each loop; {@link
 * #startMetrics()} as early as health shall be answered; {@link #start(ClientPort[])} once the member can serve;
 * {@link #stop(long)}.
 */
public final class Gateway
{
    private static final int BACKLOG = 4096;
    private static final int RESET_WINDOW_S = 10;
    /** Above this the transport itself refuses a message, with its own text; below it the call does, with etcd's. */
    private static final int TRANSPORT_LIMIT_FACTOR = 4;
    private static final long CLOSE_TIMEOUT_MS = 2_000;

    private final GatewayContext context;
    private final EventLoops loops;
    private final Connections connections;
    private final HttpPipeline clientHttp;
    private final HttpPipeline metricsHttp;
    private final List<Channel> metricsListeners = new ArrayList<>();
    private Server server;
    private boolean stopped;

    /**
     * Creates the event loops; nothing listens yet.
     *
     * @param context configuration, concluded here if it is not yet.
     */
    public Gateway(final GatewayContext context)
    {
        context.conclude();
        this.context = context;
        loops = new EventLoops(context.loops(), context.epoll(), context.clock(), context.errorHandler());
        connections = new Connections(context.maxConnections());

        final List<LoopCounters> counters = new ArrayList<>();
        for (final LoopRunner runner : loops.runners())
        {
            counters.add(runner.counters());
        }

        final HealthCounters healthCounters = new HealthCounters();
        final HealthChecks health = new HealthChecks(
            context.nodeState(),
            context.member(),
            healthCounters,
            TimeUnit.NANOSECONDS.toMillis(context.requestTimeoutNs()));
        final MetricsPage page = new MetricsPage(
            context.nodeState(),
            context.member(),
            counters,
            healthCounters,
            context.histograms(),
            context.metricSources(),
            context.extensiveMetrics());

        clientHttp = http(health, page, new AccessRules(context.corsOrigins(), context.hostWhitelist()));
        metricsHttp = http(health, page, null);
    }

    /**
     * @return number of event loops, each of which wants a port.
     */
    public int loops()
    {
        return context.loops();
    }

    /**
     * @param loop index of an event loop.
     * @return what wakes it. Any thread may signal.
     */
    public Signal signal(final int loop)
    {
        return loops.runners().get(loop);
    }

    /**
     * Opens the metrics listeners. Until {@link #start} and {@code MemberInfo.isReady()} they answer that the member
     * is not healthy.
     *
     * @throws GatewayException if an address cannot be bound.
     */
    public void startMetrics()
    {
        for (final InetSocketAddress address : context.metricsAddresses())
        {
            final ChannelFuture bound = new ServerBootstrap()
                .group(loops.acceptor(), loops.workers())
                .channel(loops.serverChannelType())
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childHandler(metricsHttp.initializer(connections, firstBytesTimeoutMs()))
                .bind(address)
                .awaitUninterruptibly();

            if (!bound.isSuccess())
            {
                throw new GatewayException(problem(List.of(address), bound.cause()), bound.cause());
            }

            metricsListeners.add(bound.channel());
        }
    }

    /**
     * Gives the loops their ports and opens the client listeners.
     *
     * @param ports one for each event loop, in the order of the loops.
     * @throws GatewayException if an address cannot be bound.
     */
    public void start(final ClientPort[] ports)
    {
        if (server != null)
        {
            throw new IllegalStateException("started already");
        }

        loops.attach(ports);
        final Server built = build();

        try
        {
            server = built.start();
        }
        catch (final IOException ex)
        {
            built.shutdownNow();
            throw new GatewayException(problem(context.clientAddresses(), ex), ex);
        }
    }

    /**
     * @return addresses that serve clients, with the ports that were taken.
     */
    public List<InetSocketAddress> clientAddresses()
    {
        final List<InetSocketAddress> addresses = new ArrayList<>();
        for (final SocketAddress address : server.getListenSockets())
        {
            addresses.add((InetSocketAddress)address);
        }

        return addresses;
    }

    /**
     * @return addresses that serve metrics, with the ports that were taken.
     */
    public List<InetSocketAddress> metricsAddresses()
    {
        final List<InetSocketAddress> addresses = new ArrayList<>();
        for (final Channel listener : metricsListeners)
        {
            addresses.add((InetSocketAddress)listener.localAddress());
        }

        return addresses;
    }

    /**
     * Stops: no more connections and calls at once, then open calls may end until the deadline, then everything is
     * closed and the event loops end. The ports are not called again once this returns. Does nothing the second time.
     *
     * @param graceNs how long open calls may go on, nanoseconds.
     */
    public void stop(final long graceNs)
    {
        if (stopped)
        {
            return;
        }

        stopped = true;

        for (final Channel listener : metricsListeners)
        {
            listener.close().awaitUninterruptibly(CLOSE_TIMEOUT_MS);
        }

        connections.stop();

        if (server != null)
        {
            server.shutdown();
            if (!awaitCalls(graceNs))
            {
                connections.close();
                server.shutdownNow();
                awaitCalls(TimeUnit.MILLISECONDS.toNanos(CLOSE_TIMEOUT_MS));
            }
        }

        connections.close();
        loops.close(CLOSE_TIMEOUT_MS);
    }

    private boolean awaitCalls(final long timeoutNs)
    {
        try
        {
            return server.awaitTermination(timeoutNs, TimeUnit.NANOSECONDS);
        }
        catch (final InterruptedException ex)
        {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private Server build()
    {
        final List<InetSocketAddress> addresses = context.clientAddresses();
        final int transportLimit =
            (int)Math.min(Integer.MAX_VALUE, (long)TRANSPORT_LIMIT_FACTOR * context.maxMessageBytes());
        final NettyServerBuilder builder = NettyServerBuilder.forAddress(addresses.getFirst())
            .bossEventLoopGroup(loops.acceptor())
            .workerEventLoopGroup(loops.workers())
            .channelType(loops.serverChannelType())
            .withOption(ChannelOption.SO_BACKLOG, BACKLOG)
            .withOption(ChannelOption.SO_REUSEADDR, true)
            .withChildOption(ChannelOption.TCP_NODELAY, true)
            .protocolNegotiator(new SharedPort(connections, clientHttp, firstBytesTimeoutMs()))
            .maxConcurrentCallsPerConnection(context.maxConcurrentStreams())
            .maxInboundMessageSize(transportLimit)
            .maxInboundMetadataSize(context.maxHeaderListBytes())
            .maxRstFramesPerWindow(context.maxResetsPerWindow(), RESET_WINDOW_S)
            .permitKeepAliveTime(context.keepAliveMinTimeNs(), TimeUnit.NANOSECONDS)
            .permitKeepAliveWithoutCalls(false)
            .keepAliveTime(context.keepAliveIntervalNs(), TimeUnit.NANOSECONDS)
            .keepAliveTimeout(context.keepAliveTimeoutNs(), TimeUnit.NANOSECONDS)
            // A connection that turns out to speak HTTP/1.1 never finishes grpc's handshake; the sniffer has its own
            // bound.
            .handshakeTimeout(1, TimeUnit.DAYS)
            .directExecutor()
            .fallbackHandlerRegistry(new UnknownMethods());

        InternalNettyServerBuilder.setStatsEnabled(builder, false);
        InternalNettyServerBuilder.setTracingEnabled(builder, false);

        for (int i = 1; i < addresses.size(); i++)
        {
            builder.addListenAddress(addresses.get(i));
        }

        final EtcdServices services =
            new EtcdServices(context.loops(), context.maxMessageBytes(), context.extensiveMetrics());
        for (final ServerServiceDefinition definition : services.definitions())
        {
            builder.addService(definition);
        }

        builder.addService(ServerInterceptors.intercept(
            new HealthStatusManager().getHealthService(), new CountedHealth(context.nodeState())));

        return builder.build();
    }

    private HttpPipeline http(final HealthChecks health, final MetricsPage page, final AccessRules access)
    {
        return new HttpPipeline(
            new HttpEndpoints(context.nodeState(), context.member(), health, page, access),
            TimeUnit.NANOSECONDS.toMillis(context.httpIdleTimeoutNs()));
    }

    private long firstBytesTimeoutMs()
    {
        return TimeUnit.NANOSECONDS.toMillis(context.firstBytesTimeoutNs());
    }

    private static String problem(final List<InetSocketAddress> addresses, final Throwable failure)
    {
        Throwable cause = failure;
        while (cause.getCause() != null)
        {
            cause = cause.getCause();
        }

        final StringBuilder line = new StringBuilder("cannot listen on ");
        for (int i = 0; i < addresses.size(); i++)
        {
            final InetSocketAddress address = addresses.get(i);
            line.append(i == 0 ? "" : ", ").append(address.getHostString()).append(':').append(address.getPort());
        }

        return line.append(": ").append(cause.getMessage()).toString();
    }

    @Override
    public String toString()
    {
        return "Gateway{" + context + ", connections=" + connections.open() + '}';
    }
}
