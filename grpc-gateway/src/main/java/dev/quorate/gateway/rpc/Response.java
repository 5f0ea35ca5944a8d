package dev.quorate.gateway.rpc;

import io.grpc.Drainable;
import io.grpc.KnownLength;
import org.agrona.DirectBuffer;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * A response message on its way into the transport's buffer: drained once, without a copy between, before
 * {@code sendMessage} returns. One for each event loop, used again for every message.
 */
final class Response extends InputStream implements Drainable, KnownLength
{
    private static final int CHUNK_BYTES = 16 * 1024;

    /** Off-heap messages pass through this: the transport's stream takes arrays only. */
    private final byte[] chunk = new byte[CHUNK_BYTES];
    private DirectBuffer buffer;
    private int position;
    private int limit;

    Response wrap(final DirectBuffer buffer, final int offset, final int length)
    {
        buffer.boundsCheck(offset, length);
        this.buffer = buffer;
        position = offset;
        limit = offset + length;

        return this;
    }

    @Override
    public int drainTo(final OutputStream target) throws IOException
    {
        final int length = limit - position;
        final byte[] array = buffer.byteArray();

        if (array != null)
        {
            target.write(array, buffer.wrapAdjustment() + position, length);
            position = limit;
        }
        else
        {
            while (position < limit)
            {
                final int part = Math.min(limit - position, CHUNK_BYTES);
                buffer.getBytes(position, chunk, 0, part);
                target.write(chunk, 0, part);
                position += part;
            }
        }

        return length;
    }

    @Override
    public int available()
    {
        return limit - position;
    }

    @Override
    public int read()
    {
        return position < limit ? buffer.getByte(position++) & 0xFF : -1;
    }

    @Override
    public int read(final byte[] target, final int offset, final int length)
    {
        if (position == limit && length > 0)
        {
            return -1;
        }

        final int part = Math.min(limit - position, length);
        buffer.getBytes(position, target, offset, part);
        position += part;

        return part;
    }

    @Override
    public void close()
    {
        buffer = null;
        position = 0;
        limit = 0;
    }
}
