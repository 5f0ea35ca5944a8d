package dev.quorate.core.store;

import dev.quorate.core.seam.StorageFault;
import org.agrona.concurrent.UnsafeBuffer;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

/**
 * Finds the record at a logical position and checks it. Owned by one thread, which is pinned while it uses it.
 */
final class RecordReader
{
    private final SegmentDirectory directory;
    private final FrameCrc crc = new FrameCrc();
    private UnsafeBuffer buffer;
    private int offset;

    RecordReader(final SegmentDirectory directory)
    {
        this.directory = directory;
    }

    UnsafeBuffer buffer()
    {
        return buffer;
    }

    int offset()
    {
        return offset;
    }

    /**
     * Positions at a record. A position that holds no record breaks the rules of pins: it is never taken for absence.
     */
    void locate(final long lp)
    {
        final Segment segment = directory.find(lp);
        final int found = null == segment ? -1 : segment.locate(lp);
        if (found < 0)
        {
            throw new IllegalStateException("no record at LP " + lp + " although it is referred to");
        }
        check(segment.buffer, found, lp, segment.fileId);
        buffer = segment.buffer;
        offset = found;
    }

    /** Checks the frame at an LP; the file is named if it is damaged. */
    void check(final UnsafeBuffer frames, final int at, final long lp, final long fileId)
    {
        if (!isIntact(frames, at, lp))
        {
            throw damaged(lp, fileId, at);
        }
    }

    /** True if a buffer holds, to its end at most, the frame of an LP. */
    boolean isIntact(final UnsafeBuffer frames, final int at, final long lp)
    {
        final int length = RecordDescriptor.frameLength(frames, at);
        return length >= RecordDescriptor.HEADER_LENGTH && 0 == (length & 7) && length <= frames.capacity() - at &&
            RecordDescriptor.lp(frames, at) == lp &&
            RecordDescriptor.crc(frames, at) == crc.ofFrame(frames, at, length);
    }

    static StorageFault damaged(final long lp, final long fileId, final long at)
    {
        return new StorageFault("store record at LP " + lp + " is damaged: " +
            (0 == fileId ? "in memory" : "segment-" + fileId + " at offset " + at) +
            "; nothing was cut; remove this member and add it again with an empty directory, or restore a backup");
    }

    void read(final long lp, final RecordView view)
    {
        locate(lp);
        fill(buffer, offset, view);
    }

    static void fill(final UnsafeBuffer frames, final int at, final RecordView view)
    {
        view.buffer = frames;
        view.lp = RecordDescriptor.lp(frames, at);
        view.mainRevision = RecordDescriptor.mainRevision(frames, at);
        view.subRevision = RecordDescriptor.subRevision(frames, at);
        view.prevLp = RecordDescriptor.prevLp(frames, at);
        view.kind = RecordDescriptor.kind(frames, at);
        view.flags = RecordDescriptor.flags(frames, at);
        view.frameLength = RecordDescriptor.frameLength(frames, at);
        view.bodyOffset = RecordDescriptor.bodyOffset(frames, at);
        view.bodyLength = RecordDescriptor.bodyLength(frames, at);
        if (RecordDescriptor.isKeyRecord(view.kind))
        {
            view.keyOffset = KeyValueBody.keyOffset(frames, view.bodyOffset, view.bodyLength);
            view.keyLength = KeyValueBody.keyLength(frames, view.bodyOffset, view.bodyLength);
        }
        else if (RecordDescriptor.isSystem(view.kind))
        {
            view.keyLength = frames.getInt(view.bodyOffset, LITTLE_ENDIAN);
            view.keyOffset = view.bodyOffset + 4;
            view.bodyOffset = view.keyOffset + view.keyLength;
            view.bodyLength -= 4 + view.keyLength;
        }
        else
        {
            view.keyOffset = view.bodyOffset;
            view.keyLength = 0;
        }
    }
}
