package dev.quorate.gateway;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * HTTP/2 frames written by hand, for what a well-behaved client does not send.
 */
final class RawHttp2
{
    private static final int HEADERS = 1;
    private static final int SETTINGS = 4;
    private static final int PING = 6;
    private static final int END_STREAM_AND_HEADERS = 5;

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    RawHttp2()
    {
        bytes.writeBytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        frame(SETTINGS, 0, 0, new byte[0]);
    }

    RawHttp2 ping()
    {
        return frame(PING, 0, 0, new byte[8]);
    }

    /** A call without a message; names and values alternate. */
    RawHttp2 call(final int streamId, final String... headers)
    {
        final ByteArrayOutputStream block = new ByteArrayOutputStream();
        for (final String text : headers)
        {
            if (text.length() > 126)
            {
                throw new IllegalArgumentException("too long for a length of one byte: " + text);
            }
        }
        for (int i = 0; i < headers.length; i += 2)
        {
            block.write(0);
            literal(block, headers[i]);
            literal(block, headers[i + 1]);
        }

        return frame(HEADERS, END_STREAM_AND_HEADERS, streamId, block.toByteArray());
    }

    byte[] bytes()
    {
        return bytes.toByteArray();
    }

    private static void literal(final ByteArrayOutputStream block, final String text)
    {
        block.write(text.length());
        block.writeBytes(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    private RawHttp2 frame(final int type, final int flags, final int streamId, final byte[] payload)
    {
        bytes.write(payload.length >>> 16);
        bytes.write(payload.length >>> 8);
        bytes.write(payload.length);
        bytes.write(type);
        bytes.write(flags);
        bytes.write(0);
        bytes.write(0);
        bytes.write(streamId >>> 8);
        bytes.write(streamId);
        bytes.writeBytes(payload);

        return this;
    }
}
