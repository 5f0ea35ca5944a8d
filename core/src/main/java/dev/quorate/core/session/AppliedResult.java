package dev.quorate.core.session;

import dev.quorate.core.machine.ApplyResult;
import org.agrona.collections.LongArrayList;

/**
 * The result of a command with all its parts put together. One instance per loop, valid while one answer is built.
 */
final class AppliedResult
{
    final LongArrayList values = new LongArrayList();
    long index;
    long revision;
    long boundBefore;
    long boundAfter;

    /** Takes the last part, behind the values of earlier parts. */
    void take(final ApplyResult part, final LongArrayList earlier)
    {
        values.clear();
        for (int i = 0; i < earlier.size(); i++)
        {
            values.addLong(earlier.getLong(i));
        }
        append(part, values);
        index = part.index();
        revision = part.revision();
        boundBefore = part.boundBefore();
        boundAfter = part.boundAfter();
    }

    static void append(final ApplyResult part, final LongArrayList to)
    {
        for (int i = 0; i < part.valueCount(); i++)
        {
            to.addLong(part.value(i));
        }
    }
}
