package dev.quorate.server.process;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.ByteString;
import dev.quorate.gateway.proto.etcdserverpb.PutRequest;
import dev.quorate.gateway.proto.etcdserverpb.RangeRequest;
import dev.quorate.gateway.proto.etcdserverpb.RangeResponse;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Metadata of a call whose bytes are no text: the call is answered as if it was not there, as by etcd. Clients of gRPC
 * leave such metadata out, so the bytes of HTTP/2 are written here. {@code client-api-version} is another matter: it is
 * refused, and ends the process of etcd 3.5.
 */
class BadMetadataTest
{
    private static final String[] NAMES = {"hasleader", "token", "authorization", "user-agent", "x-anything"};
    private static final byte[][] VALUES =
    {
        {(byte)0xFF, (byte)0xFE}, {(byte)0xC3, 0x28}, {(byte)0xED, (byte)0xA0, (byte)0x80}, {(byte)0xF8, 0x21},
        {'t', 'r', 'u', 'e', (byte)0x80}
    };
    private static final int DATA = 0;
    private static final int HEADERS = 1;
    private static final int RST_STREAM = 3;
    private static final int SETTINGS = 4;
    private static final int GOAWAY = 7;
    private static final int END_STREAM = 1;
    private static final int END_HEADERS = 4;
    private static final int MESSAGE_PREFIX = 5;
    private static final int DEADLINE_MS = 60_000;

    @RegisterExtension
    final Processes processes = new Processes();

    @Test
    void quorateAnswersCallsWithMetadataThatIsNoText() throws IOException
    {
        check(processes.single(Program.quorate()).clientPort());
    }

    @Test
    void etcdAnswersCallsWithMetadataThatIsNoText() throws IOException
    {
        check(processes.single(Program.etcd()).clientPort());
    }

    private static void check(final int port) throws IOException
    {
        final ByteString key = ByteString.copyFromUtf8("key");
        int version = 0;
        for (final String name : NAMES)
        {
            for (final byte[] value : VALUES)
            {
                call(port, "/etcdserverpb.KV/Put", name, value,
                    PutRequest.newBuilder().setKey(key).setValue(ByteString.copyFrom(value)).build().toByteArray());
                version++;
                final RangeResponse found = RangeResponse.parseFrom(call(port, "/etcdserverpb.KV/Range", name, value,
                    RangeRequest.newBuilder().setKey(key).build().toByteArray()));
                assertEquals(version, found.getKvs(0).getVersion(), name);
                assertEquals(ByteString.copyFrom(value), found.getKvs(0).getValue(), name);
            }
        }
    }

    private static byte[] call(
        final int port, final String path, final String name, final byte[] value, final byte[] request)
        throws IOException
    {
        final ByteArrayOutputStream headers = new ByteArrayOutputStream();
        headers.write(0x83);
        headers.write(0x86);
        headers.write(0x04);
        string(headers, ascii(path));
        headers.write(0x01);
        string(headers, ascii("127.0.0.1"));
        literal(headers, "content-type", ascii("application/grpc"));
        literal(headers, "te", ascii("trailers"));
        literal(headers, name, value);
        final byte[] message = ByteBuffer.allocate(MESSAGE_PREFIX + request.length)
            .put((byte)0).putInt(request.length).put(request).array();

        final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes(ascii("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"));
        frame(bytes, SETTINGS, 0, 0, new byte[0]);
        frame(bytes, HEADERS, END_HEADERS, 1, headers.toByteArray());
        frame(bytes, DATA, END_STREAM, 1, message);
        try (Socket socket = new Socket("127.0.0.1", port))
        {
            socket.setSoTimeout(DEADLINE_MS);
            socket.getOutputStream().write(bytes.toByteArray());
            return answer(new DataInputStream(socket.getInputStream()), name);
        }
    }

    /** The first message of the stream. */
    private static byte[] answer(final DataInputStream in, final String name) throws IOException
    {
        while (true)
        {
            final int lengthAndType = in.readInt();
            final int flags = in.readUnsignedByte();
            final int stream = in.readInt();
            final byte[] payload = in.readNBytes(lengthAndType >>> 8);
            final int type = lengthAndType & 0xFF;
            if (DATA == type && 1 == stream && payload.length > MESSAGE_PREFIX)
            {
                return Arrays.copyOfRange(payload, MESSAGE_PREFIX, payload.length);
            }
            if (RST_STREAM == type || GOAWAY == type || HEADERS == type && 0 != (flags & END_STREAM))
            {
                throw new AssertionError("no answer to a call with " + name + ": frame of type " + type);
            }
        }
    }

    private static void frame(
        final ByteArrayOutputStream to, final int type, final int flags, final int stream, final byte[] payload)
    {
        to.writeBytes(ByteBuffer.allocate(9)
            .putInt(payload.length << 8 | type).put((byte)flags).putInt(stream).array());
        to.writeBytes(payload);
    }

    /** HPACK: a literal that is not to be indexed, with a name of its own. */
    private static void literal(final ByteArrayOutputStream to, final String name, final byte[] value)
    {
        to.write(0);
        string(to, ascii(name));
        string(to, value);
    }

    private static void string(final ByteArrayOutputStream to, final byte[] value)
    {
        to.write(value.length);
        to.writeBytes(value);
    }

    private static byte[] ascii(final String text)
    {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
