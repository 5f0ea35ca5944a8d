package dev.quorate.core.peer;

import org.agrona.DirectBuffer;

/**
 * Entries of the log as they lie in its mapped segments. Called on the consensus thread for indices that the log holds;
 * what is returned is valid until the next call into the log.
 */
public interface EntrySource
{
    /**
     * @param index of an entry held.
     * @return buffer that holds its payload.
     */
    DirectBuffer buffer(long index);

    /**
     * @param index of an entry held.
     * @return where its payload begins in {@link #buffer}.
     */
    int offset(long index);

    /**
     * @param index of an entry held.
     * @return length of its payload, bytes.
     */
    int length(long index);

    /**
     * @param index of an entry held.
     * @return its term.
     */
    long term(long index);

    /**
     * @param index of an entry held.
     * @return its type, one of {@code RaftLogAccess}.
     */
    int type(long index);
}
