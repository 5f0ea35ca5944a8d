package dev.quorate.core.machine;

import dev.quorate.core.store.RecordView;
import dev.quorate.core.store.Store;
import org.agrona.DirectBuffer;

/**
 * Evaluates one compare of a transaction against the store as it is before the transaction: all keys of its interval
 * must satisfy it. Without a key in the interval a number compares with 0 and a value never holds.
 */
final class Comparison
{
    static final int RUNNING = 0;
    static final int HOLDS = 1;
    static final int FAILS = 2;

    private final Store store;
    private final IntervalScan scan;
    private final RecordView view = new RecordView();
    private CompareOp op;
    private DirectBuffer buffer;
    private boolean isAnyKeySeen;

    Comparison(final Store store)
    {
        this.store = store;
        this.scan = new IntervalScan(store);
    }

    void begin(final CompareOp of, final DirectBuffer ofBuffer)
    {
        op = of;
        buffer = ofBuffer;
        isAnyKeySeen = false;
        scan.begin(buffer, op.keyOffset(), op.keyLength(), op.endOffset(), op.endLength());
    }

    int run(final WorkBudget budget)
    {
        if (0 == op.endLength())
        {
            budget.spend();
            final boolean isAlive = store.find(buffer, op.keyOffset(), op.keyLength());
            return (isAlive ? op.holdsFor(orderOfFound()) : holdsWithoutKey()) ? HOLDS : FAILS;
        }
        scan.resume();
        while (scan.next())
        {
            isAnyKeySeen = true;
            if (!store.find(scan.key(), 0, scan.keyLength()))
            {
                throw new IllegalStateException("scan returned a key that is not alive");
            }
            if (!op.holdsFor(orderOfFound()))
            {
                return FAILS;
            }
            budget.spend();
            if (budget.isSpent())
            {
                scan.pause();
                return RUNNING;
            }
        }
        return isAnyKeySeen || holdsWithoutKey() ? HOLDS : FAILS;
    }

    private boolean holdsWithoutKey()
    {
        return switch (op.target())
        {
            case CompareOp.VALUE -> false;
            case CompareOp.VERSION, CompareOp.CREATE, CompareOp.MOD, CompareOp.LEASE ->
                op.holdsFor(Long.compare(0, op.number()));
            default -> op.holdsFor(0);
        };
    }

    private int orderOfFound()
    {
        return switch (op.target())
        {
            case CompareOp.VERSION -> Long.compare(store.version(), op.number());
            case CompareOp.CREATE -> Long.compare(store.createRevision(), op.number());
            case CompareOp.MOD -> Long.compare(store.modRevision(), op.number());
            case CompareOp.LEASE -> Long.compare(store.lease(), op.number());
            case CompareOp.VALUE -> orderOfValue();
            default -> 0;
        };
    }

    private int orderOfValue()
    {
        store.value(view);
        final int length = view.valueLength();
        final int common = Math.min(length, op.valueLength());
        final int at = view.valueOffset();
        for (int i = 0; i < common; i++)
        {
            final int order = Byte.compareUnsigned(
                view.buffer().getByte(at + i), buffer.getByte(op.valueOffset() + i));
            if (0 != order)
            {
                return order;
            }
        }
        return Integer.compare(length, op.valueLength());
    }

    @Override
    public String toString()
    {
        return "Comparison{op=" + op + ", isAnyKeySeen=" + isAnyKeySeen + '}';
    }
}
