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
