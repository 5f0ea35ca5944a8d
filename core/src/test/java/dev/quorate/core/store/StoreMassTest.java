package dev.quorate.core.store;

import dev.quorate.core.seam.ScratchDisk;
import dev.quorate.core.store.index.LeafWalker;
import dev.quorate.core.store.index.ReaderSlot;
import dev.quorate.core.store.index.TreeChecker;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Five million keys come and go, and one compaction takes all of them out of the index. */
class StoreMassTest
{
    private static final byte[] ALL = {0};
    private static final byte[] VALUE = {'v'};
    private static final int STAYING = 20_000;
    private static final int PASSING = 5_000_000;
    private static final int ENTRY_KEYS = 1_000;
    /** Of a turn of the thread that applies, which finishes the leaf it is at. */
    private static final int PURGE_SLICE = 256 + 64;
    private static final int LEASE = 7;
    /** Relatively prime to the numbers of keys: they come in one order and go in another, both unlike their own. */
    private static final long CREATION_STRIDE = 2_999_999;
    private static final long DELETION_STRIDE = 1_299_709;

    @TempDir
    private Path folder;
    private final StoreWorld world = new StoreWorld(1);
    private final byte[] key = "/registry/pods/passing-00000000".getBytes();

    @BeforeEach
    void open()
    {
        world.other = new ScratchDisk(folder);
        world.tailLength = 16 << 20;
        world.sliceBytes = 1 << 18;
        world.ringLength = 65_536;
        world.maxIndexBytes = 2L << 30;
        world.snapshotCount = 1_000_000;
        world.checkpointIntervalMin = 1L << 40;
        world.open();
    }

    @AfterEach
    void close()
    {
        world.store.close();
    }

    @Test
    void indexIsAsSmallAndAsFastAsBeforeAfterOneCompactionOfFiveMillionDeletedKeys()
    {
        for (int i = 0; i < STAYING; i++)
        {
            world.putEntry(String.format("/registry/pods/%06d", i), "v");
            world.turn();
        }
        world.settle();
        final long before = world.store.indexBytes();
        final long stepsBefore = steps();
        create(PASSING);
        delete(PASSING);
        final Trees trees = world.store.housekeeping().parts().trees;
        assertEquals(STAYING + PASSING, trees.keys.size());
        assertTrue(steps() > PASSING);
        assertTrue(world.store.indexBytes() > 50 * before);
        assertEquals(-1, world.store.finishedCompaction());

        // deletions of the compact revision itself would stay until the next compaction
        world.putEntry("/registry/pods/last", "v");
        world.compactEntry(world.store.revision());
        compactInSlices(trees);

        assertEquals(STAYING + 1, trees.keys.size());
        assertTrue(world.store.indexBytes() <= before * 1.2, world.store.indexBytes() + " after " + before);
        assertTrue(steps() <= stepsBefore * 1.2, steps() + " after " + stepsBefore);
        TreeChecker.checkWithArena(trees.keys, trees.leases, trees.system);
        assertFalse(world.store.scanLease(LEASE).next());
        world.reader.pinLatest();
        assertEquals(STAYING + 1, world.count(ALL, StoreWorld.FROM_KEY));
        world.reader.unpin();

        // what was freed is used again
        final long reserved = trees.arena.reservedBytes();
        create(PASSING / 10);
        assertEquals(reserved, trees.arena.reservedBytes());
    }

    private void create(final int count)
    {
        for (int first = 0; first < count; first += ENTRY_KEYS)
        {
            world.begin();
            for (int i = first; i < first + ENTRY_KEYS; i++)
            {
                world.put(passing((int)(i * CREATION_STRIDE % count)), VALUE, 0 == i % 100 ? LEASE : 0);
            }
            world.endAndPublish();
            world.turn();
        }
    }

    private void delete(final int count)
    {
        for (int first = 0; first < count; first += ENTRY_KEYS)
        {
            world.begin();
            for (int i = first; i < first + ENTRY_KEYS; i++)
            {
                assertTrue(world.delete(passing((int)(i * DELETION_STRIDE % count))));
            }
            world.endAndPublish();
            world.turn();
        }
    }

    /** Until it is finished; no turn of the thread that applies takes out more than a slice. */
    private void compactInSlices(final Trees trees)
    {
        long size = trees.keys.size();
        for (int turns = 0; world.store.finishedCompaction() < world.store.compactRevision(); turns++)
        {
            assertTrue(turns < 200_000, "compaction does not finish");
            world.turn();
            assertTrue(size - trees.keys.size() <= PURGE_SLICE);
            size = trees.keys.size();
        }
        world.settle();
    }

    /** What a walk over all keys takes: leaves and what is in them. */
    private long steps()
    {
        final Trees trees = world.store.housekeeping().parts().trees;
        final ReaderSlot slot = trees.epochs.newSlot();
        final LeafWalker walker = trees.keys.newLeafWalker(slot);
        slot.pin(world.store.revision());
        walker.restart();
        walker.resume();
        long steps = 0;
        while (walker.next())
        {
            steps += 1 + walker.rows();
        }
        slot.unpin();
        return steps;
    }

    private byte[] passing(final int number)
    {
        int rest = number;
        for (int i = key.length - 1; i >= key.length - 8; i--)
        {
            key[i] = (byte)('0' + rest % 10);
            rest /= 10;
        }
        return key;
    }
}
