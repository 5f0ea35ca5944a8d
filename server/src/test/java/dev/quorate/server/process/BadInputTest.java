package dev.quorate.server.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.quorate.gateway.proto.etcdserverpb.AlarmRequest;
import dev.quorate.gateway.proto.etcdserverpb.ClusterGrpc;
import dev.quorate.gateway.proto.etcdserverpb.CompactionRequest;
import dev.quorate.gateway.proto.etcdserverpb.Compare;
import dev.quorate.gateway.proto.etcdserverpb.DeleteRangeRequest;
import dev.quorate.gateway.proto.etcdserverpb.HashKVRequest;
import dev.quorate.gateway.proto.etcdserverpb.KVGrpc;
import dev.quorate.gateway.proto.etcdserverpb.LeaseGrantRequest;
import dev.quorate.gateway.proto.etcdserverpb.LeaseGrpc;
import dev.quorate.gateway.proto.etcdserverpb.LeaseRevokeRequest;
import dev.quorate.gateway.proto.etcdserverpb.LeaseTimeToLiveRequest;
import dev.quorate.gateway.proto.etcdserverpb.MaintenanceGrpc;
import dev.quorate.gateway.proto.etcdserverpb.MemberAddRequest;
import dev.quorate.gateway.proto.etcdserverpb.MemberPromoteRequest;
import dev.quorate.gateway.proto.etcdserverpb.MemberRemoveRequest;
import dev.quorate.gateway.proto.etcdserverpb.MemberUpdateRequest;
import dev.quorate.gateway.proto.etcdserverpb.MoveLeaderRequest;
import dev.quorate.gateway.proto.etcdserverpb.PutRequest;
import dev.quorate.gateway.proto.etcdserverpb.RangeRequest;
import dev.quorate.gateway.proto.etcdserverpb.RangeResponse;
import dev.quorate.gateway.proto.etcdserverpb.RequestOp;
import dev.quorate.gateway.proto.etcdserverpb.StatusRequest;
import dev.quorate.gateway.proto.etcdserverpb.TxnRequest;
import dev.quorate.gateway.proto.etcdserverpb.WatchCreateRequest;
import dev.quorate.gateway.proto.etcdserverpb.WatchGrpc;
import dev.quorate.gateway.proto.etcdserverpb.WatchRequest;
import dev.quorate.gateway.proto.etcdserverpb.WatchResponse;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.function.Executable;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Whatever comes in at the ports of a member is answered with the contract's error or dropped, and the member serves
 * on.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BadInputTest
{
    @RegisterExtension
    static final Processes PROCESSES = new Processes();

    private static final Duration DEADLINE = Duration.ofSeconds(60);
    private static final long SEED = 7;
    private static final int ROUNDS = 40;
    private static final MethodDescriptor.Marshaller<byte[]> BYTES = new MethodDescriptor.Marshaller<>()
    {
        @Override
        public InputStream stream(final byte[] value)
        {
            return new ByteArrayInputStream(value);
        }

        @Override
        public byte[] parse(final InputStream stream)
        {
            try
            {
                return stream.readAllBytes();
            }
            catch (final IOException ex)
            {
                throw new IllegalStateException(ex);
            }
        }
    };

    private final Random random = new Random(SEED);
    private MemberProcess member;

    @BeforeAll
    void start()
    {
        member = PROCESSES.single(Program.quorate());
    }

    @AfterEach
    void stillServes()
    {
        assertTrue(member.isAlive());
        kv().put(PutRequest.newBuilder().setKey(text("alive")).setValue(text("yes")).build());
        assertEquals(1, kv().range(RangeRequest.newBuilder().setKey(text("alive")).build()).getCount());
    }

    @Test
    void dropsGarbageOnTheClientPort() throws IOException
    {
        for (int i = 0; i < ROUNDS; i++)
        {
            send(member.clientPort(), garbage(1 + random.nextInt(4_000)));
        }
        send(member.clientPort(), "GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        send(member.clientPort(), new byte[]{0x16, 0x03, 0x01, 0x00, (byte)0xF4, 0x01});
        final byte[] preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
        for (int i = 0; i < ROUNDS; i++)
        {
            final byte[] bytes = garbage(preface.length + 200);
            System.arraycopy(preface, 0, bytes, 0, preface.length);
            send(member.clientPort(), bytes);
        }
    }

    @Test
    void dropsGarbageOnThePeerPort() throws IOException
    {
        for (int i = 0; i < ROUNDS; i++)
        {
            send(member.peerPort(), garbage(1 + random.nextInt(4_000)));
        }
        try (DatagramSocket socket = new DatagramSocket())
        {
            for (int i = 0; i < 50 * ROUNDS; i++)
            {
                final byte[] bytes = garbage(1 + random.nextInt(1_400));
                if (bytes.length > 8)
                {
                    // A frame that says that it is one: length, version, flags and a type the transport knows.
                    bytes[0] = (byte)bytes.length;
                    bytes[1] = (byte)(bytes.length >> 8);
                    bytes[2] = 0;
                    bytes[3] = 0;
                    bytes[4] = 0;
                    bytes[6] = (byte)random.nextInt(12);
                    bytes[7] = 0;
                }
                socket.send(new DatagramPacket(
                    bytes, bytes.length, new InetSocketAddress(InetAddress.getLoopbackAddress(), member.peerPort())));
            }
        }
    }

    @Test
    void refusesMessagesThatAreNoMessages()
    {
        for (final String method : new String[]{
            "etcdserverpb.KV/Range", "etcdserverpb.KV/Put", "etcdserverpb.KV/Txn", "etcdserverpb.KV/DeleteRange",
            "etcdserverpb.KV/Compact", "etcdserverpb.Lease/LeaseGrant", "etcdserverpb.Lease/LeaseRevoke",
            "etcdserverpb.Cluster/MemberAdd", "etcdserverpb.Maintenance/Alarm", "etcdserverpb.Maintenance/HashKV"})
        {
            // Field 1 says that 127 bytes follow, or that a group begins that never ends; a tag without a field.
            for (final byte[] bytes : new byte[][]{{0x0A, 0x7F, 1}, {0x0B}, {0x07}, {(byte)0x80}, {0x0A}})
            {
                final StatusRuntimeException error = assertThrows(
                    StatusRuntimeException.class, () -> call(method, bytes), method);
                assertEquals(Status.Code.INTERNAL, error.getStatus().getCode(), method + ": " + error);
            }
        }
        assertFails(Status.Code.RESOURCE_EXHAUSTED, "grpc: received message larger than max (2097153 vs. 2097152)",
            () -> call("etcdserverpb.KV/Put", new byte[2_097_153]));
    }

    @Test
    void survivesRandomMessagesOfEveryUnaryMethod()
    {
        final String[] methods = {
            "KV/Range", "KV/Put", "KV/DeleteRange", "KV/Txn", "KV/Compact", "Lease/LeaseGrant", "Lease/LeaseRevoke",
            "Lease/LeaseTimeToLive", "Lease/LeaseLeases", "Cluster/MemberList", "Cluster/MemberPromote",
            "Cluster/MemberAdd", "Cluster/MemberUpdate", "Cluster/MemberRemove", "Maintenance/Status",
            "Maintenance/HashKV", "Maintenance/Hash", "Maintenance/MoveLeader"};
        for (int i = 0; i < 20 * ROUNDS; i++)
        {
            final byte[] bytes = almostMessage();
            try
            {
                call("etcdserverpb." + methods[i % methods.length], bytes);
            }
            catch (final StatusRuntimeException ex)
            {
                assertNotEquals(Status.Code.UNAVAILABLE, ex.getStatus().getCode(), methods[i % methods.length]);
                assertNotEquals(Status.Code.DEADLINE_EXCEEDED, ex.getStatus().getCode(), methods[i % methods.length]);
            }
        }
    }

    @Test
    void survivesRandomMessagesOnStreams()
    {
        for (int i = 0; i < 3 * ROUNDS; i++)
        {
            final String method = new String[]{"Watch/Watch", "Lease/LeaseKeepAlive", "KV/RangeStream"}[i % 3];
            final AtomicReference<Object> answer = new AtomicReference<>();
            final ClientCall<byte[], byte[]> call = member.channel().newCall(
                descriptor("etcdserverpb." + method, MethodDescriptor.MethodType.BIDI_STREAMING), CallOptions.DEFAULT);
            final StreamObserver<byte[]> requests = ClientCalls.asyncBidiStreamingCall(call, any(answer));
            for (int j = 0; null == answer.get() && j < ROUNDS; j++)
            {
                requests.onNext(almostMessage());
            }
            // a message that is none ends every stream
            requests.onNext(new byte[]{0x0A, 0x7F, 1});
            requests.onCompleted();
            Await.until(method + " answers", DEADLINE, () -> null != answer.get());
            call.cancel("enough", null);
            assertFalse(answer.get().toString().startsWith("io.grpc.StatusRuntimeException: UNAVAILABLE"),
                () -> method + ": " + answer);
        }
    }

    @Test
    void answersDeeplyNestedTransactions()
    {
        TxnRequest txn = TxnRequest.newBuilder().addSuccess(RequestOp.newBuilder().setRequestPut(
            PutRequest.newBuilder().setKey(text("deep")))).build();
        for (int depth = 1; depth < 120; depth++)
        {
            txn = TxnRequest.newBuilder().addSuccess(RequestOp.newBuilder().setRequestTxn(txn)).build();
        }
        // The answer is as deep as the question, deeper than the client's own library reads.
        assertTrue(call("etcdserverpb.KV/Txn", txn.toByteArray()).length > 0);
        assertEquals(1, kv().range(RangeRequest.newBuilder().setKey(text("deep")).build()).getCount());
        for (int depth = 120; depth < 500; depth++)
        {
            txn = TxnRequest.newBuilder().addSuccess(RequestOp.newBuilder().setRequestTxn(txn)).build();
        }
        final TxnRequest tooDeep = txn;
        assertFails(Status.Code.INVALID_ARGUMENT, "etcdserver: too many operations in txn request",
            () -> kv().txn(tooDeep));
        byte[] deepest = new byte[0];
        for (int depth = 0; depth < 5_000; depth++)
        {
            deepest = nested(2, nested(4, deepest));
        }
        final byte[] bytes = deepest;
        assertFails(Status.Code.INVALID_ARGUMENT, "etcdserver: too many operations in txn request",
            () -> call("etcdserverpb.KV/Txn", bytes));
    }

    @Test
    void answersWhatEndsTheProcessOfEtcd()
    {
        kv().put(PutRequest.newBuilder().setKey(text("k")).setValue(text("v")).build());
        assertTrue(kv().txn(TxnRequest.newBuilder()
            .addSuccess(RequestOp.newBuilder().setRequestDeleteRange(
                DeleteRangeRequest.newBuilder().setKey(text("k")).setRangeEnd(ByteString.copyFrom(new byte[1]))))
            .addSuccess(RequestOp.newBuilder().setRequestPut(
                PutRequest.newBuilder().setKey(text("k")).setIgnoreValue(true)))
            .build()).getSucceeded());
        assertFails(Status.Code.INVALID_ARGUMENT, "etcdserver: invalid sort option", () -> kv().range(
            RangeRequest.newBuilder().setKey(text("k")).setSortTargetValue(7).build()));
        assertEquals(0, MaintenanceGrpc.newBlockingStub(member.channel()).alarm(
            AlarmRequest.newBuilder().setActionValue(9).build()).getAlarmsCount());
        for (final int unknown : new int[]{-1, 3, 9, 255, 256})
        {
            assertEquals(0, maintenance().alarm(AlarmRequest.newBuilder()
                .setAction(AlarmRequest.AlarmAction.ACTIVATE).setAlarmValue(unknown).build()).getAlarmsCount());
            assertEquals(0, maintenance().alarm(AlarmRequest.getDefaultInstance()).getAlarmsCount());
        }
        assertEquals(0, maintenance().status(StatusRequest.getDefaultInstance()).getErrorsCount());
    }

    @Test
    void keepsMembersWhoseUrlsLeadNowhere()
    {
        final ClusterGrpc.ClusterBlockingStub cluster = ClusterGrpc.newBlockingStub(member.channel())
            .withDeadlineAfter(60, TimeUnit.SECONDS);
        final long id = cluster.memberAdd(MemberAddRequest.newBuilder()
            .setIsLearner(true).addPeerURLs("unix://nowhere|term-length=1g").build()).getMember().getID();
        for (final String url : new String[]{
            "%zz", "http://a|b:1", "http://a:99999999999", "udp?endpoint=localhost:1",
            "http://" + "a".repeat(1_000_000)})
        {
            assertEquals(url, cluster.memberUpdate(MemberUpdateRequest.newBuilder().setID(id).addPeerURLs(url).build())
                .getMembersList().stream().filter((each) -> id == each.getID()).findAny().orElseThrow()
                .getPeerURLs(0));
            stillServes();
        }
        assertFails(Status.Code.INVALID_ARGUMENT, "etcdserver: given member URLs are invalid",
            () -> cluster.memberUpdate(
                MemberUpdateRequest.newBuilder().setID(id).addPeerURLs("http://a:1\nhttp://b:1").build()));
        member.kill();
        member.start().awaitHealthy();
        stillServes();
        assertEquals(1, ClusterGrpc.newBlockingStub(member.channel()).withDeadlineAfter(60, TimeUnit.SECONDS)
            .memberRemove(MemberRemoveRequest.newBuilder().setID(id).build()).getMembersCount());
    }

    @Test
    void answersExtremeRevisionsAndLimits()
    {
        final long revision = kv().put(PutRequest.newBuilder().setKey(text("r")).setValue(text("v")).build())
            .getHeader().getRevision();
        final String future = "etcdserver: mvcc: required revision is a future revision";
        for (final long extreme : new long[]{revision + 1_000_000, Long.MAX_VALUE})
        {
            assertFails(Status.Code.OUT_OF_RANGE, future, () -> kv().range(
                RangeRequest.newBuilder().setKey(text("r")).setRevision(extreme).build()));
            assertFails(Status.Code.OUT_OF_RANGE, future, () -> kv().compact(
                CompactionRequest.newBuilder().setRevision(extreme).build()));
            assertFails(Status.Code.OUT_OF_RANGE, future, () -> maintenance().hashKV(
                HashKVRequest.newBuilder().setRevision(extreme).build()));
        }
        assertFails(Status.Code.OUT_OF_RANGE, "etcdserver: mvcc: required revision has been compacted",
            () -> kv().compact(CompactionRequest.newBuilder().setRevision(Long.MIN_VALUE).build()));
        for (final long extreme : new long[]{Long.MIN_VALUE, -1, Long.MAX_VALUE})
        {
            final RangeResponse limited = kv().range(
                RangeRequest.newBuilder().setKey(text("r")).setLimit(extreme).build());
            assertEquals(1, limited.getKvsCount());
            assertEquals(1, kv().range(RangeRequest.newBuilder().setKey(text("r"))
                .setRevision(Math.min(extreme, revision)).build()).getKvsCount());
            assertEquals(Long.MAX_VALUE == extreme ? 0 : 1, kv().range(
                RangeRequest.newBuilder().setKey(text("r")).setMinModRevision(extreme).build()).getKvsCount());
            assertTrue(kv().range(RangeRequest.newBuilder().setKey(text("r")).setMaxModRevision(extreme)
                .setMinCreateRevision(Long.MIN_VALUE).setMaxCreateRevision(extreme).build()).getKvsCount() <= 1);
        }
    }

    @Test
    void answersExtremeLeasesAndIds()
    {
        final LeaseGrpc.LeaseBlockingStub leases = LeaseGrpc.newBlockingStub(member.channel())
            .withDeadlineAfter(60, TimeUnit.SECONDS);
        for (final long extreme : new long[]{Long.MIN_VALUE, -1, Long.MAX_VALUE})
        {
            assertFails(Status.Code.NOT_FOUND, "etcdserver: requested lease not found", () -> kv().put(
                PutRequest.newBuilder().setKey(text("l")).setLease(extreme).build()));
            assertFails(Status.Code.NOT_FOUND, "etcdserver: requested lease not found", () -> leases.leaseRevoke(
                LeaseRevokeRequest.newBuilder().setID(extreme).build()));
            assertEquals(-1, leases.leaseTimeToLive(
                LeaseTimeToLiveRequest.newBuilder().setID(extreme).setKeys(true).build()).getTTL());
            // Any id may be chosen, and time to live is raised to what a member can keep.
            assertEquals(extreme, leases.leaseGrant(
                LeaseGrantRequest.newBuilder().setID(extreme).setTTL(Long.MIN_VALUE).build()).getID());
            leases.leaseRevoke(LeaseRevokeRequest.newBuilder().setID(extreme).build());
            assertFails(Status.Code.OUT_OF_RANGE, "etcdserver: too large lease TTL", () -> leases.leaseGrant(
                LeaseGrantRequest.newBuilder().setID(extreme).setTTL(Long.MAX_VALUE).build()));
            final ClusterGrpc.ClusterBlockingStub cluster = ClusterGrpc.newBlockingStub(member.channel())
                .withDeadlineAfter(60, TimeUnit.SECONDS);
            assertFails(Status.Code.NOT_FOUND, "etcdserver: member not found", () -> cluster.memberRemove(
                MemberRemoveRequest.newBuilder().setID(extreme).build()));
            assertFails(Status.Code.NOT_FOUND, "etcdserver: member not found", () -> cluster.memberPromote(
                MemberPromoteRequest.newBuilder().setID(extreme).build()));
            assertThrows(StatusRuntimeException.class, () -> maintenance().moveLeader(
                MoveLeaderRequest.newBuilder().setTargetID(extreme).build()));
        }
    }

    @Test
    void takesKeysUpToTheLimitOfARequest()
    {
        final ByteString longest = ByteString.copyFrom(new byte[1_500_000]);
        kv().put(PutRequest.newBuilder().setKey(longest).setValue(text("v")).build());
        assertEquals(longest, kv().range(RangeRequest.newBuilder().setKey(longest).build()).getKvs(0).getKey());
        assertEquals(1, kv().deleteRange(DeleteRangeRequest.newBuilder().setKey(longest).build()).getDeleted());
        assertFails(Status.Code.INVALID_ARGUMENT, "etcdserver: request is too large", () -> kv().put(
            PutRequest.newBuilder().setKey(ByteString.copyFrom(new byte[1_572_864])).build()));
        assertFails(Status.Code.INVALID_ARGUMENT, "etcdserver: key is not provided", () -> kv().put(
            PutRequest.getDefaultInstance()));
    }

    @Test
    void answersUnknownEnumsAsTheNumbersTheyAre()
    {
        kv().put(PutRequest.newBuilder().setKey(text("e")).setValue(text("v")).build());
        assertFails(Status.Code.INVALID_ARGUMENT, "etcdserver: invalid sort option", () -> kv().range(
            RangeRequest.newBuilder().setKey(text("e")).setRangeEnd(text("f")).setSortOrderValue(7).build()));
        for (final Compare.Builder compare : new Compare.Builder[]{
            Compare.newBuilder().setResultValue(9), Compare.newBuilder().setTargetValue(9),
            Compare.newBuilder().setTargetValue(-1).setResultValue(-1)})
        {
            // Whichever branch it takes, it answers, and nothing but that branch is done.
            assertEquals(0, kv().txn(TxnRequest.newBuilder().addCompare(compare.setKey(text("e")))
                .build()).getResponsesCount());
        }
        final AtomicReference<WatchResponse> created = new AtomicReference<>();
        final StreamObserver<WatchRequest> requests = WatchGrpc.newStub(member.channel()).watch(first(created));
        requests.onNext(WatchRequest.newBuilder().setCreateRequest(
            WatchCreateRequest.newBuilder().setKey(text("e")).addFiltersValue(9)).build());
        Await.until("the watch is created", DEADLINE, () -> null != created.get());
        assertTrue(created.get().getCreated() && !created.get().getCanceled(), created.toString());
        requests.onCompleted();
    }

    @Test
    void cancelsWatchesOfImpossibleRevisions()
    {
        final AtomicReference<WatchResponse> created = new AtomicReference<>();
        final StreamObserver<WatchRequest> requests = WatchGrpc.newStub(member.channel()).watch(first(created));
        requests.onNext(WatchRequest.newBuilder().setCreateRequest(
            WatchCreateRequest.newBuilder().setKey(text("w")).setStartRevision(Long.MIN_VALUE)).build());
        Await.until("the watch is answered", DEADLINE, () -> null != created.get());
        assertTrue(created.get().getCreated() && created.get().getCanceled(), created.toString());
        requests.onCompleted();
        final AtomicReference<WatchResponse> waits = new AtomicReference<>();
        final StreamObserver<WatchRequest> others = WatchGrpc.newStub(member.channel()).watch(first(waits));
        others.onNext(WatchRequest.newBuilder().setCreateRequest(
            WatchCreateRequest.newBuilder().setKey(text("w")).setStartRevision(Long.MAX_VALUE)).build());
        Await.until("the watch is created", DEADLINE, () -> null != waits.get());
        assertTrue(waits.get().getCreated() && !waits.get().getCanceled(), waits.toString());
        others.onCompleted();
    }

    @Test
    void answersWatchesOfTheLongestMessages()
    {
        for (final int length : new int[]{2_097_000, 2_097_140})
        {
            final AtomicReference<Object> answer = new AtomicReference<>();
            final StreamObserver<WatchRequest> requests = WatchGrpc.newStub(member.channel()).watch(any(answer));
            requests.onNext(WatchRequest.newBuilder().setCreateRequest(
                WatchCreateRequest.newBuilder().setKey(ByteString.copyFrom(new byte[length]))).build());
            Await.until("the watch is answered", DEADLINE, () -> null != answer.get());
            assertTrue(answer.get() instanceof WatchResponse response && response.getCreated() ||
                answer.get().toString().contains("etcdserver: request is too large"), answer.toString());
            requests.onCompleted();
        }
    }

    @Test
    void dropsMessagesThatEndTooEarly() throws IOException
    {
        // Preface, settings, then headers and data frames that announce more than follows.
        final byte[] preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
        for (final byte[] frame : new byte[][]{
            {0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 1, 0, 1, 4, 0, 0, 0, 1, (byte)0x82},
            {0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 9, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 9},
            {0, 0, 0, 4, 0, 0, 0, 0, 0, (byte)0xFF, (byte)0xFF, (byte)0xFF, 0, 0, 0, 0, 0, 1, 1}})
        {
            final byte[] bytes = new byte[preface.length + frame.length];
            System.arraycopy(preface, 0, bytes, 0, preface.length);
            System.arraycopy(frame, 0, bytes, preface.length, frame.length);
            send(member.clientPort(), bytes);
        }
    }

    /** Keeps the first answer, be it a response or an error. */
    private static <A> StreamObserver<A> any(final AtomicReference<Object> into)
    {
        return new StreamObserver<>()
        {
            @Override
            public void onNext(final A response)
            {
                into.compareAndSet(null, response);
            }

            @Override
            public void onError(final Throwable error)
            {
                into.compareAndSet(null, error);
            }

            @Override
            public void onCompleted()
            {
                // Nothing follows.
            }
        };
    }

    private static StreamObserver<WatchResponse> first(final AtomicReference<WatchResponse> into)
    {
        return new StreamObserver<>()
        {
            @Override
            public void onNext(final WatchResponse response)
            {
                into.compareAndSet(null, response);
            }

            @Override
            public void onError(final Throwable error)
            {
                // The stream ends with its channel.
            }

            @Override
            public void onCompleted()
            {
                // Nothing follows.
            }
        };
    }

    private MaintenanceGrpc.MaintenanceBlockingStub maintenance()
    {
        return MaintenanceGrpc.newBlockingStub(member.channel()).withDeadlineAfter(60, TimeUnit.SECONDS);
    }

    private void send(final int port, final byte[] bytes) throws IOException
    {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port))
        {
            socket.setSoTimeout(100);
            socket.getOutputStream().write(bytes);
            socket.getOutputStream().flush();
            socket.getInputStream().read(new byte[1_000]);
        }
        catch (final SocketException | SocketTimeoutException ex)
        {
            // The member may close the connection, or wait for more.
            assertTrue(member.isAlive());
        }
    }

    private byte[] call(final String method, final byte[] request)
    {
        return ClientCalls.blockingUnaryCall(
            member.channel(), descriptor(method, MethodDescriptor.MethodType.UNARY),
            CallOptions.DEFAULT.withDeadlineAfter(60, TimeUnit.SECONDS), request);
    }

    private static MethodDescriptor<byte[], byte[]> descriptor(
        final String method, final MethodDescriptor.MethodType type)
    {
        return MethodDescriptor.<byte[], byte[]>newBuilder()
            .setType(type)
            .setFullMethodName(method)
            .setRequestMarshaller(BYTES)
            .setResponseMarshaller(BYTES)
            .build();
    }

    /** A message with one member that is a message. */
    private static byte[] nested(final int field, final byte[] message)
    {
        final ByteArrayOutputStream bytes = new ByteArrayOutputStream(message.length + 6);
        bytes.write(field << 3 | 2);
        int rest = message.length;
        for (; rest >= 0x80; rest >>>= 7)
        {
            bytes.write(rest | 0x80);
        }
        bytes.write(rest);
        bytes.writeBytes(message);
        return bytes.toByteArray();
    }

    private static void assertFails(final Status.Code code, final String description, final Executable call)
    {
        final StatusRuntimeException error = assertThrows(StatusRuntimeException.class, call);
        assertEquals(code, error.getStatus().getCode(), error.getMessage());
        assertEquals(description, error.getStatus().getDescription());
    }

    /** Garbage with many bytes that could be tags and lengths. */
    private byte[] almostMessage()
    {
        final byte[] bytes = garbage(random.nextInt(60));
        for (int i = 0; i < bytes.length; i += 1 + random.nextInt(6))
        {
            bytes[i] = (byte)random.nextInt(0x40);
        }
        return bytes;
    }

    private byte[] garbage(final int length)
    {
        final byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    private KVGrpc.KVBlockingStub kv()
    {
        return KVGrpc.newBlockingStub(member.channel()).withDeadlineAfter(60, TimeUnit.SECONDS);
    }

    private static ByteString text(final String text)
    {
        return ByteString.copyFromUtf8(text);
    }
}
