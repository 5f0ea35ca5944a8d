package dev.quorate.server.member;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.quorate.core.machine.Directories;
import dev.quorate.core.machine.Member;
import dev.quorate.core.ring.NodeState;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * What the peer URL answers over TCP: {@code /members}, by which a new member finds its place, and {@code /version}.
 * The peers' own traffic is UDP on the same port number.
 */
final class MembersEndpoint implements AutoCloseable
{
    private static final int BACKLOG = 64;

    static
    {
        // Read by the JDK's server when its class is loaded: seconds a request may take to arrive and an answer to
        // leave, and how many connections there are at most.
        System.setProperty("sun.net.httpserver.maxReqTime", "5");
        System.setProperty("sun.net.httpserver.maxRspTime", "5");
        System.setProperty("jdk.httpserver.maxConnections", "1024");
    }

    private final HttpServer server;
    /** Without it one connection whose request never ends holds up all others. */
    private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
    private final long clusterId;
    private final Directories directories;
    private final NodeState state;

    /**
     * Binds and starts.
     *
     * @param address     of the peer URL.
     * @param clusterId   of the cluster.
     * @param directories of members.
     * @param state       that the version of the cluster is published in.
     * @throws IOException if the port is in use.
     */
    MembersEndpoint(
        final InetSocketAddress address, final long clusterId, final Directories directories, final NodeState state)
        throws IOException
    {
        this.clusterId = clusterId;
        this.directories = directories;
        this.state = state;
        server = create(address);
        server.createContext("/members", this::members);
        server.createContext("/version", (exchange) -> answer(exchange, version()));
        server.setExecutor(executor);
        server.start();
    }

    private static HttpServer create(final InetSocketAddress address) throws IOException
    {
        try
        {
            return HttpServer.create(address, BACKLOG);
        }
        catch (final IOException ex)
        {
            throw new IOException("cannot listen on TCP " + Urls.endpoint(address) + " for peers: " + ex.getMessage() +
                "; free the port or choose another --listen-peer-urls", ex);
        }
    }

    /**
     * @return address that is bound.
     */
    InetSocketAddress address()
    {
        return server.getAddress();
    }

    @Override
    public void close()
    {
        server.stop(0);
        executor.shutdownNow();
    }

    private String version()
    {
        final long version = state.get(NodeState.Value.CLUSTER_VERSION);
        final String cluster = 0 == version ? "not_decided" : (version >>> 32) + "." + (int)version + ".0";
        return "{\"etcdserver\":\"" + Version.ETCD + "\",\"etcdcluster\":\"" + cluster + "\",\"storage\":\"" +
            Version.STORAGE + "\"}";
    }

    private void members(final HttpExchange exchange) throws IOException
    {
        if (isGone(exchange))
        {
            try (exchange)
            {
                exchange.getResponseHeaders().set(RemovalCheck.CLUSTER, Long.toHexString(clusterId));
                exchange.sendResponseHeaders(RemovalCheck.GONE, -1);
            }
            return;
        }
        final StringBuilder json = new StringBuilder("[");
        for (final Member member : directories.members().members())
        {
            json.append(json.length() > 1 ? "," : "").append("{\"id\":").append(Long.toUnsignedString(member.id()));
            json.append(",\"peerURLs\":").append(strings(member.peerUrls()));
            json.append(member.isLearner() ? ",\"isLearner\":true" : "");
            json.append(",\"name\":").append(string(member.name()));
            json.append(",\"clientURLs\":").append(strings(member.clientUrls())).append('}');
        }
        answer(exchange, json.append("]\n").toString());
    }

    /** True if a member of this cluster asks that was removed from it. */
    private boolean isGone(final HttpExchange exchange)
    {
        final String from = exchange.getRequestHeaders().getFirst(RemovalCheck.FROM);
        if (null == from || !Long.toHexString(clusterId).equals(
            exchange.getRequestHeaders().getFirst(RemovalCheck.CLUSTER)))
        {
            return false;
        }
        for (final long id : directories.members().removedIds())
        {
            if (Long.toHexString(id).equals(from))
            {
                return true;
            }
        }
        return false;
    }

    private void answer(final HttpExchange exchange, final String json) throws IOException
    {
        try (exchange)
        {
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.getResponseHeaders().set(RemovalCheck.CLUSTER, Long.toHexString(clusterId));
            if (!"GET".equals(exchange.getRequestMethod()))
            {
                exchange.getResponseHeaders().set("Allow", "GET");
                exchange.sendResponseHeaders(405, -1);
                return;
            }
            final byte[] body = json.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
        }
    }

    private static String strings(final List<String> values)
    {
        final StringBuilder json = new StringBuilder("[");
        for (final String value : values)
        {
            json.append(json.length() > 1 ? "," : "").append(string(value));
        }
        return json.append(']').toString();
    }

    private static String string(final String value)
    {
        final StringBuilder json = new StringBuilder("\"");
        for (int i = 0; i < value.length(); i++)
        {
            final char c = value.charAt(i);
            if (c == '"' || c == '\\')
            {
                json.append('\\').append(c);
            }
            else if (c < 0x20)
            {
                json.append(String.format("\\u%04x", (int)c));
            }
            else
            {
                json.append(c);
            }
        }
        return json.append('"').toString();
    }
}
