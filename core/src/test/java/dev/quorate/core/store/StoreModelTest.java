package dev.quorate.core.store;

import org.junit.jupiter.api.Test;

import java.util.Random;

import static org.junit.jupiter.api.Assertions.assertEquals;

/** Random histories against the model, with housekeeping and restarts at random times. */
class StoreModelTest
{
    @Test
    void everyRevisionReadsAsTheModelSays()
    {
        for (int seed = 1; seed <= 30; seed++)
        {
            run(seed, 250, 0);
        }
    }

    @Test
    void everyRevisionReadsAsTheModelSaysAcrossRestarts()
    {
        for (int seed = 101; seed <= 130; seed++)
        {
            run(seed, 250, 12);
        }
    }

    private static void run(final long seed, final int steps, final int restartPercent)
    {
        try
        {
            final Random random = new Random(seed);
            final StoreWorld world = new StoreWorld(seed).plain();
            world.tailLength = 4096 << random.nextInt(3);
            world.sliceBytes = 4096;
            world.open();
            final StoreModel model = new StoreModel();
            final StoreHistory history = new StoreHistory(random, 12);
            int storedHash = 0;
            boolean isStored = false;
            for (int i = 0; i < steps; i++)
            {
                final StoreHistory.Entry entry = history.next(model);
                final boolean isCompaction =
                    !entry.ops().isEmpty() && entry.ops().get(0).kind() == StoreHistory.Kind.COMPACT;
                if (isCompaction)
                {
                    isStored = world.store.finishedCompaction() == world.store.compactRevision();
                    storedHash = model.hashOfCompaction(entry.ops().get(0).number());
                }
                StoreHistory.apply(entry, model);
                StoreHistory.apply(entry, world);
                if (random.nextInt(3) > 0)
                {
                    world.publish();
                    world.turns(random.nextInt(4) == 0 ? 200 : random.nextInt(5));
                }
                if (random.nextInt(1000) < restartPercent)
                {
                    restart(world, history, random);
                    isStored = false;
                }
                if (random.nextInt(40) == 0)
                {
                    world.publish();
                    StoreChecker.checkAll(world, model);
                    checkHash(world, model, random, isStored, storedHash);
                }
            }
            world.publish();
            world.settle();
            StoreChecker.checkAll(world, model);
            world.store.close();
        }
        catch (final RuntimeException | Error ex)
        {
            throw new AssertionError("seed " + seed, ex);
        }
    }

    private static void restart(final StoreWorld world, final StoreHistory history, final Random random)
    {
        world.publish();
        if (random.nextBoolean())
        {
            world.force();
        }
        world.restart();
        for (int i = (int)world.store.raftIndex(); i < history.entries.size(); i++)
        {
            StoreHistory.apply(history.entries.get(i), world);
        }
    }

    private static void checkHash(
        final StoreWorld world,
        final StoreModel model,
        final Random random,
        final boolean isStored,
        final int storedHash)
    {
        final long lowest = Math.max(model.compactRevision, 1);
        for (int i = 0; i < 4; i++)
        {
            final long revision = i == 0 ? lowest : lowest + random.nextInt((int)(model.revision - lowest + 1));
            final HashJob job = world.hashKv(revision);
            final int expected =
                isStored && revision == model.compactRevision ? storedHash : model.hashKv(revision);
            assertEquals(expected, job.hash(), () -> "hash at " + revision + " on " + model.compactRevision);
        }
    }
}
