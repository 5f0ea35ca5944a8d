package dev.quorate.core.store;

import dev.quorate.core.seam.SimulatedCrash;
import dev.quorate.core.seam.SimulatedDisk;
import dev.quorate.core.seam.SimulatedRng;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Power cuts before every call of the disk: of flush, roll, mark, rewrite, manifest and of recovery itself. */
class StoreCrashTest
{
    private static final int ENTRIES = 120;

    @Test
    void powerCutAtAnyDiskCallLeavesAWholeNumberOfEntries()
    {
        for (int seed = 1; seed <= 2; seed++)
        {
            final List<StoreHistory.Entry> log = log(seed);
            final List<long[]> positions = positions(log);
            final long calls = callsOf(seed, log);
            for (long call = 1; call <= calls; call++)
            {
                try
                {
                    crashAt(seed, log, positions, call);
                }
                catch (final RuntimeException | Error ex)
                {
                    throw new AssertionError("seed " + seed + ", disk call " + call, ex);
                }
            }
        }
    }

    private static void crashAt(
        final long seed, final List<StoreHistory.Entry> log, final List<long[]> positions, final long call)
    {
        final StoreWorld world = world(seed);
        final Random random = new Random(seed);
        world.disk.crashAtCall(call);
        final long[] durable = {0};
        try
        {
            run(world, log, random, durable);
        }
        catch (final SimulatedCrash expected)
        {
            // the power cut
        }
        final SimulatedRng chooser = new SimulatedRng(seed * 1_000_003 + call);
        world.disk = world.disk.crash(chooser);
        crashInRecovery(world, chooser);
        final long first = openTwice(world);
        assertTrue(first >= durable[0], () -> "mark at " + durable[0] + " but recovered to " + first);
        assertEquals(positions.get((int)first)[0], world.store.bound());
        assertEquals(positions.get((int)first)[1], world.store.streamHash());
        StoreChecker.checkAll(world, model(log, (int)first));
        for (int i = (int)first; i < log.size(); i++)
        {
            StoreHistory.apply(log.get(i), world);
        }
        world.publish();
        world.turns(400);
        assertEquals(positions.get(log.size())[1], world.store.streamHash());
        StoreChecker.checkAll(world, model(log, log.size()));
    }

    /** A second power cut somewhere in recovery. */
    private static void crashInRecovery(final StoreWorld world, final SimulatedRng chooser)
    {
        final SimulatedDisk disk = world.disk;
        disk.crashAtCall(disk.calls() + 1 + chooser.nextInt(12));
        try
        {
            world.open();
        }
        catch (final SimulatedCrash expected)
        {
            // the second power cut
        }
        world.disk = disk.crash(chooser);
    }

    /** Recovery of what has just been recovered finds the same. */
    private static long openTwice(final StoreWorld world)
    {
        world.open();
        final long index = world.store.raftIndex();
        final long hash = world.store.streamHash();
        world.restart();
        assertEquals(index, world.store.raftIndex());
        assertEquals(hash, world.store.streamHash());
        return index;
    }

    private static StoreWorld world(final long seed)
    {
        final StoreWorld world = new StoreWorld(seed);
        world.tailLength = 4096;
        world.sliceBytes = 16384;
        return world;
    }

    private static void run(
        final StoreWorld world, final List<StoreHistory.Entry> log, final Random random, final long[] durable)
    {
        world.open();
        for (final StoreHistory.Entry entry : log)
        {
            StoreHistory.apply(entry, world);
            if (random.nextInt(3) > 0)
            {
                world.publish();
                for (int i = random.nextInt(12); i > 0; i--)
                {
                    world.turn();
                    durable[0] = world.store.durableRaftIndex();
                }
            }
        }
    }

    private static long callsOf(final long seed, final List<StoreHistory.Entry> log)
    {
        final StoreWorld world = world(seed);
        run(world, log, new Random(seed), new long[1]);
        return world.disk.calls();
    }

    private static List<StoreHistory.Entry> log(final long seed)
    {
        final StoreHistory history = new StoreHistory(new Random(seed), 8);
        final StoreModel model = new StoreModel();
        for (int i = 0; i < ENTRIES; i++)
        {
            StoreHistory.apply(history.next(model), model);
        }
        return history.entries;
    }

    /** End of the stream and stream hash after each entry, by a run that nothing disturbs. */
    private static List<long[]> positions(final List<StoreHistory.Entry> log)
    {
        final StoreWorld world = new StoreWorld(99).plain();
        world.tailLength = 1 << 20;
        world.open();
        final List<long[]> positions = new ArrayList<>();
        positions.add(new long[]{0, world.store.streamHash()});
        for (final StoreHistory.Entry entry : log)
        {
            StoreHistory.apply(entry, world);
            positions.add(new long[]{world.store.bound(), world.store.streamHash()});
        }
        return positions;
    }

    private static StoreModel model(final List<StoreHistory.Entry> log, final int entries)
    {
        final StoreModel model = new StoreModel();
        for (int i = 0; i < entries; i++)
        {
            StoreHistory.apply(log.get(i), model);
        }
        return model;
    }
}
