package dev.quorate.core.log;

import dev.quorate.core.seam.StorageFault;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Shows one entry in the mapped log. Owner: one thread, any. The entry must have been published to that thread: it is
 * at or below an index that was acquired (commit index) and its segment is kept, by the retention limit or a {@link
 * LogHold}. The bytes are not verified: {@link LogEntryReader} does that.
 */
public final class LogEntryView
{
    private final RaftLog log;
    private LogSegment segment;
    private UnsafeBuffer buffer;
    private int offset;

    LogEntryView(final RaftLog log)
    {
        this.log = log;
    }

    /**
     * @param index of the entry to show.
     * @return false if the log does not hold it.
     */
    public boolean wrap(final long index)
    {
        final long position = log.position(index);
        segment = position < 0 ? null : log.segmentAt(position);
        if (segment == null)
        {
            return false;
        }
        buffer = segment.buffer();
        offset = segment.offsetOf(position);

        // pairs with the release of the length word in RaftLog
        return buffer.getIntAcquire(offset) >= FrameDescriptor.HEADER_LENGTH &&
            buffer.getLong(offset + FrameDescriptor.INDEX_OFFSET) == index;
    }

    /**
     * @return index of the entry.
     */
    public long index()
    {
        return buffer.getLong(offset + FrameDescriptor.INDEX_OFFSET);
    }

    /**
     * @return its term.
     */
    public long term()
    {
        return buffer.getLong(offset + FrameDescriptor.TERM_OFFSET);
    }

    /**
     * @return its type.
     */
    public int type()
    {
        return buffer.getInt(offset + FrameDescriptor.TYPE_OFFSET);
    }

    /**
     * @return the mapped segment that holds it.
     */
    public DirectBuffer buffer()
    {
        return buffer;
    }

    /**
     * @return offset of the payload in the buffer, a multiple of 8.
     */
    public int payloadOffset()
    {
        return offset + FrameDescriptor.PAYLOAD_OFFSET;
    }

    /**
     * @return length of the payload, bytes.
     */
    public int payloadLength()
    {
        return buffer.getInt(offset + FrameDescriptor.PAYLOAD_LENGTH_OFFSET);
    }

    /**
     * @return offset of what is sent to peers.
     */
    public int entryPartOffset()
    {
        return offset + FrameDescriptor.ENTRY_OFFSET;
    }

    /**
     * @return length of what is sent to peers, bytes.
     */
    public int entryPartLength()
    {
        return FrameDescriptor.ENTRY_HEADER_LENGTH + payloadLength();
    }

    /**
     * @param index of the entry shown.
     * @return the fault of bytes that are not those that were written.
     */
    public StorageFault damage(final long index)
    {
        return new StorageFault("log segment " + segment.path() + " is damaged at offset " + offset + ", entry " +
            index + ": restore the file, or remove this member and add it again with an empty directory");
    }
}
