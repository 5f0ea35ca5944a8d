package dev.quorate.core.machine;

import dev.quorate.core.api.EtcdError;
import org.agrona.collections.LongArrayList;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Gathers the result of the entry being applied and hands it over in parts when the entry is done. Values of entries
 * that nobody here asked for are dropped.
 */
final class ResultBuilder
{
    private final ResultSink sink;
    private final UnsafeBuffer buffer = new UnsafeBuffer(new byte[ApplyResult.MAX_LENGTH]);
    private final ApplyResult part = new ApplyResult();
    private final LongArrayList values = new LongArrayList();
    private long correlationId;
    private long index;
    private long boundBefore;
    private boolean isAskedHere;
    private EtcdError error = EtcdError.NONE;

    ResultBuilder(final ResultSink sink)
    {
        this.sink = sink;
    }

    /**
     * An entry begins; nobody asked for it until {@link #askedBy(long)}.
     */
    void begin(final long ofIndex, final long ofBoundBefore)
    {
        index = ofIndex;
        boundBefore = ofBoundBefore;
        isAskedHere = false;
        error = EtcdError.NONE;
        values.clear();
    }

    void askedBy(final long ofCorrelationId)
    {
        correlationId = ofCorrelationId;
        isAskedHere = true;
    }

    boolean isAskedHere()
    {
        return isAskedHere;
    }

    long boundBefore()
    {
        return boundBefore;
    }

    void add(final long value)
    {
        if (isAskedHere)
        {
            values.addLong(value);
        }
    }

    void fail(final EtcdError with)
    {
        error = with;
        values.clear();
    }

    EtcdError error()
    {
        return error;
    }

    void deliver(final long revision, final long boundAfter)
    {
        if (!isAskedHere)
        {
            return;
        }
        final int count = values.size();
        int from = 0;
        do
        {
            final int to = Math.min(count, from + ApplyResult.MAX_VALUES);
            part.wrapForWrite(buffer, 0)
                .header(correlationId, index, revision, boundBefore, boundAfter, error, to < count);
            for (int i = from; i < to; i++)
            {
                part.add(values.getLong(i));
            }
            sink.onResult(buffer, 0, part.length());
            from = to;
        }
        while (from < count);
    }

    @Override
    public String toString()
    {
        return "ResultBuilder{index=" + index + ", isAskedHere=" + isAskedHere + ", error=" + error +
            ", values=" + values.size() + '}';
    }
}
