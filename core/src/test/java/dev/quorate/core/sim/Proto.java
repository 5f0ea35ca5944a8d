package dev.quorate.core.sim;

import dev.quorate.core.api.Method;
import dev.quorate.core.machine.EtcdModel.KeyValue;
import dev.quorate.core.wire.WireReader;
import dev.quorate.core.wire.WireType;
import dev.quorate.core.wire.WireWriter;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Requests as wire bytes, and responses read back from them.
 */
final class Proto
{
    private static final int[] COMPARE_FIELDS = {4, 5, 6};

    /** Fields of a response that the checks look at; responses of a transaction inside. */
    static final class Response
    {
        final Class<?> kind;
        long clusterId;
        long memberId;
        long revision;
        long term;
        final List<KeyValue> kvs = new ArrayList<>();
        final List<Response> responses = new ArrayList<>();
        long count;
        long id;
        long ttl;
        long hash;
        long compactRevision;
        boolean succeeded;

        Response(final Class<?> kind)
        {
            this.kind = kind;
        }

        @Override
        public String toString()
        {
            return "{member=" + Long.toHexString(memberId) + " revision=" + revision + " term=" + term +
                " kvs=" + kvs + " count=" + count + " succeeded=" + succeeded + " ttl=" + ttl +
                (responses.isEmpty() ? "" : " responses=" + responses) + '}';
        }
    }

    private Proto()
    {
    }

    static Method method(final Request request)
    {
        return switch (request)
        {
            case Request.Range ignored -> Method.KV_RANGE;
            case Request.Put ignored -> Method.KV_PUT;
            case Request.Delete ignored -> Method.KV_DELETE_RANGE;
            case Request.Txn ignored -> Method.KV_TXN;
            case Request.Compact ignored -> Method.KV_COMPACT;
            case Request.Grant ignored -> Method.LEASE_GRANT;
            case Request.Revoke ignored -> Method.LEASE_REVOKE;
            case Request.KeepAlive ignored -> Method.LEASE_KEEP_ALIVE;
            case Request.HashKv ignored -> Method.HASH_KV;
        };
    }

    static byte[] encode(final Request request)
    {
        return message((writer) -> write(writer, request));
    }

    static Response decode(final Class<?> kind, final DirectBuffer buffer, final int offset, final int length)
    {
        final Response response = new Response(kind);
        final WireReader reader = new WireReader().wrap(buffer, offset, length);
        while (reader.next())
        {
            final int field = reader.tag() >>> 3;
            final boolean isBytes = (reader.tag() & 7) == WireType.BYTES;
            if (isBytes)
            {
                final UnsafeBuffer nested =
                    new UnsafeBuffer(reader.buffer(), reader.valueOffset(), reader.valueLength());
                nested(response, field, nested);
            }
            else
            {
                number(response, field, reader.number());
            }
        }
        return response;
    }

    private static void nested(final Response response, final int field, final UnsafeBuffer buffer)
    {
        if (field == 1)
        {
            header(response, buffer);
        }
        else if (response.kind == Request.Txn.class)
        {
            final WireReader reader = new WireReader().wrap(buffer, 0, buffer.capacity());
            while (reader.next())
            {
                final Class<?> kind = switch (reader.tag() >>> 3)
                {
                    case 1 -> Request.Range.class;
                    case 2 -> Request.Put.class;
                    default -> Request.Delete.class;
                };
                response.responses.add(decode(kind, reader.buffer(), reader.valueOffset(), reader.valueLength()));
            }
        }
        else
        {
            response.kvs.add(keyValue(buffer));
        }
    }

    private static void number(final Response response, final int field, final long value)
    {
        if (response.kind == Request.Range.class && field == 4 || response.kind == Request.Delete.class && field == 2)
        {
            response.count = value;
        }
        else if (response.kind == Request.Txn.class && field == 2)
        {
            response.succeeded = value != 0;
        }
        else if (response.kind == Request.HashKv.class)
        {
            response.hash = field == 2 ? value : response.hash;
            response.compactRevision = field == 3 ? value : response.compactRevision;
        }
        else if (response.kind == Request.Grant.class || response.kind == Request.KeepAlive.class)
        {
            response.id = field == 2 ? value : response.id;
            response.ttl = field == 3 ? value : response.ttl;
        }
    }

    private static void header(final Response response, final UnsafeBuffer buffer)
    {
        final WireReader reader = new WireReader().wrap(buffer, 0, buffer.capacity());
        while (reader.next())
        {
            switch (reader.tag() >>> 3)
            {
                case 1 -> response.clusterId = reader.number();
                case 2 -> response.memberId = reader.number();
                case 3 -> response.revision = reader.number();
                case 4 -> response.term = reader.number();
                default -> throw new Violation("K9", "unknown field of a header: " + (reader.tag() >>> 3));
            }
        }
    }

    static KeyValue keyValue(final UnsafeBuffer buffer)
    {
        String key = "";
        String value = "";
        final long[] numbers = new long[7];
        final WireReader reader = new WireReader().wrap(buffer, 0, buffer.capacity());
        while (reader.next())
        {
            final int field = reader.tag() >>> 3;
            if (field == 1)
            {
                key = text(reader);
            }
            else if (field == 5)
            {
                value = text(reader);
            }
            else
            {
                numbers[field] = reader.number();
            }
        }
        return new KeyValue(key, value, numbers[2], numbers[3], numbers[4], numbers[6]);
    }

    private static void write(final WireWriter writer, final Request request)
    {
        switch (request)
        {
            case Request.Range range ->
            {
                text(writer, 1, range.key());
                text(writer, 2, range.end());
                writer.varint(4, range.revision());
                writer.bool(7, range.isSerializable());
            }
            case Request.Put put ->
            {
                text(writer, 1, put.key());
                text(writer, 2, put.value());
                writer.varint(3, put.lease());
                writer.bool(4, true);
            }
            case Request.Delete delete ->
            {
                text(writer, 1, delete.key());
                text(writer, 2, delete.end());
                writer.bool(3, true);
            }
            case Request.Txn txn ->
            {
                txn.compares().forEach((compare) -> bytes(writer, 1, message((inner) ->
                {
                    inner.varint(1, compare.result());
                    inner.varint(2, compare.target());
                    text(inner, 3, compare.key());
                    inner.varint(COMPARE_FIELDS[compare.target()], compare.number());
                })));
                txn.success().forEach((op) -> bytes(writer, 2, op(op)));
                txn.failure().forEach((op) -> bytes(writer, 3, op(op)));
            }
            case Request.Compact compact -> writer.varint(1, compact.revision());
            case Request.Grant grant ->
            {
                writer.varint(1, grant.ttlSeconds());
                writer.varint(2, grant.id());
            }
            case Request.Revoke revoke -> writer.varint(1, revoke.id());
            case Request.KeepAlive keepAlive -> writer.varint(1, keepAlive.id());
            case Request.HashKv hash -> writer.varint(1, hash.revision());
        }
    }

    private static byte[] op(final Request.Op op)
    {
        final int field = op instanceof Request.Range ? 1 : op instanceof Request.Put ? 2 : 3;
        return message((writer) -> bytes(writer, field, encode(op)));
    }

    static byte[] message(final Consumer<WireWriter> content)
    {
        final WireWriter writer = new WireWriter(64, 1 << 22);
        content.accept(writer);
        final byte[] bytes = new byte[writer.length()];
        writer.buffer().getBytes(0, bytes);
        return bytes;
    }

    static void bytes(final WireWriter writer, final int field, final byte[] content)
    {
        writer.bytes(field, new UnsafeBuffer(content), 0, content.length);
    }

    static void text(final WireWriter writer, final int field, final String text)
    {
        if (!text.isEmpty())
        {
            bytes(writer, field, text.getBytes(StandardCharsets.ISO_8859_1));
        }
    }

    private static String text(final WireReader reader)
    {
        final byte[] bytes = new byte[reader.valueLength()];
        reader.buffer().getBytes(reader.valueOffset(), bytes);
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }
}
