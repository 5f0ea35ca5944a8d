package dev.quorate.core.machine;

import dev.quorate.core.store.KeyScan;
import dev.quorate.core.store.Store;
import org.agrona.DirectBuffer;

/**
 * Deletes the keys of an interval in key order, over as many turns as it takes.
 */
final class RangeDeletion
{
    private final Store store;
    private final KeyCounts counts;
    private KeyScan scan;
    private DirectBuffer buffer;
    private DeleteOp op;
    private long deleted;

    RangeDeletion(final Store store, final KeyCounts counts)
    {
        this.store = store;
        this.counts = counts;
    }

    void begin(final DirectBuffer ofBuffer, final DeleteOp of)
    {
        counts.onDelete();
        buffer = ofBuffer;
        op = of;
        deleted = 0;
        scan = 0 == op.endLength() ? null :
            store.scan(buffer, op.keyOffset(), op.keyLength(), buffer, op.endOffset(), op.endLength());
    }

    /**
     * @return true if all keys are deleted, false if the turn is over.
     */
    boolean run(final WorkBudget budget)
    {
        if (null == scan)
        {
            budget.spend();
            deleted = store.delete(buffer, op.keyOffset(), op.keyLength()) ? 1 : 0;
            return true;
        }
        while (!budget.isSpent())
        {
            budget.spend();
            if (!scan.next())
            {
                return true;
            }
            if (!store.delete(scan.key(), scan.keyOffset(), scan.keyLength()))
            {
                throw new IllegalStateException("scan returned a key that is not alive");
            }
            deleted++;
        }
        return false;
    }

    long deleted()
    {
        return deleted;
    }

    @Override
    public String toString()
    {
        return "RangeDeletion{op=" + op + ", deleted=" + deleted + '}';
    }
}
