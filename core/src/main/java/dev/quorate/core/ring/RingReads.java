package dev.quorate.core.ring;

import org.agrona.concurrent.ControlledMessageHandler;
import org.agrona.concurrent.MessageHandler;
import org.agrona.concurrent.ringbuffer.OneToOneRingBuffer;

/**
 * Reads a ring across the end of its buffer. A message that does not fit before the end is written at the start, with
 * padding before it; a read that meets only the padding returns 0 although the message is there. Whoever sleeps after a
 * 0 would sleep over that message, for its signal has been spent already.
 * <p>
 * Owner: the reader of the ring.
 */
public final class RingReads
{
    private RingReads()
    {
    }

    /**
     * @param ring    to read.
     * @param handler of messages.
     * @param limit   most messages.
     * @return how many were read: 0 only if no message was there.
     */
    public static int read(final OneToOneRingBuffer ring, final MessageHandler handler, final int limit)
    {
        final long position = ring.consumerPosition();
        final int count = ring.read(handler, limit);
        return 0 == count && ring.consumerPosition() != position ? ring.read(handler, limit) : count;
    }

    /**
     * @param ring    to read.
     * @param handler of messages, which may refuse one.
     * @param limit   most messages.
     * @return how many were read: 0 only if no message was there, or the first one was refused.
     */
    public static int controlledRead(
        final OneToOneRingBuffer ring, final ControlledMessageHandler handler, final int limit)
    {
        final long position = ring.consumerPosition();
        final int count = ring.controlledRead(handler, limit);
        return 0 == count && ring.consumerPosition() != position ? ring.controlledRead(handler, limit) : count;
    }
}
