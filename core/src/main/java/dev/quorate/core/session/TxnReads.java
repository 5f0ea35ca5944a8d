package dev.quorate.core.session;

import dev.quorate.core.api.EtcdError;
import dev.quorate.core.wire.WireWriter;

import java.util.ArrayList;

/**
 * Transactions that only read: served outside the log on one pinned state.
 */
final class TxnReads
{
    private static final int SUCCEEDED = 2;
    private static final int RESPONSES = 3;
    private static final int RESPONSE_RANGE = 1;

    private final SessionContext context;
    private final Headers headers;
    private final StateReader reader;
    private final StateReader pastReader;
    private final RangeExecutor ranges;
    private final CompareEvaluator compares = new CompareEvaluator();

    TxnReads(final SessionContext context, final Headers headers, final StateReader reader)
    {
        this.context = context;
        this.headers = headers;
        this.reader = reader;
        pastReader = context.state().newReader();
        ranges = new RangeExecutor(context);
    }

    void answer(final UnaryCall call, final TxnNode txn, final WireWriter writer)
    {
        EtcdError error = EtcdError.NONE;
        boolean isOvertaken = true;
        for (int starts = 0; isOvertaken && starts < RangeTask.MAX_STARTS; starts++)
        {
            reader.pinLatest();
            final boolean succeeded = compares.holds(reader, call.buffer, txn.compares);
            error = write(call, succeeded ? txn.success : txn.failure, succeeded, writer);
            isOvertaken = reader.isOvertaken();
            reader.unpin();
        }
        if (isOvertaken)
        {
            call.fail(EtcdError.TOO_MANY_REQUESTS);
        }
        else if (error != EtcdError.NONE)
        {
            call.fail(error);
        }
        else
        {
            call.complete(writer);
        }
    }

    private EtcdError write(
        final UnaryCall call, final ArrayList<Op> ops, final boolean succeeded, final WireWriter writer)
    {
        final long current = reader.currentRevision();
        writer.reset();
        headers.write(writer, current);
        writer.bool(SUCCEEDED, succeeded);
        for (int i = 0; i < ops.size(); i++)
        {
            final RangeRequest range = ops.get(i).range;
            if (range.revision > current)
            {
                return EtcdError.FUTURE_REVISION;
            }
            final boolean isPast = range.revision > 0 && range.revision < current;
            if (isPast && pastReader.pinAt(range.revision) != StateReader.OK)
            {
                return EtcdError.COMPACTED;
            }
            if (range.revision < 0 && range.revision < context.state().compactedRevision())
            {
                return EtcdError.COMPACTED;
            }
            final int op = writer.begin(RESPONSES);
            final int body = writer.begin(RESPONSE_RANGE);
            Headers.writeInner(writer, current);
            ranges.begin(isPast ? pastReader : reader, range, call.buffer, writer);
            ranges.step(RangeExecutor.UNBOUNDED);
            writer.end(body);
            writer.end(op);
            if (isPast)
            {
                final boolean isOvertaken = pastReader.isOvertaken();
                pastReader.unpin();
                if (isOvertaken)
                {
                    return EtcdError.COMPACTED;
                }
            }
        }
        return EtcdError.NONE;
    }
}
