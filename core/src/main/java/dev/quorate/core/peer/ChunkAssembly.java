package dev.quorate.core.peer;

import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Puts pieces together that arrive in order. What does not continue is dropped; the sender begins again from the
 * first byte. Consensus thread.
 */
final class ChunkAssembly
{
    private final int maxLength;
    private final UnsafeBuffer buffer = new UnsafeBuffer(0, 0);
    private long key;
    private long term;
    private int totalLength;
    private int received;

    ChunkAssembly(final int maxLength)
    {
        this.maxLength = maxLength;
    }

    /**
     * Takes one piece.
     *
     * @param key         of the whole: index or sequence.
     * @param term        of the sender.
     * @param totalLength of the whole, bytes.
     * @param chunkOffset of the piece in the whole.
     * @param source      holding the piece.
     * @param offset      of the piece in the source.
     * @param length      of the piece, bytes.
     * @return true if the piece was taken.
     */
    boolean take(
        final long key,
        final long term,
        final int totalLength,
        final int chunkOffset,
        final DirectBuffer source,
        final int offset,
        final int length)
    {
        if (totalLength <= 0 || totalLength > maxLength || length <= 0 || chunkOffset < 0 ||
            chunkOffset > totalLength - length)
        {
            return false;
        }
        if (chunkOffset == 0)
        {
            begin(key, term, totalLength);
        }
        else if (received == 0 || key != this.key || term != this.term || totalLength != this.totalLength ||
            chunkOffset != received)
        {
            return false;
        }
        buffer.putBytes(chunkOffset, source, offset, length);
        received = chunkOffset + length;

        return true;
    }

    boolean isComplete()
    {
        return received > 0 && received == totalLength;
    }

    DirectBuffer buffer()
    {
        return buffer;
    }

    int length()
    {
        return totalLength;
    }

    void reset()
    {
        received = 0;
        totalLength = 0;
    }

    private void begin(final long newKey, final long newTerm, final int newTotalLength)
    {
        if (buffer.capacity() < newTotalLength)
        {
            buffer.wrap(new byte[newTotalLength]);
        }
        key = newKey;
        term = newTerm;
        totalLength = newTotalLength;
        received = 0;
    }
}
