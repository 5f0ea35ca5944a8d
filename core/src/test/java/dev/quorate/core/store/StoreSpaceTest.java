package dev.quorate.core.store;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Sizes, defragmentation, full disk and back-pressure. */
class StoreSpaceTest
{
    private final StoreWorld world = new StoreWorld(3).plain();

    @Test
    void quotaOfAFewPagesComesBackByCompactionAndDefragmentation()
    {
        world.tailLength = 1 << 20;
        world.open();
        final long quota = 13 * 4096;
        int puts = 0;
        while (world.store.dbSize() < quota)
        {
            world.putEntry("abc", "y".repeat(1024));
            puts++;
        }
        assertTrue(puts > 30 && puts < 60, "puts " + puts);
        world.compactEntry(world.store.revision());
        world.settleCompaction();
        assertTrue(world.store.dbSizeInUse() < 3 * 4096, () -> "in use " + world.store.dbSizeInUse());
        final long ticket = world.store.requestDefragment();
        for (int i = 0; i < 10_000 && !world.store.isDefragmented(ticket); i++)
        {
            world.turn();
        }
        assertTrue(world.store.isDefragmented(ticket));
        assertTrue(world.store.dbSize() < 4 * 4096, () -> "size " + world.store.dbSize());
        world.putEntry("abc", "again");
        world.force();
        world.restart();
        world.reader.pinLatest();
        assertTrue(world.get("abc", new RecordView()));
        world.reader.unpin();
    }

    @Test
    void sizesEqualThoseOfTheFiles()
    {
        world.tailLength = 8192;
        world.open();
        for (int i = 0; i < 300; i++)
        {
            world.putEntry("key" + i % 17, "v".repeat(i % 90));
        }
        world.compactEntry(200);
        world.settleCompaction();
        world.force();
        world.settle();
        long bytes = 0;
        for (final String name : world.disk.list("store"))
        {
            bytes += name.startsWith("segment-") ? world.disk.length("store/" + name) : 0;
        }
        assertEquals(bytes, world.store.dbSize());
        assertTrue(world.store.dbSizeInUse() <= bytes);
    }

    @Test
    void fullDiskPausesApplyAndGoesOnWhenThereIsRoom()
    {
        world.tailLength = 4096;
        world.open();
        world.putEntry("first", "1");
        world.force();
        world.disk.quota(world.disk.usedBytes() + 6_000);
        int entries = 0;
        while (!world.store.isBackPressured())
        {
            world.store.begin(world.store.raftIndex() + 1, 1);
            world.put("key" + entries++, "v".repeat(200));
            world.endAndPublish();
            world.turn();
        }
        world.turns(100);
        assertTrue(world.store.isBackPressured());
        assertTrue(world.store.housekeeping().diskFullCount() > 0);
        world.reader.pinLatest();
        assertEquals(entries + 1, world.count(new byte[]{0}, StoreWorld.FROM_KEY));
        world.reader.unpin();
        world.disk.quota(Long.MAX_VALUE);
        world.turns(100);
        assertFalse(world.store.isBackPressured());
        world.force();
        world.restart();
        assertEquals(entries + 1, world.store.liveKeys());
    }

    @Test
    void fullDiskIsNoticedBeforeApplyMustPauseAndDeletionsStillFindRoom()
    {
        world.tailLength = 16 * 4096;
        world.open();
        world.turns(1_000);
        assertFalse(world.store.space().isShortOfDisk());
        world.disk.quota(world.disk.usedBytes() + 40_000);
        int entries = 0;
        while (!world.store.space().isShortOfDisk())
        {
            world.putEntry("key" + entries++, "v".repeat(400));
            world.turn();
            assertFalse(world.store.isBackPressured());
        }
        assertFalse(world.store.space().isOutOfDisk());
        for (int i = 0; i < entries; i++)
        {
            world.deleteEntry("key" + i);
        }
        world.compactEntry(world.store.revision());
        world.settleCompaction();
        world.store.requestDefragment();
        world.turns(2_000);
        assertFalse(world.store.space().isShortOfDisk(), "what compaction freed makes the reserve whole again");
        assertEquals(0, world.store.liveKeys());
        world.putEntry("again", "1");
        world.force();
        world.restart();
        assertEquals(1, world.store.liveKeys());
    }

    @Test
    void storeOutOfSpaceSaysSoUntilThereIsRoom()
    {
        world.open();
        world.turns(1_000);
        world.disk.quota(world.disk.usedBytes());
        int entries = 0;
        while (!world.store.space().isOutOfDisk())
        {
            world.putEntry("key" + entries++, "v".repeat(400));
            world.turn();
        }
        assertTrue(world.store.space().isShortOfDisk());
        world.disk.quota(Long.MAX_VALUE);
        world.turns(2_000);
        assertFalse(world.store.space().isOutOfDisk());
        assertFalse(world.store.space().isShortOfDisk());
        world.force();
        world.restart();
        assertEquals(entries, world.store.liveKeys());
    }

    @Test
    void survivorsOfARewriteFindRoomOnAFullDisk()
    {
        world.tailLength = 16 * 4096;
        world.open();
        world.turns(1_000);
        for (int i = 0; i < 1_500; i++)
        {
            world.putEntry("key" + i % 300, "v".repeat(300));
        }
        world.force();
        final long before = world.store.dbSize();
        world.disk.quota(world.disk.usedBytes());
        world.compactEntry(world.store.revision());
        world.settleCompaction();
        assertTrue(world.store.dbSize() < before / 2, () -> before + " became " + world.store.dbSize());
        assertEquals(300, world.store.liveKeys());
        world.turns(2_000);
        assertFalse(world.store.space().isShortOfDisk());
        world.force();
        world.restart();
        assertEquals(300, world.store.liveKeys());
    }

    @Test
    void restartOnAFullDiskLetsGoOfTheReserve()
    {
        world.open();
        world.putEntry("a", "1");
        world.turns(1_000);
        world.force();
        world.putEntry("b", "2");
        world.turns(3);
        world.disk.quota(world.disk.usedBytes());
        world.restart();
        assertTrue(world.store.liveKeys() >= 1);
    }

    @Test
    void indexThatIsNearlyFullSaysSoAndTakesWhatWasAdmittedBefore()
    {
        world.tailLength = 1 << 20;
        world.maxIndexBytes = 4L << 20;
        world.open();
        int entries = 0;
        final String filler = "k".repeat(200);
        while (!world.store.space().isIndexNearlyFull())
        {
            world.putEntry(filler + entries++, "");
        }
        assertTrue(entries > 5_000, "entries " + entries);
        final int admitted = entries + 20_000;
        while (entries < admitted)
        {
            world.putEntry(filler + entries++, "");
            if (0 == entries % 64)
            {
                world.turn();
            }
        }
        assertTrue(world.store.space().indexRoomBytes() < 0);
        world.force();
        world.restart();
        assertEquals(admitted, world.store.liveKeys());
        assertTrue(world.store.space().isIndexNearlyFull(), "a restart finds the index as it was");
        for (int i = 0; i < admitted; i++)
        {
            world.deleteEntry(filler + i);
            if (0 == i % 64)
            {
                world.turn();
            }
        }
        world.compactEntry(world.store.revision());
        world.settleCompaction();
        assertFalse(world.store.space().isIndexNearlyFull());
        assertEquals(0, world.store.liveKeys());
    }

    @Test
    void entryOfManyBuffersIsInvisibleUntilItEndsAndAbsentAfterAPowerCut()
    {
        world.tailLength = 4096;
        world.open();
        world.putEntry("before", "1");
        world.force();
        world.begin();
        for (int i = 0; i < 400; i++)
        {
            world.put("key" + i, "v".repeat(100));
            while (world.store.isBackPressured())
            {
                world.turn();
            }
        }
        world.reader.pinLatest();
        assertEquals(1, world.count(new byte[]{0}, StoreWorld.FROM_KEY));
        world.reader.unpin();
        world.turns(50);
        final long index = world.store.raftIndex();
        world.restart();
        assertEquals(index, world.store.raftIndex());
        assertEquals(1, world.store.liveKeys());
    }
}
