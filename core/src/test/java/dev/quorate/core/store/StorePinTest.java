package dev.quorate.core.store;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** What is pinned outlives a compaction, and everything goes once the pin has gone. */
class StorePinTest
{
    private static final int HOT_VERSIONS = 1_000_000;
    private static final int REWRITTEN_PER_TURN = 64 * 1024;

    private final StoreWorld world = new StoreWorld(5).plain().open();
    private final RecordView view = new RecordView();

    @Test
    void pinnedRevisionStaysReadableAcrossCompactionAndIsRefusedAfterwards()
    {
        final long pinned = overwrite();
        assertEquals(StoreReader.OK, world.reader.pinAt(pinned));
        compactAndTurn();
        assertEquals(-1, world.store.finishedCompaction());
        assertTrue(world.get("key3", view));
        assertArrayEquals(StoreWorld.bytes("first3"), StoreWorld.value(view));
        world.reader.yieldEpoch();
        assertTrue(world.get("key4", view));
        assertEquals(20, world.count(new byte[]{0}, StoreWorld.FROM_KEY));
        assertTrue(world.store.dbSize() > 20 * 30 * 100);
        world.reader.unpin();
        world.settleCompaction();
        assertEquals(StoreReader.COMPACTED, world.reader.pinAt(pinned));
        assertGarbageIsGone();
    }

    @Test
    void readerSaysThatACompactionHasCutTheChainItNeeds()
    {
        final long pinned = overwrite();
        assertEquals(StoreReader.OK, world.reader.pinAt(pinned));
        world.deleteEntry("key3");
        world.putEntry("key3", "second life");
        assertTrue(world.get("key3", view));
        world.deleteEntry("key3");
        world.putEntry("other", "x");
        compactAndTurn();
        world.putEntry("key3", "third life");
        assertTrue(world.get("key4", view));
        assertFalse(world.reader.isOvertaken());
        assertFalse(world.get("key3", view));
        assertTrue(world.reader.isOvertaken());
        world.reader.unpin();
        world.reader.pinLatest();
        assertTrue(world.get("key3", view));
        assertFalse(world.reader.isOvertaken());
        world.reader.unpin();
    }

    @Test
    void answerThatIsNotDrainedKeepsThePreviousVersion()
    {
        overwrite();
        world.answersDrained = 0;
        world.begin();
        final long before = world.store.bound();
        final long prevLp = world.put("key3", "newest");
        final long after = world.store.bound();
        world.answersProduced++;
        world.endAndPublish();
        compactAndTurn();
        assertEquals(-1, world.store.finishedCompaction());
        world.reader.pinAnswer(before);
        assertTrue(world.get("key3", view));
        assertEquals(prevLp, view.lp());
        world.reader.recordAt(prevLp, view);
        assertArrayEquals(StoreWorld.bytes("last3"), tail(StoreWorld.value(view), 5));
        world.reader.moveTo(after);
        assertTrue(world.get("key3", view));
        assertArrayEquals(StoreWorld.bytes("newest"), StoreWorld.value(view));
        world.reader.unpin();
        world.answersDrained = 1;
        world.settleCompaction();
        assertEquals(world.store.compactRevision(), world.store.finishedCompaction());
    }

    @Test
    void watchThatCatchesUpSeesEveryRevisionAcrossCompaction()
    {
        final long pinned = overwrite();
        assertEquals(StoreReader.OK, world.reader.pinAt(pinned));
        final RevisionIterator events = world.reader.revisions(pinned + 1);
        assertTrue(events.next());
        compactAndTurn();
        for (long revision = pinned + 2; revision <= world.reader.currentRevision(); revision++)
        {
            world.turn();
            world.reader.yieldEpoch();
            assertTrue(events.next());
            events.record(view);
            assertEquals(revision, view.mainRevision());
        }
        assertFalse(events.next());
        world.reader.unpin();
        world.settleCompaction();
    }

    @Test
    void hashThatIsUnderWayIsNotTouchedByACompaction()
    {
        overwrite();
        final long revision = world.store.revision() - 5;
        final int expected = world.hashKv(revision).hash();
        world.hashJob.submitHashKv(revision);
        world.turns(3);
        world.compactEntry(world.store.revision());
        int turns = 0;
        while (!world.hashJob.isDone())
        {
            world.turn();
            turns++;
            assertEquals(-1, world.store.finishedCompaction());
        }
        assertTrue(turns > 5, "turns " + turns);
        assertEquals(expected, world.hashJob.hash());
        world.settleCompaction();
        assertEquals(StoreReader.COMPACTED, world.hashKv(revision).status());
        assertGarbageIsGone();
    }

    @Test
    void deletionAtTheCompactRevisionIsStillDelivered()
    {
        world.putEntry("a", "1");
        world.putEntry("b", "1");
        world.deleteEntry("a");
        final long deletedAt = world.store.revision();
        world.compactEntry(deletedAt);
        world.settleCompaction();
        world.force();
        world.restart();
        assertEquals(StoreReader.OK, world.reader.pinAt(deletedAt));
        final RevisionIterator events = world.reader.revisions(deletedAt);
        assertTrue(events.next());
        events.record(view);
        assertTrue(view.isTombstone());
        assertEquals(deletedAt, view.mainRevision());
        assertFalse(events.next());
        world.reader.unpin();
    }

    @Test
    void hotKeyTakesFewStepsAtAnyRevisionAndItsCompactionIsLinear()
    {
        world.store.close();
        world.tailLength = 1 << 20;
        world.sliceBytes = 1 << 20;
        world.ringLength = 65_536;
        world.open();
        for (int i = 0; i < HOT_VERSIONS; i++)
        {
            world.begin();
            world.put("hot", "x");
            world.end();
            if (i % 64 == 63)
            {
                world.publish();
                world.turn();
            }
        }
        world.publish();
        for (long revision = 2; revision < HOT_VERSIONS; revision += HOT_VERSIONS / 20 - 1)
        {
            final long before = world.reader.chainSteps();
            assertEquals(StoreReader.OK, world.reader.pinAt(revision));
            assertTrue(world.get("hot", view));
            assertEquals(revision, view.mainRevision());
            assertEquals(1, world.count(new byte[]{0}, StoreWorld.FROM_KEY));
            world.reader.unpin();
            assertTrue(world.reader.chainSteps() - before <= HOT_VERSIONS / 64 + 130);
        }
        world.force();
        world.settle();
        final long bytes = world.store.dbSize();
        final long slices = bytes / world.sliceBytes;
        world.compactEntry(HOT_VERSIONS);
        int turns = 0;
        while (world.store.finishedCompaction() < HOT_VERSIONS)
        {
            world.turn();
            turns++;
        }
        // over all of it a few times, for hash, marks and survivors, these at their pace
        assertTrue(turns < 6 * slices + bytes / REWRITTEN_PER_TURN + 300, turns + " turns for " + slices + " slices");
        assertTrue(world.store.dbSizeInUse() < 100_000);
    }

    private long overwrite()
    {
        for (int i = 0; i < 20; i++)
        {
            world.putEntry("key" + i, "first" + i);
        }
        final long pinned = world.store.revision();
        for (int round = 0; round < 30; round++)
        {
            for (int i = 0; i < 20; i++)
            {
                world.putEntry("key" + i, "x".repeat(60) + "last" + i);
            }
        }
        return pinned;
    }

    private void compactAndTurn()
    {
        world.compactEntry(world.store.revision());
        world.turns(3_000);
    }

    private void assertGarbageIsGone()
    {
        final long ticket = world.store.requestDefragment();
        for (int i = 0; i < 10_000 && !world.store.isDefragmented(ticket); i++)
        {
            world.turn();
        }
        assertTrue(world.store.isDefragmented(ticket));
        world.turns(10);
        assertTrue(world.store.dbSize() < 20 * 200 + 4 * 4096, () -> "size " + world.store.dbSize());
        assertEquals(20, count());
    }

    private long count()
    {
        world.reader.pinLatest();
        final long count = world.count(new byte[]{0}, StoreWorld.FROM_KEY);
        world.reader.unpin();
        return count;
    }

    private static byte[] tail(final byte[] bytes, final int length)
    {
        return java.util.Arrays.copyOfRange(bytes, bytes.length - length, bytes.length);
    }
}
