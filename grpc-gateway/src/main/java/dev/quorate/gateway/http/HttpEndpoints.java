package dev.quorate.gateway.http;

import dev.quorate.core.ring.NodeState;
import dev.quorate.core.ring.NodeState.Value;
import dev.quorate.gateway.MemberInfo;
import dev.quorate.gateway.metrics.MetricsPage;
import dev.quorate.gateway.metrics.MetricsText;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.QueryStringDecoder;

import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Routes HTTP requests. One instance for the client listeners and one, without /version and access rules, for the
 * metrics listeners; used by all event loops.
 */
public final class HttpEndpoints
{
    private final NodeState state;
    private final MemberInfo member;
    private final HealthChecks health;
    private final MetricsPage metrics;
    private final AccessRules access;

    /**
     * @param state   published by the member's agents.
     * @param member  asked for versions.
     * @param health  checks.
     * @param metrics page.
     * @param access  rules of the client port; null on metrics listeners, which have none and do not tell versions.
     */
    public HttpEndpoints(
        final NodeState state,
        final MemberInfo member,
        final HealthChecks health,
        final MetricsPage metrics,
        final AccessRules access)
    {
        this.state = state;
        this.member = member;
        this.health = health;
        this.metrics = metrics;
        this.access = access;
    }

    /**
     * Answers a request, now or later, on the connection's event loop.
     *
     * @param request    to answer; not kept.
     * @param connection that asked.
     * @param channel    of the connection.
     */
    void answer(final FullHttpRequest request, final HttpConnection connection, final Channel channel)
    {
        if (access == null)
        {
            route(request, channel, connection::answer);
            return;
        }

        final HttpReply refusal = access.refusal(request);
        if (refusal != null)
        {
            connection.answer(refusal);
            return;
        }

        final String origin = access.allowedOrigin(request);
        final Consumer<HttpReply> answer =
            (reply) -> connection.answer(origin == null ? reply : withCors(reply, origin));

        if (HttpMethod.OPTIONS.equals(request.method()))
        {
            answer.accept(HttpReply.text(HttpResponseStatus.OK, ""));
        }
        else
        {
            route(request, channel, answer);
        }
    }

    private void route(final HttpRequest request, final Channel channel, final Consumer<HttpReply> answer)
    {
        final QueryStringDecoder uri = new QueryStringDecoder(request.uri());
        final String path = uri.path();
        final Map<String, List<String>> query = uri.parameters();
        final boolean get = HttpMethod.GET.equals(request.method());

        if ("/metrics".equals(path))
        {
            answer.accept(new HttpReply(HttpResponseStatus.OK, MetricsText.CONTENT_TYPE, metrics.render()));
        }
        else if (access != null && (path.startsWith("/v3/") || path.startsWith("/v3beta/")))
        {
            answer.accept(new HttpReply(HttpResponseStatus.NOT_IMPLEMENTED, "application/json",
                "{\"code\":12,\"message\":\"the JSON gateway is not implemented; use gRPC\",\"details\":[]}"));
        }
        else if (!isKnown(path))
        {
            answer.accept(HttpReply.text(HttpResponseStatus.NOT_FOUND, "404 page not found\n"));
        }
        else if (!get)
        {
            answer.accept(HttpReply
                .text(HttpResponseStatus.METHOD_NOT_ALLOWED, "Method Not Allowed\n")
                .header("Allow", "GET"));
        }
        else if ("/version".equals(path))
        {
            answer.accept(new HttpReply(HttpResponseStatus.OK, "application/json", version()));
        }
        else if ("/health".equals(path))
        {
            health.health(query, channel.eventLoop(), answer);
        }
        else
        {
            final int slash = path.indexOf('/', 1);
            final String type = slash < 0 ? path.substring(1) : path.substring(1, slash);
            final String check = slash < 0 ? null : path.substring(slash + 1);
            health.probe(type, check, query, channel.eventLoop(), answer);
        }
    }

    private boolean isKnown(final String path)
    {
        return switch (path)
        {
            case "/health", "/livez", "/readyz" -> true;
            case "/version" -> access != null;
            default ->
                path.startsWith("/livez/") && HealthChecks.has("livez", path.substring("/livez/".length())) ||
                path.startsWith("/readyz/") && HealthChecks.has("readyz", path.substring("/readyz/".length()));
        };
    }

    private String version()
    {
        final long version = state.get(Value.CLUSTER_VERSION);
        final String cluster = version == 0 ? "not_decided" : (version >>> 32) + "." + (int)version + ".0";

        return "{\"etcdserver\":\"" + HttpText.jsonEscape(member.serverVersion()) +
            "\",\"etcdcluster\":\"" + cluster +
            "\",\"storage\":\"" + HttpText.jsonEscape(member.storageVersion()) + "\"}";
    }

    private static HttpReply withCors(final HttpReply reply, final String origin)
    {
        return reply
            .header("Access-Control-Allow-Methods", "POST, GET, OPTIONS, PUT, DELETE")
            .header("Access-Control-Allow-Origin", origin)
            .header("Access-Control-Allow-Headers", "accept, content-type, authorization");
    }
}
