package dev.quorate.core.log;

import dev.quorate.core.seam.SimulatedDisk;
import org.agrona.concurrent.UnsafeBuffer;

import java.util.Arrays;
import java.util.zip.CRC32C;

/**
 * Looks at a log as the simulated disk below it would leave it after a power cut now.
 */
public final class LogProbe
{
    private final RaftLog log;
    private final SimulatedDisk disk;
    private final CRC32C crc = new CRC32C();
    private long frontier = -1;

    /**
     * @param log  that is looked at.
     * @param disk that holds it.
     */
    public LogProbe(final RaftLog log, final SimulatedDisk disk)
    {
        this.log = log;
        this.disk = disk;
    }

    /**
     * @return the log.
     */
    public RaftLog log()
    {
        return log;
    }

    /**
     * @param index held by the log.
     * @return position of its frame, bytes.
     */
    public long position(final long index)
    {
        return log.position(index);
    }

    /**
     * @param index held by the log.
     * @return checksum over type and payload, the same on every member.
     */
    public int entryCrc(final long index)
    {
        final LogEntryView view = log.newView();
        if (!view.wrap(index))
        {
            throw new AssertionError("entry is not held: index=" + index);
        }
        final byte[] payload = new byte[view.payloadLength()];
        view.buffer().getBytes(view.payloadOffset(), payload);
        crc.reset();
        crc.update(view.type());
        crc.update(payload);
        return (int)crc.getValue();
    }

    /**
     * @param index of an entry.
     * @param term  of it.
     * @return true if the entry, and every frame before it, would survive a power cut.
     */
    public boolean isDurable(final long index, final long term)
    {
        if (index < log.baseIndex())
        {
            return true;
        }
        if (index > log.lastIndex() || log.termAt(index) != term)
        {
            return false;
        }
        if (index == log.baseIndex())
        {
            return true;
        }
        if (log.position(index) >= frontier)
        {
            advance();
        }
        return log.position(index) < frontier;
    }

    /** Moves the frontier over frames that the device holds as memory does. */
    private void advance()
    {
        if (frontier < 0)
        {
            frontier = 0;
            while (log.segmentAt(frontier) == null)
            {
                frontier = firstPosition();
            }
        }
        final long appended = log.appendedPosition();
        while (frontier < appended)
        {
            final LogSegment segment = log.segmentAt(frontier);
            if (segment == null)
            {
                frontier = firstPosition();
                continue;
            }
            final int offset = segment.offsetOf(frontier);
            final int frameLength = segment.buffer().getInt(offset);
            if (frameLength <= 0 || !disk.isNameDurable(segment.path()) ||
                !isEqual(segment, 0, SegmentDescriptor.HEADER_LENGTH) || !isEqual(segment, offset, frameLength))
            {
                return;
            }
            frontier += FrameDescriptor.alignedLength(frameLength - FrameDescriptor.HEADER_LENGTH);
        }
    }

    private long firstPosition()
    {
        long low = 0;
        long high = log.appendedPosition();
        while (low < high)
        {
            final long middle = (low + high) >>> 1;
            if (log.segmentAt(middle) == null)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }
        return low;
    }

    private boolean isEqual(final LogSegment segment, final int offset, final int length)
    {
        final byte[] durable = new byte[length];
        final byte[] newest = new byte[length];
        disk.readDurable(segment.path(), offset, durable);
        segment.buffer().getBytes(offset, newest);
        return Arrays.equals(durable, newest);
    }

    /**
     * What the term file would hold after a power cut now.
     *
     * @param disk     that holds it.
     * @param path     of the file.
     * @param term     to look for.
     * @param votedFor to look for, 0 for any.
     * @return true if the file would hold this vote, or a newer term, in each slot that is whole.
     */
    public static boolean isTermDurable(
        final SimulatedDisk disk, final String path, final long term, final long votedFor)
    {
        if (!disk.isNameDurable(path))
        {
            return false;
        }
        final byte[] bytes = new byte[TermSlotDescriptor.LENGTH];
        final UnsafeBuffer slot = new UnsafeBuffer(bytes);
        int valid = 0;
        int holding = 0;
        for (int i = 0; i < TermSlotDescriptor.SLOT_COUNT; i++)
        {
            disk.readDurable(path, i * TermSlotDescriptor.SLOT_LENGTH, bytes);
            final CRC32C crc = new CRC32C();
            crc.update(
                bytes,
                TermSlotDescriptor.CLUSTER_ID_OFFSET,
                TermSlotDescriptor.LENGTH - TermSlotDescriptor.CLUSTER_ID_OFFSET);
            final boolean isValid = slot.getLong(TermSlotDescriptor.MAGIC_OFFSET) == TermSlotDescriptor.MAGIC &&
                slot.getInt(TermSlotDescriptor.CRC_OFFSET) == (int)crc.getValue();
            final long slotTerm = slot.getLong(TermSlotDescriptor.TERM_OFFSET);
            final boolean isHeld = slotTerm > term || slotTerm == term &&
                (votedFor == 0 || slot.getLong(TermSlotDescriptor.VOTED_FOR_OFFSET) == votedFor);
            valid += isValid ? 1 : 0;
            holding += isValid && isHeld ? 1 : 0;
        }
        // one that is just written anew may be neither old nor new
        return holding > 0 && holding == valid;
    }
}
