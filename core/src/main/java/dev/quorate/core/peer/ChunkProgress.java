package dev.quorate.core.peer;

/**
 * How far a whole that is longer than a message was sent to a peer. It continues in a later turn only for the same
 * whole in the same term, to the same boot, on the same session; else it begins again.
 */
final class ChunkProgress
{
    private long key;
    private long term;
    private long bootId;
    private long session;
    private int totalLength;
    private int sent;

    /**
     * Continues a whole, or begins it.
     *
     * @return bytes of it that were sent before, 0 if it begins.
     */
    int resume(
        final long newKey,
        final long newTerm,
        final long newBootId,
        final long newSession,
        final int newTotalLength)
    {
        if (newKey != key || newTerm != term || newBootId != bootId || newSession != session ||
            newTotalLength != totalLength)
        {
            key = newKey;
            term = newTerm;
            bootId = newBootId;
            session = newSession;
            totalLength = newTotalLength;
            sent = 0;
        }

        return sent;
    }

    void sent(final int length)
    {
        sent = length;
    }

    void reset()
    {
        session = 0;
        sent = 0;
    }
}
