package dev.quorate.core.session;

import dev.quorate.core.api.EtcdError;
import dev.quorate.core.api.Method;
import dev.quorate.core.ring.LoopRings;
import dev.quorate.core.ring.RingMessages;
import dev.quorate.core.wire.WireReader;
import dev.quorate.core.wire.WireWriter;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.ringbuffer.OneToOneRingBuffer;

/**
 * The calls of service KV.
 */
final class KvCalls extends CallGroup
{
    private final SessionContext context;
    private final Calls calls;
    private final Proposals proposals;
    private final QuotaGuard quota;
    private final ReadRounds rounds;
    private final Reads reads;
    private final Headers headers;
    private final WireWriter writer;
    private final RequestValidator validator;
    private final WriteAnswers answers;
    private final TxnReads txnReads;
    private final TxnParser txns = new TxnParser();
    private final WireReader reader = new WireReader();
    private final RangeRequest range = new RangeRequest();
    private final PutRequest put = new PutRequest();
    private final DeleteRequest delete = new DeleteRequest();

    KvCalls(final SessionContext context, final SessionParts parts)
    {
        this.context = context;
        calls = parts.calls;
        proposals = parts.proposals;
        quota = parts.quota;
        rounds = parts.rounds;
        reads = parts.reads;
        headers = parts.headers;
        writer = parts.writer;
        validator = new RequestValidator(context.maxTxnOps());
        answers = new WriteAnswers(context, headers, parts.reader);
        txnReads = new TxnReads(context, headers, parts.reader);
    }

    @Override
    void begin(final UnaryCall call)
    {
        switch (call.method)
        {
            case KV_RANGE -> beginRange(call);
            case KV_RANGE_STREAM -> beginRangeStream(call);
            case KV_PUT -> beginPut(call);
            case KV_DELETE_RANGE -> beginDelete(call);
            case KV_TXN -> beginTxn(call);
            case KV_COMPACT -> beginCompact(call);
            default -> throw new IllegalStateException("not a call of KV: " + call.method);
        }
    }

    @Override
    void onApplied(final UnaryCall call, final AppliedResult result)
    {
        switch (call.method)
        {
            case KV_PUT -> answers.put(
                call, put.reset().merge(call.buffer, call.offset, call.length), result, writer);
            case KV_DELETE_RANGE -> answers.delete(
                call, delete.reset().merge(call.buffer, call.offset, call.length), result, writer);
            case KV_TXN -> answers.txn(call, txns.parse(call.buffer, call.offset, call.length), result, writer);
            default -> onCompacted(call, result.revision);
        }
        trim();
    }

    @Override
    void onReadReady(final UnaryCall call)
    {
        call.clearTimer();
        switch (call.method)
        {
            case KV_RANGE -> reads.beginRange(call);
            case KV_RANGE_STREAM -> reads.beginStream(call);
            default ->
            {
                txnReads.answer(call, txns.parse(call.buffer, call.offset, call.length), writer);
                trim();
            }
        }
    }

    @Override
    void onAgentAnswer(final UnaryCall call, final int type, final DirectBuffer buffer, final int index)
    {
        final EtcdError error = EtcdError.of((int)buffer.getLong(index + 8));
        if (!Calls.endedBy(call, error))
        {
            answerHeader(call, call.attachment);
        }
    }

    @Override
    EtcdError timeoutOf(final UnaryCall call)
    {
        final boolean isRead = call.method == Method.KV_RANGE || call.method == Method.KV_RANGE_STREAM ||
            call.method == Method.KV_TXN && call.step == 1;
        return isRead ? EtcdError.TIMEOUT : calls.proposalTimeout(call.startNs);
    }

    private void beginRange(final UnaryCall call)
    {
        range.reset().merge(call.buffer, call.offset, call.length);
        if (!calls.isRefused(call, range.isSerializable) && !Calls.endedBy(call, validator.range(range)))
        {
            read(call, range.isSerializable);
        }
    }

    private void beginRangeStream(final UnaryCall call)
    {
        range.reset().merge(call.buffer, call.offset, call.length);
        if (calls.isRefused(call, false) || Calls.endedBy(call, validator.range(range)))
        {
            return;
        }
        if (range.isSorted())
        {
            call.fail(EtcdError.RANGE_STREAM_SORT);
        }
        else if (range.hasFilter())
        {
            call.fail(EtcdError.RANGE_STREAM_FILTER);
        }
        else
        {
            read(call, range.isSerializable);
        }
    }

    private void beginPut(final UnaryCall call)
    {
        put.reset().merge(call.buffer, call.offset, call.length);
        if (calls.isRefused(call, false))
        {
            return;
        }
        if (!quota.admits(QuotaGuard.putCost(put)))
        {
            call.fail(EtcdError.NO_SPACE);
        }
        else if (!Calls.endedBy(call, validator.put(put)))
        {
            proposals.put(call, put);
        }
    }

    private void beginDelete(final UnaryCall call)
    {
        delete.reset().merge(call.buffer, call.offset, call.length);
        if (!calls.isRefused(call, false) && !Calls.endedBy(call, validator.delete(delete)))
        {
            proposals.delete(call, delete);
        }
    }

    private void beginTxn(final UnaryCall call)
    {
        final TxnNode txn = txns.parse(call.buffer, call.offset, call.length);
        if (calls.isRefused(call, false))
        {
            return;
        }
        if (txns.isTooLarge())
        {
            call.fail(EtcdError.TOO_MANY_OPERATIONS);
        }
        else if (!quota.admits(txn.quotaCost()))
        {
            call.fail(EtcdError.NO_SPACE);
        }
        else if (!Calls.endedBy(call, validator.txn(txn, call.buffer)))
        {
            if (txn.isReadOnly())
            {
                call.step = 1;
                read(call, txn.isSerializable());
            }
            else
            {
                proposals.txn(call, txn);
            }
        }
    }

    private void beginCompact(final UnaryCall call)
    {
        long revision = 0;
        reader.wrap(call.buffer, call.offset, call.length);
        while (reader.next())
        {
            if (reader.tag() == 1 << 3)
            {
                revision = reader.number();
            }
            else if (reader.tag() == 2 << 3)
            {
                call.step = reader.bool() ? 1 : 0;
            }
        }
        call.attachment = revision;
        if (!calls.isRefused(call, false))
        {
            proposals.compact(call, revision);
        }
    }

    /** A physical compaction is answered when the old versions are gone from the disk of this member. */
    private void onCompacted(final UnaryCall call, final long headerRevision)
    {
        if (call.step == 0)
        {
            answerHeader(call, headerRevision);
            return;
        }
        final LoopRings rings = context.rings();
        final OneToOneRingBuffer ring = rings.toHousekeeping();
        final int at = ring.tryClaim(RingMessages.AWAIT_COMPACTION, 2 * Long.BYTES);
        if (at < 0)
        {
            call.fail(EtcdError.TOO_MANY_REQUESTS);
            return;
        }
        final long correlationId = calls.nextCorrelationId();
        ring.buffer().putLong(at, correlationId);
        ring.buffer().putLong(at + 8, call.attachment);
        ring.commit(at);
        call.attachment = headerRevision;
        call.clearTimer();
        calls.awaitWithoutDeadline(call, correlationId);
        rings.signalHousekeeping();
    }

    private void read(final UnaryCall call, final boolean isSerializable)
    {
        if (isSerializable)
        {
            onReadReady(call);
        }
        else if (calls.isFull())
        {
            call.fail(EtcdError.TOO_MANY_REQUESTS);
        }
        else
        {
            calls.startTimer(call, context.requestTimeoutNs());
            rounds.await(call);
        }
    }

    private void answerHeader(final UnaryCall call, final long revision)
    {
        headers.write(writer.reset(), revision);
        call.complete(writer);
    }

    private void trim()
    {
        if (writer.length() > SessionParts.KEPT_RESPONSE_BYTES)
        {
            writer.shrink();
        }
    }
}
