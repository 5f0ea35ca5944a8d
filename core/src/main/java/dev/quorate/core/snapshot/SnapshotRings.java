package dev.quorate.core.snapshot;

import org.agrona.BufferUtil;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.ringbuffer.OneToOneRingBuffer;
import org.agrona.concurrent.ringbuffer.RingBufferDescriptor;

import java.util.concurrent.atomic.AtomicLong;

/**
 * What consensus and housekeeping tell each other about snapshots: one ring each way, messages of up to five longs as
 * {@code RingMessages} describes them, and how far the log may let go of entries.
 * <p>
 * Owner: each ring has one writer and one reader.
 */
public final class SnapshotRings
{
    /** Longest message, bytes. */
    public static final int MESSAGE_LENGTH = 40;
    private static final int CAPACITY = 64 * 1024;

    private final OneToOneRingBuffer toHousekeeping = newRing();
    private final OneToOneRingBuffer fromHousekeeping = newRing();
    private final AtomicLong retainFrom = new AtomicLong();

    /**
     * @return written by consensus.
     */
    public OneToOneRingBuffer toHousekeeping()
    {
        return toHousekeeping;
    }

    /**
     * @return written by housekeeping.
     */
    public OneToOneRingBuffer fromHousekeeping()
    {
        return fromHousekeeping;
    }

    /**
     * Housekeeping: the log is needed from here on.
     *
     * @param index of the first entry that is needed.
     */
    public void retainFrom(final long index)
    {
        // what the durable mark covers was forced before; pairs with the acquire in retainFrom()
        retainFrom.setRelease(index);
    }

    /**
     * @return index of the first entry of the log that is needed.
     */
    public long retainFrom()
    {
        return retainFrom.getAcquire();
    }

    private static OneToOneRingBuffer newRing()
    {
        return new OneToOneRingBuffer(new UnsafeBuffer(
            BufferUtil.allocateDirectAligned(CAPACITY + RingBufferDescriptor.TRAILER_LENGTH, 128)));
    }
}
