package dev.quorate.core.store.index;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class KeyIndexReadersTest
{
    private static final int PAIRS = 400;
    private static final int WRITES = 40_000;

    private final EpochRegistry epochs = new EpochRegistry();
    private final IndexArena arena = new IndexArena(epochs, 256L << 20, true);
    private final KeyIndex index = new KeyIndex(arena, true);
    private final UnsafeBuffer buffer = new UnsafeBuffer(0, 0);

    @AfterEach
    void closeArena()
    {
        arena.close();
    }

    /**
     * Pair {@code i} is two keys far apart. Every write stores one position under both, then publishes a bound above
     * it, while other keys come and go between them and are purged. A reader that loads the bound, then the tree,
     * resolves both words to the newest position below its bound: these must be equal, and no key may be missing,
     * doubled, out of order or poisoned.
     */
    @Test
    void pairsWrittenTogetherAreSeenTogetherUnderSplitsMergesAndReclamation() throws Exception
    {
        final AtomicLong visible = new AtomicLong();
        final AtomicBoolean done = new AtomicBoolean();
        final AtomicReference<Throwable> failure = new AtomicReference<>();
        final History history = new History();
        for (int i = 0; i < PAIRS; i++)
        {
            writePair(history, i, visible);
        }
        final Thread[] readers = new Thread[2];
        final long[] scans = new long[readers.length];
        for (int i = 0; i < readers.length; i++)
        {
            final int number = i;
            readers[i] = new Thread(() ->
            {
                try
                {
                    scans[number] = read(history, visible, done, number);
                }
                catch (final Throwable ex)
                {
                    failure.compareAndSet(null, ex);
                }
            });
            readers[i].start();
        }

        write(history, visible, failure);
        done.set(true);
        for (final Thread reader : readers)
        {
            reader.join();
        }
        if (failure.get() != null)
        {
            throw new AssertionError("seed 99", failure.get());
        }
        assertTrue(scans[0] > 0 && scans[1] > 0);
        arena.reclaim();
        assertEquals(0, arena.limboBytes());
        TreeChecker.checkWithArena(index);
    }

    @Test
    void leakedPinKeepsEveryNodeRetiredSince()
    {
        fill(0, 3000);
        arena.reclaim();
        final ReaderSlot leaked = epochs.newSlot();
        leaked.pin(7);
        assertEquals(7, epochs.minRevision());
        final IndexCursor cursor = index.newCursor(leaked);
        cursor.seek(buffer, 0, 0);
        for (int i = 0; i < 1500; i++)
        {
            assertTrue(cursor.next());
        }
        fill(3000, 9000);
        removeAll(0, 9000);
        final long limbo = arena.limboBytes();
        assertTrue(limbo > 1 << 20);
        assertEquals(0, arena.reclaim());
        assertEquals(0, arena.reclaim());
        final byte[] last = new byte[cursor.keyLength()];
        cursor.key().getBytes(0, last);
        while (cursor.next())
        {
            assertTrue(Memory.compare(
                last, Memory.ARRAY_BASE, last.length,
                cursor.key().byteArray(), Memory.ARRAY_BASE, cursor.keyLength()) < 0);
        }
        leaked.unpin();
        assertTrue(arena.reclaim() > 1000);
        assertEquals(0, arena.limboBytes());
        assertEquals(EpochRegistry.IDLE, epochs.minRevision());
    }

    @Test
    void pinTakenAfterRetirementDoesNotKeepTheNode()
    {
        fill(0, 100);
        final ReaderSlot early = epochs.newSlot();
        final ReaderSlot late = epochs.newSlot();
        early.pin(1);
        arena.reclaim();
        fill(100, 200);
        assertEquals(0, arena.reclaim());
        late.pin(1);
        early.unpin();
        assertTrue(arena.reclaim() > 0);
        assertEquals(0, arena.limboBytes());
    }

    @Test
    void cursorWhoseNodesWereFreedMeetsDeadNodes()
    {
        fill(0, 3000);
        arena.reclaim();
        final ReaderSlot slot = epochs.newSlot();
        slot.pin(1);
        final IndexCursor cursor = index.newCursor(slot);
        cursor.seek(buffer, 0, 0);
        assertTrue(cursor.next());
        slot.unpin();
        removeAll(0, 3000);
        arena.reclaim();
        assertThrows(IllegalStateException.class, () ->
        {
            while (cursor.next())
            {
                cursor.keyLength();
            }
        });
    }

    @Test
    void limboReportsWhenItIsFull()
    {
        final ReaderSlot leaked = epochs.newSlot();
        leaked.pin(1);
        final byte[] key = new byte[1 << 20];
        int writes = 0;
        while (!arena.isLimboFull())
        {
            Arrays.fill(key, 0, 8, (byte)writes);
            buffer.wrap(key);
            index.put(buffer, 0, key.length, 8, 0, 1, 1, 1, 64, 0, 0, -1);
            index.remove(buffer, 0, key.length);
            writes++;
            assertTrue(writes < 100);
        }
        leaked.unpin();
        arena.reclaim();
        assertFalse(arena.isLimboFull());
    }

    private void write(final History history, final AtomicLong visible, final AtomicReference<Throwable> failure)
    {
        final SplittableRandom random = new SplittableRandom(99);
        final PurgeBatch batch = new PurgeBatch(4096, 1 << 20);
        for (int i = 0; i < WRITES && failure.get() == null; i++)
        {
            writePair(history, random.nextInt(PAIRS), visible);
            final byte[] noise = key(random.nextBoolean() ? 'a' : 'z', random.nextInt(PAIRS), random.nextInt(30));
            final boolean tombstone = random.nextInt(20) < (i / 5000 % 2 == 0 ? 6 : 14);
            history.lp += 8;
            put(noise, history.lp, tombstone ? KeyIndex.FLAG_TOMBSTONE : 0);
            if (tombstone && !batch.offer(buffer, 0, noise.length, history.lp) || i % 3000 == 0)
            {
                batch.sort();
                while (!batch.isDone())
                {
                    index.purge(batch, 64);
                    arena.reclaim();
                }
                batch.clear();
            }
            arena.reclaim();
        }
    }

    private void writePair(final History history, final int pair, final AtomicLong visible)
    {
        history.lp += 8;
        put(key('a', pair, -1), history.lp, 0);
        put(key('z', pair, -1), history.lp, 0);
        history.add(pair, history.lp);
        visible.setRelease(history.lp + 8);
    }

    private long read(final History history, final AtomicLong visible, final AtomicBoolean done, final int number)
    {
        final ReaderSlot slot = epochs.newSlot();
        final IndexCursor cursor = index.newCursor(slot);
        final UnsafeBuffer from = new UnsafeBuffer(new byte[]{0});
        final long[] first = new long[PAIRS];
        long scans = 0;
        do
        {
            slot.pin(1);
            final long bound = visible.getAcquire();
            Arrays.fill(first, -1);
            int pairs = 0;
            byte[] previous = new byte[0];
            if (number == 0)
            {
                cursor.seek(from, 0, 1);
            }
            else
            {
                cursor.seek(from, 0, 1, from, 0, 1);
            }
            while (cursor.next())
            {
                final byte[] key = new byte[cursor.keyLength()];
                cursor.key().getBytes(0, key);
                require(Arrays.compareUnsigned(previous, key) < 0, "order");
                previous = key;
                if (key.length == 6)
                {
                    final int pair = (key[1] & 0xFF) << 8 | key[2] & 0xFF;
                    final long seen = history.newestBelow(pair, cursor.lp(), bound);
                    if (key[0] == 'a')
                    {
                        first[pair] = seen;
                    }
                    else
                    {
                        require(first[pair] == seen, "pair " + pair + ": " + first[pair] + ", " + seen);
                        pairs++;
                    }
                }
            }
            require(pairs == PAIRS, pairs + " pairs");
            slot.unpin();
            scans++;
        }
        while (!done.get());

        return scans;
    }

    private void fill(final int from, final int to)
    {
        for (int i = from; i < to; i++)
        {
            put(KeyShapes.kubernetes(i), 8L * i, 0);
        }
    }

    private void removeAll(final int from, final int to)
    {
        for (int i = from; i < to; i++)
        {
            final byte[] key = KeyShapes.kubernetes(i);
            buffer.wrap(key);
            assertTrue(index.remove(buffer, 0, key.length));
        }
    }

    private void put(final byte[] key, final long lp, final int flags)
    {
        buffer.wrap(key);
        index.put(buffer, 0, key.length, lp, flags, lp, lp, 1, 64, 0, 0, KeyIndex.NO_SKIP);
    }

    private static byte[] key(final char side, final int pair, final int noise)
    {
        final byte[] key = new byte[noise < 0 ? 6 : 7];
        key[0] = (byte)side;
        key[1] = (byte)(pair >>> 8);
        key[2] = (byte)pair;
        if (noise >= 0)
        {
            key[3] = (byte)noise;
        }

        return key;
    }

    private static void require(final boolean condition, final String message)
    {
        if (!condition)
        {
            throw new AssertionError(message);
        }
    }

    /** The record chain of each pair: positions ascending, published by the release store of the bound or the word. */
    private static final class History
    {
        private final long[][] positions = new long[PAIRS][2 * WRITES / PAIRS + 64];
        private final AtomicLong[] counts = new AtomicLong[PAIRS];
        private long lp;

        History()
        {
            for (int i = 0; i < PAIRS; i++)
            {
                counts[i] = new AtomicLong();
            }
        }

        void add(final int pair, final long position)
        {
            final int count = (int)counts[pair].get();
            positions[pair][count] = position;
            counts[pair].setRelease(count + 1);
        }

        /** Follows the chain from the position that a word holds, as a reader does: never from a newer one. */
        long newestBelow(final int pair, final long word, final long bound)
        {
            if (word < bound)
            {
                return word;
            }
            int at = (int)counts[pair].getAcquire() - 1;
            if (positions[pair][0] >= bound)
            {
                return -1;
            }
            while (positions[pair][at] >= bound)
            {
                at--;
            }

            return positions[pair][at];
        }
    }
}
