package dev.quorate.core.store;

import dev.quorate.core.seam.DiskFullException;
import org.agrona.concurrent.UnsafeBuffer;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * The same log on members that live differently: lazy, busy, restless, and one that began with a snapshot of another.
 */
public final class StoreLives
{
    private static final int ENTRIES = 600;
    private static final int HASH_INTERVAL = 75;
    private static final int CHUNK = 4096;

    /** How a member lives. */
    private record Life(String name, int tailLength, int turns, int restartPerMille, int snapshotAt)
    {
    }

    private static final List<Life> LIVES = List.of(
        new Life("lazy", 1 << 20, 0, 0, -1),
        new Life("busy", 4096, 100, 0, -1),
        new Life("restless", 8192, 9, 40, -1),
        new Life("by snapshot", 8192, 9, 10, ENTRIES / 2));

    private final long seed;
    private final List<StoreHistory.Entry> log;
    private final Life life;
    private final Random random;
    private final List<String> lines = new ArrayList<>();
    private StoreWorld world;

    private StoreLives(final long seed, final List<StoreHistory.Entry> log, final Life life)
    {
        this.seed = seed;
        this.log = log;
        this.life = life;
        this.random = new Random(seed);
    }

    /**
     * @param first seed.
     * @param last  seed.
     * @return where the first two members that differ do so, null if none do.
     * @throws DiskFullException never.
     */
    public static String firstDifference(final long first, final long last) throws DiskFullException
    {
        for (long seed = first; seed <= last; seed++)
        {
            final List<StoreHistory.Entry> log = log(seed);
            final List<String> lazy = new StoreLives(seed, log, LIVES.get(0)).live();
            for (int i = 1; i < LIVES.size(); i++)
            {
                final List<String> other = new StoreLives(seed, log, LIVES.get(i)).live();
                for (int line = 0; line < lazy.size(); line++)
                {
                    if (!lazy.get(line).equals(other.get(line)))
                    {
                        return "seed " + seed + ", " + LIVES.get(i) + ": " + other.get(line) + " instead of " +
                            lazy.get(line);
                    }
                }
            }
        }
        return null;
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

    /** For each entry the bound and the stream hash, and every so often the hash at every revision. */
    private List<String> live() throws DiskFullException
    {
        world = world();
        for (int i = 0; i < log.size(); i++)
        {
            if (i == life.snapshotAt)
            {
                beginAgainBySnapshot();
            }
            step(i);
            lines.add("entry " + i + ": " + world.store.bound() + " " + world.store.streamHash() +
                (HASH_INTERVAL - 1 == i % HASH_INTERVAL ? hashes() : ""));
        }
        world.store.close();
        return lines;
    }

    private StoreWorld world()
    {
        final StoreWorld made = new StoreWorld(seed).plain();
        made.tailLength = life.tailLength;
        made.open();
        return made;
    }

    private void step(final int index)
    {
        StoreHistory.apply(log.get(index), world);
        world.publish();
        if (life.turns > 0)
        {
            world.turns(random.nextInt(life.turns));
        }
        if (random.nextInt(1000) < life.restartPerMille)
        {
            world.restart();
            for (int i = (int)world.store.raftIndex(); i <= index; i++)
            {
                StoreHistory.apply(log.get(i), world);
            }
            world.publish();
        }
    }

    /** At each revision above the compact one, where no stored hash answers. */
    private String hashes()
    {
        world.settleCompaction();
        final StringBuilder text = new StringBuilder();
        for (long at = Math.max(0, world.store.compactedRevision()) + 1; at <= world.store.visibleRevision(); at++)
        {
            text.append(' ').append(Integer.toHexString(world.hashKv(at).hash()));
        }
        return text.toString();
    }

    /** A new member takes the place of this one: it knows nothing but a snapshot of it. */
    private void beginAgainBySnapshot() throws DiskFullException
    {
        world.force();
        final StoreWorld leader = world;
        final StoreWorld follower = world();
        final UnsafeBuffer chunk = new UnsafeBuffer(new byte[CHUNK]);
        try (SnapshotSource source = leader.store.housekeeping().newSource())
        {
            final SnapshotSink sink = follower.store.housekeeping().newSink(source.length());
            while (!sink.isWhole())
            {
                if (!sink.write(chunk, 0, source.read(sink.received(), chunk, 0, CHUNK)))
                {
                    throw new IllegalStateException("the snapshot is refused");
                }
            }
            while (!sink.prepare(CHUNK))
            {
                follower.turn();
            }
            follower.store.housekeeping().makeDurable(sink);
            follower.store.install(sink);
        }
        leader.store.close();
        world = follower;
    }
}
