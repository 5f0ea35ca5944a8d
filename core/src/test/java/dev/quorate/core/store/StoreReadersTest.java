package dev.quorate.core.store;

import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Readers on threads of their own while apply and housekeeping run on theirs. */
class StoreReadersTest
{
    private static final int PAIRS = 40;
    private static final int ENTRIES = 12_000;
    private static final UnsafeBuffer FROM = new UnsafeBuffer(new byte[]{0});

    private final StoreWorld world = new StoreWorld(7).plain();
    private final AtomicBoolean isDone = new AtomicBoolean();
    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private final AtomicLong reads = new AtomicLong();
    private final AtomicLong overtaken = new AtomicLong();

    @Test
    void keysWrittenTogetherAreReadTogetherAtTheirRevision() throws InterruptedException
    {
        world.tailLength = 64 * 1024;
        world.sliceBytes = 64 * 1024;
        world.ringLength = 256;
        world.open();
        final List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 2; i++)
        {
            final StoreReader reader = world.store.newReader();
            final Random random = new Random(i);
            threads.add(new Thread(() -> guarded(() -> read(reader, random)), "reader-" + i));
        }
        final HousekeepingStore housekeeping = world.store.housekeeping();
        threads.add(new Thread(() -> guarded(() ->
        {
            if (0 == housekeeping.doWork())
            {
                Thread.onSpinWait();
            }
        }), "housekeeping"));
        threads.forEach(Thread::start);
        try
        {
            write();
        }
        finally
        {
            isDone.set(true);
            for (final Thread thread : threads)
            {
                thread.join();
            }
        }
        assertNull(failure.get(), () -> String.valueOf(failure.get()));
        assertTrue(overtaken.get() < reads.get(), () -> overtaken.get() + " overtaken, read " + reads.get());
        checkStartFromCheckpoint();
        world.store.close();
    }

    /** Images that were taken under the writer, rolled forward, are the index as it is. */
    private void checkStartFromCheckpoint()
    {
        assertTrue(world.store.housekeeping().checkpointsTaken() > 10, "checkpoints were taken");
        world.settleCompaction();
        world.force();
        final List<String> live = StoreDump.of(world.store);
        world.restart();
        assertTrue(world.store.housekeeping().rolledFromLp() > 0);
        assertEquals(live, StoreDump.of(world.store));
    }

    private void write()
    {
        final Random random = new Random(9);
        for (int i = 0; i < ENTRIES || reads.get() < 500; i++)
        {
            if (null != failure.get())
            {
                return;
            }
            while (world.store.isBackPressured())
            {
                world.store.doWork();
                Thread.onSpinWait();
            }
            world.store.begin(world.store.raftIndex() + 1, 1);
            final int pair = random.nextInt(PAIRS);
            final boolean isDeletion = random.nextInt(5) == 0;
            write("a" + pair, i, isDeletion);
            write("b" + pair, i, isDeletion);
            world.store.end();
            if (i % 500 == 499)
            {
                world.store.begin(world.store.raftIndex() + 1, 1);
                world.store.compact(world.store.revision() - random.nextInt(100));
                world.store.end();
            }
            if (random.nextInt(3) == 0)
            {
                world.store.publish();
                world.store.doWork();
            }
        }
        world.store.publish();
    }

    private void write(final String key, final int number, final boolean isDeletion)
    {
        if (isDeletion)
        {
            world.delete(key);
        }
        else
        {
            world.put(key, Integer.toString(number));
        }
    }

    /** All keys of a and b at one revision: the same pairs with the same values, none newer than the revision. */
    private void read(final StoreReader reader, final Random random)
    {
        final long latest = reader.pinLatest();
        if (random.nextInt(3) == 0)
        {
            reader.unpin();
            if (reader.pinAt(Math.max(1, latest - random.nextInt(400))) != StoreReader.OK)
            {
                return;
            }
        }
        final long revision = reader.revision();
        final List<String> found = new ArrayList<>();
        final RecordView view = new RecordView();
        reader.scan(FROM, 0, 1, FROM, 0, 1);
        while (reader.next())
        {
            reader.record(view);
            if (view.mainRevision() > revision)
            {
                throw new AssertionError("revision " + view.mainRevision() + " read at " + revision);
            }
            found.add(new String(StoreWorld.key(view)) + " " + new String(StoreWorld.value(view)));
        }
        final long count = reader.count(FROM, 0, 1, FROM, 0, 1);
        final boolean isOvertaken = reader.isOvertaken();
        reader.unpin();
        if (isOvertaken)
        {
            overtaken.incrementAndGet();
            return;
        }
        reads.incrementAndGet();
        final int half = found.size() / 2;
        if (count != found.size() || found.size() != 2 * half)
        {
            throw new AssertionError(count + " counted at " + revision + ", found " + found);
        }
        for (int i = 0; i < half; i++)
        {
            if (!found.get(i).substring(1).equals(found.get(half + i).substring(1)))
            {
                throw new AssertionError("torn at " + revision + ": " + found);
            }
        }
    }

    private void guarded(final Runnable step)
    {
        try
        {
            while (!isDone.get())
            {
                step.run();
            }
        }
        catch (final Throwable ex)
        {
            failure.compareAndSet(null, ex);
        }
    }
}
