package dev.quorate.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.quorate.core.seam.SnapshotLink;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;
import java.util.stream.LongStream;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AeronSnapshotLinkTest
{
    private static final long B = 0xB;
    private static final int LONG = SnapshotLink.MAX_MESSAGE_LENGTH;
    private static final int POLL_LIMIT = 32;

    @TempDir
    Path directory;

    private final List<End> ends = new ArrayList<>();
    private final int portA = TestLink.freePort();
    private final int portB = TestLink.freePort();

    @AfterEach
    void closeAll()
    {
        ends.forEach(End::close);
    }

    @Test
    void chunksOfEveryLengthArriveInOrderAndWhole()
    {
        final End a = open("a", portA);
        final End b = open("b", portB);
        final SplittableRandom random = new SplittableRandom(1);
        a.link.open(B, TestLink.endpoint(portB));
        for (int i = 0; i < 400; i++)
        {
            final int length = 8 + random.nextInt(LONG - 7);
            sendInTheEnd(a, i, length, a, b);
        }
        await("all chunks", () -> 400 == b.numbers.size(), a, b);
        assertEquals(LongStream.range(0, 400).boxed().toList(), b.numbers);
        assertFalse(b.isDamaged);
    }

    @Test
    void receiverThatDoesNotPollIsBackPressureAndLosesNothing()
    {
        final End a = open("a", portA);
        final End b = open("b", portB);
        a.link.open(B, TestLink.endpoint(portB));
        sendInTheEnd(a, 0, LONG, a, b);
        await("the first chunk", () -> 1 == b.numbers.size(), a, b);
        int count = 1;
        int result = SnapshotLink.ACCEPTED;
        while (SnapshotLink.ACCEPTED == result && count < 10_000)
        {
            result = a.send(count, LONG);
            count += SnapshotLink.ACCEPTED == result ? 1 : 0;
        }
        assertEquals(SnapshotLink.BACK_PRESSURED, result);
        final int accepted = count;
        await("all that was accepted", () -> accepted == b.numbers.size(), a, b);
        assertFalse(b.isDamaged);
    }

    @Test
    void chunksAreRefusedWithoutASession()
    {
        final End a = open("a", portA);
        final End b = open("b", portB);
        assertEquals(SnapshotLink.NOT_CONNECTED, a.send(1, 8));
        assertThrows(IllegalArgumentException.class, () -> a.send(1, LONG + 1));
        assertThrows(IllegalArgumentException.class, () -> a.send(1, 0));
        a.link.open(B, TestLink.endpoint(portB));
        sendInTheEnd(a, 1, 8, a, b);
        a.link.close(B);
        assertEquals(SnapshotLink.NOT_CONNECTED, a.send(2, 8));
        a.link.open(B, TestLink.endpoint(portB));
        sendInTheEnd(a, 3, 8, a, b);
        await("the chunk of the next session", () -> b.numbers.contains(3L), a, b);
    }

    @Test
    void receiverThatRestartsIsReachedAgain()
    {
        final End a = open("a", portA);
        final End b = open("b", portB);
        a.link.open(B, TestLink.endpoint(portB));
        sendInTheEnd(a, 1, LONG, a, b);
        await("a chunk", () -> b.numbers.contains(1L), a, b);
        b.close();
        ends.remove(b);
        final End again = open("b", portB);
        // Chunks that were accepted for the session before may be lost.
        await("a chunk after the restart", () ->
        {
            a.send(2, LONG);
            return again.numbers.contains(2L);
        }, a, again);
    }

    @Test
    void newDriverGetsANewClient()
    {
        final End a = open("a", portA);
        final End b = open("b", portB);
        a.link.open(B, TestLink.endpoint(portB));
        sendInTheEnd(a, 1, LONG, a, b);
        a.peers.link.rebuild("test");
        b.peers.link.rebuild("test");
        await("a chunk by the new driver", () ->
        {
            a.send(2, LONG);
            return b.numbers.contains(2L);
        }, a, b);
        assertEquals(1, a.peers.rebuilds);
        assertFalse(b.isDamaged);
    }

    @Test
    void driverThatEndsBeforeAllIsSetUpIsNoFaultOfTheMember()
    {
        final End a = open("a", portA);
        // The client is made; what it asked of the driver is not answered yet when that ends.
        assertEquals(1, a.link.doWork());
        a.link.open(B, TestLink.endpoint(portB));
        a.peers.link.rebuild("test");
        final End b = open("b", portB);
        sendInTheEnd(a, 1, LONG, a, b);
        await("a chunk by the next driver", () -> b.numbers.contains(1L), a, b);
    }

    @Test
    void closedLinkStaysClosed()
    {
        final End a = open("a", portA);
        a.link.open(B, TestLink.endpoint(portB));
        a.link.close();
        assertEquals(0, a.link.doWork());
        assertEquals(SnapshotLink.NOT_CONNECTED, a.send(1, 8));
    }

    private End open(final String name, final int port)
    {
        final End end = new End(directory.resolve(name), port);
        ends.add(end);
        return end;
    }

    private static void sendInTheEnd(final End from, final long number, final int length, final End... all)
    {
        await("chunk " + number + " is accepted", () -> SnapshotLink.ACCEPTED == from.send(number, length), all);
    }

    private static void await(final String what, final BooleanSupplier condition, final End... all)
    {
        final TestLink[] drivers = new TestLink[all.length];
        for (int i = 0; i < all.length; i++)
        {
            drivers[i] = all[i].peers;
        }
        TestLink.await(what, () ->
        {
            for (final End end : all)
            {
                end.turn();
            }
            return condition.getAsBoolean();
        }, drivers);
    }

    /** A snapshot link at the driver of a peer link, with what it heard. */
    private static final class End implements SnapshotLink.Handler, AutoCloseable
    {
        private final TestLink peers;
        private final AeronSnapshotLink link;
        private final List<Long> numbers = new ArrayList<>();
        private final UnsafeBuffer message = new UnsafeBuffer(new byte[LONG]);
        private boolean isDamaged;

        End(final Path directory, final int port)
        {
            final TransportContext ctx = TestLink.context(directory, port);
            peers = new TestLink(ctx);
            link = new AeronSnapshotLink(ctx, TestLink.CLOCK);
        }

        void turn()
        {
            link.doWork();
            link.poll(this, POLL_LIMIT);
        }

        int send(final long number, final int length)
        {
            if (length >= Long.BYTES && length <= LONG)
            {
                message.putLong(0, number, ByteOrder.LITTLE_ENDIAN);
                for (int i = Long.BYTES; i < length; i++)
                {
                    message.putByte(i, (byte)(number * 31 + i));
                }
            }
            return link.offer(B, message, 0, length);
        }

        @Override
        public void onMessage(final DirectBuffer buffer, final int offset, final int length)
        {
            final long number = buffer.getLong(offset, ByteOrder.LITTLE_ENDIAN);
            numbers.add(number);
            for (int i = Long.BYTES; i < length; i++)
            {
                isDamaged |= (byte)(number * 31 + i) != buffer.getByte(offset + i);
            }
        }

        @Override
        public void close()
        {
            link.close();
            peers.close();
        }
    }
}
