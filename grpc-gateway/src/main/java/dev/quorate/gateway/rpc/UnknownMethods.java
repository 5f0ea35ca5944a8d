package dev.quorate.gateway.rpc;

import dev.quorate.core.api.Method;
import io.grpc.HandlerRegistry;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerMethodDefinition;
import io.grpc.Status;

import java.util.HashSet;
import java.util.Set;

/**
 * Answers calls of methods that nobody serves with UNIMPLEMENTED, in the words that Go clients know.
 */
public final class UnknownMethods extends HandlerRegistry
{
    private final Set<String> services = new HashSet<>();

    /**
     * Knows the services of the core and of health checking.
     */
    public UnknownMethods()
    {
        for (final Method method : Method.values())
        {
            services.add(method.service());
        }

        services.add("grpc.health.v1.Health");
    }

    @Override
    public ServerMethodDefinition<?, ?> lookupMethod(final String methodName, final String authority)
    {
        final Status status = Status.UNIMPLEMENTED.withDescription(description(methodName));
        final MethodDescriptor<Request, Response> descriptor =
            MethodDescriptor.<Request, Response>newBuilder(new RequestMarshaller(0), new ResponseMarshaller())
                .setFullMethodName(methodName)
                .setType(MethodDescriptor.MethodType.BIDI_STREAMING)
                .build();

        return ServerMethodDefinition.create(descriptor, (call, headers) -> refuse(call, status));
    }

    private String description(final String methodName)
    {
        final int slash = methodName.lastIndexOf('/');
        if (slash < 0)
        {
            return "malformed method name: \"/" + methodName + '"';
        }

        final String service = methodName.substring(0, slash);
        return services.contains(service) ?
            "unknown method " + methodName.substring(slash + 1) + " for service " + service :
            "unknown service " + service;
    }

    private static ServerCall.Listener<Request> refuse(final ServerCall<Request, Response> call, final Status status)
    {
        call.close(status, new Metadata());
        return new ServerCall.Listener<>()
        {
        };
    }
}
