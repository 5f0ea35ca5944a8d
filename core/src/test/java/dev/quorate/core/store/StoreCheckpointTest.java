package dev.quorate.core.store;

import dev.quorate.core.seam.SimulatedCrash;
import dev.quorate.core.seam.SimulatedRng;
import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.Random;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Three ways to one index: as it lives, from a checkpoint and what followed, from a scan of the whole stream. */
class StoreCheckpointTest
{
    @Test
    void liveIndexEqualsCheckpointRolledForwardEqualsFullScan()
    {
        long used = 0;
        for (int seed = 1; seed <= 20; seed++)
        {
            try
            {
                used += new Life(seed).run(260);
            }
            catch (final RuntimeException | Error ex)
            {
                throw new AssertionError("seed " + seed, ex);
            }
        }
        assertTrue(used > 70, "only " + used + " starts used a checkpoint");
    }

    @Test
    void powerCutAtAnyDiskCallLeavesACheckpointThatFitsOrNone()
    {
        for (int seed = 1; seed <= 2; seed++)
        {
            final List<StoreHistory.Entry> log = log(seed, 90);
            final long calls = written(world(seed), seed, log, Long.MAX_VALUE).disk.calls();
            int used = 0;
            for (long call = 1; call <= calls; call++)
            {
                used += crashAt(seed, log, call) ? 1 : 0;
            }
            assertTrue(used > calls / 4, "only " + used + " of " + calls + " starts used a checkpoint");
        }
    }

    @Test
    void checkpointWithAnyBlockDamagedIsPassedOverAndForgotten()
    {
        final List<StoreHistory.Entry> log = log(5, 80);
        final StoreWorld sound = finished(log);
        final String path = checkpointOf(sound);
        final long length = sound.disk.length(path);
        sound.restart();
        assertTrue(sound.store.housekeeping().rolledFromLp() > 0);
        final List<String> expected = StoreDump.of(sound.store);
        assertTrue(length > 4 * 600, "length " + length);
        for (long at = 0; at < length; at += at < 56 || at > length - 160 ? 1 : 29)
        {
            final long bit = 8 * at + at % 8;
            final StoreWorld world = finished(log);
            world.store.close();
            world.disk = world.disk.processExit();
            world.disk.flipBit(path, bit);
            checkPassedOver(world, path, expected, "bit " + bit);
        }
        for (long cut = 0; cut < length; cut += 101)
        {
            final StoreWorld world = finished(log);
            world.store.close();
            world.disk = world.disk.processExit();
            world.disk.truncate(path, cut);
            checkPassedOver(world, path, expected, "cut at " + cut);
        }
    }

    @Test
    void fullDiskCostsTheCheckpointAndNothingElse()
    {
        final StoreWorld world = new StoreWorld(1).plain();
        world.tailLength = 8192;
        world.checkpointIntervalMin = 1L << 30;
        world.open();
        for (int i = 0; i < 400; i++)
        {
            world.putEntry("key" + i, "v".repeat(40));
        }
        world.force();
        world.checkpointIntervalMin = 3000;
        world.restart();
        final long used = world.disk.usedBytes();
        world.disk.quota(used + 12_000);
        world.settle();
        assertEquals(0, world.store.housekeeping().checkpointsTaken());
        assertTrue(world.disk.usedBytes() < used + 12_000, "what was written is gone");
        world.putEntry("more", "1");
        world.compactEntry(world.store.revision());
        world.settleCompaction();
        world.force();
        assertEquals(0, world.store.housekeeping().checkpointsTaken());
        world.disk.quota(Long.MAX_VALUE);
        world.turns(10_500);
        assertEquals(1, world.store.housekeeping().checkpointsTaken());
        world.restart();
        assertTrue(world.store.housekeeping().rolledFromLp() > 0);
        assertEquals(401, world.store.liveKeys());
    }

    @Test
    void compactionThatDropsDeletionsTakesANewCheckpointFirst()
    {
        final StoreWorld world = new StoreWorld(1).plain();
        world.tailLength = 8192;
        world.open();
        for (int i = 0; i < 60; i++)
        {
            world.putEntry("key" + i, "v".repeat(60));
        }
        world.settle();
        assertEquals(1, world.store.housekeeping().checkpointsTaken());
        world.checkpointIntervalMin = 1L << 30;
        world.restart();
        for (int i = 0; i < 60; i += 2)
        {
            world.deleteEntry("key" + i);
        }
        world.compactEntry(world.store.revision());
        world.settleCompaction();
        world.settle();
        assertEquals(1, world.store.housekeeping().checkpointsTaken());
        world.putEntry("last", "1");
        world.force();
        final List<String> live = StoreDump.of(world.store);
        world.restart();
        assertTrue(world.store.housekeeping().rolledFromLp() > 0);
        assertEquals(live, StoreDump.of(world.store));
        world.restartByScan();
        assertEquals(live, StoreDump.of(world.store));
    }

    @Test
    void checkpointOlderThanADroppedDeletionIsForgottenIfThereIsNoRoomForANewOne()
    {
        final StoreWorld world = new StoreWorld(1).plain();
        world.tailLength = 16384;
        world.checkpointBlockLength = 4096;
        world.open();
        final String longName = "k".repeat(200);
        for (int i = 0; i < 200; i++)
        {
            world.putEntry("long" + i + longName, "value");
        }
        for (int i = 0; i < 80; i++)
        {
            world.putEntry("short" + i, "v".repeat(100));
        }
        world.settle();
        world.checkpointIntervalMin = 1L << 30;
        world.force();
        world.restart();
        for (int i = 0; i < 80; i++)
        {
            world.deleteEntry("short" + i);
        }
        world.compactEntry(world.store.revision());
        world.store.requestDefragment();
        world.disk.quota(world.disk.usedBytes() + 24_000);
        world.settleCompaction();
        world.settle();
        world.disk.quota(Long.MAX_VALUE);
        assertEquals(0, world.store.housekeeping().checkpointsTaken());
        world.putEntry("last", "1");
        world.force();
        final List<String> live = StoreDump.of(world.store);
        world.restart();
        assertEquals(0, world.store.housekeeping().rolledFromLp());
        assertEquals(live, StoreDump.of(world.store));
    }

    @Test
    void cleanEndLeavesNothingToRollForward()
    {
        final StoreWorld world = new StoreWorld(1).plain();
        world.tailLength = 8192;
        world.open();
        for (int i = 0; i < 100; i++)
        {
            world.putEntry("key" + i, "v".repeat(60));
        }
        assertTrue(world.store.housekeeping().finish(world.store, Long.MAX_VALUE));
        final long end = world.store.bound();
        final List<String> live = StoreDump.of(world.store);
        world.restart();
        assertEquals(100, world.store.raftIndex());
        assertEquals(end, world.store.housekeeping().rolledFromLp());
        assertEquals(live, StoreDump.of(world.store));
        world.begin();
        assertFalse(world.store.housekeeping().finish(world.store, Long.MAX_VALUE), "an entry is under way");
    }

    private static boolean crashAt(final long seed, final List<StoreHistory.Entry> log, final long call)
    {
        try
        {
            final StoreWorld world = written(world(seed), seed, log, call);
            world.disk = world.disk.crash(new SimulatedRng(seed * 1_000_003 + call));
            world.open();
            final List<String> found = StoreDump.of(world.store);
            final boolean isUsed = world.store.housekeeping().rolledFromLp() > 0;
            world.restartByScan();
            assertEquals(found, StoreDump.of(world.store));
            return isUsed;
        }
        catch (final RuntimeException | Error ex)
        {
            throw new AssertionError("seed " + seed + ", disk call " + call, ex);
        }
    }

    private static void checkPassedOver(
        final StoreWorld world, final String path, final List<String> expected, final String what)
    {
        world.open();
        assertEquals(0, world.store.housekeeping().rolledFromLp(), what);
        assertEquals(expected, StoreDump.of(world.store), what);
        assertFalse(world.disk.exists(path), what);
        world.store.close();
    }

    private static StoreWorld world(final long seed)
    {
        final StoreWorld world = new StoreWorld(seed);
        world.checkpointIntervalMin = 1500;
        return world;
    }

    /** Applies a log with housekeeping at random times, until the power is cut. */
    private static StoreWorld written(
        final StoreWorld world, final long seed, final List<StoreHistory.Entry> log, final long crashCall)
    {
        final Random random = new Random(seed);
        world.disk.crashAtCall(crashCall);
        try
        {
            world.open();
            for (final StoreHistory.Entry entry : log)
            {
                StoreHistory.apply(entry, world);
                if (random.nextInt(3) > 0)
                {
                    world.publish();
                    world.turns(random.nextInt(16));
                }
            }
        }
        catch (final SimulatedCrash expected)
        {
            // the power cut
        }
        return world;
    }

    /** A store that ended with a checkpoint and some records behind it. */
    private static StoreWorld finished(final List<StoreHistory.Entry> log)
    {
        final StoreWorld world = new StoreWorld(5).plain();
        world.open();
        for (int i = 0; i < 90; i++)
        {
            world.putEntry("key" + i, "value" + i);
        }
        world.settle();
        world.checkpointIntervalMin = 1L << 30;
        world.force();
        world.restart();
        for (int i = 0; i < log.size(); i++)
        {
            if (!log.get(i).isCompaction())
            {
                StoreHistory.apply(log.get(i), world);
            }
        }
        world.publish();
        world.force();
        return world;
    }

    private static String checkpointOf(final StoreWorld world)
    {
        for (final String name : world.disk.list("store"))
        {
            if (name.startsWith("index-"))
            {
                return "store/" + name;
            }
        }
        throw new IllegalStateException("no checkpoint");
    }

    private static List<StoreHistory.Entry> log(final long seed, final int entries)
    {
        final StoreHistory history = new StoreHistory(new Random(seed), 24);
        final StoreModel model = new StoreModel();
        for (int i = 0; i < entries; i++)
        {
            StoreHistory.apply(history.next(model), model);
        }
        return history.entries;
    }

    /** One store through a random history, with starts of both kinds in between. */
    private static final class Life
    {
        private final Random random;
        private final StoreWorld world;
        private final StoreModel model = new StoreModel();
        private final StoreHistory history;
        private long used;

        Life(final long seed)
        {
            random = new Random(seed);
            world = new StoreWorld(seed).plain();
            world.tailLength = 4096 << random.nextInt(3);
            world.checkpointIntervalMin = 1000 + random.nextInt(4000);
            world.checkpointBlockLength = 300 + random.nextInt(1500);
            world.open();
            history = new StoreHistory(random, 10 + random.nextInt(150));
        }

        long run(final int steps)
        {
            for (int i = 0; i < steps; i++)
            {
                final StoreHistory.Entry entry = history.next(model);
                StoreHistory.apply(entry, model);
                StoreHistory.apply(entry, world);
                if (random.nextInt(3) > 0)
                {
                    world.publish();
                    world.turns(random.nextInt(6) == 0 ? 300 : random.nextInt(8));
                }
                if (random.nextInt(30) == 0)
                {
                    compareLive();
                }
                if (random.nextInt(30) == 0)
                {
                    compareStarts();
                }
            }
            world.publish();
            world.settle();
            StoreChecker.checkAll(world, model);
            world.store.close();
            return used;
        }

        /** Everything is durable and no compaction is under way: all three are the same, dead records too. */
        private void compareLive()
        {
            world.publish();
            world.settleCompaction();
            world.force();
            final List<String> live = StoreDump.of(world.store);
            final List<String> records = StoreDump.recordsOf(world.store);
            world.restart();
            used += world.store.housekeeping().rolledFromLp() > 0 ? 1 : 0;
            assertEquals(live, StoreDump.of(world.store), "live and checkpoint");
            world.settleCompaction();
            assertEquals(records, StoreDump.recordsOf(world.store), "records of live and checkpoint");
            world.restartByScan();
            assertEquals(live, StoreDump.of(world.store), "live and scan");
            assertEquals(records, StoreDump.recordsOf(world.store), "records of live and scan");
            checkSizes();
        }

        /** At any moment: what the mark covers is the same by both starts, the rest comes from the log again. */
        private void compareStarts()
        {
            world.publish();
            world.restart();
            used += world.store.housekeeping().rolledFromLp() > 0 ? 1 : 0;
            final List<String> found = StoreDump.of(world.store);
            if (random.nextBoolean())
            {
                world.restartByScan();
                assertEquals(found, StoreDump.of(world.store), "checkpoint and scan");
            }
            for (int i = (int)world.store.raftIndex(); i < history.entries.size(); i++)
            {
                StoreHistory.apply(history.entries.get(i), world);
            }
        }

        /** Counters of dead bytes equal a recount. */
        private void checkSizes()
        {
            for (final StoreFile file : world.store.housekeeping().parts().files.sealed)
            {
                long bytes = 0;
                int count = 0;
                for (int i = 0; i < file.records; i++)
                {
                    if (file.isDead(i))
                    {
                        count++;
                        bytes += RecordDescriptor.frameLength(file.mapped, file.segment.offsetOf(i));
                    }
                }
                assertEquals(count, file.deadCount);
                assertEquals(bytes, file.deadBytes);
            }
        }
    }

}
