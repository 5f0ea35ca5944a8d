package dev.quorate.core.session;

import dev.quorate.core.store.RecordView;
import dev.quorate.core.wire.WireWriter;
import org.agrona.ExpandableArrayBuffer;

/**
 * A range answered in chunks at one revision. Nothing is pinned between chunks: a compaction that passes the revision ends
 * the stream. The last chunk alone carries header, more and count.
 */
final class RangeStream
{
    private static final int FIRST_CHUNK_KEYS = 10;
    private static final int RANGE_RESPONSE = 1;
    private static final int KVS = 2;
    private static final int MORE = 3;
    private static final int COUNT = 4;
    private static final int KVS_CAPACITY = 16 * 1024;

    private final SessionContext context;
    private final Headers headers;
    private final StateReader reader;
    private final WireWriter writer;
    private final WireWriter kvs;
    private final RecordView record = new RecordView();
    private final ExpandableArrayBuffer nextKey = new ExpandableArrayBuffer(128);
    private UnaryCall call;
    private RangeRequest request;
    private long revision;
    private long headerRevision;
    private long sent;
    private long chunkKeys;
    private int nextLength;

    RangeStream(
        final SessionContext context, final Headers headers, final StateReader reader, final WireWriter writer)
    {
        this.context = context;
        this.headers = headers;
        this.reader = reader;
        this.writer = writer;
        kvs = new WireWriter(KVS_CAPACITY, context.maxResponseBytes() / context.maxLongReads());
    }

    /** The reader is pinned to the revision asked for. */
    void begin(final UnaryCall ofCall, final RangeRequest of)
    {
        call = ofCall;
        request = of;
        headerRevision = reader.currentRevision();
        revision = of.revision > 0 ? of.revision : headerRevision;
        sent = 0;
        chunkKeys = FIRST_CHUNK_KEYS;
        nextLength = of.keyLength;
        nextKey.putBytes(0, call.buffer, of.keyOffset, of.keyLength);
    }

    /** Sends the next chunk. @return true if the call has ended. */
    boolean chunk()
    {
        if (Calls.endedBy(call, RangeTask.pin(reader, revision)))
        {
            return true;
        }
        kvs.reset();
        final boolean isLast = request.isCountOnly || fill();
        if (kvs.overflowed())
        {
            reader.unpin();
            call.complete(kvs);
            return true;
        }
        writer.reset();
        final int body = writer.begin(RANGE_RESPONSE);
        if (isLast)
        {
            headers.write(writer, headerRevision);
        }
        writer.encoded(kvs.buffer(), 0, kvs.length());
        if (isLast)
        {
            final long total = reader.count(
                call.buffer, request.keyOffset, request.keyLength, request.endOffset, request.endLength);
            writer.bool(MORE, !request.isCountOnly && sent < total);
            writer.varint(COUNT, total);
        }
        writer.end(body);
        reader.unpin();
        if (isLast)
        {
            call.complete(writer);
        }
        else if (writer.overflowed())
        {
            call.complete(writer);
            return true;
        }
        else
        {
            call.message(writer);
            adaptChunk(writer.length());
        }
        kvs.shrink();
        return isLast;
    }

    /** @return true if no key is left, or the limit is reached. */
    private boolean fill()
    {
        if (request.endLength == 0)
        {
            if (reader.get(call.buffer, request.keyOffset, request.keyLength, record))
            {
                RangeExecutor.writeKeyValue(kvs, KVS, record, request);
                sent++;
            }
            return true;
        }
        reader.scan(nextKey, 0, nextLength, call.buffer, request.endOffset, request.endLength);
        for (long taken = 0; reader.next(); taken++)
        {
            if (request.limit > 0 && sent == request.limit)
            {
                return true;
            }
            if (taken == chunkKeys)
            {
                nextLength = reader.keyLength();
                nextKey.putBytes(0, reader.key(), 0, nextLength);
                return false;
            }
            reader.record(record);
            RangeExecutor.writeKeyValue(kvs, KVS, record, request);
            sent++;
        }
        return true;
    }

    private void adaptChunk(final int length)
    {
        if (length < context.maxRequestBytes() / 2)
        {
            chunkKeys *= 2;
        }
        else if (length > 2L * context.maxRequestBytes() && chunkKeys > 1)
        {
            chunkKeys /= 2;
        }
    }
}
