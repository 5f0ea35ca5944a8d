package dev.quorate.core.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quorate.core.ring.DurationHistogram;
import dev.quorate.core.seam.SimulatedRng;
import dev.quorate.core.seam.StorageFault;
import java.util.concurrent.atomic.AtomicReference;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

class LogSyncAgentTest
{
    private final LogWorld world = new LogWorld(1);

    @Test
    void durableFollowsTheSyncAndNeverRunsAhead()
    {
        world.disk.syncByHand();
        world.open();
        world.append(1, 10);
        final long first = world.log.appendedPosition();
        world.log.syncAgent().doWork();
        world.append(1, 10);
        world.log.syncAgent().doWork();
        assertEquals(0, world.log.durablePosition());
        world.disk.finishSyncs();
        world.log.syncAgent().doWork();
        assertEquals(first, world.log.durablePosition());
        assertEquals(1, world.log.durableIndex(first));
        world.disk.finishSyncs();
        world.log.syncAgent().doWork();
        assertEquals(world.log.appendedPosition(), world.log.durablePosition());
    }

    @Test
    void eachSyncIsTimedFromItsStartUntilItIsFoundDone()
    {
        world.disk.syncByHand();
        world.open();
        final DurationHistogram durations = world.log.syncAgent().syncDurations();
        world.append(1, 10);
        world.log.syncAgent().doWork();
        world.now += 3_000_000;
        world.log.syncAgent().doWork();
        assertEquals(0, durations.sumNs());
        world.disk.finishSyncs();
        world.log.syncAgent().doWork();
        assertEquals(3_000_000, durations.sumNs());
        assertEquals(1, durations.count(2));
    }

    @Test
    void oneBatchCoversSeveralSegments()
    {
        world.open();
        for (int i = 0; i < 30; i++)
        {
            world.append(1, 900);
            world.log.supplier().doWork();
        }
        world.log.syncAgent().doWork();
        assertEquals(world.log.appendedPosition(), world.log.durablePosition());
        assertTrue(world.log.syncAgent().syncCount() >= 2);
        world.disk.captureOneIn(0);
        world.crashAndOpen();
        world.check();
    }

    @Test
    void consensusSyncsInItsTurnWhatItAppended()
    {
        world.open();
        world.log.syncAgent().doWork();
        world.append(1, 10);
        assertTrue(world.log.syncAgent().syncInTurn());
        assertEquals(world.log.appendedPosition(), world.log.durablePosition());
        assertEquals(1, world.log.syncAgent().syncCount());
        assertEquals(0, world.log.syncAgent().doWork());
    }

    @Test
    void syncBegunInATurnIsEndedByTheAgent()
    {
        world.disk.syncByHand();
        world.open();
        world.log.syncAgent().doWork();
        world.append(1, 10);
        assertFalse(world.log.syncAgent().syncInTurn());
        assertFalse(world.log.syncAgent().syncInTurn());
        assertEquals(0, world.log.durablePosition());
        world.disk.finishSyncs();
        world.log.syncAgent().doWork();
        assertEquals(world.log.appendedPosition(), world.log.durablePosition());
        assertEquals(1, world.log.syncAgent().syncCount());
    }

    @Test
    void failedSyncInATurnPublishesNothing()
    {
        world.open();
        world.log.syncAgent().doWork();
        world.append(1, 10);
        world.disk.failSync(1);
        assertThrows(StorageFault.class, () -> world.log.syncAgent().syncInTurn());
        assertEquals(0, world.log.durablePosition());
    }

    @Test
    void nobodyGoesOnAfterASyncThatFailedInATurn()
    {
        world.disk.syncByHand();
        world.open();
        world.log.syncAgent().doWork();
        world.append(1, 10);
        world.disk.failSync(1);
        assertThrows(StorageFault.class, () -> world.log.syncAgent().syncInTurn());
        assertEquals(0, world.log.syncAgent().doWork());
        assertEquals(0, world.log.durablePosition());
    }

    @Test
    void turnThatFindsTheTermFileBusyLeavesWorkToTheAgent()
    {
        world.open();
        world.log.syncAgent().doWork();
        world.append(1, 10);
        world.log.termFile().request(1, 5, 2);
        world.log.syncAgent().doWork();
        assertEquals(world.log.appendedPosition(), world.log.durablePosition());
        assertEquals(0, world.log.termFile().durableSequence());
        assertFalse(world.log.syncAgent().syncInTurn());
        world.log.syncAgent().doWork();
        assertEquals(1, world.log.termFile().durableSequence());
        assertTrue(world.log.syncAgent().syncInTurn());
    }

    @Test
    void failedSyncPublishesNothing()
    {
        world.open();
        world.append(1, 10);
        world.disk.failSync(1);
        assertThrows(StorageFault.class, () -> world.log.syncAgent().doWork());
        assertEquals(0, world.log.durablePosition());
    }

    @Test
    void idleLogStoresItsWatermarkSoThatRotOfTheLastFrameIsNotTakenForATornTail()
    {
        world.open();
        world.append(1, 100);
        world.append(1, 100);
        world.log.syncAgent().doWork();
        world.now += LogSyncAgent.IDLE_WATERMARK_NS - 1;
        assertEquals(0, world.log.syncAgent().doWork());
        world.now++;
        world.log.syncAgent().doWork();
        world.log.syncAgent().doWork();
        assertEquals(0, world.log.syncAgent().doWork());

        world.disk = world.disk.crash(new SimulatedRng(1));
        world.disk.flipBit("log/0000000000000001.seg", (4096 + 168 + 70) * 8L);
        final StorageFault fault = assertThrows(StorageFault.class, world::open);
        assertTrue(fault.getMessage().contains("behind entry 1,"), fault.getMessage());
    }

    @Test
    void laterFrameTellsThatADamagedOneWasDurable()
    {
        world.open();
        world.append(1, 100);
        world.log.syncAgent().doWork();
        world.append(1, 100);
        world.log.syncAgent().doWork();
        world.disk = world.disk.processExit();
        // the first frame's watermark says nothing; only the frame behind it knows
        world.disk.flipBit("log/0000000000000001.seg", (4096 + 70) * 8L);
        assertThrows(StorageFault.class, world::open);
    }

    @Test
    void unsafeModeCountsWhatIsAppendedAndClaimsNoWatermark()
    {
        world.isUnsafe = true;
        world.open();
        world.append(1, 100);
        world.log.termFile().request(1, 5, 2);
        world.log.syncAgent().doWork();
        assertEquals(world.log.appendedPosition(), world.log.durablePosition());
        world.log.syncAgent().doWork();
        assertEquals(1, world.log.termFile().durableSequence());
        world.append(1, 100);
        world.now += LogSyncAgent.IDLE_WATERMARK_NS;
        world.log.syncAgent().doWork();
        world.disk = world.disk.processExit();
        world.disk.flipBit("log/0000000000000001.seg", (4096 + 70) * 8L);
        world.open();
        assertEquals(0, world.log.lastIndex());
    }

    @Test
    void voteIsNeverLostOnceItsCompletionWasSeen()
    {
        for (int seed = 0; seed < 200; seed++)
        {
            final LogWorld voting = new LogWorld(seed);
            voting.disk.syncTakes(() -> voting.now, 1, 50);
            voting.open();
            long durable = 0;
            for (int i = 1; i <= 30; i++)
            {
                voting.log.termFile().request(i, i, i % 3 + 1);
                for (int turn = voting.rng.nextInt(6); turn > 0; turn--)
                {
                    voting.now += voting.rng.nextInt(40);
                    voting.log.syncAgent().doWork();
                }
                durable = voting.log.termFile().durableSequence();
            }
            voting.crashAndOpen();
            final long term = voting.log.termFile().term();
            assertTrue(term >= durable, "seed " + seed);
            assertTrue(term == 0 || voting.log.termFile().votedFor() == term % 3 + 1, "seed " + seed);
        }
    }

    @Test
    void voteWhoseCompletionWasSeenSurvivesDamageToEitherSlot()
    {
        for (int seed = 0; seed < 100; seed++)
        {
            final LogWorld voting = new LogWorld(seed);
            voting.disk.syncTakes(() -> voting.now, 1, 50);
            voting.open();
            long asked = 0;
            while (voting.log.termFile().durableSequence() < 3)
            {
                if (asked < 3 || voting.rng.nextInt(4) == 0)
                {
                    asked++;
                    voting.log.termFile().request(asked, asked, asked % 3 + 1);
                }
                voting.now += voting.rng.nextInt(40);
                voting.log.syncAgent().doWork();
            }
            final long durable = voting.log.termFile().durableSequence();
            voting.disk = voting.disk.processExit();
            voting.disk.flipBit("term", 8L * (seed % 2 * 4096 + 48) + seed % 8);
            voting.open();
            final long term = voting.log.termFile().term();
            assertTrue(term >= durable, "seed " + seed + ": term " + term + " after " + durable);
            assertEquals(term % 3 + 1, voting.log.termFile().votedFor());
        }
    }

    @Test
    void secondVoteInATermIsRefused()
    {
        refusesBehindAVote(5, 2);
    }

    @Test
    void termThatGoesBackIsRefused()
    {
        refusesBehindAVote(4, 0);
    }

    @Test
    void readersOnOtherThreadsSeeWholeEntriesOnly() throws Exception
    {
        world.maxSegmentLength = 1 << 20;
        world.open();
        world.disk.plain();
        final AtomicReference<Throwable> failure = new AtomicReference<>();
        final long count = 20_000;
        final Thread reader = new Thread(() -> read(count, failure));
        final Thread syncer = new Thread(() -> sync(count, failure));
        reader.start();
        syncer.start();
        final UnsafeBuffer payload = new UnsafeBuffer(new byte[64]);
        for (long index = 1; index <= count; index++)
        {
            payload.setMemory(0, 64, (byte)index);
            world.log.supplier().doWork();
            final long position = world.log.append(index, 1, 1, payload, 0, (int)(index % 64));
            assertTrue(position > 0);
            world.log.commitIndex(index);
        }
        reader.join();
        syncer.join();
        if (failure.get() != null)
        {
            throw new AssertionError(failure.get());
        }
        assertEquals(world.log.appendedPosition(), world.log.durablePosition());
    }

    private void refusesBehindAVote(final long term, final long votedFor)
    {
        world.open();
        world.log.termFile().request(1, 5, 1);
        world.log.syncAgent().doWork();
        world.log.termFile().request(2, term, votedFor);
        assertThrows(IllegalStateException.class, () -> world.log.syncAgent().doWork());
    }

    private void read(final long count, final AtomicReference<Throwable> failure)
    {
        try
        {
            final LogEntryView view = world.log.newView();
            long next = 1;
            long appended = 0;
            while (next <= count)
            {
                final long position = world.log.appendedPosition();
                assertTrue(position >= appended);
                appended = position;
                while (next <= count && view.wrap(next) &&
                    world.log.position(next) + FrameDescriptor.alignedLength(view.payloadLength()) <= position)
                {
                    assertEquals(next % 64, view.payloadLength());
                    for (int i = 0; i < view.payloadLength(); i++)
                    {
                        assertEquals((byte)next, view.buffer().getByte(view.payloadOffset() + i));
                    }
                    next++;
                }
                Thread.onSpinWait();
            }
        }
        catch (final Throwable ex)
        {
            failure.set(ex);
        }
    }

    private void sync(final long count, final AtomicReference<Throwable> failure)
    {
        try
        {
            final LogEntryView view = world.log.newView();
            while (!view.wrap(count) || world.log.durablePosition() < world.log.appendedPosition())
            {
                world.log.syncAgent().doWork();
                Thread.onSpinWait();
            }
        }
        catch (final Throwable ex)
        {
            failure.set(ex);
        }
    }
}
