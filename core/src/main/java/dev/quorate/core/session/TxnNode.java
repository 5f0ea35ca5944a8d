package dev.quorate.core.session;

import java.util.ArrayList;

/**
 * One transaction, at the top or nested. Its lengths as a command are filled by {@link CommandEncoder}.
 */
final class TxnNode
{
    final ArrayList<CompareRequest> compares = new ArrayList<>();
    final ArrayList<Op> success = new ArrayList<>();
    final ArrayList<Op> failure = new ArrayList<>();
    long compareLength;
    long successLength;
    long failureLength;

    TxnNode reset()
    {
        compares.clear();
        success.clear();
        failure.clear();
        return this;
    }

    /** @return most of the counts of compares and operations of either branch: what the budget limits. */
    int width()
    {
        return Math.max(compares.size(), Math.max(success.size(), failure.size()));
    }

    /** @return true if every operation of both branches is a range. */
    boolean isReadOnly()
    {
        return isReadOnly(success) && isReadOnly(failure);
    }

    /** @return true if it is read-only and every range is serializable. */
    boolean isSerializable()
    {
        return isSerializable(success) && isSerializable(failure);
    }

    /** @return what the puts of the costlier branch add to the store by the quota's measure. */
    long quotaCost()
    {
        return Math.max(quotaCost(success), quotaCost(failure));
    }

    private static boolean isReadOnly(final ArrayList<Op> branch)
    {
        for (int i = 0; i < branch.size(); i++)
        {
            if (branch.get(i).kind != Op.RANGE)
            {
                return false;
            }
        }
        return true;
    }

    private static boolean isSerializable(final ArrayList<Op> branch)
    {
        for (int i = 0; i < branch.size(); i++)
        {
            if (branch.get(i).kind != Op.RANGE || !branch.get(i).range.isSerializable)
            {
                return false;
            }
        }
        return true;
    }

    private static long quotaCost(final ArrayList<Op> branch)
    {
        long cost = 0;
        for (int i = 0; i < branch.size(); i++)
        {
            final Op op = branch.get(i);
            // Like etcd, which counts only what stands in the outermost transaction.
            if (op.kind == Op.PUT)
            {
                cost += QuotaGuard.putCost(op.put);
            }
        }
        return cost;
    }
}
