package dev.quorate.core.peer;

import dev.quorate.core.seam.ManualClock;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quorate.core.codec.peer.EntryChunkDecoder;
import dev.quorate.core.codec.peer.MessageHeaderDecoder;
import dev.quorate.core.entry.EntryDescriptor;
import dev.quorate.core.raft.RaftLogAccess;
import dev.quorate.core.seam.PeerLink;
import dev.quorate.core.seam.StorageFault;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PeerMessagesTest
{
    private static final int LARGE = 1_500_000;

    private final MemoryNetwork network = new MemoryNetwork();
    private final ManualClock clock = new ManualClock(1_000_000_000L);
    private TestMember a;
    private TestMember b;

    @BeforeEach
    void connect()
    {
        a = new TestMember(network, clock, new PeerIdentity(7, 1, 11, 3));
        b = new TestMember(network, clock, new PeerIdentity(7, 2, 22, 4));
        a.registry.addPeer(2, "b:2380");
        b.registry.addPeer(1, "a:2380");
        TestMember.settle(a, b);
    }

    @Test
    void everyMessageArrivesAsItWasSent()
    {
        a.messages.sendVoteRequest(2, 5, false, true, 10, 4);
        a.messages.sendVoteResponse(2, 5, true, true);
        a.messages.sendTimeoutNow(2, 6);
        a.messages.sendAppendResponse(2, 6, false, 7, 5, 3);
        a.messages.sendHeartbeat(2, 6, 7, 8);
        a.messages.sendHeartbeatResponse(2, 6, 8);
        a.messages.sendRefused(2, 2, 4, 99, 13);
        a.messages.sendReadIndexRequest(2, 31);
        a.messages.sendReadIndexResponse(2, 4, 31, 70, true);
        a.messages.sendKeepAliveRequest(2, 32, -5);
        a.messages.sendKeepAliveAnswer(2, 4, 32, -5, 60, 71, 0);
        a.messages.sendTimeToLiveRequest(2, 33, -6);
        a.messages.sendTimeToLiveAnswer(2, 4, 33, -6, -1, 0, 72, 15);
        a.messages.sendSnapshotOffer(2, 6, 40, 100, 5, 1L << 33);
        a.messages.sendSnapshotReady(2, 40, -1);
        a.messages.sendSnapshotStatus(2, 40, 100, true);
        b.poll();

        assertEquals(List.of(
            "voteRequest 1 5 false true 10 4",
            "voteResponse 1 5 true true",
            "timeoutNow 1 6",
            "appendResponse 1 6 false 7 5 3",
            "heartbeat 1 6 7 8",
            "heartbeatResponse 1 6 8",
            "refused 1 2 4 99 13",
            "readIndexRequest 1 3 31",
            "readIndexResponse 1 31 70 true",
            "keepAliveRequest 1 3 32 -5",
            "keepAliveAnswer 1 32 -5 60 71 0",
            "timeToLiveRequest 1 3 33 -6",
            "timeToLiveAnswer 1 33 -6 -1 0 72 15",
            "snapshotOffer 1 6 40 100 5 8589934592",
            "snapshotReady 1 40 -1",
            "snapshotStatus 1 40 100 true"), b.events.lines);
    }

    @Test
    void answersToAnEarlierBootAreDropped()
    {
        a.messages.sendReadIndexResponse(2, 3, 31, 70, true);
        a.messages.sendKeepAliveAnswer(2, 3, 32, 5, 60, 71, 0);
        a.messages.sendTimeToLiveAnswer(2, 3, 33, 6, 1, 1, 72, 0);
        b.poll();

        assertEquals(List.of(), b.events.lines);
        assertEquals(3, b.counters.dropped(PeerDrop.OLD_BOOT));
    }

    @Test
    void emptyAppendIsAProbe()
    {
        assertEquals(12, a.messages.sendAppend(2, 5, 12, 4, 10, 13, 12));
        b.poll();

        assertEquals(List.of("append 1 5 12 4 10 0"), b.events.lines);
    }

    @Test
    void whatWasPackedIsUnpacked()
    {
        for (long seed = 1; seed <= 60; seed++)
        {
            final SplittableRandom random = new SplittableRandom(seed);
            connect();
            final int count = 1 + random.nextInt(300);
            fill(count, random);
            network.windowLength = 70_000 + random.nextInt(200_000);
            sendAll(count, "seed " + seed);
            network.windowLength = Integer.MAX_VALUE;

            assertEquals(count, b.events.payloads.size(), "seed " + seed);
            for (int i = 0; i < count; i++)
            {
                assertArrayEquals(a.payloads.get(i), b.events.payloads.get(i), "seed " + seed);
            }
        }
    }

    @Test
    void messagesArePackedFull()
    {
        for (int i = 0; i < 1_000; i++)
        {
            a.append(1, new byte[200]);
        }

        final long last = a.messages.sendAppend(2, 1, 0, 0, 0, 1, 1_000);

        assertEquals((PeerLink.MAX_MESSAGE_LENGTH - 60) / 232, last);
    }

    @Test
    void largeEntryContinuesUnderBackPressure()
    {
        fillLarge();
        network.windowLength = 100_000;
        int calls = 0;
        while (a.messages.sendAppend(2, 2, 0, 0, 0, 1, 1) == -1)
        {
            calls++;
            b.poll();
            assertTrue(calls < 100);
        }
        b.poll();

        assertEquals(LARGE / (PeerLink.MAX_MESSAGE_LENGTH - 200), calls, 2);
        assertEquals(List.of("append 1 2 0 0 0 1", "entry 1 2 2 " + LARGE), b.events.lines);
        assertArrayEquals(a.payloads.get(0), b.events.payloads.get(0));
    }

    @Test
    void largeEntryBeginsAgainAfterTheSessionWasLost()
    {
        fillLarge();
        network.windowLength = 200_000;
        assertEquals(-1, a.messages.sendAppend(2, 2, 0, 0, 0, 1, 1));
        b.poll();
        assertEquals(-1, a.messages.sendAppend(2, 2, 0, 0, 0, 1, 1));

        network.endSession(1, 2, PeerLink.BULK);
        TestMember.settle(a, b);
        int calls = 0;
        while (a.messages.sendAppend(2, 2, 0, 0, 0, 1, 1) == -1 && calls++ < 100)
        {
            b.poll();
        }
        b.poll();

        assertEquals(List.of("append 1 2 0 0 0 1", "entry 1 2 2 " + LARGE), b.events.lines);
        assertArrayEquals(a.payloads.get(0), b.events.payloads.get(0));
    }

    @Test
    void largeEntryWithAPieceMissingIsNotHeard()
    {
        fillLarge();
        assertEquals(-1, a.messages.sendAppend(2, 2, 0, 0, 0, 1, 1));
        network.loseOne(1, 2, PeerLink.BULK);
        while (a.messages.sendAppend(2, 2, 0, 0, 0, 1, 1) == -1)
        {
            b.poll();
        }
        b.poll();

        assertEquals(List.of(), b.events.lines);
        assertTrue(b.counters.dropped(PeerDrop.CHUNK) > 0);
    }

    @Test
    void heartbeatPassesBetweenThePiecesOfALargeEntry()
    {
        fillLarge();
        network.windowLength = 100_000;
        assertEquals(-1, a.messages.sendAppend(2, 2, 0, 0, 0, 1, 1));

        assertTrue(a.messages.sendHeartbeat(2, 2, 0, 0));
    }

    @Test
    void forwardedCommandArrivesOnceThoughItsMessageComesTwice()
    {
        final UnsafeBuffer command = new UnsafeBuffer(new byte[100]);
        assertEquals(PeerLink.ACCEPTED, a.messages.sendForward(2, 9, 1, RaftLogAccess.COMMAND, command, 10, 50));
        network.duplicateLast(1, 2, PeerLink.BULK);
        b.poll();

        assertEquals(List.of("forward 1 9 1 50"), b.events.lines);
        assertEquals(1, b.counters.dropped(PeerDrop.DUPLICATE));
    }

    @Test
    void largeForwardContinuesUnderBackPressure()
    {
        final byte[] bytes = new byte[LARGE];
        new Random(3).nextBytes(bytes);
        final UnsafeBuffer command = new UnsafeBuffer(bytes);
        network.windowLength = 150_000;
        int calls = 0;
        while (a.messages.sendForward(2, 9, 77, RaftLogAccess.CONFIG, command, 0, LARGE) == PeerLink.BACK_PRESSURED)
        {
            b.poll();
            assertTrue(calls++ < 100);
        }
        network.duplicateLast(1, 2, PeerLink.BULK);
        b.poll();
        a.messages.sendForward(2, 9, 78, RaftLogAccess.COMMAND, command, 0, 10);
        b.poll();

        assertEquals(List.of("forward 1 9 2 " + LARGE, "forward 1 9 1 10"), b.events.lines);
        assertArrayEquals(bytes, b.events.payloads.get(0));
    }

    @Test
    void forwardToAnEarlierBootIsDropped()
    {
        final UnsafeBuffer command = new UnsafeBuffer(new byte[100]);
        a.messages.sendForward(2, 9, 1, RaftLogAccess.COMMAND, command, 0, 50);
        final byte[] message = network.lastMessage(1, 2, PeerLink.BULK);
        b.poll();
        b.events.lines.clear();
        message[24] = 3;
        b.receiver.onMessage(session(), PeerLink.BULK, new UnsafeBuffer(message), 0, message.length);

        assertEquals(List.of(), b.events.lines);
        assertEquals(1, b.counters.dropped(PeerDrop.OLD_BOOT));
    }

    @Test
    void appendIsHeardOnlyIfNoBitOfItsEntriesChanged()
    {
        a.append(1, new byte[100]);
        a.append(1, new byte[3]);
        a.messages.sendAppend(2, 1, 0, 0, 0, 1, 2);
        final byte[] message = network.lastMessage(1, 2, PeerLink.BULK).clone();
        b.poll();
        assertEquals(3, b.events.lines.size());
        b.events.lines.clear();
        final int tail = message.length - 2 * EntryDescriptor.HEADER_LENGTH - 103;
        for (int bit = tail * 8; bit < message.length * 8; bit++)
        {
            message[bit / 8] ^= (byte)(1 << bit % 8);
            b.receiver.onMessage(session(), PeerLink.BULK, new UnsafeBuffer(message), 0, message.length);
            assertEquals(List.of(), b.events.lines, "bit " + bit);
            message[bit / 8] ^= (byte)(1 << bit % 8);
        }
        assertTrue(b.counters.dropped(PeerDrop.CHECKSUM) > 103 * 8);
        b.receiver.onMessage(session(), PeerLink.BULK, new UnsafeBuffer(message), 0, message.length);
        assertEquals(3, b.events.lines.size());
    }

    @Test
    void entryInPiecesIsHeardOnlyIfItIsTheOneThatWasWritten()
    {
        fillLarge();
        while (a.messages.sendAppend(2, 2, 0, 0, 0, 1, 1) == -1)
        {
            b.poll();
        }
        // The last piece comes with a checksum of its own that is right, as if the sender's memory had been wrong.
        final byte[] last = network.lastMessage(1, 2, PeerLink.BULK);
        final UnsafeBuffer message = new UnsafeBuffer(last);
        final EntryChunkDecoder chunk =
            new EntryChunkDecoder().wrapAndApplyHeader(message, 0, new MessageHeaderDecoder());
        final int tail = chunk.offset() + EntryChunkDecoder.BLOCK_LENGTH;
        last[last.length - 1] ^= 1;
        message.putInt(chunk.offset() + EntryChunkDecoder.checksumEncodingOffset(),
            new TailChecksum().compute(message, tail, last.length - tail));
        b.poll();

        assertEquals(List.of(), b.events.lines);
        assertEquals(1, b.counters.dropped(PeerDrop.CHECKSUM));
    }

    @Test
    void damagedEntryHaltsItsOwnerInsteadOfLeavingIt()
    {
        a.append(1, new byte[100]);
        a.append(1, new byte[100]);
        a.damagedIndex = 2;
        for (a.damagedAt = 0; a.damagedAt < EntryDescriptor.HEADER_LENGTH + 100; a.damagedAt++)
        {
            assertThrows(StorageFault.class, () -> a.messages.sendAppend(2, 1, 0, 0, 0, 1, 2), "byte " + a.damagedAt);
        }
        assertEquals(1, a.messages.sendAppend(2, 1, 0, 0, 0, 1, 1));
        b.poll();
        assertEquals(2, b.events.lines.size());
    }

    @Test
    void damagedEntryOfManyPiecesHaltsItsOwnerBeforeTheFirstLeaves()
    {
        fillLarge();
        a.damagedIndex = 1;
        a.damagedAt = LARGE;
        assertThrows(StorageFault.class, () -> a.messages.sendAppend(2, 2, 0, 0, 0, 1, 1));
        b.poll();
        assertEquals(List.of(), b.events.lines);
    }

    @Test
    void nothingThatArrivesMakesTheReceiverThrow()
    {
        final int seed = 20_261;
        final SplittableRandom random = new SplittableRandom(seed);
        fill(5, random);
        a.messages.sendAppend(2, 9, 0, 0, 0, 1, 5);
        final byte[] sample = network.lastMessage(1, 2, PeerLink.BULK);
        b.poll();
        final long session = session();
        for (int i = 0; i < 200_000; i++)
        {
            final byte[] bytes = i % 2 == 0 ? garbage(random) : sample.clone();
            for (int flips = random.nextInt(4); flips >= 0 && bytes.length > 0; flips--)
            {
                bytes[random.nextInt(Math.min(bytes.length, 160))] = (byte)random.nextInt(256);
            }
            final UnsafeBuffer buffer = new UnsafeBuffer(bytes);
            try
            {
                b.receiver.onMessage(random.nextInt(4) == 0 ? random.nextInt(500) : session,
                    random.nextInt(2), buffer, 0, bytes.length);
            }
            catch (final RuntimeException ex)
            {
                throw new AssertionError("seed " + seed + " message " + i, ex);
            }
            b.events.lines.clear();
            b.events.payloads.clear();
        }
        assertTrue(b.counters.dropped(PeerDrop.MALFORMED) > 1_000);
    }

    private byte[] garbage(final SplittableRandom random)
    {
        final byte[] bytes = new byte[random.nextInt(200)];
        random.nextBytes(bytes);
        if (bytes.length >= 24)
        {
            // The header of a message of ours, so that the bytes behind it are looked at.
            final UnsafeBuffer buffer = new UnsafeBuffer(bytes);
            buffer.putShort(0, (short)random.nextInt(100));
            buffer.putShort(2, (short)(1 + random.nextInt(43)));
            buffer.putShort(4, (short)703);
            buffer.putShort(6, (short)random.nextInt(3));
            buffer.putLong(8, 1);
            buffer.putLong(16, 2);
        }

        return bytes;
    }

    /** The session on which {@code b} hears the bulk class of {@code a}. */
    private long session()
    {
        return b.registry.peer(1).incomingSession[PeerLink.BULK];
    }

    private void fill(final int count, final SplittableRandom random)
    {
        for (int i = 0; i < count; i++)
        {
            final byte[] payload = new byte[random.nextInt(40) == 0 ? random.nextInt(200_000) : random.nextInt(2_000)];
            random.nextBytes(payload);
            a.append(1 + i / 10, payload);
        }
    }

    private void fillLarge()
    {
        final byte[] payload = new byte[LARGE];
        new Random(5).nextBytes(payload);
        a.append(2, payload);
    }

    private void sendAll(final int count, final String seed)
    {
        final long term = 1_000;
        long sent = 0;
        int calls = 0;
        while (sent < count)
        {
            final long prevTerm = sent == 0 ? 0 : a.term(sent);
            final long last = a.messages.sendAppend(2, term, sent, prevTerm, 0, sent + 1, count);
            sent = last == -1 ? sent : last;
            b.poll();
            assertTrue(calls++ < 10_000, seed);
        }
    }
}
