package dev.quorate.core.machine;

import dev.quorate.core.api.EtcdError;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

import static org.agrona.BitUtil.SIZE_OF_INT;
import static org.agrona.BitUtil.SIZE_OF_LONG;

/**
 * What apply tells the event loop that asked: not data but where to find it. The loop still holds the request and reads
 * ranges, previous values and counts from the store at the bounds given here.
 * <pre>
 *  0 i64 correlationId
 *  8 i64 index of the entry
 * 16 i64 revision for the header: new, or current if nothing changed
 * 24 i64 bound (LP) before the entry
 * 32 i64 bound (LP) after the entry
 * 40 i32 ordinal of the error
 * 44 i32 flags: 1 = more parts of this result follow
 * 48 i64 values...
 * </pre>
 * The values by command:
 * <pre>
 * Put          prevLp (-1: there was none)
 * DeleteRange  number of keys deleted
 * Txn          in order of execution: 1 or 0 (succeeded), then for each operation of the branch taken
 *                Range        bound at which it runs, revision of its inner header
 *                Put          prevLp, revision of its inner header
 *                DeleteRange  bound before it, number of keys deleted, revision of its inner header
 *                Txn          the same, recursively
 * LeaseGrant   effective TTL in seconds
 * Alarm        pairs (member id, alarm)
 * others       none
 * </pre>
 * A result longer than {@link #MAX_LENGTH} is sent in parts: each with the fixed fields, the values continued.
 */
public final class ApplyResult
{
    /** Length of the fixed fields, bytes. */
    public static final int HEADER_LENGTH = 48;
    /** No part is longer, in bytes. */
    public static final int MAX_LENGTH = 32 * 1024;
    /** Most values in one part. */
    public static final int MAX_VALUES = (MAX_LENGTH - HEADER_LENGTH) / SIZE_OF_LONG;

    private static final int CORRELATION_ID_OFFSET = 0;
    private static final int INDEX_OFFSET = 8;
    private static final int REVISION_OFFSET = 16;
    private static final int BOUND_BEFORE_OFFSET = 24;
    private static final int BOUND_AFTER_OFFSET = 32;
    private static final int ERROR_OFFSET = 40;
    private static final int FLAGS_OFFSET = 44;

    private MutableDirectBuffer writable;
    private DirectBuffer buffer;
    private int offset;
    private int length;

    /**
     * Wraps for writing.
     *
     * @param target to write to.
     * @param at     where the result begins.
     * @return this.
     */
    public ApplyResult wrapForWrite(final MutableDirectBuffer target, final int at)
    {
        writable = target;
        buffer = target;
        offset = at;
        length = HEADER_LENGTH;
        return this;
    }

    /**
     * Wraps for reading.
     *
     * @param source   that holds the result.
     * @param at       where it begins.
     * @param ofLength of the result, bytes.
     * @return this.
     */
    public ApplyResult wrap(final DirectBuffer source, final int at, final int ofLength)
    {
        writable = null;
        buffer = source;
        offset = at;
        length = ofLength;
        return this;
    }

    /**
     * Writes the fixed fields.
     *
     * @param correlationId of the call.
     * @param index         of the entry.
     * @param revision      for the header.
     * @param boundBefore   LP bound before the entry.
     * @param boundAfter    LP bound after the entry.
     * @param error         of the command, {@link EtcdError#NONE} if it succeeded.
     * @param isContinued   true if more parts follow.
     * @return this.
     */
    public ApplyResult header(
        final long correlationId,
        final long index,
        final long revision,
        final long boundBefore,
        final long boundAfter,
        final EtcdError error,
        final boolean isContinued)
    {
        writable.putLong(offset + CORRELATION_ID_OFFSET, correlationId);
        writable.putLong(offset + INDEX_OFFSET, index);
        writable.putLong(offset + REVISION_OFFSET, revision);
        writable.putLong(offset + BOUND_BEFORE_OFFSET, boundBefore);
        writable.putLong(offset + BOUND_AFTER_OFFSET, boundAfter);
        writable.putInt(offset + ERROR_OFFSET, error.ordinal());
        writable.putInt(offset + FLAGS_OFFSET, isContinued ? 1 : 0);
        return this;
    }

    /**
     * Adds a value.
     *
     * @param value to add.
     * @return this.
     */
    public ApplyResult add(final long value)
    {
        writable.putLong(offset + length, value);
        length += SIZE_OF_LONG;
        return this;
    }

    /**
     * @return length of this part, bytes.
     */
    public int length()
    {
        return length;
    }

    /**
     * @return correlation id of the call.
     */
    public long correlationId()
    {
        return buffer.getLong(offset + CORRELATION_ID_OFFSET);
    }

    /**
     * @return index of the entry.
     */
    public long index()
    {
        return buffer.getLong(offset + INDEX_OFFSET);
    }

    /**
     * @return revision for the header.
     */
    public long revision()
    {
        return buffer.getLong(offset + REVISION_OFFSET);
    }

    /**
     * @return LP bound before the entry.
     */
    public long boundBefore()
    {
        return buffer.getLong(offset + BOUND_BEFORE_OFFSET);
    }

    /**
     * @return LP bound after the entry.
     */
    public long boundAfter()
    {
        return buffer.getLong(offset + BOUND_AFTER_OFFSET);
    }

    /**
     * @return error of the command.
     */
    public EtcdError error()
    {
        return EtcdError.of(buffer.getInt(offset + ERROR_OFFSET));
    }

    /**
     * @return true if more parts follow.
     */
    public boolean isContinued()
    {
        return 1 == (buffer.getInt(offset + FLAGS_OFFSET) & 1);
    }

    /**
     * @return how many values this part holds.
     */
    public int valueCount()
    {
        return (length - HEADER_LENGTH) / SIZE_OF_LONG;
    }

    /**
     * @param i which value of this part.
     * @return the value.
     */
    public long value(final int i)
    {
        return buffer.getLong(offset + HEADER_LENGTH + i * SIZE_OF_LONG);
    }

    static
    {
        assert FLAGS_OFFSET + SIZE_OF_INT == HEADER_LENGTH;
    }
}
