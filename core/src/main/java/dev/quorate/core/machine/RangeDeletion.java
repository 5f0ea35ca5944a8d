package dev.quorate.core.machine;

import dev.quorate.core.store.Store;
import org.agrona.DirectBuffer;

/**
 * Deletes the keys of an interval in key order, over as many turns as it takes.
 */
final class RangeDeletion
{
    private final Store store;
    private final KeyCounts counts;
    private final IntervalScan scan;
    private DirectBuffer buffer;
    private DeleteOp op;
    private long deleted;

    RangeDeletion(final Store store, final KeyCounts counts)
    {
        this.store = store;
        this.counts = counts;
        this.scan = new IntervalScan(store);
    }

    void begin(final DirectBuffer ofBuffer, final DeleteOp of)
    {
        counts.onDelete();
        buffer = ofBuffer;
        op = of;
        deleted = 0;
        scan.begin(buffer, op.keyOffset(), op.keyLength(), op.endOffset(), op.endLength());
    }

    /**
     * @return true if all keys are deleted, false if the turn is over.
     */
    boolean run(final WorkBudget budget)
    {
        if (0 == op.endLength())
        {
            budget.spend();
            deleted = store.delete(buffer, op.keyOffset(), op.keyLength()) ? 1 : 0;
            return true;
        }
        if (budget.isSpent())
        {
            return false;
        }
        scan.resume();
        while (scan.next())
        {
            if (!store.delete(scan.key(), 0, scan.keyLength()))
            {
                throw new IllegalStateException("scan returned a key that is not alive");
            }
            deleted++;
            budget.spend();
            if (budget.isSpent())
            {
                scan.pause();
                return false;
            }
        }
        return true;
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
