package dev.quorate.core.machine;

import dev.quorate.core.codec.command.CompareDecoder;
import dev.quorate.core.codec.command.DeleteRangeDecoder;
import dev.quorate.core.codec.command.PutDecoder;
import dev.quorate.core.codec.command.RangeDecoder;
import dev.quorate.core.codec.command.TxnDecoder;

import java.util.Arrays;

/**
 * What a transaction costs of the space quota: the puts of its more expensive branch, nested transactions included.
 * One pass over the messages, whose nesting is told by where branches end.
 */
final class TxnCost
{
    private final CommandReader reader = new CommandReader();
    private final TxnOp txn = new TxnOp();
    private final PutOp put = new PutOp();
    private final DeleteOp delete = new DeleteOp();
    private final CompareOp compare = new CompareOp();
    private int[] failureAt = new int[8];
    private int[] endAt = new int[8];
    private long[] successCost = new long[8];
    private long[] failureCost = new long[8];
    private int depth;

    /**
     * @param at positioned at the header of the Txn; not moved.
     * @return cost in bytes; 0 if neither branch holds a put.
     */
    long of(final CommandReader at)
    {
        reader.wrap(at.buffer(), at.position(), at.end() - at.position());
        depth = 0;
        long cost = 0;
        do
        {
            switch (reader.next())
            {
                case TxnDecoder.TEMPLATE_ID -> push();
                case PutDecoder.TEMPLATE_ID ->
                {
                    put.read(reader);
                    add(ApplyQuota.PUT_COST_BYTES + put.keyLength() + put.valueLength());
                }
                case DeleteRangeDecoder.TEMPLATE_ID -> delete.read(reader);
                case CompareDecoder.TEMPLATE_ID -> compare.read(reader);
                case RangeDecoder.TEMPLATE_ID -> reader.moveTo(reader.position() + reader.blockLength());
                default -> throw reader.malformed("not an operation");
            }
            while (depth > 0 && reader.position() >= endAt[depth - 1])
            {
                cost = Math.max(successCost[depth - 1], failureCost[depth - 1]);
                depth--;
                if (depth > 0)
                {
                    // the position is behind the nested transaction: its last byte tells the branch
                    addAt(reader.position() - 1, cost);
                }
            }
        }
        while (depth > 0);
        return cost;
    }

    private void push()
    {
        txn.read(reader);
        if (depth == endAt.length)
        {
            failureAt = Arrays.copyOf(failureAt, depth * 2);
            endAt = Arrays.copyOf(endAt, depth * 2);
            successCost = Arrays.copyOf(successCost, depth * 2);
            failureCost = Arrays.copyOf(failureCost, depth * 2);
        }
        failureAt[depth] = txn.failureAt();
        endAt[depth] = txn.end();
        successCost[depth] = 0;
        failureCost[depth] = 0;
        depth++;
    }

    private void add(final long cost)
    {
        addAt(reader.position() - 1, cost);
    }

    private void addAt(final int position, final long cost)
    {
        if (0 == depth)
        {
            throw reader.malformed("operation outside of a transaction");
        }
        final int top = depth - 1;
        if (position < failureAt[top])
        {
            successCost[top] += cost;
        }
        else
        {
            failureCost[top] += cost;
        }
    }

    @Override
    public String toString()
    {
        return "TxnCost{depth=" + depth + '}';
    }
}
