package dev.quorate.core.ring;

import org.agrona.concurrent.ControlledMessageHandler.Action;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.ringbuffer.OneToOneRingBuffer;
import org.agrona.concurrent.ringbuffer.RingBufferDescriptor;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

class RingReadsTest
{
    private static final int LENGTH = 48;
    private static final int MESSAGES = 1_000;

    private final OneToOneRingBuffer ring =
        new OneToOneRingBuffer(new UnsafeBuffer(new byte[1024 + RingBufferDescriptor.TRAILER_LENGTH]));
    private final UnsafeBuffer message = new UnsafeBuffer(new byte[LENGTH]);
    private int paddings;

    @Test
    void aMessageBehindThePaddingIsReadAtOnce()
    {
        for (int i = 0; i < MESSAGES; i++)
        {
            write();
            assertEquals(1, RingReads.read(ring, (type, buffer, index, length) -> assertEquals(LENGTH, length), 8));
            assertEquals(0, ring.size());
        }
        assertTrue(paddings > 0, "no message began anew");
        assertEquals(0, RingReads.read(ring, (type, buffer, index, length) -> {}, 8));
    }

    @Test
    void aMessageBehindThePaddingIsReadAtOnceUnlessItIsRefused()
    {
        for (int i = 0; i < MESSAGES; i++)
        {
            write();
            assertEquals(0, RingReads.controlledRead(ring, (type, buffer, index, length) -> Action.ABORT, 8));
            assertTrue(ring.size() > 0);
            assertEquals(1, RingReads.controlledRead(ring, (type, buffer, index, length) -> Action.CONTINUE, 8));
            assertEquals(0, ring.size());
        }
        assertTrue(paddings > 0, "no message began anew");
    }

    private void write()
    {
        final long before = ring.producerPosition();
        assertTrue(ring.write(1, message, 0, LENGTH));
        paddings += ring.producerPosition() - before > LENGTH + 8 ? 1 : 0;
    }
}
