package dev.quorate.server.differential;

import com.google.protobuf.ByteString;
import com.google.protobuf.Empty;
import com.google.protobuf.Message;
import dev.quorate.gateway.proto.etcdserverpb.ClusterGrpc;
import dev.quorate.gateway.proto.etcdserverpb.KVGrpc;
import dev.quorate.gateway.proto.etcdserverpb.LeaseGrantRequest;
import dev.quorate.gateway.proto.etcdserverpb.LeaseGrpc;
import dev.quorate.gateway.proto.etcdserverpb.LeaseRevokeRequest;
import dev.quorate.gateway.proto.etcdserverpb.MaintenanceGrpc;
import dev.quorate.gateway.proto.etcdserverpb.MemberAddRequest;
import dev.quorate.gateway.proto.etcdserverpb.MemberListRequest;
import dev.quorate.gateway.proto.etcdserverpb.MemberListResponse;
import dev.quorate.gateway.proto.etcdserverpb.MemberPromoteRequest;
import dev.quorate.gateway.proto.etcdserverpb.MemberRemoveRequest;
import dev.quorate.gateway.proto.etcdserverpb.MemberUpdateRequest;
import dev.quorate.gateway.proto.etcdserverpb.MoveLeaderRequest;
import dev.quorate.gateway.proto.etcdserverpb.PutRequest;
import dev.quorate.gateway.proto.etcdserverpb.RangeRequest;
import dev.quorate.gateway.proto.etcdserverpb.ResponseHeader;
import dev.quorate.gateway.proto.etcdserverpb.TxnRequest;
import io.grpc.MethodDescriptor;
import io.grpc.protobuf.ProtoUtils;

import java.util.Random;

/**
 * Requests that must be refused, or that hardly any client sends.
 */
final class BadRequests
{
    private static final int SLIGHTLY_TOO_LARGE = 1_572_864;
    private static final int FAR_TOO_LARGE = 2_200_000;
    private static final long UNKNOWN_MEMBER = 4_711;

    private final Random random;
    private final Comparison comparison;
    private final Generator generator;
    private final Model model;

    BadRequests(final Random random, final Comparison comparison, final Generator generator, final Model model)
    {
        this.random = random;
        this.comparison = comparison;
        this.generator = generator;
        this.model = model;
    }

    void step()
    {
        switch (random.nextInt(18))
        {
            case 0 -> call(KVGrpc.getPutMethod(), put(SLIGHTLY_TOO_LARGE));
            case 1 -> call(KVGrpc.getPutMethod(), put(FAR_TOO_LARGE));
            case 2 -> call(KVGrpc.getTxnMethod(), generator.tooManyOperations());
            case 3 -> call(KVGrpc.getTxnMethod(), generator.deep());
            case 4 -> call(KVGrpc.getTxnMethod(), TxnRequest.getDefaultInstance());
            case 5 -> call(KVGrpc.getRangeMethod(), generator.unknownSort());
            case 6 -> call(KVGrpc.getRangeMethod(), RangeRequest.getDefaultInstance());
            case 7 -> call(LeaseGrpc.getLeaseGrantMethod(), LeaseGrantRequest.newBuilder().setTTL(Long.MAX_VALUE)
                .setID(3).build());
            case 8 -> call(LeaseGrpc.getLeaseRevokeMethod(), LeaseRevokeRequest.newBuilder()
                .setID(random.nextBoolean() ? 0 : Long.MIN_VALUE + 1).build());
            case 9 -> members();
            case 10 -> call(ClusterGrpc.getMemberAddMethod(), MemberAddRequest.newBuilder().addPeerURLs(badUrl())
                .setIsLearner(random.nextBoolean()).build());
            case 11 -> call(ClusterGrpc.getMemberAddMethod(), MemberAddRequest.newBuilder()
                .addPeerURLs("http://localhost:2380").build());
            case 12 -> call(ClusterGrpc.getMemberUpdateMethod(), MemberUpdateRequest.newBuilder()
                .setID(UNKNOWN_MEMBER).addPeerURLs("http://localhost:2390").build());
            case 13 -> call(ClusterGrpc.getMemberPromoteMethod(), MemberPromoteRequest.newBuilder()
                .setID(UNKNOWN_MEMBER).build());
            case 14 -> call(MaintenanceGrpc.getMoveLeaderMethod(), MoveLeaderRequest.newBuilder()
                .setTargetID(UNKNOWN_MEMBER).build());
            case 15 -> unknownMethod(random.nextBoolean() ? "etcdserverpb.KV/Swap" : "etcdserverpb.Queue/Put");
            case 16 -> call(KVGrpc.getPutMethod(), put(1_500_000));
            default -> call(ClusterGrpc.getMemberRemoveMethod(), MemberRemoveRequest.newBuilder()
                .setID(UNKNOWN_MEMBER).build());
        }
    }

    private void members()
    {
        final Outcome outcome = call(ClusterGrpc.getMemberListMethod(), MemberListRequest.newBuilder()
            .setLinearizable(random.nextBoolean()).build());
        final long self = ((MemberListResponse)outcome.message()).getMembers(0).getID();
        switch (random.nextInt(3))
        {
            case 0 -> call(ClusterGrpc.getMemberRemoveMethod(), MemberRemoveRequest.newBuilder().setID(self).build());
            case 1 -> call(ClusterGrpc.getMemberPromoteMethod(), MemberPromoteRequest.newBuilder().setID(self).build());
            default -> call(
                MaintenanceGrpc.getMoveLeaderMethod(), MoveLeaderRequest.newBuilder().setTargetID(self).build());
        }
    }

    private void unknownMethod(final String name)
    {
        final MethodDescriptor<Empty, Empty> method = MethodDescriptor.<Empty, Empty>newBuilder()
            .setType(MethodDescriptor.MethodType.UNARY)
            .setFullMethodName(name)
            .setRequestMarshaller(ProtoUtils.marshaller(Empty.getDefaultInstance()))
            .setResponseMarshaller(ProtoUtils.marshaller(Empty.getDefaultInstance()))
            .build();
        comparison.call(method, Empty.getDefaultInstance());
    }

    private String badUrl()
    {
        final String[] urls = {
            "", "localhost:2380", "http://localhost", "http://localhost:2380/path", "ftp://localhost:1", "http://:x",
            "http://[::1", "http://user@host:1/", "%zz", "http://localhost:2381,http://localhost:2382"};
        return urls[random.nextInt(urls.length)];
    }

    private PutRequest put(final int length)
    {
        final byte[] value = new byte[length];
        value[0] = (byte)random.nextInt();
        return PutRequest.newBuilder().setKey(generator.key()).setValue(ByteString.copyFrom(value)).build();
    }

    private <Q extends Message, A extends Message> Outcome call(final MethodDescriptor<Q, A> method, final Q request)
    {
        final Outcome outcome = comparison.call(method, request);
        if (outcome.isOk())
        {
            final var field = outcome.message().getDescriptorForType().findFieldByName("header");
            model.revision(((ResponseHeader)outcome.message().getField(field)).getRevision());
        }
        return outcome;
    }
}
