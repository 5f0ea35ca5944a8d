package dev.quorate.core.machine;

import dev.quorate.core.ring.NodeState;

/**
 * Counts what entries do to keys and publishes it once per entry.
 */
final class KeyCounts
{
    private final NodeState state;
    private long puts;
    private long deletes;
    private long txns;

    KeyCounts(final NodeState state)
    {
        this.state = state;
    }

    void onPut()
    {
        puts++;
    }

    void onDelete()
    {
        deletes++;
    }

    void onTxn()
    {
        txns++;
    }

    void publish()
    {
        if (puts > 0)
        {
            state.add(NodeState.Value.PUTS, puts);
            puts = 0;
        }
        if (deletes > 0)
        {
            state.add(NodeState.Value.DELETES, deletes);
            deletes = 0;
        }
        if (txns > 0)
        {
            state.add(NodeState.Value.TXNS, txns);
            txns = 0;
        }
    }

    @Override
    public String toString()
    {
        return "KeyCounts{puts=" + puts + ", deletes=" + deletes + ", txns=" + txns + '}';
    }
}
