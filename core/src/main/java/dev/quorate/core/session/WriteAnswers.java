package dev.quorate.core.session;

import dev.quorate.core.store.RecordView;
import dev.quorate.core.wire.WireWriter;
import org.agrona.DirectBuffer;
import org.agrona.collections.LongArrayList;

import java.util.ArrayList;

/**
 * Builds the responses of applied writes: what apply answered says where the data is, the request says what the client
 * wants of it. The whole response is built before this returns, so that nothing refers to the store afterwards. Apply
 * holds a compaction until the answers of all entries before it are built, so that none can overtake a read here.
 */
final class WriteAnswers
{
    private static final int PUT_PREV_KV = 2;
    private static final int DELETED = 2;
    private static final int DELETE_PREV_KVS = 3;
    private static final int SUCCEEDED = 2;
    private static final int RESPONSES = 3;

    private final Headers headers;
    private final StateReader reader;
    private final RangeExecutor ranges;
    private final RecordView record = new RecordView();
    private WireWriter writer;
    private DirectBuffer buffer;
    private LongArrayList values;
    private int nextValue;

    WriteAnswers(final SessionContext context, final Headers headers, final StateReader reader)
    {
        this.headers = headers;
        this.reader = reader;
        ranges = new RangeExecutor(context);
    }

    void put(final UnaryCall call, final PutRequest request, final AppliedResult result, final WireWriter to)
    {
        begin(call, result, to);
        headers.write(to, result.revision);
        writePrevKv(request, nextValue());
        end(call);
    }

    void delete(final UnaryCall call, final DeleteRequest request, final AppliedResult result, final WireWriter to)
    {
        begin(call, result, to);
        headers.write(to, result.revision);
        writeDeleted(request, result.boundBefore, nextValue());
        end(call);
    }

    void txn(final UnaryCall call, final TxnNode txn, final AppliedResult result, final WireWriter to)
    {
        begin(call, result, to);
        headers.write(to, result.revision);
        writeTxn(txn);
        end(call);
    }

    private void begin(final UnaryCall call, final AppliedResult result, final WireWriter to)
    {
        writer = to.reset();
        buffer = call.buffer;
        values = result.values;
        nextValue = 0;
        reader.pinAnswer(result.boundAfter);
    }

    private void end(final UnaryCall call)
    {
        reader.unpin();
        if (nextValue != values.size())
        {
            throw new IllegalStateException("answer used " + nextValue + " of " + values.size() + " values");
        }
        call.complete(writer);
        buffer = null;
    }

    private void writeTxn(final TxnNode txn)
    {
        final boolean succeeded = nextValue() == 1;
        writer.bool(SUCCEEDED, succeeded);
        final ArrayList<Op> ops = succeeded ? txn.success : txn.failure;
        for (int i = 0; i < ops.size(); i++)
        {
            final Op op = ops.get(i);
            final int response = writer.begin(RESPONSES);
            final int body = writer.begin(op.kind);
            writeOp(op);
            writer.end(body);
            writer.end(response);
        }
    }

    /** The kinds of operations are numbered as the members of the union of responses. */
    private void writeOp(final Op op)
    {
        switch (op.kind)
        {
            case Op.RANGE ->
            {
                final long bound = nextValue();
                Headers.writeInner(writer, nextValue());
                reader.moveTo(bound);
                ranges.begin(reader, op.range, buffer, writer);
                ranges.step(RangeExecutor.UNBOUNDED);
            }
            case Op.PUT ->
            {
                final long prevLp = nextValue();
                Headers.writeInner(writer, nextValue());
                writePrevKv(op.put, prevLp);
            }
            case Op.DELETE ->
            {
                final long bound = nextValue();
                final long deleted = nextValue();
                Headers.writeInner(writer, nextValue());
                writeDeleted(op.delete, bound, deleted);
            }
            case Op.TXN ->
            {
                Headers.writeEmpty(writer);
                writeTxn(op.txn);
            }
            default -> throw new IllegalStateException("operation without a kind");
        }
    }

    private void writePrevKv(final PutRequest request, final long prevLp)
    {
        if (request.isPrevKv && prevLp >= 0)
        {
            reader.recordAt(prevLp, record);
            writer.bytes(PUT_PREV_KV, record.buffer(), record.bodyOffset(), record.bodyLength());
        }
    }

    private void writeDeleted(final DeleteRequest request, final long boundBefore, final long deleted)
    {
        writer.varint(DELETED, deleted);
        if (!request.isPrevKv || deleted == 0)
        {
            return;
        }
        reader.moveTo(boundBefore);
        long found = 0;
        if (request.endLength == 0)
        {
            if (reader.get(buffer, request.keyOffset, request.keyLength, record))
            {
                writer.bytes(DELETE_PREV_KVS, record.buffer(), record.bodyOffset(), record.bodyLength());
                found = 1;
            }
        }
        else
        {
            reader.scan(
                buffer, request.keyOffset, request.keyLength, buffer, request.endOffset, request.endLength);
            while (reader.next())
            {
                reader.record(record);
                writer.bytes(DELETE_PREV_KVS, record.buffer(), record.bodyOffset(), record.bodyLength());
                found++;
            }
        }
        if (found != deleted)
        {
            throw new IllegalStateException("deleted " + deleted + " keys, found " + found + " before it");
        }
    }

    private long nextValue()
    {
        if (nextValue >= values.size())
        {
            throw new IllegalStateException("answer needs more than " + values.size() + " values");
        }
        return values.getLong(nextValue++);
    }
}
