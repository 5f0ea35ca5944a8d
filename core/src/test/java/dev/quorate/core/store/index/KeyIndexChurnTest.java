package dev.quorate.core.store.index;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class KeyIndexChurnTest
{
    private final EpochRegistry epochs = new EpochRegistry();
    private final ReaderSlot slot = epochs.newSlot();
    private final IndexArena arena = new IndexArena(epochs, 256L << 20);
    private final KeyIndex index = new KeyIndex(arena, true);
    private final UnsafeBuffer buffer = new UnsafeBuffer(0, 0);
    private final PurgeBatch batch = new PurgeBatch(1 << 16, 8 << 20);
    private long lp;

    @AfterEach
    void closeArena()
    {
        arena.close();
    }

    @Test
    void returnsItsBytesAfterManyKeysCameAndWent()
    {
        for (int i = 0; i < 20_000; i++)
        {
            put(KeyShapes.kubernetes(i), 0);
        }
        arena.reclaim();
        final long before = arena.usedBytes();

        final int wave = 50_000;
        for (int first = 100_000; first < 1_100_000; first += wave)
        {
            batch.clear();
            for (int i = first; i < first + wave; i++)
            {
                put(KeyShapes.kubernetes(i), 0);
            }
            for (int i = first; i < first + wave; i++)
            {
                final byte[] key = KeyShapes.kubernetes(i);
                put(key, KeyIndex.FLAG_TOMBSTONE);
                assertTrue(batch.offer(buffer, 0, key.length, lp));
            }
            purgeAll(wave);
        }

        arena.reclaim();
        assertEquals(20_000, index.size());
        TreeChecker.checkWithArena(index);
        assertTrue(arena.usedBytes() < before * 1.2, arena + " before " + before);
        assertTrue(arena.reservedBytes() < 4 * before + 24 * BlockHeap.CHUNK_BYTES / 4, arena.toString());
    }

    @Test
    void purgeOfAnAscendingRangeLeavesNoSmallLeaves()
    {
        for (int i = 0; i < 50_000; i++)
        {
            put(KeyShapes.kubernetes(i), 0);
        }
        for (int i = 0; i < 50_000; i++)
        {
            if (i % 10 != 0)
            {
                final byte[] key = KeyShapes.kubernetes(i);
                put(key, KeyIndex.FLAG_TOMBSTONE);
                assertTrue(batch.offer(buffer, 0, key.length, lp));
            }
        }
        final int leavesBefore = TreeChecker.check(index).leaves();
        purgeAll(45_000);
        final TreeChecker after = TreeChecker.check(index);
        assertTrue(after.leaves() < leavesBefore / 3, after.leaves() + " leaves of " + leavesBefore);
        assertTrue(after.smallLeaves() < after.leaves() / 10, after.smallLeaves() + " small of " + after.leaves());
    }

    @Test
    void purgeKeepsKeysThatWereWrittenAgain()
    {
        put(new byte[]{1}, KeyIndex.FLAG_TOMBSTONE);
        assertTrue(batch.offer(buffer, 0, 1, lp));
        put(new byte[]{2}, KeyIndex.FLAG_TOMBSTONE);
        assertTrue(batch.offer(buffer, 0, 1, lp));
        put(new byte[]{1}, 0);
        put(new byte[]{3}, 0);
        assertTrue(batch.offer(buffer, 0, 1, lp));
        batch.sort();
        assertEquals(1, index.purge(batch, 100));
        assertTrue(batch.isDone());
        buffer.wrap(new byte[]{2});
        assertFalse(index.find(buffer, 0, 1));
        buffer.wrap(new byte[]{1});
        assertTrue(index.find(buffer, 0, 1));
        assertEquals(2, index.size());
    }

    @Test
    void allocatesNothingInSteadyState()
    {
        final byte[][] keys = new byte[30_000][];
        for (int i = 0; i < keys.length; i++)
        {
            keys[i] = KeyShapes.kubernetes(i);
        }
        final IndexCursor cursor = index.newCursor(slot);
        final long sum = cycle(keys, cursor) + cycle(keys, cursor);
        final ThreadMXBean threads = (ThreadMXBean)ManagementFactory.getThreadMXBean();
        final long unrelated = allocatedBy(threads, () ->
        {
        });
        final long[] third = new long[1];
        final long allocated = allocatedBy(threads, () -> third[0] = cycle(keys, cursor));
        assertEquals(sum, 2 * third[0]);
        assertTrue(allocated - unrelated < 4096, "allocated " + allocated + " bytes in 120,000 operations");
    }

    private static long allocatedBy(final ThreadMXBean threads, final Runnable work)
    {
        final long before = threads.getCurrentThreadAllocatedBytes();
        work.run();

        return threads.getCurrentThreadAllocatedBytes() - before;
    }

    private long cycle(final byte[][] keys, final IndexCursor cursor)
    {
        long seen = 0;
        for (final byte[] key : keys)
        {
            put(key, 0);
        }
        slot.pin(1);
        buffer.wrap(keys[0]);
        cursor.seek(buffer, 0, 0);
        while (cursor.next())
        {
            seen += cursor.key().getByte(cursor.keyLength() - 1);
        }
        slot.unpin();
        batch.clear();
        for (final byte[] key : keys)
        {
            buffer.wrap(key);
            seen += index.find(buffer, 0, key.length) ? 1 : 0;
            put(key, KeyIndex.FLAG_TOMBSTONE);
            batch.offer(buffer, 0, key.length, lp);
        }
        purgeAll(keys.length);

        return seen;
    }

    private void purgeAll(final int expected)
    {
        batch.sort();
        int removed = 0;
        while (!batch.isDone())
        {
            removed += index.purge(batch, 1000);
            arena.reclaim();
        }
        if (expected != removed)
        {
            throw new AssertionError("expected " + expected + ", removed " + removed);
        }
    }

    private void put(final byte[] key, final int flags)
    {
        lp += 64;
        buffer.wrap(key);
        index.put(buffer, 0, key.length, lp, flags, lp, lp, 1, 64, 0, 0, KeyIndex.NO_SKIP);
        if ((lp & 0xFFF) == 0)
        {
            arena.reclaim();
        }
    }
}
