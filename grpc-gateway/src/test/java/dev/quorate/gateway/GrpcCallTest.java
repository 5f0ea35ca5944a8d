package dev.quorate.gateway;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quorate.core.api.EtcdError;
import dev.quorate.core.api.GrpcCode;
import dev.quorate.core.api.Method;
import dev.quorate.core.ring.NodeState;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptors;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import org.agrona.BufferUtil;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.util.Iterator;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Level;
import java.util.logging.Logger;

@Timeout(30)
class GrpcCallTest
{
    private static final byte[] HELLO = "hello".getBytes(UTF_8);

    private final GatewayFixture fixture = new GatewayFixture();
    private final FakePort port = fixture.port;

    @BeforeEach
    void start()
    {
        fixture.start();
    }

    @AfterEach
    void stop()
    {
        fixture.close();
    }

    @Test
    void unaryCallCarriesBytesBothWays() throws Exception
    {
        port.answer(Method.KV_PUT, (call) -> call.reply("world".getBytes(UTF_8)));

        assertArrayEquals("world".getBytes(UTF_8), fixture.unary(Method.KV_PUT, HELLO));
        final FakePort.Call call = port.nextCall();
        assertEquals(Method.KV_PUT, call.method);
        assertArrayEquals(HELLO, call.request);
        assertFalse(call.requireLeader);
    }

    @Test
    void emptyMessagesPass()
    {
        port.answer(Method.STATUS, (call) -> call.reply(new byte[0]));

        assertEquals(0, fixture.unary(Method.STATUS, new byte[0]).length);
    }

    @Test
    void responseLivingOffHeapArrivesWhole()
    {
        final byte[] expected = new byte[100_001];
        for (int i = 0; i < expected.length; i++)
        {
            expected[i] = (byte)(i * 31);
        }
        final UnsafeBuffer offHeap = new UnsafeBuffer(BufferUtil.allocateDirectAligned(expected.length + 64, 64));
        offHeap.putBytes(7, expected);
        port.answer(Method.KV_RANGE, (call) ->
        {
            call.answer.message(offHeap, 7, expected.length);
            call.answer.complete();
        });

        assertArrayEquals(expected, fixture.unary(Method.KV_RANGE, HELLO));
    }

    @Test
    void everyErrorKeepsCodeAndExactText()
    {
        final AtomicInteger next = new AtomicInteger();
        port.answer(Method.KV_TXN, (call) -> call.answer.fail(EtcdError.of(next.get())));

        for (final EtcdError error : EtcdError.values())
        {
            if (error != EtcdError.NONE)
            {
                next.set(error.ordinal());
                final Status status = failure(() -> fixture.unary(Method.KV_TXN, HELLO));

                assertEquals(error.code().ordinal(), status.getCode().value(), error::name);
                assertEquals(error.message(), status.getDescription());
            }
        }
    }

    @Test
    void answerFromAnotherThreadWakesTheLoop() throws Exception
    {
        final BlockingQueue<byte[]> replies = new LinkedBlockingQueue<>();
        final Thread client = Thread.ofPlatform().start(() -> replies.add(fixture.unary(Method.KV_PUT, HELLO)));
        final FakePort.Call call = port.nextCall();

        assertEquals("message 5", call.next());
        assertEquals("half-close", call.next());
        port.onLoop(() -> call.reply(HELLO));

        assertArrayEquals(HELLO, replies.poll(5, TimeUnit.SECONDS));
        client.join();
    }

    @Test
    void portIsRunAtItsDeadlineWithoutAnyTraffic() throws Exception
    {
        final CountDownLatch ran = new CountDownLatch(1);
        port.deadline(System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(20), ran::countDown);

        assertTrue(ran.await(5, TimeUnit.SECONDS));
    }

    @Test
    void serverStreamDeliversMessagesInOrderThenEnds()
    {
        port.answer(Method.KV_RANGE_STREAM, (call) ->
        {
            for (int i = 0; i < 100; i++)
            {
                call.send(("chunk " + i).getBytes(UTF_8));
            }
            call.answer.complete();
        });

        final Iterator<byte[]> chunks = ClientCalls.blockingServerStreamingCall(
            fixture.channel(), GatewayFixture.descriptor(Method.KV_RANGE_STREAM), GatewayFixture.options(), HELLO);

        for (int i = 0; i < 100; i++)
        {
            assertEquals("chunk " + i, new String(chunks.next(), UTF_8));
        }
        assertFalse(chunks.hasNext());
    }

    @Test
    void streamThatFailsAfterMessagesKeepsItsError()
    {
        port.answer(Method.KV_RANGE_STREAM, (call) ->
        {
            call.send(HELLO);
            call.answer.fail(EtcdError.COMPACTED);
        });

        final Iterator<byte[]> chunks = ClientCalls.blockingServerStreamingCall(
            fixture.channel(), GatewayFixture.descriptor(Method.KV_RANGE_STREAM), GatewayFixture.options(), HELLO);

        assertArrayEquals(HELLO, chunks.next());
        assertEquals(EtcdError.COMPACTED.message(), failure(chunks::hasNext).getDescription());
    }

    @Test
    void slowReaderMakesTheAnswerUnreadyAndReadingMakesItReadyAgain() throws Exception
    {
        final Stream stream = new Stream(Method.WATCH);
        final FakePort.Call call = port.nextCall();
        final BlockingQueue<Integer> sent = new LinkedBlockingQueue<>();
        final byte[] message = new byte[4096];

        port.onLoop(() ->
        {
            int count = 0;
            while (call.answer.isReady() && count < 100_000)
            {
                call.send(message);
                count++;
            }
            sent.add(count);
        });

        final int count = sent.poll(10, TimeUnit.SECONDS);
        assertTrue(count > 0 && count < 100_000, () -> "sent " + count);
        assertEquals(0, stream.received.size());

        stream.call.request(Integer.MAX_VALUE);
        assertEquals("ready", call.next());

        for (int i = 0; i < count; i++)
        {
            assertEquals(4096, stream.received.poll(5, TimeUnit.SECONDS).length);
        }
        stream.call.cancel("done", null);
        assertEquals("cancel", call.next());
    }

    @Test
    void halfClosedStreamStaysOpenForAnswers() throws Exception
    {
        final Stream stream = new Stream(Method.WATCH);
        final FakePort.Call call = port.nextCall();
        stream.call.request(10);
        stream.call.sendMessage(HELLO);
        stream.call.sendMessage(new byte[1]);
        stream.call.halfClose();

        assertEquals("message 5", call.next());
        assertEquals("message 1", call.next());
        assertEquals("half-close", call.next());
        port.onLoop(() -> call.send(HELLO));
        assertArrayEquals(HELLO, stream.received.poll(5, TimeUnit.SECONDS));
        port.onLoop(call.answer::complete);
        assertEquals(Status.Code.OK, stream.closed.poll(5, TimeUnit.SECONDS).getCode());
    }

    @Test
    void messagesThatTheCallDoesNotTakeWaitUntilItResumes() throws Exception
    {
        final Stream stream = new Stream(Method.LEASE_KEEP_ALIVE);
        final FakePort.Call call = port.nextCall();
        final CountDownLatch bounded = new CountDownLatch(1);
        port.onLoop(() ->
        {
            call.messagesMax = 2;
            bounded.countDown();
        });
        assertTrue(bounded.await(5, TimeUnit.SECONDS));
        for (int i = 1; i <= 5; i++)
        {
            stream.call.sendMessage(new byte[i]);
        }
        stream.call.halfClose();
        assertEquals("message 1", call.next());
        assertEquals("message 2", call.next());
        // whatever the client sent before this call has arrived once it is answered
        port.answer(Method.KV_PUT, (put) -> put.reply(HELLO));
        fixture.unary(Method.KV_PUT, HELLO);
        assertTrue(call.heard.isEmpty(), () -> "heard " + call.heard);
        port.onLoop(() ->
        {
            call.messagesMax = 4;
            call.answer.resume();
            call.answer.resume();
        });
        assertEquals("message 3", call.next());
        assertEquals("message 4", call.next());
        port.onLoop(() ->
        {
            call.messagesMax = 6;
            call.answer.resume();
        });
        assertEquals("message 5", call.next());
        assertEquals("half-close", call.next());
    }

    @Test
    void callThatFailsWhileItIsOpenedEndsWithItsErrorAndHearsNothing() throws Exception
    {
        port.refusalAtOpen = EtcdError.NO_LEADER;
        final Status status = failure(() -> fixture.unary(Method.KV_PUT, HELLO));
        final Stream stream = new Stream(Method.WATCH);
        final Status ofStream = stream.closed.poll(5, TimeUnit.SECONDS);
        port.refusalAtOpen = null;

        assertEquals(Status.Code.UNAVAILABLE, status.getCode());
        assertEquals(EtcdError.NO_LEADER.message(), status.getDescription());
        assertEquals(Status.Code.UNAVAILABLE, ofStream.getCode());
        assertEquals(EtcdError.NO_LEADER.message(), ofStream.getDescription());

        port.answer(Method.KV_PUT, (call) -> call.reply(HELLO));
        final FakePort.Call unary = port.nextCall();
        final FakePort.Call watch = port.nextCall();
        assertArrayEquals(HELLO, fixture.unary(Method.KV_PUT, HELLO));
        assertTrue(unary.heard.isEmpty() && watch.heard.isEmpty(), () -> "heard " + unary.heard + watch.heard);
    }

    @Test
    void cancelReachesTheCoreOnceAndNothingFollows() throws Exception
    {
        final Stream stream = new Stream(Method.LEASE_KEEP_ALIVE);
        final FakePort.Call call = port.nextCall();
        stream.call.cancel("enough", null);

        assertEquals("cancel", call.next());
        final CountDownLatch answered = new CountDownLatch(1);
        port.onLoop(() ->
        {
            call.send(HELLO);
            call.fail(GrpcCode.UNAVAILABLE, "late");
            answered.countDown();
        });
        assertTrue(answered.await(5, TimeUnit.SECONDS));
        assertTrue(call.heard.isEmpty(), () -> "heard " + call.heard);
    }

    @Test
    void deadlineOfTheClientCancelsTheCall() throws Exception
    {
        final Status status = failure(() -> ClientCalls.blockingUnaryCall(
            fixture.channel(),
            GatewayFixture.descriptor(Method.KV_PUT),
            GatewayFixture.options().withDeadlineAfter(1, TimeUnit.SECONDS),
            HELLO));

        assertEquals(Status.Code.DEADLINE_EXCEEDED, status.getCode());
        final FakePort.Call call = port.nextCall();
        assertEquals("message 5", call.next());
        assertEquals("half-close", call.next());
        assertEquals("cancel", call.next());
    }

    @Test
    void messageOfTheGreatestLengthPasses()
    {
        port.answer(Method.KV_PUT, (call) -> call.reply(new byte[0]));

        assertEquals(0, fixture.unary(Method.KV_PUT, new byte[GatewayFixture.LIMIT]).length);
    }

    @Test
    void longerMessageIsRefusedInTheWordsOfGo() throws Exception
    {
        final Status status = failure(() -> fixture.unary(Method.KV_PUT, new byte[GatewayFixture.LIMIT + 1]));

        assertEquals(Status.Code.RESOURCE_EXHAUSTED, status.getCode());
        assertEquals("grpc: received message larger than max (2097153 vs. 2097152)", status.getDescription());
        assertEquals("cancel", port.nextCall().next());
    }

    @Test
    void compressedMessagesAreUnderstoodAndBoundedByWhatTheyHold() throws Exception
    {
        port.answer(Method.KV_PUT, (call) -> call.reply(call.request));
        final byte[] longest = new byte[GatewayFixture.LIMIT];
        final CallOptions compressed = GatewayFixture.options().withCompression("gzip");

        assertArrayEquals(longest, ClientCalls.blockingUnaryCall(
            fixture.channel(), GatewayFixture.descriptor(Method.KV_PUT), compressed, longest));

        for (final int length : new int[]{longest.length + 1, 8 * longest.length})
        {
            final Status status = failure(() -> ClientCalls.blockingUnaryCall(
                fixture.channel(), GatewayFixture.descriptor(Method.KV_PUT), compressed, new byte[length]));
            assertEquals(Status.Code.RESOURCE_EXHAUSTED, status.getCode());
            assertEquals("grpc: received message after decompression larger than max " + longest.length,
                status.getDescription());
        }
    }

    @Test
    void hugeMessageIsRefusedByTheTransport() throws Exception
    {
        // The transport logs what it refuses; held here so that the level is not lost to the collector.
        final Logger logger = Logger.getLogger("io.grpc.netty.NettyServerStream$TransportState");
        logger.setLevel(Level.SEVERE);
        Logger.getLogger("io.grpc.netty.NettyServerStream").setLevel(Level.SEVERE);

        final Status status = failure(() -> fixture.unary(Method.KV_PUT, new byte[5 * GatewayFixture.LIMIT]));

        assertEquals(Status.Code.RESOURCE_EXHAUSTED, status.getCode());
        assertEquals("cancel", port.nextCall().next());
    }

    @Test
    void metadataAsksForALeader() throws Exception
    {
        port.answer(Method.KV_RANGE, (call) -> call.reply(HELLO));
        final Metadata headers = new Metadata();
        headers.put(Metadata.Key.of("hasleader", Metadata.ASCII_STRING_MARSHALLER), "true");

        unaryWith(headers);
        assertTrue(port.nextCall().requireLeader);
    }

    @Test
    void apiVersionThatIsNoTextIsRefused() throws Exception
    {
        final String received = GatewayFixture.exchangeUntil(
            fixture.clientPort(), call("/etcdserverpb.KV/Range", "3\u00ff"), "api version");

        assertTrue(received.contains("etcdserver: invalid client api version"), received);
        assertTrue(port.calls.isEmpty());
    }

    @Test
    void pathWithoutAServiceIsUnimplemented() throws Exception
    {
        final String received =
            GatewayFixture.exchangeUntil(fixture.clientPort(), call("/nothing", "3.7"), "malformed method name");

        assertTrue(received.contains("malformed method name: \"/nothing\""), received);
    }

    @Test
    void callWithoutARequestIsRefused() throws Exception
    {
        final String received =
            GatewayFixture.exchangeUntil(fixture.clientPort(), call("/etcdserverpb.KV/Put", "3.7"), "no request");

        assertTrue(received.contains("no request in a call with one"), received);
        assertEquals("cancel", port.nextCall().next());
    }

    @Test
    void clientThatPingsTooOftenIsToldToGo() throws Exception
    {
        final RawHttp2 frames = new RawHttp2();
        for (int i = 0; i < 8; i++)
        {
            frames.ping();
        }

        final String received =
            GatewayFixture.exchangeUntil(fixture.clientPort(), frames.bytes(), "too_many_pings");
        assertTrue(received.contains("too_many_pings"), received);
    }

    @Test
    void methodsAndServicesNobodyServesAreUnimplemented()
    {
        assertUnimplemented("etcdserverpb.KV/Nothing", "unknown method Nothing for service etcdserverpb.KV");
        assertUnimplemented("etcdserverpb.Auth/AuthStatus", "unknown service etcdserverpb.Auth");
        assertUnimplemented("v3lockpb.Lock/Lock", "unknown service v3lockpb.Lock");
        assertUnimplemented(
            "etcdserverpb.Maintenance/Snapshot", "unknown method Snapshot for service etcdserverpb.Maintenance");
    }

    @Test
    void healthServiceServesTheEmptyNameOnly()
    {
        final HealthGrpc.HealthBlockingStub stub = HealthGrpc.newBlockingStub(fixture.channel());

        assertEquals(
            HealthCheckResponse.ServingStatus.SERVING,
            stub.check(HealthCheckRequest.getDefaultInstance()).getStatus());
        final Status status =
            failure(() -> stub.check(HealthCheckRequest.newBuilder().setService("etcdserverpb.KV").build()));
        assertEquals(Status.Code.NOT_FOUND, status.getCode());
        assertEquals("unknown service", status.getDescription());
    }

    @Test
    void healthServiceIsHeldAtTheGatesOfEveryCall()
    {
        final Metadata headers = new Metadata();
        headers.put(Metadata.Key.of("hasleader", Metadata.ASCII_STRING_MARSHALLER), "true");
        final HealthGrpc.HealthBlockingStub stub = HealthGrpc.newBlockingStub(ClientInterceptors.intercept(
            fixture.channel(), MetadataUtils.newAttachHeadersInterceptor(headers)));
        final HealthCheckRequest request = HealthCheckRequest.getDefaultInstance();

        fixture.state.set(NodeState.Value.LEADER_ID, 0);
        assertRefused(EtcdError.NO_LEADER, () -> stub.check(request));
        assertEquals(
            HealthCheckResponse.ServingStatus.SERVING,
            HealthGrpc.newBlockingStub(fixture.channel()).check(request).getStatus());
        fixture.state.set(NodeState.Value.IS_LEARNER, 1);
        assertRefused(EtcdError.NOT_SUPPORTED_FOR_LEARNER, () -> stub.check(request));
        assertRefused(EtcdError.NOT_SUPPORTED_FOR_LEARNER, () -> stub.watch(request).next());
        fixture.state.set(NodeState.Value.CLUSTER_VERSION, 0);
        assertRefused(EtcdError.NOT_CAPABLE, () -> stub.check(request));
    }

    private static void assertRefused(final EtcdError error, final Runnable call)
    {
        final Status status = failure(call);
        assertEquals(error.code().ordinal(), status.getCode().value());
        assertEquals(error.message(), status.getDescription());
    }

    private static byte[] call(final String path, final String version)
    {
        return new RawHttp2().call(
            1,
            ":method", "POST",
            ":scheme", "http",
            ":path", path,
            ":authority", "localhost",
            "content-type", "application/grpc",
            "te", "trailers",
            "client-api-version", version).bytes();
    }

    private void assertUnimplemented(final String method, final String description)
    {
        final Status status = failure(() -> ClientCalls.blockingUnaryCall(
            fixture.channel(),
            GatewayFixture.descriptor(method, MethodDescriptor.MethodType.UNARY),
            GatewayFixture.options(),
            HELLO));

        assertEquals(Status.Code.UNIMPLEMENTED, status.getCode());
        assertEquals(description, status.getDescription());
    }

    private void unaryWith(final Metadata headers)
    {
        ClientCalls.blockingUnaryCall(
            ClientInterceptors.intercept(fixture.channel(), MetadataUtils.newAttachHeadersInterceptor(headers)),
            GatewayFixture.descriptor(Method.KV_RANGE),
            GatewayFixture.options(),
            HELLO);
    }

    private static Status failure(final Runnable call)
    {
        return assertThrows(StatusRuntimeException.class, call::run).getStatus();
    }

    /** A stream of a client that reads only what it asks for. */
    private final class Stream extends ClientCall.Listener<byte[]>
    {
        final BlockingQueue<byte[]> received = new LinkedBlockingQueue<>();
        final BlockingQueue<Status> closed = new LinkedBlockingQueue<>();
        final ClientCall<byte[], byte[]> call;

        Stream(final Method method)
        {
            call = fixture.channel().newCall(GatewayFixture.descriptor(method), GatewayFixture.options());
            call.start(this, new Metadata());
        }

        @Override
        public void onMessage(final byte[] message)
        {
            received.add(message);
        }

        @Override
        public void onClose(final Status status, final Metadata trailers)
        {
            closed.add(status);
        }
    }
}
