package dev.quorate.core.store;

import org.agrona.concurrent.UnsafeBuffer;

import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/**
 * One writer, one housekeeping thread and two readers on a small store, interleaved as a seed decides. Whatever a
 * reader finds must be the state at its revision, exactly, and a revision that was answered must be there for the next
 * reader.
 */
public final class InterleavedRun
{
    private static final int ENTRIES = 160;
    private static final int PAIRS = 5;
    private static final int NOISE = 12;
    private static final UnsafeBuffer FROM = new UnsafeBuffer(new byte[]{0});

    private final Random random;
    private final StoreWorld world;
    private final Interleaving interleaving;
    private final TreeMap<String, String> state = new TreeMap<>();
    private final Map<Long, TreeMap<String, String>> states = new HashMap<>();
    private long answered = 1;
    private int reads;
    private boolean isWritten;

    private InterleavedRun(final long seed)
    {
        random = new Random(seed);
        world = new StoreWorld(seed).plain();
        world.tailLength = 4096;
        world.tailCount = 4;
        world.ringLength = 256;
        interleaving = new Interleaving(seed);
    }

    /**
     * @param first seed.
     * @param last  seed.
     * @return what the first seed that fails says, null if all pass.
     * @throws InterruptedException never.
     */
    public static String firstFailure(final long first, final long last) throws InterruptedException
    {
        for (long seed = first; seed <= last; seed++)
        {
            final Throwable failure = new InterleavedRun(seed).run();
            if (null != failure)
            {
                return "seed " + seed + ": " + failure;
            }
        }
        return null;
    }

    private Throwable run() throws InterruptedException
    {
        world.open();
        states.put(1L, new TreeMap<>());
        interleaving.add("writer", this::write);
        final HousekeepingStore housekeeping = world.store.housekeeping();
        interleaving.add("housekeeping", () ->
        {
            while (!isWritten && !interleaving.isStopped())
            {
                housekeeping.doWork();
                Interleaving.at();
            }
        });
        for (int i = 0; i < 2; i++)
        {
            final StoreReader reader = world.store.newReader();
            interleaving.add("reader", () ->
            {
                while (!isWritten && !interleaving.isStopped())
                {
                    read(reader);
                    Interleaving.at();
                }
            });
        }
        final Throwable failure = interleaving.run();
        if (null == failure && reads < 10)
        {
            return new AssertionError("only " + reads + " reads");
        }
        world.store.close();
        return failure;
    }

    private void write()
    {
        final Store store = world.store;
        for (int i = 0; i < ENTRIES && !interleaving.isStopped(); i++)
        {
            while (store.isBackPressured() && !interleaving.isStopped())
            {
                store.doWork();
                Interleaving.at();
            }
            store.begin(store.raftIndex() + 1, 1);
            if (0 == i % 10 && store.revision() - 3 > Math.max(1, store.compactRevision()))
            {
                store.compact(store.revision() - random.nextInt(3));
            }
            else
            {
                writeKeys(i);
            }
            states.put(store.revision(), new TreeMap<>(state));
            store.end();
            if (random.nextInt(3) > 0)
            {
                store.publish();
                answered = store.revision();
            }
            Interleaving.at();
            store.doWork();
        }
        store.publish();
        isWritten = true;
    }

    private void writeKeys(final int number)
    {
        final int pair = random.nextInt(PAIRS);
        final boolean isDeletion = random.nextInt(3) == 0;
        write("a" + pair, Integer.toString(number), isDeletion);
        write("z" + pair, Integer.toString(number), isDeletion);
        if (random.nextBoolean())
        {
            write("n" + random.nextInt(NOISE), "n".repeat(random.nextInt(40)) + number, random.nextBoolean());
        }
    }

    private void write(final String key, final String value, final boolean isDeletion)
    {
        if (isDeletion)
        {
            world.delete(key);
            state.remove(key);
        }
        else
        {
            world.put(key, value);
            state.put(key, value);
        }
    }

    private void read(final StoreReader reader)
    {
        final long least = answered;
        final long latest = reader.pinLatest();
        if (latest < least)
        {
            throw new AssertionError("revision " + least + " was answered, read at " + latest);
        }
        final TreeMap<String, String> expected = states.get(reader.revision());
        final TreeMap<String, String> found = new TreeMap<>();
        final RecordView view = new RecordView();
        reader.scan(FROM, 0, 1, FROM, 0, 1);
        while (reader.next())
        {
            reader.record(view);
            found.put(new String(StoreWorld.key(view)), new String(StoreWorld.value(view)));
        }
        final boolean isOvertaken = reader.isOvertaken();
        reader.unpin();
        if (!isOvertaken)
        {
            reads++;
            if (!found.equals(expected))
            {
                throw new AssertionError("at revision " + latest + " " + found + " instead of " + expected);
            }
        }
    }
}
