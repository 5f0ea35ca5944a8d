package dev.quorate.gateway;

import static java.util.concurrent.TimeUnit.HOURS;
import static java.util.concurrent.TimeUnit.MINUTES;
import static java.util.concurrent.TimeUnit.SECONDS;

import dev.quorate.core.ring.NodeState;
import dev.quorate.core.seam.Clock;
import dev.quorate.gateway.metrics.HistogramSource;
import dev.quorate.gateway.metrics.MetricSource;
import org.agrona.ErrorHandler;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.Set;

/**
 * Configuration of a {@link Gateway}: set by one thread, then checked and frozen by {@link #conclude()}.
 */
public final class GatewayContext
{
    /** How much longer than the longest command a request message may be, bytes. */
    static final int MESSAGE_OVERHEAD_BYTES = 512 * 1024;

    private List<InetSocketAddress> clientAddresses = List.of();
    private List<InetSocketAddress> metricsAddresses = List.of();
    private int loops = 0;
    private boolean epoll = true;
    private Clock clock;
    private NodeState nodeState;
    private MemberInfo member;
    private ErrorHandler errorHandler;
    private int maxRequestBytes = 1_572_864;
    private int maxConcurrentStreams = 65_536;
    private int maxConnections = 65_536;
    private int maxHeaderListBytes = 65_536;
    private int maxResetsPerWindow = 10_000;
    private long keepAliveMinTimeNs = SECONDS.toNanos(5);
    private long keepAliveIntervalNs = HOURS.toNanos(2);
    private long keepAliveTimeoutNs = SECONDS.toNanos(20);
    private long requestTimeoutNs = SECONDS.toNanos(7);
    private long firstBytesTimeoutNs = SECONDS.toNanos(60);
    private long httpIdleTimeoutNs = MINUTES.toNanos(5);
    private boolean extensiveMetrics = false;
    private Set<String> corsOrigins = Set.of("*");
    private Set<String> hostWhitelist = Set.of("*");
    private List<HistogramSource> histograms = List.of();
    private List<MetricSource> metricSources = List.of();
    private boolean concluded;

    /**
     * Checks the configuration, fills what was left open, and freezes it. Does nothing the second time.
     *
     * @throws IllegalStateException if something is missing or outside its range.
     */
    public void conclude()
    {
        if (concluded)
        {
            return;
        }

        require(!clientAddresses.isEmpty(), "no client address");
        require(clock != null, "no clock");
        require(nodeState != null, "no node state");
        require(member != null, "no member");
        require(errorHandler != null, "no error handler");
        require(loops >= 0 && loops <= 256, "event loops must be 0 to 256: " + loops);
        require(
            maxRequestBytes > 0 && maxRequestBytes <= Integer.MAX_VALUE / 8,
            "longest request must be 1 to " + Integer.MAX_VALUE / 8 + " bytes: " + maxRequestBytes);
        require(maxConcurrentStreams > 0, "concurrent streams must be positive: " + maxConcurrentStreams);
        require(maxConnections > 0, "connections must be positive: " + maxConnections);
        require(maxHeaderListBytes > 0, "header list must be positive: " + maxHeaderListBytes);
        require(maxResetsPerWindow > 0, "resets must be positive: " + maxResetsPerWindow);
        require(keepAliveMinTimeNs >= 0, "keep-alive minimum is negative: " + keepAliveMinTimeNs);
        require(keepAliveIntervalNs > 0, "keep-alive interval must be positive: " + keepAliveIntervalNs);
        require(keepAliveTimeoutNs > 0, "keep-alive timeout must be positive: " + keepAliveTimeoutNs);
        require(requestTimeoutNs > 0, "request timeout must be positive: " + requestTimeoutNs);
        require(firstBytesTimeoutNs > 0, "first bytes timeout must be positive: " + firstBytesTimeoutNs);
        require(httpIdleTimeoutNs > 0, "idle timeout must be positive: " + httpIdleTimeoutNs);

        if (loops == 0)
        {
            loops = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
        }

        concluded = true;
    }

    /**
     * @return longest request message, bytes.
     */
    int maxMessageBytes()
    {
        return maxRequestBytes + MESSAGE_OVERHEAD_BYTES;
    }

    /**
     * @param clientAddresses addresses that serve gRPC and HTTP; port 0 takes a free one.
     * @return this.
     */
    public GatewayContext clientAddresses(final List<InetSocketAddress> clientAddresses)
    {
        checkNotConcluded();
        this.clientAddresses = List.copyOf(clientAddresses);
        return this;
    }

    /**
     * @return addresses that serve gRPC and HTTP; port 0 takes a free one.
     */
    public List<InetSocketAddress> clientAddresses()
    {
        return clientAddresses;
    }

    /**
     * @param metricsAddresses addresses that serve health and metrics alone.
     * @return this.
     */
    public GatewayContext metricsAddresses(final List<InetSocketAddress> metricsAddresses)
    {
        checkNotConcluded();
        this.metricsAddresses = List.copyOf(metricsAddresses);
        return this;
    }

    /**
     * @return addresses that serve health and metrics alone.
     */
    public List<InetSocketAddress> metricsAddresses()
    {
        return metricsAddresses;
    }

    /**
     * @param loops number of event loops; 0 means half of the processors, at least one.
     * @return this.
     */
    public GatewayContext loops(final int loops)
    {
        checkNotConcluded();
        this.loops = loops;
        return this;
    }

    /**
     * @return number of event loops; 0 means half of the processors, at least one.
     */
    public int loops()
    {
        return loops;
    }

    /**
     * @param epoll whether epoll is used where it is available.
     * @return this.
     */
    public GatewayContext epoll(final boolean epoll)
    {
        checkNotConcluded();
        this.epoll = epoll;
        return this;
    }

    /**
     * @return whether epoll is used where it is available.
     */
    public boolean epoll()
    {
        return epoll;
    }

    /**
     * @param clock clock in which the ports tell their deadlines.
     * @return this.
     */
    public GatewayContext clock(final Clock clock)
    {
        checkNotConcluded();
        this.clock = clock;
        return this;
    }

    /**
     * @return clock in which the ports tell their deadlines.
     */
    public Clock clock()
    {
        return clock;
    }

    /**
     * @param nodeState values that the member's agents publish.
     * @return this.
     */
    public GatewayContext nodeState(final NodeState nodeState)
    {
        checkNotConcluded();
        this.nodeState = nodeState;
        return this;
    }

    /**
     * @return values that the member's agents publish.
     */
    public NodeState nodeState()
    {
        return nodeState;
    }

    /**
     * @param member member that is served.
     * @return this.
     */
    public GatewayContext member(final MemberInfo member)
    {
        checkNotConcluded();
        this.member = member;
        return this;
    }

    /**
     * @return member that is served.
     */
    public MemberInfo member()
    {
        return member;
    }

    /**
     * @param errorHandler told what a port throws; it should halt the member.
     * @return this.
     */
    public GatewayContext errorHandler(final ErrorHandler errorHandler)
    {
        checkNotConcluded();
        this.errorHandler = errorHandler;
        return this;
    }

    /**
     * @return told what a port throws; it should halt the member.
     */
    public ErrorHandler errorHandler()
    {
        return errorHandler;
    }

    /**
     * @param maxRequestBytes longest command, bytes; request messages may be 512 KiB longer.
     * @return this.
     */
    public GatewayContext maxRequestBytes(final int maxRequestBytes)
    {
        checkNotConcluded();
        this.maxRequestBytes = maxRequestBytes;
        return this;
    }

    /**
     * @return longest command, bytes; request messages may be 512 KiB longer.
     */
    public int maxRequestBytes()
    {
        return maxRequestBytes;
    }

    /**
     * @param maxConcurrentStreams calls open at a time on one connection.
     * @return this.
     */
    public GatewayContext maxConcurrentStreams(final int maxConcurrentStreams)
    {
        checkNotConcluded();
        this.maxConcurrentStreams = maxConcurrentStreams;
        return this;
    }

    /**
     * @return calls open at a time on one connection.
     */
    public int maxConcurrentStreams()
    {
        return maxConcurrentStreams;
    }

    /**
     * @param maxConnections connections open at a time.
     * @return this.
     */
    public GatewayContext maxConnections(final int maxConnections)
    {
        checkNotConcluded();
        this.maxConnections = maxConnections;
        return this;
    }

    /**
     * @return connections open at a time.
     */
    public int maxConnections()
    {
        return maxConnections;
    }

    /**
     * @param maxHeaderListBytes longest metadata of a call, bytes.
     * @return this.
     */
    public GatewayContext maxHeaderListBytes(final int maxHeaderListBytes)
    {
        checkNotConcluded();
        this.maxHeaderListBytes = maxHeaderListBytes;
        return this;
    }

    /**
     * @return longest metadata of a call, bytes.
     */
    public int maxHeaderListBytes()
    {
        return maxHeaderListBytes;
    }

    /**
     * @param maxResetsPerWindow calls that one connection may reset within ten seconds before it is ended.
     * @return this.
     */
    public GatewayContext maxResetsPerWindow(final int maxResetsPerWindow)
    {
        checkNotConcluded();
        this.maxResetsPerWindow = maxResetsPerWindow;
        return this;
    }

    /**
     * @return calls that one connection may reset within ten seconds before it is ended.
     */
    public int maxResetsPerWindow()
    {
        return maxResetsPerWindow;
    }

    /**
     * @param keepAliveMinTimeNs shortest interval of a client's pings, nanoseconds; a client that pings faster is
     * told to go.
     * @return this.
     */
    public GatewayContext keepAliveMinTimeNs(final long keepAliveMinTimeNs)
    {
        checkNotConcluded();
        this.keepAliveMinTimeNs = keepAliveMinTimeNs;
        return this;
    }

    /**
     * @return shortest interval of a client's pings, nanoseconds; a client that pings faster is told to go.
     */
    public long keepAliveMinTimeNs()
    {
        return keepAliveMinTimeNs;
    }

    /**
     * @param keepAliveIntervalNs idle time after which a client is pinged, nanoseconds.
     * @return this.
     */
    public GatewayContext keepAliveIntervalNs(final long keepAliveIntervalNs)
    {
        checkNotConcluded();
        this.keepAliveIntervalNs = keepAliveIntervalNs;
        return this;
    }

    /**
     * @return idle time after which a client is pinged, nanoseconds.
     */
    public long keepAliveIntervalNs()
    {
        return keepAliveIntervalNs;
    }

    /**
     * @param keepAliveTimeoutNs how long a ping may stay without answer, nanoseconds.
     * @return this.
     */
    public GatewayContext keepAliveTimeoutNs(final long keepAliveTimeoutNs)
    {
        checkNotConcluded();
        this.keepAliveTimeoutNs = keepAliveTimeoutNs;
        return this;
    }

    /**
     * @return how long a ping may stay without answer, nanoseconds.
     */
    public long keepAliveTimeoutNs()
    {
        return keepAliveTimeoutNs;
    }

    /**
     * @param requestTimeoutNs longest time a health check's read takes, nanoseconds.
     * @return this.
     */
    public GatewayContext requestTimeoutNs(final long requestTimeoutNs)
    {
        checkNotConcluded();
        this.requestTimeoutNs = requestTimeoutNs;
        return this;
    }

    /**
     * @return longest time a health check's read takes, nanoseconds.
     */
    public long requestTimeoutNs()
    {
        return requestTimeoutNs;
    }

    /**
     * @param firstBytesTimeoutNs how long a new connection may stay silent, nanoseconds.
     * @return this.
     */
    public GatewayContext firstBytesTimeoutNs(final long firstBytesTimeoutNs)
    {
        checkNotConcluded();
        this.firstBytesTimeoutNs = firstBytesTimeoutNs;
        return this;
    }

    /**
     * @return how long a new connection may stay silent, nanoseconds.
     */
    public long firstBytesTimeoutNs()
    {
        return firstBytesTimeoutNs;
    }

    /**
     * @param httpIdleTimeoutNs how long an HTTP/1.1 connection may stay idle, nanoseconds.
     * @return this.
     */
    public GatewayContext httpIdleTimeoutNs(final long httpIdleTimeoutNs)
    {
        checkNotConcluded();
        this.httpIdleTimeoutNs = httpIdleTimeoutNs;
        return this;
    }

    /**
     * @return how long an HTTP/1.1 connection may stay idle, nanoseconds.
     */
    public long httpIdleTimeoutNs()
    {
        return httpIdleTimeoutNs;
    }

    /**
     * @param extensiveMetrics whether the handling time of calls is recorded and shown.
     * @return this.
     */
    public GatewayContext extensiveMetrics(final boolean extensiveMetrics)
    {
        checkNotConcluded();
        this.extensiveMetrics = extensiveMetrics;
        return this;
    }

    /**
     * @return whether the handling time of calls is recorded and shown.
     */
    public boolean extensiveMetrics()
    {
        return extensiveMetrics;
    }

    /**
     * @param corsOrigins origins allowed by CORS; {@code *} allows all.
     * @return this.
     */
    public GatewayContext corsOrigins(final Set<String> corsOrigins)
    {
        checkNotConcluded();
        this.corsOrigins = Set.copyOf(corsOrigins);
        return this;
    }

    /**
     * @return origins allowed by CORS; {@code *} allows all.
     */
    public Set<String> corsOrigins()
    {
        return corsOrigins;
    }

    /**
     * @param hostWhitelist hosts served over cleartext HTTP; {@code *} serves all.
     * @return this.
     */
    public GatewayContext hostWhitelist(final Set<String> hostWhitelist)
    {
        checkNotConcluded();
        this.hostWhitelist = Set.copyOf(hostWhitelist);
        return this;
    }

    /**
     * @return hosts served over cleartext HTTP; {@code *} serves all.
     */
    public Set<String> hostWhitelist()
    {
        return hostWhitelist;
    }

    /**
     * @param histograms histograms shown with the metrics, families kept together.
     * @return this.
     */
    public GatewayContext histograms(final List<HistogramSource> histograms)
    {
        checkNotConcluded();
        this.histograms = List.copyOf(histograms);
        return this;
    }

    /**
     * @return histograms shown with the metrics, families kept together.
     */
    public List<HistogramSource> histograms()
    {
        return histograms;
    }

    /**
     * @param metricSources sources of further metrics.
     * @return this.
     */
    public GatewayContext metricSources(final List<MetricSource> metricSources)
    {
        checkNotConcluded();
        this.metricSources = List.copyOf(metricSources);
        return this;
    }

    /**
     * @return sources of further metrics.
     */
    public List<MetricSource> metricSources()
    {
        return metricSources;
    }

    private void checkNotConcluded()
    {
        if (concluded)
        {
            throw new IllegalStateException("configuration is frozen");
        }
    }

    private static void require(final boolean condition, final String problem)
    {
        if (!condition)
        {
            throw new IllegalStateException("gateway: " + problem);
        }
    }

    @Override
    public String toString()
    {
        return "GatewayContext{" +
            "clientAddresses=" + clientAddresses +
            ", metricsAddresses=" + metricsAddresses +
            ", loops=" + loops +
            ", epoll=" + epoll +
            ", maxRequestBytes=" + maxRequestBytes +
            ", maxConcurrentStreams=" + maxConcurrentStreams +
            ", maxConnections=" + maxConnections +
            ", maxHeaderListBytes=" + maxHeaderListBytes +
            ", maxResetsPerWindow=" + maxResetsPerWindow +
            ", keepAliveMinTimeNs=" + keepAliveMinTimeNs +
            ", keepAliveIntervalNs=" + keepAliveIntervalNs +
            ", keepAliveTimeoutNs=" + keepAliveTimeoutNs +
            ", requestTimeoutNs=" + requestTimeoutNs +
            ", firstBytesTimeoutNs=" + firstBytesTimeoutNs +
            ", httpIdleTimeoutNs=" + httpIdleTimeoutNs +
            ", extensiveMetrics=" + extensiveMetrics +
            ", corsOrigins=" + corsOrigins +
            ", hostWhitelist=" + hostWhitelist +
            '}';
    }
}
