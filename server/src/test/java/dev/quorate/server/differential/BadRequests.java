package dev.quorate.server.differential;

import com.google.protobuf.ByteString;
import com.google.protobuf.Empty;
import com.google.protobuf.Message;
import dev.quorate.gateway.proto.etcdserverpb.KVGrpc;
import dev.quorate.gateway.proto.etcdserverpb.LeaseGrantRequest;
import dev.quorate.gateway.proto.etcdserverpb.LeaseGrpc;
import dev.quorate.gateway.proto.etcdserverpb.LeaseRevokeRequest;
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
        switch (random.nextInt(11))
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
            case 9 -> unknownMethod(random.nextBoolean() ? "etcdserverpb.KV/Swap" : "etcdserverpb.Queue/Put");
            default -> call(KVGrpc.getPutMethod(), put(1_500_000));
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
