package dev.quorate.core.watch;

import dev.quorate.core.ring.NodeState;
import dev.quorate.core.seam.SimulatedRng;
import dev.quorate.core.store.Store;
import org.agrona.collections.LongArrayList;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * Random histories, watchers, compactions, slow loops and slow clients: each watcher gets exactly what the history
 * says.
 */
final class WatchRandomTest
{
    private static final int SEEDS = 220;
    private static final int STEPS = 600;
    private static final int KEYS = 36;
    private static final int STREAMS = 5;

    private long eventsDelivered;
    private long compactedCount;
    private long progressCount;
    private long continuedCount;
    private long droppedCount;
    private long overtakenCount;

    @Test
    void everyWatcherGetsExactlyWhatTheHistorySays()
    {
        for (long seed = 1; seed <= SEEDS; seed++)
        {
            run(seed, new WatchWorld(seed));
        }
        assertTrue(eventsDelivered > 20_000, "events: " + eventsDelivered);
        assertTrue(compactedCount > 100, "compacted: " + compactedCount);
        assertTrue(overtakenCount > 100, "overtaken after events: " + overtakenCount);
        assertTrue(progressCount > 500, "progress: " + progressCount);
        assertTrue(continuedCount > 500, "responses in parts: " + continuedCount);
        assertTrue(droppedCount > 10, "responses dropped: " + droppedCount);
    }

    @Test
    void resumingOneRevisionTooLateIsNoticed()
    {
        final AssertionError error = assertThrows(AssertionError.class, () ->
        {
            for (long seed = 1; seed <= 20; seed++)
            {
                run(seed, new WatchWorld(seed), lps ->
                {
                    if (lps.size() > 8)
                    {
                        lps.removeAt(0);
                    }
                });
            }
        });
        assertTrue(error.getMessage().contains(" instead of "), error.getMessage());
    }

    @Test
    void resumingOneRevisionTooEarlyIsNoticed()
    {
        final long[] last = new long[1];
        final AssertionError error = assertThrows(AssertionError.class, () ->
        {
            for (long seed = 1; seed <= 20; seed++)
            {
                run(seed, new WatchWorld(seed), lps ->
                {
                    if (lps.size() > 8)
                    {
                        lps.add(0, last[0]);
                    }
                    last[0] = lps.getLong(lps.size() - 1);
                });
            }
        });
        assertTrue(error.getMessage().contains(" instead of "), error.getMessage());
    }

    private void run(final long seed, final WatchWorld world)
    {
        run(seed, world, lps -> {});
    }

    private void run(final long seed, final WatchWorld world, final Consumer<LongArrayList> damage)
    {
        final SimulatedRng rng = new SimulatedRng(seed * 7919);
        world.loopCount = 1 + rng.nextInt(2);
        world.ringCapacity = 1024 << rng.nextInt(4);
        world.context.initialCredit(1 + rng.nextInt(100)).recordsPerTurn(1 + rng.nextInt(40))
            .maxOutstandingBytes(200 + rng.nextInt(20_000))
            .maxStagedEvents(16 << rng.nextInt(8));
        world.open();
        world.mirror = world.newStore();
        final int snapshotStep = rng.nextInt(2 * STEPS);
        long nextStreamId = 1;
        long watchId = 0;
        for (final ClientLoop loop : world.loops)
        {
            loop.damage = damage;
            loop.slots = new long[STREAMS];
            for (int i = 0; i < STREAMS; i++)
            {
                loop.slots[i] = nextStreamId++;
            }
        }
        for (int step = 0; step < STEPS; step++)
        {
            final ClientLoop loop = world.loops.get(rng.nextInt(world.loops.size()));
            if (step == snapshotStep)
            {
                installSnapshot(world, rng);
            }
            final int slot = rng.nextInt(STREAMS);
            final long streamId = loop.slots[slot];
            switch (rng.nextInt(16))
            {
                case 0, 1, 2, 3 -> write(world, rng);
                case 4 -> compact(world, rng);
                case 5 -> loop.create(streamId, watchId++, start(world, rng), rng.nextInt(8), key(rng), end(rng));
                case 6 -> cancelOne(loop, streamId, rng);
                case 7 -> loop.requestProgress(streamId);
                case 8 -> loop.drain(1 + rng.nextInt(6));
                case 9 -> loop.drain(Integer.MAX_VALUE);
                case 10 -> loop.giveCredit();
                case 11 -> world.elapse(rng.nextInt(200_000_000));
                case 12 -> housekeeping(world);
                case 13 ->
                {
                    if (rng.chance(1, 8))
                    {
                        loop.close(streamId);
                        loop.slots[slot] = nextStreamId++;
                    }
                    loop.stall(loop.slots[slot], rng.chance(1, 3));
                }
                default ->
                {
                    for (int i = rng.nextInt(6); i >= 0; i--)
                    {
                        world.agent.doWork();
                    }
                }
            }
        }
        finish(world);
    }

    /** A snapshot of a member that is ahead, maybe compacted beyond what was followed here. */
    private static void installSnapshot(final WatchWorld world, final SimulatedRng rng)
    {
        final Store replaced = world.fallBehindMirror();
        for (int i = rng.nextInt(4); i >= 0; i--)
        {
            write(world, rng);
            compact(world, rng);
        }
        world.agent.onViewReplaced(world.store);
        replaced.close();
    }

    private void finish(final WatchWorld world)
    {
        for (final ClientLoop loop : world.loops)
        {
            for (final long streamId : loop.slots)
            {
                loop.stall(streamId, false);
            }
        }
        world.settle();
        long watchers = 0;
        for (final ClientLoop loop : world.loops)
        {
            loop.checkComplete();
            for (final ClientLoop.ClientStream stream : loop.streams().values())
            {
                watchers += stream.watchers.size();
            }
            eventsDelivered += loop.eventCount;
            continuedCount += loop.continuedCount;
            droppedCount += loop.droppedCount;
            compactedCount += loop.compactedCount;
            overtakenCount += loop.overtakenCount;
            progressCount += loop.log.stream().filter(line -> line.startsWith("progress")).count();
        }
        assertEquals(watchers, world.nodeState.get(NodeState.Value.WATCHERS), "seed " + world.seed);
        assertEquals(0, world.nodeState.get(NodeState.Value.SLOW_WATCHERS), "seed " + world.seed);
        world.agent.onClose();
        world.store.close();
        if (null != world.mirror)
        {
            world.mirror.close();
        }
    }

    private static void housekeeping(final WatchWorld world)
    {
        for (int i = 0; i < 60; i++)
        {
            world.housekeeping(world.store);
        }
    }

    private static void write(final WatchWorld world, final SimulatedRng rng)
    {
        final int entries = 1 + rng.nextInt(rng.chance(1, 10) ? 40 : 4);
        for (int i = 0; i < entries; i++)
        {
            world.begin();
            final int operations = 1 + rng.nextInt(rng.chance(1, 4) ? KEYS : 2);
            final int first = rng.nextInt(KEYS);
            for (int k = 0; k < operations; k++)
            {
                final String key = key((first + k) % KEYS);
                if (rng.chance(2, 3))
                {
                    world.put(key);
                }
                else
                {
                    world.delete(key);
                }
            }
            world.end();
            if (rng.chance(1, 2))
            {
                world.publish();
            }
        }
        world.publish();
    }

    private static void compact(final WatchWorld world, final SimulatedRng rng)
    {
        final long low = Math.max(1, world.store.compactRevision());
        final long room = world.store.revision() - low;
        if (room > 0 && rng.chance(1, 3))
        {
            world.compactEntry(low + 1 + rng.nextInt((int)room));
        }
    }

    private static void cancelOne(final ClientLoop loop, final long streamId, final SimulatedRng rng)
    {
        final ClientLoop.ClientStream stream = loop.streams().get(streamId);
        if (null != stream && !stream.watchers.isEmpty())
        {
            final List<Long> ids = new ArrayList<>(stream.watchers.keySet());
            final long id = ids.get(rng.nextInt(ids.size()));
            if (!stream.watchers.get(id).isCancelRequested)
            {
                loop.cancel(streamId, id);
            }
        }
    }

    private static long start(final WatchWorld world, final SimulatedRng rng)
    {
        final long revision = world.store.visibleRevision();
        return switch (rng.nextInt(4))
        {
            case 0 -> 0;
            case 1 -> revision + rng.nextInt(20);
            case 2 -> Math.max(1, world.store.compactedRevision() + rng.nextInt(3) - 1);
            default -> 1 + rng.nextInt((int)revision);
        };
    }

    private static String key(final SimulatedRng rng)
    {
        return key(rng.nextInt(KEYS));
    }

    private static String key(final int number)
    {
        return "registry/key-" + (char)('a' + number);
    }

    private static String end(final SimulatedRng rng)
    {
        return switch (rng.nextInt(4))
        {
            case 0 -> WatchWorld.FROM_KEY;
            case 1 -> "registry/key-~";
            default -> WatchWorld.SINGLE;
        };
    }
}
