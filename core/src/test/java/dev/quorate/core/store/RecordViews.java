package dev.quorate.core.store;

import org.agrona.DirectBuffer;

/**
 * Fills views for models of the store in tests.
 */
public final class RecordViews
{
    private RecordViews()
    {
    }

    /**
     * Fills a view.
     */
    public static void fill(
        final RecordView view,
        final DirectBuffer body,
        final int bodyLength,
        final long lp,
        final long mainRevision,
        final int subRevision,
        final long prevLp,
        final boolean isTombstone,
        final boolean prevWasTombstone)
    {
        view.buffer = body;
        view.bodyOffset = 0;
        view.bodyLength = bodyLength;
        view.lp = lp;
        view.mainRevision = mainRevision;
        view.subRevision = subRevision;
        view.prevLp = prevLp;
        view.kind = isTombstone ? RecordDescriptor.TOMBSTONE : RecordDescriptor.PUT;
        view.flags = (byte)(RecordDescriptor.FLAG_LEASED |
            (prevWasTombstone ? RecordDescriptor.FLAG_PREV_WAS_TOMBSTONE : 0));
        view.keyOffset = KeyValueBody.keyOffset(body, 0, bodyLength);
        view.keyLength = KeyValueBody.keyLength(body, 0, bodyLength);
    }
}
