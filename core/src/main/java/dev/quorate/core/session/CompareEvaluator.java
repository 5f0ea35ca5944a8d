package dev.quorate.core.session;

import dev.quorate.core.store.RecordView;
import org.agrona.DirectBuffer;

import java.util.ArrayList;

/**
 * Evaluates the compares of a transaction that is served outside the log, on a pinned state.
 */
final class CompareEvaluator
{
    private final RecordView record = new RecordView();

    boolean holds(final StateReader reader, final DirectBuffer buffer, final ArrayList<CompareRequest> compares)
    {
        for (int i = 0; i < compares.size(); i++)
        {
            if (!holds(reader, buffer, compares.get(i)))
            {
                return false;
            }
        }
        return true;
    }

    private boolean holds(final StateReader reader, final DirectBuffer buffer, final CompareRequest compare)
    {
        boolean isFound = false;
        if (compare.endLength == 0)
        {
            isFound = reader.get(buffer, compare.keyOffset, compare.keyLength, record);
            if (isFound)
            {
                return compare.isSatisfiedBy(order(buffer, compare));
            }
        }
        else
        {
            reader.scan(
                buffer, compare.keyOffset, compare.keyLength, buffer, compare.endOffset, compare.endLength);
            while (reader.next())
            {
                isFound = true;
                reader.record(record);
                if (!compare.isSatisfiedBy(order(buffer, compare)))
                {
                    return false;
                }
            }
        }
        if (isFound)
        {
            return true;
        }
        return compare.target != CompareRequest.TARGET_VALUE &&
            compare.isSatisfiedBy(Long.compare(0, compare.number()));
    }

    private int order(final DirectBuffer buffer, final CompareRequest compare)
    {
        return switch (compare.target)
        {
            case CompareRequest.TARGET_VERSION -> Long.compare(record.version(), compare.number());
            case CompareRequest.TARGET_CREATE -> Long.compare(record.createRevision(), compare.number());
            case CompareRequest.TARGET_MOD -> Long.compare(record.mainRevision(), compare.number());
            case CompareRequest.TARGET_LEASE -> Long.compare(record.lease(), compare.number());
            case CompareRequest.TARGET_VALUE -> Keys.compare(
                record.buffer(), record.valueOffset(), record.valueLength(),
                buffer, compare.valueOffset(), compare.valueLength());
            default -> 0;
        };
    }
}
