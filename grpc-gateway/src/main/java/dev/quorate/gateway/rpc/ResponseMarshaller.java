package dev.quorate.gateway.rpc;

import io.grpc.MethodDescriptor;

import java.io.InputStream;

/**
 * Hands a {@link Response} to the transport as it is.
 */
final class ResponseMarshaller implements MethodDescriptor.Marshaller<Response>
{
    @Override
    public InputStream stream(final Response value)
    {
        return value;
    }

    @Override
    public Response parse(final InputStream stream)
    {
        throw new UnsupportedOperationException("responses are only sent");
    }
}
