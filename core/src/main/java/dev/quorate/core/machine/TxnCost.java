package dev.quorate.core.machine;

import dev.quorate.core.codec.command.CompareDecoder;
import dev.quorate.core.codec.command.DeleteRangeDecoder;
import dev.quorate.core.codec.command.PutDecoder;
import dev.quorate.core.codec.command.RangeDecoder;
import dev.quorate.core.codec.command.TxnDecoder;


/**
 * What a transaction costs of the space quota: the puts of its more expensive branch. As in etcd, what stands in a
 * nested transaction is not counted.
 */
final class TxnCost
{
    private final CommandReader reader = new CommandReader();
    private final TxnOp txn = new TxnOp();
    private final PutOp put = new PutOp();
    private final DeleteOp delete = new DeleteOp();
    private final CompareOp compare = new CompareOp();
    private final TxnOp nested = new TxnOp();

    /**
     * @param at positioned at the header of the Txn; not moved.
     * @return cost in bytes; 0 if neither branch holds a put of its own.
     */
    long of(final CommandReader at)
    {
        reader.wrap(at.buffer(), at.position(), at.end() - at.position());
        if (TxnDecoder.TEMPLATE_ID != reader.next())
        {
            throw reader.malformed("operation outside of a transaction");
        }
        txn.read(reader);
        long success = 0;
        long failure = 0;
        while (reader.position() < txn.end())
        {
            final boolean isFailure = reader.position() >= txn.failureAt();
            final long cost = next();
            success += isFailure ? 0 : cost;
            failure += isFailure ? cost : 0;
        }
        return Math.max(success, failure);
    }

    private long next()
    {
        switch (reader.next())
        {
            case PutDecoder.TEMPLATE_ID:
                put.read(reader);
                return ApplyQuota.PUT_COST_BYTES + put.keyLength() + put.valueLength();

            case TxnDecoder.TEMPLATE_ID:
                nested.read(reader);
                reader.moveTo(nested.end());
                return 0;

            case DeleteRangeDecoder.TEMPLATE_ID:
                delete.read(reader);
                return 0;

            case CompareDecoder.TEMPLATE_ID:
                compare.read(reader);
                return 0;

            case RangeDecoder.TEMPLATE_ID:
                reader.moveTo(reader.position() + reader.blockLength());
                return 0;

            default:
                throw reader.malformed("not an operation");
        }
    }
}
