package dev.quorate.core.store;

import org.agrona.concurrent.UnsafeBuffer;

import java.nio.ByteBuffer;

/**
 * The end of the stream in anonymous memory. Frames are appended to the newest buffer; one that does not fit opens the
 * next buffer at the same logical position, so that where buffers end never shows in the stream. Housekeeping writes
 * buffers out and releases them.
 * <p>
 * Owner: apply.
 */
final class TailBuffers
{
    /** Buffers beyond the configured number that an entry may take when none is free, before the store gives up. */
    private static final int OVERFLOW_MAX = 64;

    private final SegmentDirectory directory;
    private final int bufferLength;
    private final UnsafeBuffer[] free;
    private final int bufferCount;
    private int freeCount;
    private int overflowCount;
    private Segment[] tails;
    private Segment active;
    private int used;

    TailBuffers(final SegmentDirectory directory, final int bufferLength, final int bufferCount, final long startLp)
    {
        this.directory = directory;
        this.bufferLength = bufferLength;
        this.bufferCount = bufferCount;
        this.free = new UnsafeBuffer[bufferCount];
        active = new Segment(startLp, newBuffer(bufferLength));
        tails = new Segment[]{ active };
        directory.publishTails(tails);
    }

    long endLp()
    {
        return active.baseLp + used;
    }

    /** True if the next long frame may find no buffer. Takes back buffers that housekeeping has released. */
    boolean isBackPressured()
    {
        if (used < bufferLength / 2)
        {
            return false;
        }
        reclaim();
        return tails.length >= bufferCount;
    }

    int overflowCount()
    {
        return overflowCount;
    }

    UnsafeBuffer buffer()
    {
        return active.buffer;
    }

    /** Makes room for a frame. @return its place in {@link #buffer()}; it is part of the stream after commit. */
    int claim(final int frameLength)
    {
        if (frameLength > RecordDescriptor.MAX_FRAME_LENGTH)
        {
            throw new IllegalStateException("record of " + frameLength + " bytes is longer than any may be");
        }
        if (used + frameLength > active.buffer.capacity())
        {
            roll(frameLength);
        }
        return used;
    }

    void commit(final int frameLength, final long main)
    {
        active.appended(main, used);
        used += frameLength;
    }

    /** Opens the next buffer, unless the present one is empty and fits. */
    void roll(final int frameLength)
    {
        reclaim();
        if (0 == used && frameLength <= active.buffer.capacity())
        {
            return;
        }
        final boolean isEmpty = 0 == used;
        final long endLp = endLp();
        final Segment next = new Segment(endLp, takeBuffer(frameLength));
        final int kept = isEmpty ? tails.length - 1 : tails.length;
        final Segment[] longer = new Segment[kept + 1];
        System.arraycopy(tails, 0, longer, 0, kept);
        longer[kept] = next;
        final Segment previous = active;
        active = next;
        used = 0;
        tails = longer;
        directory.publishTails(longer);
        previous.rolledAt(endLp);
    }

    int reclaim()
    {
        int released = 0;
        while (released < tails.length - 1 && tails[released].isReleased())
        {
            if (freeCount < free.length && tails[released].buffer.capacity() == bufferLength)
            {
                free[freeCount++] = tails[released].buffer;
            }
            released++;
        }
        if (released > 0)
        {
            final Segment[] shorter = new Segment[tails.length - released];
            System.arraycopy(tails, released, shorter, 0, shorter.length);
            tails = shorter;
            directory.publishTails(shorter);
        }
        return released;
    }

    private UnsafeBuffer takeBuffer(final int frameLength)
    {
        if (frameLength > bufferLength)
        {
            return newBuffer(frameLength);
        }
        if (freeCount > 0)
        {
            final UnsafeBuffer buffer = free[--freeCount];
            free[freeCount] = null;
            return buffer;
        }
        if (tails.length >= bufferCount && ++overflowCount > 0 && tails.length >= bufferCount + OVERFLOW_MAX)
        {
            throw new IllegalStateException(
                    tails.length + " tail buffers wait for the disk; back-pressure was ignored");
        }
        return newBuffer(bufferLength);
    }

    private static UnsafeBuffer newBuffer(final int length)
    {
        return new UnsafeBuffer(ByteBuffer.allocateDirect(length));
    }
}
