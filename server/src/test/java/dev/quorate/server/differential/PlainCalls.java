package dev.quorate.server.differential;

import dev.quorate.gateway.proto.etcdserverpb.DefragmentRequest;
import dev.quorate.gateway.proto.etcdserverpb.HashRequest;
import dev.quorate.gateway.proto.etcdserverpb.KVGrpc;
import dev.quorate.gateway.proto.etcdserverpb.MaintenanceGrpc;
import io.grpc.Metadata;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthGrpc;

import java.util.Random;

/**
 * Requests that ask about the server, and requests with metadata.
 */
final class PlainCalls
{
    private static final String[] SERVICES = {"", "", "etcdserverpb.KV", "grpc.health.v1.Health", "\u00ff"};
    private static final String[] LEADER_VALUES = {"true", "false", "TRUE", ""};

    private final Random random;
    private final Comparison comparison;
    private final Generator generator;

    PlainCalls(final Random random, final Comparison comparison, final Generator generator)
    {
        this.random = random;
        this.comparison = comparison;
        this.generator = generator;
    }

    void step()
    {
        switch (random.nextInt(8))
        {
            case 0, 1 -> comparison.call(HealthGrpc.getCheckMethod(), service());
            case 2 ->
            {
                final HealthCheckRequest request = service();
                comparison.compare("Watch", request,
                    comparison.etcd().first(HealthGrpc.getWatchMethod(), request),
                    comparison.quorate().first(HealthGrpc.getWatchMethod(), request));
            }
            case 3, 4 -> comparison.call(MaintenanceGrpc.getHashMethod(), HashRequest.getDefaultInstance());
            case 5 -> comparison.call(MaintenanceGrpc.getDefragmentMethod(), DefragmentRequest.getDefaultInstance());
            default -> comparison.call(
                KVGrpc.getRangeMethod(), generator.range().build(), metadata());
        }
    }

    private HealthCheckRequest service()
    {
        return HealthCheckRequest.newBuilder().setService(SERVICES[random.nextInt(SERVICES.length)]).build();
    }

    private Metadata metadata()
    {
        final Metadata metadata = new Metadata();
        put(metadata, "hasleader", LEADER_VALUES[random.nextInt(LEADER_VALUES.length)]);
        put(metadata, "client-api-version", random.nextBoolean() ? "3.5" : "no version");
        put(metadata, "token", "nobody's");
        put(metadata, "authorization", "Bearer x");
        return metadata;
    }

    private void put(final Metadata metadata, final String key, final String value)
    {
        if (random.nextBoolean())
        {
            metadata.put(Metadata.Key.of(key, Metadata.ASCII_STRING_MARSHALLER), value);
        }
    }
}
