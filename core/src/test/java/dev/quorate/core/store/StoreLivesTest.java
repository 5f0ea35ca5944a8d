package dev.quorate.core.store;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

import static org.junit.jupiter.api.Assertions.assertEquals;

/** Members that live differently write the same stream and answer the same hashes. */
class StoreLivesTest
{
    private static final int ENTRIES = 900;

    @Test
    void bufferSizesCleaningPaceAndRestartsDoNotShowInTheStream()
    {
        for (int seed = 1; seed <= 6; seed++)
        {
            final List<StoreHistory.Entry> log = log(seed);
            final List<long[]> lazy = live(log, new StoreWorld(seed).plain(), 1 << 20, new Random(seed), 0, 0);
            final List<long[]> busy = live(log, new StoreWorld(seed).plain(), 4096, new Random(seed), 100, 0);
            final List<long[]> restless = live(log, new StoreWorld(seed).plain(), 8192, new Random(seed), 9, 40);
            for (int i = 0; i < lazy.size(); i++)
            {
                final String at = "seed " + seed + ", entry " + i;
                assertEquals(lazy.get(i)[0], busy.get(i)[0], at);
                assertEquals(lazy.get(i)[1], busy.get(i)[1], at);
                assertEquals(lazy.get(i)[0], restless.get(i)[0], at);
                assertEquals(lazy.get(i)[1], restless.get(i)[1], at);
                assertEquals(lazy.get(i)[2], busy.get(i)[2], at + ": hash");
                assertEquals(lazy.get(i)[2], restless.get(i)[2], at + ": hash");
            }
        }
    }

    private static List<StoreHistory.Entry> log(final long seed)
    {
        final StoreHistory history = new StoreHistory(new Random(seed), 10);
        final StoreModel model = new StoreModel();
        for (int i = 0; i < ENTRIES; i++)
        {
            StoreHistory.apply(history.next(model), model);
        }
        return history.entries;
    }

    /** For each entry the bound and the stream hash, and at every hundredth the HashKV of a revision. */
    private static List<long[]> live(
        final List<StoreHistory.Entry> log,
        final StoreWorld world,
        final int tailLength,
        final Random random,
        final int turns,
        final int restartPerMille)
    {
        world.tailLength = tailLength;
        world.open();
        final List<long[]> life = new ArrayList<>();
        for (int i = 0; i < log.size(); i++)
        {
            step(log, world, random, turns, restartPerMille, i);
            long hash = 0;
            if (i % 100 == 99)
            {
                world.settleCompaction();
                // above the compact revision, where no stored hash answers
                hash = world.store.visibleRevision() > world.store.compactedRevision() ? world.hashKv(0).hash() : 0;
            }
            life.add(new long[]{world.store.bound(), world.store.streamHash(), hash});
        }
        world.store.close();
        return life;
    }

    private static void step(
        final List<StoreHistory.Entry> log,
        final StoreWorld world,
        final Random random,
        final int turns,
        final int restartPerMille,
        final int index)
    {
        StoreHistory.apply(log.get(index), world);
        world.publish();
        if (turns > 0)
        {
            world.turns(random.nextInt(turns));
        }
        if (random.nextInt(1000) < restartPerMille)
        {
            world.restart();
            for (int i = (int)world.store.raftIndex(); i <= index; i++)
            {
                StoreHistory.apply(log.get(i), world);
            }
            world.publish();
        }
    }
}
