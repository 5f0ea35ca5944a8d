package dev.quorate.gateway.http;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;

import java.util.Set;

/**
 * Which hosts and origins the client port answers over HTTP. Immutable.
 */
public final class AccessRules
{
    private static final String ANY = "*";

    private final Set<String> origins;
    private final Set<String> hosts;

    /**
     * @param origins allowed by CORS; {@code *} allows all.
     * @param hosts   allowed in the Host header; {@code *} allows all.
     */
    public AccessRules(final Set<String> origins, final Set<String> hosts)
    {
        this.origins = Set.copyOf(origins);
        this.hosts = Set.copyOf(hosts);
    }

    /**
     * @param request to judge.
     * @return the reply that refuses it, null if it may pass.
     */
    HttpReply refusal(final HttpRequest request)
    {
        final String host = hostName(request.headers().get(HttpHeaderNames.HOST, ""));

        if (hosts.isEmpty() || hosts.contains(ANY) || hosts.contains(host))
        {
            return null;
        }

        return HttpReply.text(
            HttpResponseStatus.MISDIRECTED_REQUEST,
            "The host \"" + host + "\" is not served here: use TLS, or add it to --host-whitelist.\n");
    }

    /**
     * @param request that is answered.
     * @return origin to name in the reply, null if it is not allowed.
     */
    String allowedOrigin(final HttpRequest request)
    {
        if (origins.contains(ANY))
        {
            return ANY;
        }

        final String origin = request.headers().get(HttpHeaderNames.ORIGIN);
        return origin != null && origins.contains(origin) ? origin : null;
    }

    private static String hostName(final String hostAndPort)
    {
        final int bracket = hostAndPort.indexOf(']');
        if (hostAndPort.startsWith("[") && bracket > 0)
        {
            return hostAndPort.substring(1, bracket);
        }

        final int colon = hostAndPort.lastIndexOf(':');
        return colon < 0 ? hostAndPort : hostAndPort.substring(0, colon);
    }
}
