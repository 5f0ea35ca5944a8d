package dev.quorate.core.session;

import dev.quorate.core.store.RecordView;
import dev.quorate.core.wire.WireWriter;

/**
 * Sends range streams in chunks at one revision each. Nothing is pinned between chunks: a compaction that passes the
 * revision ends the stream. The last chunk alone carries header, more and count.
 */
final class RangeStreamer
{
    private static final int FIRST_CHUNK_KEYS = 10;
    private static final int RANGE_RESPONSE = 1;
    private static final int KVS = 2;
    private static final int MORE = 3;
    private static final int COUNT = 4;
    private static final int INITIAL_CAPACITY = 16 * 1024;

    private final SessionContext context;
    private final Headers headers;
    private final StateReader reader;
    private final WireWriter writer;
    private final WireWriter kvs;
    private final RecordView record = new RecordView();

    RangeStreamer(final SessionContext context, final Headers headers)
    {
        this.context = context;
        this.headers = headers;
        reader = context.state().newReader();
        writer = new WireWriter(INITIAL_CAPACITY, context.maxResponseBytes());
        kvs = new WireWriter(INITIAL_CAPACITY, context.maxResponseBytes());
    }

    /** @return false if the call has ended already. */
    boolean begin(final RangeStream stream, final UnaryCall call)
    {
        final RangeRequest request = stream.request.reset().merge(call.buffer, call.offset, call.length);
        stream.starts++;
        if (Calls.endedBy(call, RangeTask.pin(reader, request.revision)))
        {
            return false;
        }
        stream.call = call;
        stream.headerRevision = reader.currentRevision();
        stream.revision = request.revision > 0 ? request.revision : stream.headerRevision;
        stream.sent = 0;
        stream.chunkKeys = FIRST_CHUNK_KEYS;
        stream.nextLength = request.keyLength;
        context.rings().countRange();
        stream.nextKey.putBytes(0, call.buffer, request.keyOffset, request.keyLength);
        reader.unpin();
        return true;
    }

    /** Sends the next chunk. @return true if the call has ended. */
    boolean chunk(final RangeStream stream)
    {
        final UnaryCall call = stream.call;
        if (Calls.endedBy(call, RangeTask.pin(reader, stream.revision)))
        {
            return true;
        }
        kvs.reset();
        final boolean isLast = stream.request.isCountOnly || fill(stream);
        if (!kvs.overflowed())
        {
            write(stream, isLast);
        }
        final boolean isOvertaken = reader.isOvertaken();
        reader.unpin();
        if (isOvertaken)
        {
            return onOvertaken(stream);
        }
        final WireWriter response = kvs.overflowed() ? kvs : writer;
        final boolean hasEnded = isLast || response.overflowed();
        if (hasEnded)
        {
            call.complete(response);
        }
        else
        {
            call.message(response);
            stream.hasSent = true;
            adaptChunk(stream, response.length());
        }
        kvs.shrink();
        writer.shrink();
        return hasEnded;
    }

    /** A stream of the newest state that has sent nothing starts again, any other ends. @return true if it ended. */
    private boolean onOvertaken(final RangeStream stream)
    {
        final long revision = stream.hasSent ? stream.revision : stream.request.revision;
        return Calls.endedBy(stream.call, RangeTask.overtaken(revision, stream.starts)) ||
            !begin(stream, stream.call);
    }

    private void write(final RangeStream stream, final boolean isLast)
    {
        writer.reset();
        final int body = writer.begin(RANGE_RESPONSE);
        if (isLast)
        {
            headers.write(writer, stream.headerRevision);
        }
        writer.encoded(kvs.buffer(), 0, kvs.length());
        if (isLast)
        {
            final RangeRequest request = stream.request;
            final long total = reader.count(
                stream.call.buffer, request.keyOffset, request.keyLength, request.endOffset, request.endLength);
            writer.bool(MORE, !request.isCountOnly && stream.sent < total);
            writer.varint(COUNT, total);
        }
        writer.end(body);
    }

    /** @return true if no key is left, or the limit is reached. */
    private boolean fill(final RangeStream stream)
    {
        final RangeRequest request = stream.request;
        if (request.endLength == 0)
        {
            if (reader.get(stream.call.buffer, request.keyOffset, request.keyLength, record))
            {
                RangeExecutor.writeKeyValue(kvs, KVS, record, request);
                stream.sent++;
            }
            return true;
        }
        reader.scan(
            stream.nextKey, 0, stream.nextLength, stream.call.buffer, request.endOffset, request.endLength);
        for (long taken = 0; reader.next(); taken++)
        {
            if (request.limit > 0 && stream.sent == request.limit)
            {
                return true;
            }
            if (taken == stream.chunkKeys)
            {
                stream.nextLength = reader.keyLength();
                stream.nextKey.putBytes(0, reader.key(), 0, stream.nextLength);
                return false;
            }
            reader.record(record);
            RangeExecutor.writeKeyValue(kvs, KVS, record, request);
            stream.sent++;
        }
        return true;
    }

    private void adaptChunk(final RangeStream stream, final int length)
    {
        if (length < context.maxRequestBytes() / 2)
        {
            stream.chunkKeys *= 2;
        }
        else if (length > 2L * context.maxRequestBytes() && stream.chunkKeys > 1)
        {
            stream.chunkKeys /= 2;
        }
    }
}
