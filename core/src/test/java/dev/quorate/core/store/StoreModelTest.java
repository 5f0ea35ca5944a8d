package dev.quorate.core.store;

import org.junit.jupiter.api.Test;

import java.util.Random;
import java.util.TreeMap;

import static org.junit.jupiter.api.Assertions.assertEquals;

/** Random histories against the model, with housekeeping and restarts at random times. */
class StoreModelTest
{
    @Test
    void everyRevisionReadsAsTheModelSays()
    {
        for (int seed = 1; seed <= 20; seed++)
        {
            run(seed, 250, 0);
        }
    }

    @Test
    void everyRevisionReadsAsTheModelSaysAcrossRestarts()
    {
        for (int seed = 101; seed <= 120; seed++)
        {
            run(seed, 250, 12);
        }
    }

    private static void run(final long seed, final int steps, final int restartPerMille)
    {
        try
        {
            new Run(seed).steps(steps, restartPerMille);
        }
        catch (final RuntimeException | Error ex)
        {
            throw new AssertionError("seed " + seed, ex);
        }
    }

    private static final class Run
    {
        private final Random random;
        private final StoreWorld world;
        private final StoreModel model = new StoreModel();
        private final StoreHistory history;
        private final TreeMap<Long, Integer> hashOfCompaction = new TreeMap<>();
        private boolean isHashStored;

        Run(final long seed)
        {
            random = new Random(seed);
            world = new StoreWorld(seed).plain();
            world.tailLength = 4096 << random.nextInt(3);
            world.open();
            history = new StoreHistory(random, 12);
        }

        void steps(final int steps, final int restartPerMille)
        {
            for (int i = 0; i < steps; i++)
            {
                final StoreHistory.Entry entry = history.next(model);
                if (entry.isCompaction())
                {
                    final long revision = entry.ops().get(0).number();
                    hashOfCompaction.put(revision, model.hashOfCompaction(revision));
                }
                StoreHistory.apply(entry, model);
                applyToStore(entry);
                if (random.nextInt(3) > 0)
                {
                    world.publish();
                    world.turns(random.nextInt(4) == 0 ? 200 : random.nextInt(5));
                }
                if (random.nextInt(1000) < restartPerMille)
                {
                    restart();
                }
                if (random.nextInt(40) == 0)
                {
                    world.publish();
                    StoreChecker.checkAll(world, model);
                    checkHash();
                }
            }
            world.publish();
            world.settle();
            StoreChecker.checkAll(world, model);
            checkHash();
            world.store.close();
        }

        private void applyToStore(final StoreHistory.Entry entry)
        {
            if (entry.isCompaction())
            {
                isHashStored = world.store.finishedCompaction() == world.store.compactRevision();
            }
            StoreHistory.apply(entry, world);
        }

        private void restart()
        {
            world.publish();
            if (random.nextBoolean())
            {
                world.force();
            }
            world.restart();
            isHashStored = false;
            for (int i = (int)world.store.raftIndex(); i < history.entries.size(); i++)
            {
                applyToStore(history.entries.get(i));
            }
        }

        private void checkHash()
        {
            final long lowest = Math.max(model.compactRevision, 1);
            for (int i = 0; i < 4; i++)
            {
                final long revision = i == 0 ? lowest : lowest + random.nextInt((int)(model.revision - lowest + 1));
                final HashJob job = world.hashKv(revision);
                final int expected = isHashStored && revision == model.compactRevision ?
                    hashOfCompaction.get(revision) : model.hashKv(revision);
                assertEquals(expected, job.hash(), () -> "hash at " + revision + " on " + model.compactRevision);
            }
        }
    }
}
