package dev.quorate.server.differential;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import dev.quorate.gateway.proto.etcdserverpb.HashKVRequest;
import dev.quorate.gateway.proto.etcdserverpb.HashKVResponse;
import dev.quorate.gateway.proto.etcdserverpb.KVGrpc;
import dev.quorate.gateway.proto.etcdserverpb.PutRequest;
import dev.quorate.gateway.proto.etcdserverpb.RangeRequest;
import dev.quorate.gateway.proto.etcdserverpb.RangeResponse;
import dev.quorate.gateway.proto.etcdserverpb.RequestOp;
import dev.quorate.gateway.proto.etcdserverpb.TxnRequest;
import dev.quorate.gateway.proto.etcdserverpb.TxnResponse;
import io.grpc.Status;

import java.util.List;

/**
 * Finds the ranges of a request, those of (nested) transactions included.
 */
final class Ranges
{
    private static final ByteString VALUE = ByteString.copyFromUtf8("v");
    private static final String VALUE_PROVIDED = "etcdserver: value is provided";

    /**
     * Sees one range and both its answers.
     */
    interface Visitor
    {
        /** @param twin etcd's answer to the twin of a sorted range, null if it was not asked for. */
        void onRange(
            RangeRequest request,
            RangeResponse twin,
            RangeResponse.Builder etcd,
            RangeResponse.Builder quorate);
    }

    private Ranges()
    {
    }

    static void forEach(final RulePair pair, final Visitor visitor)
    {
        if (pair.request() instanceof RangeRequest request && pair.are(RangeResponse.class))
        {
            final RangeResponse twin = SortTies.concerns(request) ?
                (RangeResponse)pair.ask(KVGrpc.getRangeMethod(), SortTies.twin(request)).message() : null;
            final RangeResponse.Builder etcd = ((RangeResponse)pair.etcd()).toBuilder();
            final RangeResponse.Builder quorate = ((RangeResponse)pair.quorate()).toBuilder();
            visitor.onRange(request, twin, etcd, quorate);
            pair.etcd(etcd.build());
            pair.quorate(quorate.build());
        }
        else if (pair.request() instanceof TxnRequest request && pair.are(TxnResponse.class))
        {
            final TxnResponse.Builder etcd = ((TxnResponse)pair.etcd()).toBuilder();
            final TxnResponse.Builder quorate = ((TxnResponse)pair.quorate()).toBuilder();
            forEach(request, etcd, quorate, visitor);
            pair.etcd(etcd.build());
            pair.quorate(quorate.build());
        }
    }

    static boolean hasUnknownSort(final Message request)
    {
        if (request instanceof RangeRequest range)
        {
            return RangeRequest.SortOrder.UNRECOGNIZED == range.getSortOrder() ||
                RangeRequest.SortTarget.UNRECOGNIZED == range.getSortTarget();
        }
        if (request instanceof TxnRequest txn)
        {
            return hasUnknownSort(txn.getSuccessList()) || hasUnknownSort(txn.getFailureList());
        }
        return false;
    }

    /**
     * True if nothing else is found wrong before the unknown order or target, of a request that has one. Where it
     * stands among other faults of a transaction, etcd is asked: with a put in its place that is refused as well.
     */
    static boolean isRefusedForSort(final RulePair pair)
    {
        if (Status.Code.INVALID_ARGUMENT != pair.outcomeOfEtcd().code())
        {
            return true;
        }
        return pair.request() instanceof TxnRequest txn &&
            VALUE_PROVIDED.equals(pair.ask(KVGrpc.getTxnMethod(), marked(txn)).description());
    }

    /** A question for 0 is answered by a compaction at 0, if its hash is kept still, or for the present revision. */
    static long hashedRevision(final RulePair pair)
    {
        final HashKVResponse response = (HashKVResponse)pair.etcd();
        final long asked = ((HashKVRequest)pair.request()).getRevision();
        final boolean isKept = response.getCompactRevision() != pair.model().compacted();
        return 0 != asked || isKept ? asked : response.getHeader().getRevision();
    }

    private static TxnRequest marked(final TxnRequest txn)
    {
        final TxnRequest.Builder marked = TxnRequest.newBuilder().addAllCompare(txn.getCompareList());
        txn.getSuccessList().forEach((op) -> marked.addSuccess(marked(op)));
        txn.getFailureList().forEach((op) -> marked.addFailure(marked(op)));
        return marked.build();
    }

    private static RequestOp marked(final RequestOp op)
    {
        if (op.hasRequestTxn())
        {
            return RequestOp.newBuilder().setRequestTxn(marked(op.getRequestTxn())).build();
        }
        return !hasUnknownSort(op.getRequestRange()) ? op : RequestOp.newBuilder().setRequestPut(PutRequest.newBuilder()
            .setKey(op.getRequestRange().getKey()).setValue(VALUE).setIgnoreValue(true)).build();
    }

    private static boolean hasUnknownSort(final List<RequestOp> ops)
    {
        return ops.stream().anyMatch(
            (op) -> hasUnknownSort(op.getRequestRange()) || hasUnknownSort(op.getRequestTxn()));
    }

    private static void forEach(
        final TxnRequest request,
        final TxnResponse.Builder etcd,
        final TxnResponse.Builder quorate,
        final Visitor visitor)
    {
        final List<RequestOp> ops = etcd.getSucceeded() ? request.getSuccessList() : request.getFailureList();
        if (etcd.getSucceeded() != quorate.getSucceeded() || etcd.getResponsesCount() != ops.size() ||
            quorate.getResponsesCount() != ops.size())
        {
            return;
        }
        for (int i = 0; i < ops.size(); i++)
        {
            final RequestOp op = ops.get(i);
            final var first = etcd.getResponsesBuilder(i);
            final var second = quorate.getResponsesBuilder(i);
            if (op.hasRequestRange() && first.hasResponseRange() && second.hasResponseRange())
            {
                visitor.onRange(
                    op.getRequestRange(),
                    twin(ops, i, etcd),
                    first.getResponseRangeBuilder(),
                    second.getResponseRangeBuilder());
            }
            else if (op.hasRequestTxn() && first.hasResponseTxn() && second.hasResponseTxn())
            {
                forEach(op.getRequestTxn(), first.getResponseTxnBuilder(), second.getResponseTxnBuilder(), visitor);
            }
        }
    }

    /** In a transaction the twin is the operation that follows. */
    private static RangeResponse twin(final List<RequestOp> ops, final int i, final TxnResponse.Builder etcd)
    {
        final RangeRequest request = ops.get(i).getRequestRange();
        final boolean isThere = SortTies.concerns(request) && i + 1 < ops.size() &&
            SortTies.twin(request).equals(ops.get(i + 1).getRequestRange());
        return isThere ? etcd.getResponses(i + 1).getResponseRange() : null;
    }
}
