package dev.quorate.core.log;

import dev.quorate.core.entry.EntryChecksum;
import dev.quorate.core.entry.EntryDescriptor;
import dev.quorate.core.seam.StorageFault;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Copies one entry out of the mapped log and compares the copy with its checksum, as pages of the log may have left the
 * memory and come back from the disk since the entry was written. Owner: one thread, any; what a {@link LogEntryView}
 * demands of an entry holds here too.
 */
public final class LogEntryReader
{
    private static final int INITIAL_LENGTH = 64 * 1024;

    private final RaftLog log;
    private final LogEntryView view;
    private final EntryChecksum checksum = new EntryChecksum();
    private final UnsafeBuffer copy = new UnsafeBuffer(new byte[INITIAL_LENGTH]);

    LogEntryReader(final RaftLog log)
    {
        this.log = log;
        view = log.newView();
    }

    /**
     * Reads an entry. What was returned of the one before is valid no more.
     *
     * @param index of the entry.
     * @return false if the log does not hold it.
     * @throws StorageFault if its bytes are not those that were written.
     */
    public boolean load(final long index)
    {
        if (!view.wrap(index))
        {
            return false;
        }
        final int payloadLength = view.payloadLength();
        if (payloadLength < 0 || payloadLength > log.maxPayloadLength() ||
            payloadLength > view.buffer().capacity() - view.payloadOffset())
        {
            throw view.damage(index);
        }
        final int length = EntryDescriptor.HEADER_LENGTH + payloadLength;
        if (length > copy.capacity())
        {
            copy.wrap(new byte[EntryDescriptor.HEADER_LENGTH + log.maxPayloadLength()]);
        }
        copy.putBytes(0, view.buffer(), view.entryPartOffset(), length);
        if (copy.getInt(EntryDescriptor.PAYLOAD_LENGTH_OFFSET) != payloadLength || !checksum.isRight(copy, 0) ||
            copy.getLong(EntryDescriptor.INDEX_OFFSET) != index)
        {
            throw view.damage(index);
        }

        return true;
    }

    /**
     * @return term of the entry.
     */
    public long term()
    {
        return copy.getLong(EntryDescriptor.TERM_OFFSET);
    }

    /**
     * @return its type.
     */
    public int type()
    {
        return copy.getInt(EntryDescriptor.TYPE_OFFSET);
    }

    /**
     * @return the copy; its bytes do not change before the next {@link #load}.
     */
    public DirectBuffer buffer()
    {
        return copy;
    }

    /**
     * @return offset of the payload in the buffer, a multiple of 8.
     */
    public int payloadOffset()
    {
        return EntryDescriptor.PAYLOAD_OFFSET;
    }

    /**
     * @return length of the payload, bytes.
     */
    public int payloadLength()
    {
        return copy.getInt(EntryDescriptor.PAYLOAD_LENGTH_OFFSET);
    }
}
