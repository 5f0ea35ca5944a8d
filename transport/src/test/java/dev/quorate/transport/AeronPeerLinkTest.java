package dev.quorate.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quorate.core.seam.PeerLink;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.IntSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class AeronPeerLinkTest
{
    private static final long A = 0xA;
    private static final long B = 0xB;
    private static final long C = 0xC;
    private static final int LONG = PeerLink.MAX_MESSAGE_LENGTH;

    @TempDir
    Path directory;

    private final List<TestLink> links = new ArrayList<>();
    private final int portA = TestLink.freePort();
    private final int portB = TestLink.freePort();

    @AfterEach
    void closeAll()
    {
        links.forEach(TestLink::close);
    }

    @Test
    void messagesArriveInOrderWithoutGapsOrDamage()
    {
        final TestLink a = open("a", portA);
        final TestLink b = open("b", portB);
        connect(a, b);
        final SplittableRandom random = new SplittableRandom(1);

        sendAll(a, b, PeerLink.BULK, 2_000, () -> 8 + random.nextInt(4_000));

        assertEquals(numbers(2_000), b.lastNumbers());
        assertFalse(b.isDamaged);
    }

    @Test
    void longestMessagesArriveWhole()
    {
        final TestLink a = open("a", portA);
        final TestLink b = open("b", portB);
        connect(a, b);

        sendAll(a, b, PeerLink.BULK, 64, () -> LONG);

        assertEquals(numbers(64), b.lastNumbers());
        assertFalse(b.isDamaged);
    }

    @Test
    void longerMessagesAreRefusedToTheCaller()
    {
        final TestLink a = open("a", portA);
        a.link.addPeer(B, TestLink.endpoint(portB));

        assertThrows(IllegalArgumentException.class,
            () -> a.link.offer(B, PeerLink.BULK, a.message, 0, LONG, a.message, 0, 1));
        assertThrows(IllegalArgumentException.class,
            () -> a.link.offer(B, PeerLink.CONTROL, a.message, 0, 1025, null, 0, 0));
    }

    @Test
    void fullWindowIsBackPressureAndLosesNothing()
    {
        final TestLink a = open("a", portA);
        final TestLink b = open("b", portB);
        connect(a, b);

        long accepted = 0;
        int result = PeerLink.ACCEPTED;
        for (int i = 0; i < 100 && result == PeerLink.ACCEPTED; i++)
        {
            result = a.send(B, PeerLink.BULK, accepted, LONG);
            accepted += result == PeerLink.ACCEPTED ? 1 : 0;
        }
        final long expected = accepted;

        assertEquals(PeerLink.BACK_PRESSURED, result);
        assertEquals(1, a.link.backPressureCount());
        TestLink.await("all that was accepted", () -> b.heard == expected, a, b);
        assertEquals(numbers((int)expected), b.lastNumbers());
    }

    @Test
    void controlPassesWhileBulkIsFull()
    {
        final TestLink a = open("a", portA);
        final TestLink b = open("b", portB);
        connect(a, b);
        int sent = 0;
        while (sent < 100 && a.send(B, PeerLink.BULK, 7, LONG) == PeerLink.ACCEPTED)
        {
            sent++;
        }

        assertEquals(1, a.link.backPressureCount());
        assertEquals(PeerLink.ACCEPTED, a.send(B, PeerLink.CONTROL, 1, 64));
    }

    @Test
    void threeMembersTalkToEachOther()
    {
        final int portC = TestLink.freePort();
        final TestLink a = open("a", portA);
        final TestLink b = open("b", portB);
        final TestLink c = open("c", portC);
        for (final TestLink link : List.of(b, c))
        {
            link.link.addPeer(A, TestLink.endpoint(portA));
        }
        for (final TestLink link : List.of(a, c))
        {
            link.link.addPeer(B, TestLink.endpoint(portB));
        }
        for (final TestLink link : List.of(a, b))
        {
            link.link.addPeer(C, TestLink.endpoint(portC));
        }
        TestLink.await("all connected", () -> a.isConnectedTo(B) && a.isConnectedTo(C) && b.isConnectedTo(A) &&
            b.isConnectedTo(C) && c.isConnectedTo(A) && c.isConnectedTo(B), a, b, c);

        for (final int streamClass : new int[]{PeerLink.CONTROL, PeerLink.BULK})
        {
            assertEquals(PeerLink.ACCEPTED, a.send(B, streamClass, 1, 100));
            assertEquals(PeerLink.ACCEPTED, a.send(C, streamClass, 1, 100));
            assertEquals(PeerLink.ACCEPTED, b.send(A, streamClass, 1, 100));
            assertEquals(PeerLink.ACCEPTED, b.send(C, streamClass, 1, 100));
            assertEquals(PeerLink.ACCEPTED, c.send(A, streamClass, 1, 100));
            assertEquals(PeerLink.ACCEPTED, c.send(B, streamClass, 1, 100));
        }
        TestLink.await("four messages each", () -> a.heard == 4 && b.heard == 4 && c.heard == 4, a, b, c);
        assertEquals(4, a.numbersBySession.size());
    }

    @Test
    void peerThatRestartsOnItsPortIsReachedAgainInANewSession()
    {
        final TestLink a = open("a", portA);
        final TestLink b = open("b", portB);
        connect(a, b);
        sendAll(a, b, PeerLink.BULK, 10, () -> 100);
        sendAll(b, a, PeerLink.BULK, 10, () -> 100);
        final long oldSession = a.lastSession;

        b.close();
        links.remove(b);
        final TestLink restarted = open("b", portB);
        restarted.link.addPeer(A, TestLink.endpoint(portA));
        TestLink.await("both connected", () -> a.isConnectedTo(B) && restarted.isConnectedTo(A), a, restarted);
        TestLink.await("heard by the restarted peer", () ->
        {
            a.send(B, PeerLink.BULK, 1, 100);
            return restarted.heard > 0;
        }, a, restarted);
        sendAll(restarted, a, PeerLink.BULK, 10, () -> 100);

        assertNotEquals(oldSession, a.lastSession);
        TestLink.await("the old session ends", () -> a.downs.contains(oldSession), a, restarted);
    }

    @Test
    void closedPortOfAPeerDoesNoHarm()
    {
        final int closedPort = TestLink.freePort();
        final TestLink a = open("a", portA);
        final TestLink b = open("b", portB);
        a.link.addPeer(C, TestLink.endpoint(closedPort));
        connect(a, b);

        assertEquals(0, a.link.outgoingSession(C, PeerLink.CONTROL));
        assertEquals(PeerLink.NOT_CONNECTED, a.send(C, PeerLink.CONTROL, 1, 100));
        sendAll(a, b, PeerLink.BULK, 100, () -> 100);
        assertEquals(0, a.rebuilds);
        assertEquals(List.of(), a.errors);
    }

    @Test
    void nameThatDoesNotResolveIsReportedAndDoesNoHarm()
    {
        final TestLink a = open("a", portA);
        final TestLink b = open("b", portB);
        a.link.addPeer(C, "no-such-host.invalid:2380");
        connect(a, b);

        TestLink.await("the report", () -> !a.errors.isEmpty(), a, b);
        sendAll(a, b, PeerLink.CONTROL, 100, () -> 100);
    }

    @Test
    void garbageAtThePortDoesNoHarm() throws IOException
    {
        final TestLink a = open("a", portA);
        final TestLink b = open("b", portB);
        connect(a, b);
        final SplittableRandom random = new SplittableRandom(7);

        try (DatagramSocket socket = new DatagramSocket())
        {
            for (int i = 0; i < 2_000; i++)
            {
                final byte[] bytes = new byte[random.nextInt(1_500)];
                random.nextBytes(bytes);
                if (bytes.length > 8 && i % 2 == 0)
                {
                    // Half of it has a frame's version and a valid type.
                    bytes[4] = 0;
                    bytes[6] = (byte)random.nextInt(8);
                    bytes[7] = 0;
                }
                socket.send(new DatagramPacket(bytes, bytes.length, InetAddress.getByName("127.0.0.1"), portB));
                b.turn();
            }
        }

        sendAll(a, b, PeerLink.BULK, 1_000, () -> 300);
        assertEquals(0, b.rebuilds);
        assertFalse(b.isDamaged);
    }

    @Test
    void filesOfAKilledProcessDoNotStopARestart() throws IOException
    {
        final TransportContext ctx = TestLink.context(Files.createDirectories(directory.resolve("a")), portA);
        final TestLink a = new TestLink(ctx);
        links.add(a);
        a.turn();
        final Path cnc = ctx.aeronDirectory().resolve("cnc.dat");
        final byte[] alive = Files.readAllBytes(cnc);
        a.close();
        links.clear();
        // As a kill leaves it: a driver that was alive a moment ago.
        Files.createDirectories(ctx.aeronDirectory());
        Files.write(cnc, alive);
        Files.write(ctx.aeronDirectory().resolve("rubbish"), new byte[]{1});

        final TestLink again = open("a", portA);
        final TestLink b = open("b", portB);
        connect(again, b);

        assertFalse(Files.exists(ctx.aeronDirectory().resolve("rubbish")));
    }

    @Test
    void portInUseIsAClearRefusal() throws IOException
    {
        try (DatagramSocket holder = new DatagramSocket(new InetSocketAddress("127.0.0.1", portA)))
        {
            assertTrue(holder.isBound());
            final RuntimeException ex = assertThrows(RuntimeException.class, () -> open("a", portA));
            assertTrue(ex.getMessage().contains("Address already in use"), ex.getMessage());
        }
    }

    @Test
    void rebuiltTransportConnectsAgain()
    {
        final TestLink a = open("a", portA);
        final TestLink b = open("b", portB);
        connect(a, b);
        sendAll(a, b, PeerLink.BULK, 10, () -> 100);
        final long session = a.link.outgoingSession(B, PeerLink.BULK);

        a.link.rebuild("test");
        assertEquals(0, a.link.outgoingSession(B, PeerLink.BULK));
        TestLink.await("connected again", () -> a.isConnectedTo(B) && b.isConnectedTo(A), a, b);
        sendAll(a, b, PeerLink.BULK, 10, () -> 100);

        assertTrue(a.link.outgoingSession(B, PeerLink.BULK) > session);
        assertEquals(1, a.rebuilds);
    }

    @Test
    void refusedSessionIsSilentAndItsSenderLearnsWhy()
    {
        final TestLink a = open("a", portA);
        final TestLink b = open("b", portB);
        connect(a, b);
        sendAll(a, b, PeerLink.CONTROL, 1, () -> 100);

        b.link.refuse(b.lastSession, "WRONG_CLUSTER");
        a.send(B, PeerLink.CONTROL, 2, 100);
        TestLink.await("the reason", () -> a.refusals.contains("WRONG_CLUSTER"), a, b);

        assertEquals(1, b.heard);
    }

    @Test
    void partitionLosesAndHealingRepairs()
    {
        final boolean[] isCut = {false};
        final TransportFaults faults = new TransportFaults()
        {
            @Override
            public boolean dropsIncoming(final InetSocketAddress source)
            {
                return isCut[0];
            }

            @Override
            public boolean dropsOutgoing(final InetSocketAddress destination)
            {
                return isCut[0];
            }
        };
        final TestLink a = new TestLink(TestLink.context(directory.resolve("a"), portA).faults(faults)
            .imageLivenessNs(500_000_000L).connectionTimeoutNs(500_000_000L));
        links.add(a);
        final TestLink b = open("b", portB);
        connect(a, b);
        final long session = a.link.outgoingSession(B, PeerLink.BULK);

        isCut[0] = true;
        // Each class has a session of its own, and they need not end at once.
        TestLink.await("the loss is seen", () -> 0 == a.link.outgoingSession(B, PeerLink.BULK), a, b);
        isCut[0] = false;
        TestLink.await("connected again", () -> a.isConnectedTo(B), a, b);

        assertTrue(a.link.outgoingSession(B, PeerLink.BULK) > session);
    }

    @ParameterizedTest
    @EnumSource(DriverThreading.class)
    void everyThreadingCarriesMessages(final DriverThreading threading)
    {
        final TestLink a = new TestLink(TestLink.context(directory.resolve("a"), portA).threading(threading));
        links.add(a);
        final TestLink b = open("b", portB);
        connect(a, b);

        sendAll(a, b, PeerLink.BULK, 200, () -> 1_000);

        assertEquals(numbers(200), b.lastNumbers());
    }

    private TestLink open(final String name, final int port)
    {
        final TestLink link = new TestLink(directory.resolve(name), port);
        links.add(link);

        return link;
    }

    private void connect(final TestLink a, final TestLink b)
    {
        a.link.addPeer(B, TestLink.endpoint(portB));
        b.link.addPeer(A, TestLink.endpoint(portA));
        TestLink.await("connected", () -> a.isConnectedTo(B) && b.isConnectedTo(A), a, b);
    }

    private void sendAll(
        final TestLink from,
        final TestLink to,
        final int streamClass,
        final int count,
        final IntSupplier lengths)
    {
        final long before = to.heard;
        final long receiver = to == links.get(0) ? A : B;
        final long[] sent = {0};
        final int[] length = {lengths.getAsInt()};
        TestLink.await("message " + count, () ->
        {
            if (sent[0] < count && from.send(receiver, streamClass, sent[0], length[0]) == PeerLink.ACCEPTED)
            {
                sent[0]++;
                length[0] = lengths.getAsInt();
            }
            return to.heard == before + count;
        }, from, to);
    }

    private static List<Long> numbers(final int count)
    {
        final List<Long> numbers = new ArrayList<>();
        for (long i = 0; i < count; i++)
        {
            numbers.add(i);
        }

        return numbers;
    }
}
