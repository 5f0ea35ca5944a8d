package dev.quorate.core.store;

import org.junit.jupiter.api.Test;

import java.util.Random;

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
    void diskThatIsFullAtAnyPlaceIsWaitedOut()
    {
        int stuck = 0;
        int unrewritten = 0;
        for (long extra = 0; extra < 110_000; extra += 1_777)
        {
            try
            {
                final boolean[] found = fullAfter(extra);
                stuck += found[0] ? 1 : 0;
                unrewritten += found[1] ? 1 : 0;
            }
            catch (final RuntimeException | Error ex)
            {
                throw new AssertionError("full after " + extra + " bytes", ex);
            }
        }
        assertTrue(stuck > 20, "apply paused in " + stuck);
        assertTrue(unrewritten > 3, "full in " + unrewritten + " that never paused");
    }

    /** @return whether apply had to pause, and whether the disk was full without that. */
    private static boolean[] fullAfter(final long extra)
    {
        final StoreWorld member = new StoreWorld(3).plain();
        member.tailLength = 8192;
        member.open();
        member.disk.quota(member.disk.usedBytes() + extra);
        final StoreModel model = new StoreModel();
        final StoreHistory history = new StoreHistory(new Random(extra), 9);
        boolean isStuck = false;
        boolean isFull = false;
        for (int i = 0; i < 240; i++)
        {
            for (int turn = 0; turn < 200 && member.store.isBackPressured(); turn++)
            {
                member.turn();
            }
            if (member.store.isBackPressured())
            {
                isStuck = true;
                StoreChecker.checkAll(member, model);
                member.disk.quota(Long.MAX_VALUE);
                member.turns(800);
                assertFalse(member.store.isBackPressured());
            }
            final StoreHistory.Entry entry = history.next(model);
            StoreHistory.apply(entry, model);
            StoreHistory.apply(entry, member);
            member.publish();
            member.turns(5);
            isFull |= !isStuck && member.store.space().isShortOfDisk();
        }
        member.disk.quota(Long.MAX_VALUE);
        member.turns(800);
        member.settleCompaction();
        member.force();
        assertFalse(member.store.space().isShortOfDisk());
        StoreChecker.checkAll(member, model);
        member.restart();
        StoreChecker.checkAll(member, model);
        member.store.close();
        return new boolean[]{isStuck, isFull && !isStuck};
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
    void defragmentationThatFoundNoRoomSaysSoAndTheNextOneFinishesIt()
    {
        world.tailLength = 64 * 4096;
        world.open();
        // no reserve yet, and no room for one
        for (int i = 0; i < 600; i++)
        {
            world.putEntry("key" + i, "v".repeat(300));
        }
        for (int i = 0; i < 600; i += 6)
        {
            world.putEntry("key" + i, "w");
        }
        world.compactEntry(world.store.revision());
        world.force();
        world.settleCompaction();
        world.disk.quota(world.disk.usedBytes() + 20_000);
        final long ticket = defragment();
        assertTrue(world.store.isDefragmentShort(ticket), "the survivors have no room");
        final long before = world.store.dbSize();
        assertEquals(600, world.store.liveKeys());
        world.disk.quota(Long.MAX_VALUE);
        final long second = defragment();
        assertFalse(world.store.isDefragmentShort(second));
        assertFalse(world.store.isDefragmentShort(ticket), "now it is done");
        world.turns(10);
        assertTrue(world.store.dbSize() < before, () -> before + " became " + world.store.dbSize());
        world.force();
        world.restart();
        assertEquals(600, world.store.liveKeys());
    }

    @Test
    void defragmentationTriesAgainWhatItSkippedOnceOtherFilesAreGone()
    {
        world.tailLength = 32 * 4096;
        world.open();
        // too little garbage for a compaction: next to none in the first file, a third of the second
        for (int i = 0; i < 1_000; i++)
        {
            world.putEntry("key" + (1_000 + i), "v".repeat(300));
        }
        world.putEntry("key1000", "w".repeat(300));
        for (int i = 400; i < 520; i++)
        {
            world.putEntry("key" + (1_000 + i), "w".repeat(300));
        }
        world.compactEntry(world.store.revision());
        world.force();
        world.settleCompaction();
        // room for what survives of the second file, not of the first
        world.disk.quota(world.disk.usedBytes() + 105_000);
        final long ticket = defragment();
        assertFalse(world.store.isDefragmentShort(ticket), "what the second file freed was enough for the first");
        assertEquals(1_000, world.store.liveKeys());
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

    private long defragment()
    {
        final long ticket = world.store.requestDefragment();
        for (int i = 0; i < 10_000 && !world.store.isDefragmented(ticket); i++)
        {
            world.turn();
        }
        assertTrue(world.store.isDefragmented(ticket));
        return ticket;
    }
}
