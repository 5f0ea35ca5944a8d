package dev.quorate.gateway.rpc;

import io.grpc.KnownLength;
import io.grpc.MethodDescriptor;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;

/**
 * Takes the bytes of a request as they are. Messages over the limit become a refusal with the text of grpc-go, which
 * the call answers: the transport's own limit lies above this one and knows other words only. Has no state: any
 * thread.
 */
final class RequestMarshaller implements MethodDescriptor.Marshaller<Request>
{
    private final int lengthMax;

    RequestMarshaller(final int lengthMax)
    {
        this.lengthMax = lengthMax;
    }

    @Override
    public InputStream stream(final Request value)
    {
        throw new UnsupportedOperationException("requests are only received");
    }

    @Override
    public Request parse(final InputStream stream)
    {
        try
        {
            if (stream instanceof KnownLength)
            {
                final int length = stream.available();
                if (length > lengthMax)
                {
                    return Request.refused(
                        "grpc: received message larger than max (" + length + " vs. " + lengthMax + ")");
                }

                return Request.of(readExactly(stream, length));
            }

            final byte[] bytes = stream.readNBytes(lengthMax + 1);
            if (bytes.length > lengthMax)
            {
                return Request.refused("grpc: received message after decompression larger than max " + lengthMax);
            }

            return Request.of(bytes);
        }
        catch (final IOException ex)
        {
            throw new UncheckedIOException(ex);
        }
    }

    private static byte[] readExactly(final InputStream stream, final int length) throws IOException
    {
        final byte[] bytes = new byte[length];
        final int read = stream.readNBytes(bytes, 0, length);

        return read == length ? bytes : Arrays.copyOf(bytes, read);
    }
}
