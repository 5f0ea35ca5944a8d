package dev.quorate.core.session;

import dev.quorate.core.api.EtcdError;
import org.agrona.DirectBuffer;

import java.util.ArrayList;

/**
 * What a request must satisfy before anything else is done with it, in the order in which etcd checks it.
 */
final class RequestValidator
{
    private final int maxTxnOps;
    private final TxnOverlap overlap = new TxnOverlap();

    RequestValidator(final int maxTxnOps)
    {
        this.maxTxnOps = maxTxnOps;
    }

    EtcdError range(final RangeRequest request)
    {
        if (request.keyLength == 0)
        {
            return EtcdError.KEY_NOT_PROVIDED;
        }
        final boolean isKnown = request.sortOrder >= RangeRequest.ORDER_NONE &&
            request.sortOrder <= RangeRequest.ORDER_DESCEND && request.sortTarget >= RangeRequest.TARGET_KEY &&
            request.sortTarget <= RangeRequest.TARGET_VALUE;
        return isKnown ? EtcdError.NONE : EtcdError.INVALID_SORT_OPTION;
    }

    EtcdError put(final PutRequest request)
    {
        if (request.keyLength == 0)
        {
            return EtcdError.KEY_NOT_PROVIDED;
        }
        if (request.isIgnoreValue && request.valueLength != 0)
        {
            return EtcdError.VALUE_PROVIDED;
        }
        if (request.isIgnoreLease && request.lease != 0)
        {
            return EtcdError.LEASE_PROVIDED;
        }
        return EtcdError.NONE;
    }

    EtcdError delete(final DeleteRequest request)
    {
        return request.keyLength == 0 ? EtcdError.KEY_NOT_PROVIDED : EtcdError.NONE;
    }

    EtcdError txn(final TxnNode txn, final DirectBuffer buffer)
    {
        final EtcdError error = form(txn, maxTxnOps);
        return error != EtcdError.NONE ? error : overlap.check(txn, buffer);
    }

    private EtcdError form(final TxnNode txn, final int budget)
    {
        final int width = txn.width();
        if (width > budget)
        {
            return EtcdError.TOO_MANY_OPERATIONS;
        }
        for (int i = 0; i < txn.compares.size(); i++)
        {
            if (txn.compares.get(i).keyLength == 0)
            {
                return EtcdError.KEY_NOT_PROVIDED;
            }
        }
        final EtcdError error = branch(txn.success, budget - width);
        return error != EtcdError.NONE ? error : branch(txn.failure, budget - width);
    }

    private EtcdError branch(final ArrayList<Op> ops, final int budget)
    {
        for (int i = 0; i < ops.size(); i++)
        {
            final Op op = ops.get(i);
            final EtcdError error = switch (op.kind)
            {
                case Op.RANGE -> range(op.range);
                case Op.PUT -> put(op.put);
                case Op.DELETE -> delete(op.delete);
                case Op.TXN -> form(op.txn, budget);
                default -> EtcdError.KEY_NOT_FOUND;
            };
            if (error != EtcdError.NONE)
            {
                return error;
            }
        }
        return EtcdError.NONE;
    }
}
