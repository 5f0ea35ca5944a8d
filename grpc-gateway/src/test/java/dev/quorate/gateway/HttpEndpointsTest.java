package dev.quorate.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quorate.core.api.EtcdError;
import dev.quorate.core.api.Method;
import dev.quorate.core.ring.NodeState.Value;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

@Timeout(30)
class HttpEndpointsTest
{
    private static final byte[] LINEARIZABLE_PROBE = {10, 1, 0, 24, 1, 64, 1};
    private static final byte[] SERIALIZABLE_PROBE = {10, 1, 0, 24, 1, 56, 1, 64, 1};

    private final GatewayFixture fixture = new GatewayFixture();
    private final FakePort port = fixture.port;

    @BeforeEach
    void start()
    {
        fixture.start();
        port.answer(Method.KV_RANGE, (call) -> call.reply(new byte[0]));
    }

    @AfterEach
    void stop()
    {
        fixture.close();
    }

    @Test
    void versionTellsServerClusterAndStorage() throws Exception
    {
        final Reply reply = get("/version");

        assertEquals(200, reply.status);
        assertEquals("application/json", reply.contentType);
        assertEquals("{\"etcdserver\":\"3.7.1\",\"etcdcluster\":\"3.7.0\",\"storage\":\"3.7.0\"}", reply.body);
    }

    @Test
    void clusterVersionIsUndecidedAtFirst() throws Exception
    {
        fixture.state.set(Value.CLUSTER_VERSION, 0);

        assertTrue(get("/version").body.contains("\"etcdcluster\":\"not_decided\""));
    }

    @Test
    void healthyMemberReadsThroughThePort() throws Exception
    {
        final Reply reply = get("/health");

        assertEquals(200, reply.status);
        assertEquals("{\"health\":\"true\",\"reason\":\"\"}", reply.body);
        assertTrue(Arrays.equals(LINEARIZABLE_PROBE, port.nextCall().request));
    }

    @Test
    void serializableHealthNeedsNoLeader() throws Exception
    {
        fixture.state.set(Value.LEADER_ID, 0);

        assertEquals("{\"health\":\"false\",\"reason\":\"RAFT NO LEADER\"}\n", get("/health").body);
        assertEquals(503, get("/health").status);
        assertEquals(200, get("/health?serializable=true").status);
        assertTrue(Arrays.equals(SERIALIZABLE_PROBE, port.nextCall().request));
    }

    @Test
    void alarmsMakeTheMemberUnhealthyUnlessExcluded() throws Exception
    {
        fixture.state.set(Value.ALARM_NOSPACE, 1);
        fixture.state.set(Value.ALARM_CORRUPT, 1);

        assertEquals("{\"health\":\"false\",\"reason\":\"ALARM NOSPACE\"}\n", get("/health").body);
        assertEquals("{\"health\":\"false\",\"reason\":\"ALARM CORRUPT\"}\n", get("/health?exclude=NOSPACE").body);
        assertEquals(200, get("/health?exclude=NOSPACE&exclude=CORRUPT").status);
    }

    @Test
    void failedReadIsTold() throws Exception
    {
        port.answer(Method.KV_RANGE, (call) -> call.answer.fail(EtcdError.TIMEOUT));

        final Reply reply = get("/health");
        assertEquals(503, reply.status);
        assertEquals(
            "{\"health\":\"false\",\"reason\":\"RANGE ERROR:etcdserver: request timed out\"}\n", reply.body);
    }

    @Test
    void livenessAndReadinessListTheirChecks() throws Exception
    {
        assertEquals("ok\n", get("/livez").body);
        assertEquals("[+]serializable_read ok\nok\n", get("/livez?verbose").body);
        assertEquals(
            "[+]data_corruption ok\n[+]serializable_read ok\n[+]linearizable_read ok\n[+]non_learner ok\nok\n",
            get("/readyz?verbose=true").body);
        assertEquals("ok\n", get("/readyz/non_learner").body);
        assertEquals(404, get("/livez/linearizable_read").status);
    }

    @Test
    void noSpaceLeavesTheMemberReadyButCorruptionDoesNot() throws Exception
    {
        fixture.state.set(Value.ALARM_NOSPACE, 1);
        assertEquals(200, get("/readyz").status);

        fixture.state.set(Value.ALARM_CORRUPT, 1);
        final Reply reply = get("/readyz?exclude=linearizable_read&exclude=unheard_of");
        assertEquals(503, reply.status);
        assertEquals(
            "[-]data_corruption failed: alarm activated: CORRUPT\n[+]serializable_read ok\n[+]non_learner ok\n\n",
            reply.body);
        assertEquals(200, get("/livez").status);
    }

    @Test
    void otherMethodsAndPathsAreRefused() throws Exception
    {
        final String post = GatewayFixture.exchange(
            fixture.clientPort(), "POST /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");

        assertTrue(post.startsWith("HTTP/1.1 405 "), post);
        assertTrue(post.toLowerCase().contains("\r\nallow: get\r\n"), post);
        assertTrue(post.endsWith("\r\n\r\nMethod Not Allowed\n"), post);
        final Reply missing = get("/nothing");
        assertEquals(404, missing.status);
        assertEquals("404 page not found\n", missing.body);
    }

    @Test
    void jsonGatewayAnswersThatItIsNotImplemented() throws Exception
    {
        for (final String path : new String[]{"/v3/kv/range", "/v3beta/kv/put"})
        {
            final String post = GatewayFixture.exchange(fixture.clientPort(), "POST " + path +
                " HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}");
            assertTrue(post.startsWith("HTTP/1.1 501 "), post);
            assertTrue(post.toLowerCase().contains("\r\ncontent-type: application/json\r\n"), post);
            assertTrue(post.contains("\r\n\r\n{\"code\":12,\"message\":\""), post);
        }
        assertEquals(404, get("/v3").status);
    }

    @Test
    void pipelinedRequestsAreAnsweredInOrderThoughChecksAnswerLater() throws Exception
    {
        port.answer(Method.KV_RANGE, (call) -> port.onLoop(() -> call.reply(new byte[0])));
        final String received = GatewayFixture.exchange(
            fixture.clientPort(),
            "GET /health HTTP/1.1\r\nHost: x\r\n\r\n" +
            "GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n" +
            "GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n" +
            "GET /version HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");

        final int health = received.indexOf("{\"health\":\"true\"");
        final int nothing = received.indexOf("404 page not found");
        final int ready = received.indexOf("ok\n", nothing);
        final int version = received.indexOf("{\"etcdserver\"");
        assertTrue(0 < health && health < nothing && nothing < ready && ready < version, received);
    }

    @Test
    void requestThatArrivesByteByByteIsUnderstood() throws Exception
    {
        try (java.net.Socket socket = new java.net.Socket("127.0.0.1", fixture.clientPort()))
        {
            socket.setSoTimeout(5_000);
            socket.setTcpNoDelay(true);
            // Begins like the preface of HTTP/2 and is not.
            for (final byte part : "PROPFIND /nothing HTTP/1.1\r\nConnection: close\r\n\r\n".getBytes(
                StandardCharsets.US_ASCII))
            {
                socket.getOutputStream().write(part);
            }

            final String received = new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
            assertTrue(received.startsWith("HTTP/1.1 404 "), received);
        }
    }

    @Test
    void garbageIsAnsweredWithBadRequestAndTheEndOfTheConnection() throws Exception
    {
        final String received = GatewayFixture.exchange(fixture.clientPort(), "\u0001\u0002garbage\r\n\r\n");
        assertTrue(received.startsWith("HTTP/1.1 400 "), received);

        // The port goes on serving others.
        assertEquals(200, get("/version").status);
    }

    @Test
    void garbageBehindThePrefaceEndsTheConnectionOnly() throws Exception
    {
        GatewayFixture.exchange(fixture.clientPort(), "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\u00ff\u00ff\u00ff\u00ff\u00ff" +
            "\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff");

        assertEquals(200, get("/version").status);
    }

    @Test
    void corsHeadersNameEveryOriginByDefault() throws Exception
    {
        final String received = GatewayFixture.exchange(
            fixture.clientPort(),
            "OPTIONS /health HTTP/1.1\r\nHost: x\r\nOrigin: http://a\r\nConnection: close\r\n\r\n").toLowerCase();

        assertTrue(received.startsWith("http/1.1 200 "), received);
        assertTrue(received.contains("access-control-allow-origin: *\r\n"), received);
        assertTrue(received.contains("access-control-allow-methods: post, get, options, put, delete\r\n"), received);
    }

    @Test
    void metricsListenerServesHealthAndMetricsButNoVersion() throws Exception
    {
        assertEquals(200, get(fixture.metricsPort(), "/health").status);
        assertEquals(200, get(fixture.metricsPort(), "/livez").status);
        assertEquals(200, get(fixture.metricsPort(), "/metrics").status);
        assertEquals(404, get(fixture.metricsPort(), "/version").status);
        final String grpc = GatewayFixture.exchange(fixture.metricsPort(), "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
        assertEquals("", grpc);
    }

    @Test
    void longPagesAreCompressedWhenAsked() throws Exception
    {
        final String received = GatewayFixture.exchange(
            fixture.clientPort(),
            "GET /metrics HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\nConnection: close\r\n\r\n").toLowerCase();

        assertTrue(received.contains("content-encoding: gzip"));
        assertFalse(get("/version").body.isEmpty());
    }

    private Reply get(final String path) throws IOException
    {
        return get(fixture.clientPort(), path);
    }

    static Reply get(final int port, final String path) throws IOException
    {
        final HttpURLConnection connection =
            (HttpURLConnection)URI.create("http://127.0.0.1:" + port + path).toURL().openConnection();
        connection.setReadTimeout(5_000);
        final int status = connection.getResponseCode();
        final byte[] body =
            (status < 400 ? connection.getInputStream() : connection.getErrorStream()).readAllBytes();

        return new Reply(status, connection.getContentType(), new String(body, StandardCharsets.UTF_8));
    }

    record Reply(int status, String contentType, String body)
    {
    }
}
