package dev.quorate.core.raft;

import org.agrona.DirectBuffer;

/**
 * The log as consensus sees it. The <em>base</em> is the entry before the first one that is held: index and term of a
 * snapshot or of the retention limit, (0, 0) for a new log.
 */
public interface RaftLogAccess
{
    /** Entry that carries a command. */
    int COMMAND = 1;
    /** Entry that changes the voters or learners. */
    int CONFIG = 2;
    /** Empty entry with which a leader opens its term. */
    int NOOP = 3;

    /** {@link #append} found no room: no spare segment. */
    long NO_SPACE = -1;

    /**
     * @return index of the base; the first entry held has the index after it.
     */
    long baseIndex();

    /**
     * @return index of the newest entry appended, or of the base if there is none.
     */
    long lastIndex();

    /**
     * @return term of the newest entry appended, or of the base.
     */
    long lastTerm();

    /**
     * @param index of an entry.
     * @return its term; -1 if it is below the base or beyond the last entry.
     */
    long termAt(long index);

    /**
     * @param index of an entry held.
     * @return its type.
     */
    int typeAt(long index);

    /**
     * @param index of an entry held.
     * @return length of its payload, bytes.
     */
    int payloadLength(long index);

    /**
     * Appends an entry after the last one. It is published to readers at once; durable later.
     *
     * @param index   must be {@code lastIndex() + 1}.
     * @param term    at least {@link #lastTerm()}.
     * @param type    of the entry.
     * @param payload holding its bytes; copied.
     * @param offset  of the payload.
     * @param length  of the payload, bytes.
     * @return position (bytes) behind the entry, or {@link #NO_SPACE} with nothing changed.
     */
    long append(long index, long term, int type, DirectBuffer payload, int offset, int length);

    /**
     * Drops a suffix by appending a cut frame.
     *
     * @param fromIndex first index dropped, above the base and at most {@code lastIndex()}.
     * @param term      in which it is dropped.
     * @return position (bytes) behind the cut, or {@link #NO_SPACE} with nothing changed.
     */
    long cut(long fromIndex, long term);
}
