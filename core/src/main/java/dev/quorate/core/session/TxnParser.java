package dev.quorate.core.session;

import dev.quorate.core.wire.WireReader;
import org.agrona.DirectBuffer;

import java.util.ArrayList;

/**
 * Parses a {@code TxnRequest} into nodes that are kept and used again: one transaction at a time, valid until the next
 * parse. Its bytes are parsed once to propose and once more to answer, so a pending call holds nothing but its request.
 */
final class TxnParser
{
    /** Deeper nesting is not looked into: the transaction is too large. */
    static final int MAX_DEPTH = 1_000;
    /** A transaction has no more operations and compares, all levels together. */
    static final int MAX_OPERATIONS = 8_192;

    private final ArrayList<WireReader> readers = new ArrayList<>();
    private final ArrayList<TxnNode> nodes = new ArrayList<>();
    private final ArrayList<Op> ops = new ArrayList<>();
    private final ArrayList<CompareRequest> compares = new ArrayList<>();
    private DirectBuffer buffer;
    private int nodesUsed;
    private int opsUsed;
    private int comparesUsed;
    private boolean isTooDeep;

    /**
     * @return the transaction; its members hold offsets in the given buffer.
     */
    TxnNode parse(final DirectBuffer source, final int offset, final int length)
    {
        buffer = source;
        nodesUsed = 0;
        opsUsed = 0;
        comparesUsed = 0;
        isTooDeep = false;
        final TxnNode top = newNode();
        merge(top, offset, length, 0);
        return top;
    }

    /** @return true if the transaction parsed last is larger than this server takes. */
    boolean isTooLarge()
    {
        return isTooDeep || opsUsed + comparesUsed > MAX_OPERATIONS;
    }

    private void merge(final TxnNode node, final int offset, final int length, final int depth)
    {
        final WireReader reader = reader(2 * depth).wrap(buffer, offset, length);
        while (reader.next())
        {
            switch (reader.tag())
            {
                case (1 << 3) | 2 ->
                    node.compares.add(newCompare().merge(buffer, reader.valueOffset(), reader.valueLength()));
                case (2 << 3) | 2 -> node.success.add(parseOp(reader, depth));
                case (3 << 3) | 2 -> node.failure.add(parseOp(reader, depth));
                default ->
                {
                }
            }
        }
    }

    private Op parseOp(final WireReader outer, final int depth)
    {
        final Op op = newOp();
        final WireReader reader = reader(2 * depth + 1).wrap(buffer, outer.valueOffset(), outer.valueLength());
        while (reader.next())
        {
            final int at = reader.valueOffset();
            final int length = reader.valueLength();
            switch (reader.tag())
            {
                case (1 << 3) | 2 ->
                {
                    (become(op, Op.RANGE) ? op.range.reset() : op.range).merge(buffer, at, length);
                }
                case (2 << 3) | 2 ->
                {
                    (become(op, Op.PUT) ? op.put.reset() : op.put).merge(buffer, at, length);
                }
                case (3 << 3) | 2 ->
                {
                    (become(op, Op.DELETE) ? op.delete.reset() : op.delete).merge(buffer, at, length);
                }
                case (4 << 3) | 2 ->
                {
                    if (become(op, Op.TXN))
                    {
                        op.txn = newNode();
                    }
                    if (depth + 1 < MAX_DEPTH)
                    {
                        merge(op.txn, at, length, depth + 1);
                    }
                    else
                    {
                        isTooDeep = true;
                    }
                }
                default ->
                {
                }
            }
        }
        return op;
    }

    private static boolean become(final Op op, final int kind)
    {
        final boolean changes = op.kind != kind;
        op.kind = kind;
        return changes;
    }

    private WireReader reader(final int level)
    {
        while (readers.size() <= level)
        {
            readers.add(new WireReader());
        }
        return readers.get(level);
    }

    /**
     * Beyond the limit one spare is handed out again and again: the transaction is refused, only its form is checked.
     */
    private CompareRequest newCompare()
    {
        final int i = Math.min(comparesUsed++, MAX_OPERATIONS);
        if (i == compares.size())
        {
            compares.add(new CompareRequest());
        }
        return compares.get(i).reset();
    }

    private Op newOp()
    {
        final int i = Math.min(opsUsed++, MAX_OPERATIONS);
        if (i == ops.size())
        {
            ops.add(new Op());
        }
        final Op op = ops.get(i);
        op.kind = Op.NONE;
        op.txn = null;
        return op;
    }

    private TxnNode newNode()
    {
        final int i = Math.min(nodesUsed++, MAX_OPERATIONS + 1);
        if (i == nodes.size())
        {
            nodes.add(new TxnNode());
        }
        return nodes.get(i).reset();
    }
}
