package dev.quorate.gateway;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quorate.core.api.EtcdError;
import dev.quorate.core.api.Method;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

@Timeout(30)
class GatewayLifeTest
{
    @Test
    void metricsListenerAnswersBeforeTheMemberIsReady() throws Exception
    {
        try (GatewayFixture fixture = new GatewayFixture())
        {
            fixture.member.ready = false;
            fixture.gateway.startMetrics();

            assertEquals(503, HttpEndpointsTest.get(fixture.metricsPort(), "/health").status());
            assertEquals(503, HttpEndpointsTest.get(fixture.metricsPort(), "/livez").status());
            final HttpEndpointsTest.Reply ready = HttpEndpointsTest.get(fixture.metricsPort(), "/readyz");
            assertEquals(503, ready.status());
            assertTrue(ready.body().contains("[-]linearizable_read failed: "), ready.body());
            assertEquals(200, HttpEndpointsTest.get(fixture.metricsPort(), "/metrics").status());
        }
    }

    @Test
    void takenAddressIsToldInOneLine() throws Exception
    {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
            GatewayFixture fixture = new GatewayFixture((context) -> context.clientAddresses(
                List.of(new InetSocketAddress("127.0.0.1", taken.getLocalPort())))))
        {
            final GatewayException failure =
                assertThrows(GatewayException.class, () -> fixture.gateway.start(fixture.ports.clone()));

            assertTrue(
                failure.getMessage().startsWith("cannot listen on 127.0.0.1:" + taken.getLocalPort() + ": "),
                failure.getMessage());
            assertTrue(failure.getMessage().contains("in use"), failure.getMessage());
            assertEquals(-1, failure.getMessage().indexOf('\n'));
        }
    }

    @Test
    void stoppedGatewayFreesItsPortForTheNext()
    {
        final int port;
        try (GatewayFixture first = new GatewayFixture().start())
        {
            port = first.clientPort();
            first.port.answer(Method.KV_PUT, (call) -> call.reply(new byte[1]));
            assertEquals(1, first.unary(Method.KV_PUT, new byte[1]).length);
        }

        try (GatewayFixture second = new GatewayFixture((context) -> context.clientAddresses(
            List.of(new InetSocketAddress("127.0.0.1", port)))).start())
        {
            second.port.answer(Method.KV_PUT, (call) -> call.reply(new byte[2]));
            assertEquals(2, second.unary(Method.KV_PUT, new byte[1]).length);
        }
    }

    @Test
    void stopCancelsOpenStreamsAndClosesIdleConnections() throws Exception
    {
        final FakePort.Call call;
        try (GatewayFixture fixture = new GatewayFixture().start();
            Socket silent = new Socket("127.0.0.1", fixture.clientPort());
            Socket idle = new Socket("127.0.0.1", fixture.clientPort()))
        {
            final ClientCall<byte[], byte[]> watch =
                fixture.channel().newCall(GatewayFixture.descriptor(Method.WATCH), GatewayFixture.options());
            watch.start(new ClientCall.Listener<>()
            {
            }, new Metadata());
            call = fixture.port.nextCall();
            idle.getOutputStream().write("GET /version HTTP/1.1\r\nHost: x\r\n\r\n".getBytes("US-ASCII"));
            assertNotEquals(-1, idle.getInputStream().read());

            fixture.gateway.stop(TimeUnit.MILLISECONDS.toNanos(50));

            assertEquals("cancel", call.next());
            silent.setSoTimeout(5_000);
            idle.setSoTimeout(5_000);
            assertEquals(-1, silent.getInputStream().read());
            idle.getInputStream().readAllBytes();
        }
    }

    @Test
    void everyLoopServesItsOwnPortOnItsOwnThread()
    {
        final List<ManagedChannel> channels = new ArrayList<>();
        try (GatewayFixture fixture = new GatewayFixture((context) -> context.loops(2)).start())
        {
            for (final FakePort port : fixture.ports)
            {
                port.answer(Method.KV_PUT, (call) -> call.reply(call.request));
            }

            for (int i = 0; i < 4; i++)
            {
                final ManagedChannel channel =
                    NettyChannelBuilder.forAddress("127.0.0.1", fixture.clientPort()).usePlaintext().build();
                channels.add(channel);
                assertArrayEquals(new byte[]{(byte)i}, ClientCalls.blockingUnaryCall(
                    channel, GatewayFixture.descriptor(Method.KV_PUT), GatewayFixture.options(), new byte[]{(byte)i}));
            }

            assertEquals(2, fixture.ports[0].calls.size());
            assertEquals(2, fixture.ports[1].calls.size());
            assertNotEquals(fixture.ports[0].owner, fixture.ports[1].owner);
        }
        finally
        {
            channels.forEach(ManagedChannel::shutdownNow);
        }
    }

    @Test
    void nioServesWhereEpollIsNot() throws Exception
    {
        try (GatewayFixture fixture = new GatewayFixture((context) -> context.epoll(false)).start())
        {
            fixture.port.answer(Method.KV_RANGE, (call) ->
                fixture.port.deadline(System.nanoTime() + 1_000_000, () -> call.reply(new byte[3])));

            assertEquals(3, fixture.unary(Method.KV_RANGE, new byte[1]).length);
            assertEquals(200, HttpEndpointsTest.get(fixture.clientPort(), "/health").status());
        }
    }

    @Test
    void connectionsOverTheBoundAreClosed() throws Exception
    {
        try (GatewayFixture fixture = new GatewayFixture((context) -> context.maxConnections(1)).start();
            Socket first = new Socket("127.0.0.1", fixture.clientPort()))
        {
            first.getOutputStream().write("GET /version HTTP/1.1\r\nHost: x\r\n\r\n".getBytes("US-ASCII"));
            assertEquals('H', first.getInputStream().read());

            try (Socket second = new Socket("127.0.0.1", fixture.clientPort()))
            {
                second.setSoTimeout(5_000);
                assertEquals(-1, second.getInputStream().read());
            }
        }
    }

    @Test
    void silentConnectionIsClosedAfterItsTime() throws Exception
    {
        try (GatewayFixture fixture =
            new GatewayFixture((context) -> context.firstBytesTimeoutNs(TimeUnit.MILLISECONDS.toNanos(30))).start();
            Socket silent = new Socket("127.0.0.1", fixture.clientPort()))
        {
            silent.setSoTimeout(5_000);
            assertEquals(-1, silent.getInputStream().read());
        }
    }

    @Test
    void faultOfThePortIsReportedAndFailsTheCall() throws Exception
    {
        try (GatewayFixture fixture = new GatewayFixture().start())
        {
            fixture.port.answer(Method.KV_PUT, (call) ->
            {
                throw new IllegalStateException("broken");
            });

            assertThrows(RuntimeException.class, () -> fixture.unary(Method.KV_PUT, new byte[1]));
            assertEquals("broken", fixture.faults.remove().getMessage());

            fixture.port.answer(Method.KV_TXN, (call) -> call.answer.fail(EtcdError.NO_LEADER));
            assertThrows(RuntimeException.class, () -> fixture.unary(Method.KV_TXN, new byte[1]));
        }
    }

    @Test
    void configurationIsCheckedAndFrozen()
    {
        assertThrows(IllegalStateException.class, () -> new GatewayContext().conclude());

        try (GatewayFixture fixture = new GatewayFixture())
        {
            fixture.gateway.startMetrics();
        }

        final GatewayContext context = new GatewayContext()
            .clientAddresses(List.of(new InetSocketAddress("127.0.0.1", 0)))
            .clock(GatewayFixture.CLOCK)
            .nodeState(new dev.quorate.core.ring.NodeState())
            .member(new GatewayFixture.FakeMember())
            .errorHandler((ignored) -> {});
        context.conclude();

        assertTrue(context.loops() > 0);
        assertThrows(IllegalStateException.class, () -> context.loops(3));
    }
}
