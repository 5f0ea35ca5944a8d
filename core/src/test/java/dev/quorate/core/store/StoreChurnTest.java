package dev.quorate.core.store;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.util.List;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Keys that are hammered, keys that come and go in masses, and what stays of them. */
class StoreChurnTest
{
    private static final byte[] ALL = {0};
    private static final int STAYING = 2_000;

    private final StoreWorld world = new StoreWorld(1).plain();
    private final RecordView view = new RecordView();

    @BeforeEach
    void open()
    {
        world.tailLength = 1 << 20;
        world.sliceBytes = 1 << 18;
        world.ringLength = 65_536;
        world.checkpointIntervalMin = 1 << 20;
        world.checkpointBlockLength = 1 << 16;
        world.open();
    }

    @Test
    void countAtAnOldRevisionAfterAllKeysChangedTouchesNoRecord()
    {
        putStaying("first");
        final long revision = world.store.revision();
        putStaying("second");
        assertEquals(StoreReader.OK, world.reader.pinAt(revision));
        final long before = world.reader.chainSteps();
        assertEquals(STAYING, world.count(ALL, StoreWorld.FROM_KEY));
        assertEquals(before, world.reader.chainSteps());
        world.reader.unpin();
    }

    @Test
    void scanAtAPinnedRevisionIsExactWhileOneKeyIsHammered()
    {
        putStaying("first");
        final long revision = world.reader.pinLatest();
        world.scan(ALL, StoreWorld.FROM_KEY);
        for (int i = 0; i < STAYING; i++)
        {
            for (int version = 0; version < 5; version++)
            {
                world.putEntry(staying(STAYING - 1), "hot" + version);
            }
            assertTrue(world.reader.next());
            world.reader.record(view);
            assertTrue(view.mainRevision() <= revision);
            assertEquals("first", new String(StoreWorld.value(view)));
            world.turn();
        }
        assertFalse(world.reader.next());
        world.reader.unpin();
    }

    @Test
    void indexIsAsSmallAsBeforeAfterManyKeysCameAndWent()
    {
        putStaying("first");
        world.settle();
        final long before = world.store.indexBytes();
        for (int first = 0; first < 100_000; first += 1_000)
        {
            for (final boolean isPut : new boolean[]{true, false})
            {
                world.begin();
                for (int i = first; i < first + 1_000; i++)
                {
                    if (isPut)
                    {
                        world.put(StoreWorld.bytes("passing" + i), StoreWorld.bytes("v"), 7);
                    }
                    else
                    {
                        assertTrue(world.delete("passing" + i));
                    }
                }
                world.endAndPublish();
                world.turns(3);
            }
        }
        final long most = world.store.indexBytes();
        assertEquals(STAYING + 100_000, world.store.housekeeping().parts().trees.keys.size());
        // deletions of the compact revision itself would stay until the next compaction
        world.putEntry(staying(0), "last");
        world.compactEntry(world.store.revision());
        world.settleCompaction();
        world.settle();
        assertTrue(world.store.indexBytes() < before * 1.2, () -> world.store.indexBytes() + " after " + before);
        assertTrue(most > before * 10);
        assertEquals(STAYING, world.store.housekeeping().parts().trees.keys.size());
        assertFalse(world.store.scanLease(7).next());
        world.force();
        final List<String> live = StoreDump.of(world.store);
        world.restart();
        assertTrue(world.store.housekeeping().rolledFromLp() > 0);
        assertEquals(live, StoreDump.of(world.store));
        assertTrue(world.store.indexBytes() < before * 1.2, () -> world.store.indexBytes() + " after " + before);
        world.restartByScan();
        assertEquals(live, StoreDump.of(world.store));
        assertTrue(world.store.indexBytes() < before * 1.3, () -> world.store.indexBytes() + " after " + before);
    }

    @Test
    void deletionsOfTheCompactRevisionLeaveTheIndexWithTheNextCompaction()
    {
        for (int start = 0; start < 3; start++)
        {
            putStaying("first");
            world.begin();
            for (int i = 0; i < STAYING; i += 2)
            {
                assertTrue(world.delete(staying(i)));
            }
            world.endAndPublish();
            world.compactEntry(world.store.revision());
            world.settleCompaction();
            world.force();
            assertEquals(STAYING + start, rows(), "who watches from that revision on hears of them");
            if (start > 0)
            {
                restart(2 == start);
                assertEquals(STAYING + start, rows());
            }
            world.putEntry("another" + start, "1");
            world.compactEntry(world.store.revision());
            world.settleCompaction();
            assertEquals(STAYING / 2 + 1 + start, rows());
            restart(2 == start);
            assertEquals(STAYING / 2 + 1 + start, rows());
        }
    }

    @Test
    void massDeletionIsInvisibleUntilItEndsAndAbsentAfterACrashInItsMiddle()
    {
        world.begin();
        for (int i = 0; i < 30_000; i++)
        {
            world.put(StoreWorld.bytes(staying(i)), StoreWorld.bytes("v"), 1 + i % 3);
            turnBetweenSlices(i);
        }
        world.endAndPublish();
        world.force();
        final long before = world.store.streamHash();
        deleteSlices(30_000 / 2);
        assertEquals(30_000, visible());
        final long index = world.store.raftIndex();
        world.restart();
        assertEquals(index, world.store.raftIndex());
        assertEquals(before, world.store.streamHash());
        assertEquals(30_000, visible());
        assertEquals(10_000, leased(2));
        deleteSlices(30_000);
        assertEquals(30_000, visible());
        world.endAndPublish();
        assertEquals(0, visible());
        assertEquals(0, leased(2));
        world.force();
        world.restart();
        assertEquals(0, visible());
        assertEquals(0, leased(1) + leased(2) + leased(3));
    }

    private void restart(final boolean isByScan)
    {
        world.force();
        if (isByScan)
        {
            world.restartByScan();
        }
        else
        {
            world.restart();
        }
    }

    private long rows()
    {
        return world.store.housekeeping().parts().trees.keys.size();
    }

    /** Part of an entry that stays open, in slices with turns of everybody between them. */
    private void deleteSlices(final int count)
    {
        world.begin();
        for (int i = 0; i < count; i++)
        {
            assertTrue(world.delete(staying(i)));
            turnBetweenSlices(i);
        }
    }

    private void turnBetweenSlices(final int number)
    {
        if (number % 128 == 127)
        {
            while (world.store.isBackPressured())
            {
                world.turn();
            }
            world.turn();
        }
    }

    private void putStaying(final String value)
    {
        for (int i = 0; i < STAYING; i++)
        {
            world.putEntry(staying(i), value);
            if (i % 16 == 0)
            {
                world.turn();
            }
        }
    }

    private static String staying(final int number)
    {
        return String.format("/registry/pods/%06d", number);
    }

    private long visible()
    {
        world.reader.pinLatest();
        final long count = world.count(ALL, StoreWorld.FROM_KEY);
        world.reader.unpin();
        return count;
    }

    private int leased(final long lease)
    {
        final LeaseScan scan = world.store.scanLease(lease);
        int count = 0;
        while (scan.next())
        {
            count++;
        }
        return count;
    }
}
