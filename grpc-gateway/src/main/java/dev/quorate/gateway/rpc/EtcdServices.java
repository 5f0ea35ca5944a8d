package dev.quorate.gateway.rpc;

import dev.quorate.core.api.EtcdError;
import dev.quorate.core.api.Method;
import dev.quorate.gateway.loop.LoopRunner;
import dev.quorate.gateway.loop.LoopThread;
import io.grpc.InternalMetadata;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerServiceDefinition;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Registers every method of the core and opens its calls on the port of the event loop that serves the connection.
 */
public final class EtcdServices
{
    static final Metadata.Key<String> HAS_LEADER =
        Metadata.Key.of("hasleader", Metadata.ASCII_STRING_MARSHALLER);
    /** The raw bytes, because the value is text of the client and must be proved to be UTF-8. */
    static final Metadata.Key<byte[]> CLIENT_API_VERSION =
        InternalMetadata.keyOf("client-api-version", new RawBytes());

    private final MethodDescriptor.Marshaller<Request> requests;
    private final MethodDescriptor.Marshaller<Response> responses = new ResponseMarshaller();
    private final Response[] responseOfLoop;
    private final boolean timed;

    /**
     * @param loops            number of event loops.
     * @param messageLengthMax longest request message, bytes.
     * @param timed            true to record how long calls take.
     */
    public EtcdServices(final int loops, final int messageLengthMax, final boolean timed)
    {
        requests = new RequestMarshaller(messageLengthMax);
        responseOfLoop = new Response[loops];
        this.timed = timed;

        for (int i = 0; i < loops; i++)
        {
            responseOfLoop[i] = new Response();
        }
    }

    /**
     * @return definitions of all services that the core serves.
     */
    public List<ServerServiceDefinition> definitions()
    {
        final Map<String, ServerServiceDefinition.Builder> services = new LinkedHashMap<>();

        for (final Method method : Method.values())
        {
            services
                .computeIfAbsent(method.service(), ServerServiceDefinition::builder)
                .addMethod(descriptor(method), handler(method));
        }

        final List<ServerServiceDefinition> definitions = new ArrayList<>();
        for (final ServerServiceDefinition.Builder service : services.values())
        {
            definitions.add(service.build());
        }

        return definitions;
    }

    private MethodDescriptor<Request, Response> descriptor(final Method method)
    {
        return MethodDescriptor.<Request, Response>newBuilder(requests, responses)
            .setFullMethodName(MethodDescriptor.generateFullMethodName(method.service(), method.rpc()))
            .setType(type(method.kind()))
            .build();
    }

    private ServerCallHandler<Request, Response> handler(final Method method)
    {
        return (call, headers) -> start(method, call, headers);
    }

    private ServerCall.Listener<Request> start(
        final Method method, final ServerCall<Request, Response> call, final Metadata headers)
    {
        final LoopRunner loop = LoopThread.currentRunner();
        final GrpcCall answer = new GrpcCall(method, call, loop, responseOfLoop[loop.index()], timed);

        loop.counters().onStarted(method.ordinal());

        final boolean stream = method.kind() != Method.Kind.UNARY;
        if (!loop.counters().onClientRequest(headers.get(CLIENT_API_VERSION), stream))
        {
            answer.fail(EtcdError.INVALID_CLIENT_API_VERSION);
        }
        else
        {
            answer.open("true".equals(headers.get(HAS_LEADER)));
        }

        return answer;
    }

    private static MethodDescriptor.MethodType type(final Method.Kind kind)
    {
        return switch (kind)
        {
            case UNARY -> MethodDescriptor.MethodType.UNARY;
            case SERVER_STREAM -> MethodDescriptor.MethodType.SERVER_STREAMING;
            case BIDI_STREAM -> MethodDescriptor.MethodType.BIDI_STREAMING;
        };
    }

    /** Leaves the bytes of a metadata value as they are. */
    private static final class RawBytes implements InternalMetadata.TrustedAsciiMarshaller<byte[]>
    {
        @Override
        public byte[] toAsciiString(final byte[] value)
        {
            return value;
        }

        @Override
        public byte[] parseAsciiString(final byte[] serialized)
        {
            return serialized;
        }
    }
}
