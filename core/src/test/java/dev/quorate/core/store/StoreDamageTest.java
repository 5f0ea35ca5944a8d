package dev.quorate.core.store;

import dev.quorate.core.seam.DiskFile;
import dev.quorate.core.seam.DiskFullException;
import dev.quorate.core.seam.SimulatedDisk;
import dev.quorate.core.seam.SimulatedRng;
import dev.quorate.core.seam.StorageFault;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** One bit turned over anywhere in any file is detected, or no answer shows it. */
class StoreDamageTest
{
    private static final int ENTRIES = 130;
    private static final int STEP = 23;
    private static final int CLOSELY = 160;
    private static final int HASHES = 7;

    private final Map<String, byte[]> sound = new TreeMap<>();
    /** By the number of entries, since a damaged mark leaves the one before it. */
    private final Map<Integer, StoreModel> models = new HashMap<>();
    private List<StoreHistory.Entry> entries;
    private int detected;
    private int irrelevant;

    @BeforeEach
    void write() throws DiskFullException
    {
        final StoreWorld world = world();
        world.disk = new SimulatedDisk(new SimulatedRng(5)).plain();
        world.checkpointIntervalMin = 3_000;
        world.open();
        final StoreHistory history = new StoreHistory(new Random(5), 8);
        final StoreModel model = new StoreModel();
        for (int i = 0; i < ENTRIES; i++)
        {
            final StoreHistory.Entry entry = history.next(model);
            StoreHistory.apply(entry, model);
            StoreHistory.apply(entry, world);
            world.publish();
            world.turns(40);
        }
        world.settleCompaction();
        world.force();
        world.settle();
        assertEquals(ENTRIES, world.store.durableRaftIndex());
        keep(world.disk);
        world.store.close();
        entries = history.entries;
    }

    @Test
    void turnedBitIsDetectedOrIrrelevant() throws DiskFullException
    {
        assertTrue(sound.keySet().stream().anyMatch(name -> name.startsWith("store/dead-")), sound.keySet()::toString);
        assertTrue(sound.keySet().stream().anyMatch(name -> name.startsWith("store/index-")), sound.keySet()::toString);
        assertTrue(
            sound.keySet().stream().filter(name -> name.startsWith("store/segment-")).count() > 2,
            sound.keySet()::toString);
        final Random random = new Random(6);
        for (final Map.Entry<String, byte[]> file : sound.entrySet())
        {
            final byte[] bytes = file.getValue();
            final boolean isSmall = bytes.length < 2_000;
            for (int at = 0; at < bytes.length; at += isSmall || at < CLOSELY || at > bytes.length - CLOSELY ? 1 :
                1 + random.nextInt(2 * STEP))
            {
                flip(file.getKey(), at, 1 << random.nextInt(8));
            }
        }
        assertTrue(detected > 1_000, () -> detected + " detected, " + irrelevant + " irrelevant");
    }

    private void flip(final String name, final int at, final int bit) throws DiskFullException
    {
        final StoreWorld world = world();
        final byte[] bytes = sound.get(name);
        bytes[at] ^= (byte)bit;
        try
        {
            world.disk = restored();
            world.open();
            final int index = (int)world.store.raftIndex();
            assertTrue(index == ENTRIES || name.endsWith("/marks"), () -> "recovered to " + index);
            final StoreModel model = models.computeIfAbsent(index, this::model);
            StoreChecker.checkAll(world, model);
            for (int i = 0; i < HASHES; i++)
            {
                final long revision = Math.min(Math.max(model.compactRevision, 0) + 1 + i, model.revision);
                assertEquals(model.hashKv(revision), world.hashKv(revision).hash());
            }
            irrelevant++;
        }
        catch (final StorageFault expected)
        {
            detected++;
        }
        catch (final RuntimeException | Error ex)
        {
            throw new AssertionError(name + ", bit " + bit + " of byte " + at + " of " + bytes.length, ex);
        }
        finally
        {
            bytes[at] ^= (byte)bit;
        }
    }

    private StoreModel model(final int count)
    {
        final StoreModel model = new StoreModel();
        for (int i = 0; i < count; i++)
        {
            StoreHistory.apply(entries.get(i), model);
        }
        return model;
    }

    private static StoreWorld world()
    {
        final StoreWorld world = new StoreWorld(4);
        world.tailLength = 4096;
        world.checkpointBlockLength = 400;
        return world;
    }

    private void keep(final SimulatedDisk disk)
    {
        for (final String name : disk.list("store"))
        {
            final String path = "store/" + name;
            if (name.startsWith("reserve-"))
            {
                continue;
            }
            final byte[] bytes = new byte[(int)disk.length(path)];
            try (DiskFile file = disk.openFile(path))
            {
                file.read(0, new UnsafeBuffer(bytes), 0, bytes.length);
            }
            sound.put(path, bytes);
        }
    }

    private SimulatedDisk restored() throws DiskFullException
    {
        final SimulatedDisk disk = new SimulatedDisk(new SimulatedRng(5)).plain();
        disk.createDirectory("store");
        for (final Map.Entry<String, byte[]> kept : sound.entrySet())
        {
            try (DiskFile file = disk.createFile(kept.getKey()))
            {
                file.write(0, new UnsafeBuffer(kept.getValue()), 0, kept.getValue().length);
                file.force();
            }
        }
        disk.syncDirectory("store");
        return disk;
    }
}
