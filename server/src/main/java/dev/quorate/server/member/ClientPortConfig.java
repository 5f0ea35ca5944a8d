package dev.quorate.server.member;

import dev.quorate.gateway.GatewayContext;
import dev.quorate.server.flags.FlagException;
import dev.quorate.server.flags.Settings;

import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;

/**
 * What flags say about the client port beyond its addresses and limits.
 *
 * @param keepAliveMinTimeNs  shortest interval of a client's pings, ns.
 * @param keepAliveIntervalNs idle time after which a client is pinged, ns.
 * @param keepAliveTimeoutNs  how long a ping may stay without answer, ns.
 * @param corsOrigins         origins allowed by CORS; {@code *} allows all.
 * @param hostWhitelist       hosts served over cleartext HTTP; {@code *} serves all.
 * @param isExtensive         true if the metrics show how long calls take.
 */
public record ClientPortConfig(
    long keepAliveMinTimeNs,
    long keepAliveIntervalNs,
    long keepAliveTimeoutNs,
    Set<String> corsOrigins,
    Set<String> hostWhitelist,
    boolean isExtensive)
{
    /** So long a connection is never idle. */
    private static final long NEVER_NS = TimeUnit.DAYS.toNanos(36_500);

    static ClientPortConfig of(final Settings settings) throws FlagException
    {
        final long intervalNs = duration(settings, "grpc-keepalive-interval");
        final long timeoutNs = duration(settings, "grpc-keepalive-timeout");
        // as with etcd, 0 for either of the two switches the server's pings off
        final boolean isPinging = intervalNs > 0 && timeoutNs > 0;
        return new ClientPortConfig(
            duration(settings, "grpc-keepalive-min-time"),
            isPinging ? intervalNs : NEVER_NS,
            isPinging ? timeoutNs : NEVER_NS,
            words(settings, "cors"),
            words(settings, "host-whitelist"),
            "extensive".equals(settings.string("metrics")));
    }

    /**
     * Hands everything over.
     *
     * @param context of the gateway, not concluded yet.
     * @return the context.
     */
    GatewayContext apply(final GatewayContext context)
    {
        return context
            .keepAliveMinTimeNs(keepAliveMinTimeNs)
            .keepAliveIntervalNs(keepAliveIntervalNs)
            .keepAliveTimeoutNs(keepAliveTimeoutNs)
            .corsOrigins(corsOrigins)
            .hostWhitelist(hostWhitelist)
            .extensiveMetrics(isExtensive);
    }

    private static long duration(final Settings settings, final String flag) throws FlagException
    {
        final long value = settings.durationNs(flag);
        if (value < 0)
        {
            throw new FlagException(1, "--" + flag + " must not be negative, but is " + settings.string(flag));
        }
        return value;
    }

    private static Set<String> words(final Settings settings, final String flag)
    {
        final Set<String> words = new TreeSet<>();
        for (final String word : settings.string(flag).split(","))
        {
            if (!word.isBlank())
            {
                words.add(word.trim());
            }
        }
        return words.isEmpty() ? Set.of("*") : words;
    }
}
