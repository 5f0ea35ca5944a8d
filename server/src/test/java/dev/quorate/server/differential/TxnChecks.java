package dev.quorate.server.differential;

import com.google.protobuf.ByteString;
import dev.quorate.gateway.proto.etcdserverpb.KVGrpc;
import dev.quorate.gateway.proto.etcdserverpb.PutRequest;
import dev.quorate.gateway.proto.etcdserverpb.RangeRequest;
import dev.quorate.gateway.proto.etcdserverpb.RangeResponse;
import dev.quorate.gateway.proto.etcdserverpb.RequestOp;
import dev.quorate.gateway.proto.etcdserverpb.TxnRequest;
import dev.quorate.gateway.proto.etcdserverpb.TxnResponse;
import io.grpc.Status;

import java.util.ArrayList;
import java.util.List;

/**
 * With which error a transaction must end that has more than one wrong operation on its path. The path, and which keys
 * are there, is asked of etcd by a transaction with the same compares that only counts keys.
 */
final class TxnChecks
{
    private static final Outcome KEY_NOT_FOUND =
        Outcome.error(Status.Code.INVALID_ARGUMENT, "etcdserver: key not found");
    private static final Outcome LEASE_NOT_FOUND =
        Outcome.error(Status.Code.NOT_FOUND, "etcdserver: requested lease not found");
    private static final Outcome COMPACTED =
        Outcome.error(Status.Code.OUT_OF_RANGE, "etcdserver: mvcc: required revision has been compacted");
    private static final Outcome FUTURE =
        Outcome.error(Status.Code.OUT_OF_RANGE, "etcdserver: mvcc: required revision is a future revision");

    private final Model model;
    private final List<Outcome> putsKeyFirst = new ArrayList<>();
    private final List<Outcome> ranges = new ArrayList<>();
    private final List<Outcome> inTurn = new ArrayList<>();

    private TxnChecks(final Model model)
    {
        this.model = model;
    }

    /** Of a transaction that etcd has refused. */
    static TxnChecks of(final TxnRequest txn, final RulePair pair)
    {
        final TxnChecks checks = new TxnChecks(pair.model());
        final Outcome counted = pair.ask(KVGrpc.getTxnMethod(), counting(txn));
        if (counted.isOk())
        {
            checks.walk(txn, (TxnResponse)counted.message());
        }
        return checks;
    }

    /** All puts, the key of each before its lease, then all ranges. Null if nothing is wrong. */
    Outcome putsBeforeRanges()
    {
        return putsKeyFirst.isEmpty() ? first(ranges) : putsKeyFirst.getFirst();
    }

    /** Each operation in its turn, of a put its lease first. Null if nothing is wrong. */
    Outcome inTurn()
    {
        return first(inTurn);
    }

    private void walk(final TxnRequest txn, final TxnResponse path)
    {
        final List<RequestOp> ops = path.getSucceeded() ? txn.getSuccessList() : txn.getFailureList();
        for (int i = 0; i < ops.size(); i++)
        {
            final RequestOp op = ops.get(i);
            if (op.hasRequestTxn())
            {
                walk(op.getRequestTxn(), path.getResponses(i).getResponseTxn());
            }
            else if (op.hasRequestPut())
            {
                check(op.getRequestPut(), path.getResponses(i).getResponseRange());
            }
            else if (op.hasRequestRange())
            {
                check(op.getRequestRange().getRevision());
            }
        }
    }

    private void check(final PutRequest put, final RangeResponse previous)
    {
        final boolean lacksKey = (put.getIgnoreValue() || put.getIgnoreLease()) && 0 == previous.getCount();
        final boolean lacksLease = 0 != put.getLease() && !model.leases().contains(put.getLease());
        if (lacksKey || lacksLease)
        {
            putsKeyFirst.add(lacksKey ? KEY_NOT_FOUND : LEASE_NOT_FOUND);
            inTurn.add(lacksLease ? LEASE_NOT_FOUND : KEY_NOT_FOUND);
        }
    }

    private void check(final long revision)
    {
        if (0 != revision && (revision > model.revision() || revision < model.compacted()))
        {
            ranges.add(revision > model.revision() ? FUTURE : COMPACTED);
            inTurn.add(ranges.getLast());
        }
    }

    private static TxnRequest counting(final TxnRequest txn)
    {
        final TxnRequest.Builder counting = TxnRequest.newBuilder().addAllCompare(txn.getCompareList());
        txn.getSuccessList().forEach((op) -> counting.addSuccess(counting(op)));
        txn.getFailureList().forEach((op) -> counting.addFailure(counting(op)));
        return counting.build();
    }

    private static RequestOp counting(final RequestOp op)
    {
        if (op.hasRequestTxn())
        {
            return RequestOp.newBuilder().setRequestTxn(counting(op.getRequestTxn())).build();
        }
        final ByteString key = op.hasRequestPut() ? op.getRequestPut().getKey() : History.FROM_KEY;
        return RequestOp.newBuilder().setRequestRange(RangeRequest.newBuilder().setKey(key).setCountOnly(true)).build();
    }

    private static Outcome first(final List<Outcome> outcomes)
    {
        return outcomes.isEmpty() ? null : outcomes.getFirst();
    }
}
