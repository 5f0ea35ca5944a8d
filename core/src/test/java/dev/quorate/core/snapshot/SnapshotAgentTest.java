package dev.quorate.core.snapshot;

import dev.quorate.core.ring.RingMessages;
import dev.quorate.core.ring.RingReads;
import dev.quorate.core.seam.Clock;
import dev.quorate.core.seam.SimulatedDisk;
import dev.quorate.core.seam.SimulatedRng;
import dev.quorate.core.seam.SnapshotLink;
import dev.quorate.core.store.Store;
import dev.quorate.core.store.StoreContext;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.ringbuffer.OneToOneRingBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** What consensus waits to hear about snapshots reaches it, also when the ring was full at the moment. */
class SnapshotAgentTest
{
    private static final long LEADER = 7;
    private static final long SNAPSHOT = 3;
    private static final long INDEX = 100;
    private static final long LENGTH = 10_000;
    private static final long LOST_NS = 31_000_000_000L;
    private static final int FILLER = RingMessages.SNAPSHOT_PROGRESS;

    private final Clock clock = new Clock()
    {
        @Override
        public long nanoTime()
        {
            return nowNs;
        }

        @Override
        public long epochMillis()
        {
            return nowNs / 1_000_000;
        }
    };
    private final Store store = Store.open(new StoreContext()
        .disk(new SimulatedDisk(new SimulatedRng(1)).plain())
        .clock(clock)
        .clusterId(11)
        .storeId(12)
        .answers(() -> 0, () -> Long.MAX_VALUE));
    private final SnapshotRings rings = new SnapshotRings();
    private final SnapshotAgent agent = new SnapshotAgent(
        store, rings, SnapshotLink.NONE, clock, 1, () -> {}, member -> null, 1 << 20);
    private final UnsafeBuffer message = new UnsafeBuffer(new byte[SnapshotRings.MESSAGE_LENGTH]);
    private long nowNs = 1;

    private record Told(int type, long member, long second, long third, long fourth)
    {
    }

    @AfterEach
    void close()
    {
        agent.close();
        store.close();
    }

    @Test
    void endOfASnapshotIsToldOnceThereIsRoom()
    {
        ask(RingMessages.SNAPSHOT_OFFER, LEADER, SNAPSHOT, INDEX, LENGTH);
        agent.doWork();
        fillRing();
        nowNs += LOST_NS;
        agent.doWork();
        agent.doWork();
        takeTold();
        agent.doWork();
        assertEquals(
            List.of(new Told(RingMessages.SNAPSHOT_ENDED, LEADER, SNAPSHOT, INDEX, 0)), takeTold());
        agent.doWork();
        assertTrue(takeTold().isEmpty(), "told once");
    }

    @Test
    void nextSnapshotIsTakenUpOnceTheEndOfTheLastIsTold()
    {
        ask(RingMessages.SNAPSHOT_OFFER, LEADER, SNAPSHOT, INDEX, LENGTH);
        agent.doWork();
        fillRing();
        nowNs += LOST_NS;
        agent.doWork();
        ask(RingMessages.SNAPSHOT_OFFER, LEADER, SNAPSHOT + 1, INDEX, LENGTH);
        agent.doWork();
        takeTold();
        agent.doWork();
        assertEquals(
            List.of(new Told(RingMessages.SNAPSHOT_ENDED, LEADER, SNAPSHOT, INDEX, 0)), takeTold());
        ask(RingMessages.SNAPSHOT_OFFER, LEADER, SNAPSHOT + 1, INDEX, LENGTH);
        agent.doWork();
        assertEquals(
            List.of(new Told(RingMessages.SNAPSHOT_PROGRESS, LEADER, SNAPSHOT + 1, 0, 0)), takeTold());
    }

    @Test
    void progressThatFoundNoRoomIsToldInTheNextTurn()
    {
        fillRing();
        ask(RingMessages.SNAPSHOT_OFFER, LEADER, SNAPSHOT, INDEX, LENGTH);
        agent.doWork();
        takeTold();
        agent.doWork();
        assertEquals(List.of(new Told(RingMessages.SNAPSHOT_PROGRESS, LEADER, SNAPSHOT, 0, 0)), takeTold());
    }

    @Test
    void memberThatCannotBeServedIsReportedOnceThereIsRoom()
    {
        fillRing();
        ask(RingMessages.SNAPSHOT_SEND, 8, 0, 0, 0);
        ask(RingMessages.SNAPSHOT_SEND, 8, 0, 0, 0);
        agent.doWork();
        takeTold();
        agent.doWork();
        assertEquals(List.of(new Told(RingMessages.SNAPSHOT_LOST, 8, 0, 0, 0)), takeTold());
        assertFalse(agent.isSwitching());
    }

    private void ask(final int type, final long member, final long second, final long third, final long fourth)
    {
        write(rings.toHousekeeping(), type, member, second, third, fourth);
    }

    private void fillRing()
    {
        takeTold();
        int count = 0;
        while (write(rings.fromHousekeeping(), FILLER, 0, 0, 0, 0))
        {
            count++;
        }
        assertTrue(count > 100);
    }

    private boolean write(
        final OneToOneRingBuffer ring, final int type, final long member, final long second, final long third,
        final long fourth)
    {
        message.putLong(0, member);
        message.putLong(8, second);
        message.putLong(16, third);
        message.putLong(24, fourth);
        return ring.write(type, message, 0, SnapshotRings.MESSAGE_LENGTH);
    }

    /** What was told since, all of it, without what filled the ring. */
    private List<Told> takeTold()
    {
        final List<Told> told = new ArrayList<>();
        RingReads.read(rings.fromHousekeeping(), (type, buffer, index, length) ->
        {
            if (0 != buffer.getLong(index))
            {
                told.add(new Told(
                    type, buffer.getLong(index), buffer.getLong(index + 8), buffer.getLong(index + 16),
                    buffer.getLong(index + 24)));
            }
        }, Integer.MAX_VALUE);
        return told;
    }
}
