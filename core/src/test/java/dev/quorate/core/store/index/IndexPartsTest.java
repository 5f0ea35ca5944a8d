package dev.quorate.core.store.index;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class IndexPartsTest
{
    private final EpochRegistry epochs = new EpochRegistry();

    @Test
    void blocksNeverOverlapAndFreedNeighboursGrowTogether()
    {
        final long seed = 5;
        final SplittableRandom random = new SplittableRandom(seed);
        final BlockHeap heap = new BlockHeap(64L << 20, true);
        final List<long[]> blocks = new ArrayList<>();
        for (int i = 0; i < 40_000; i++)
        {
            if (blocks.isEmpty() || random.nextInt(100) < (i / 4000 % 2 == 0 ? 60 : 42) && blocks.size() < 3000)
            {
                final long bytes = 1 + random.nextInt(random.nextInt(100) == 0 ? 300_000 : 6_000);
                final long address = heap.allocate(bytes);
                assertEquals(0, address & 63);
                Memory.fill(address, bytes, (int)(address >>> 6));
                blocks.add(new long[]{address, bytes});
            }
            else
            {
                final int last = blocks.size() - 1;
                final long[] block = blocks.set(random.nextInt(blocks.size()), blocks.get(last));
                blocks.remove(last);
                checkFill(block);
                heap.free(block[0], block[1]);
                assertEquals(0xDE, Memory.u8(block[0]));
            }
        }
        for (final long[] block : blocks)
        {
            checkFill(block);
            heap.free(block[0], block[1]);
        }
        assertEquals(0, heap.usedBytes());
        final long reserved = heap.reservedBytes();
        for (long bytes = 0; bytes < reserved; bytes += BlockHeap.CHUNK_BYTES)
        {
            heap.allocate(1 << 20);
            heap.allocate(1 << 20);
            heap.allocate(1 << 20);
        }
        assertEquals(reserved, heap.reservedBytes(), "seed " + seed);
        heap.close();
    }

    @Test
    void arenaRefusesWhenFullAndWarnsBefore()
    {
        try (IndexArena arena = new IndexArena(epochs, 8L << 20))
        {
            final KeyIndex index = new KeyIndex(arena, true);
            final UnsafeBuffer key = new UnsafeBuffer(new byte[4000]);
            assertThrows(IllegalStateException.class, () ->
            {
                for (int i = 0; i < 80_000; i++)
                {
                    key.putInt(0, i);
                    index.put(key, 0, 4000, 8, 0, 1, 1, 1, 64, 0, 0, -1);
                    arena.reclaim();
                }
            });
            assertTrue(arena.isNearlyFull());
        }
    }

    @Test
    void epochAndRevisionOfTheOldestPinAreTheMinimum()
    {
        final ReaderSlot first = epochs.newSlot();
        final ReaderSlot second = epochs.newSlot();
        assertEquals(EpochRegistry.IDLE, epochs.minEpoch());
        first.pin(10);
        epochs.advance();
        second.pin(5);
        assertEquals(1, epochs.minEpoch());
        assertEquals(5, epochs.minRevision());
        first.unpinEpoch();
        assertFalse(first.isPinned());
        assertEquals(2, epochs.minEpoch());
        second.unpin();
        assertEquals(10, epochs.minRevision());
        first.unpin();
        assertEquals(EpochRegistry.IDLE, epochs.minRevision());
    }

    @ParameterizedTest
    @EnumSource(KeyShapes.class)
    void loadedIndexEqualsTheOneItWasWalkedFrom(final KeyShapes shape)
    {
        final long seed = 31 + shape.ordinal();
        final SplittableRandom random = new SplittableRandom(seed);
        final TreeSet<byte[]> keys = new TreeSet<>(Arrays::compareUnsigned);
        final int count = shape == KeyShapes.MIXED_WITH_GIANTS ? 1500 : 9000;
        for (int i = 0; i < count; i++)
        {
            keys.add(shape.key(random));
        }
        final ReaderSlot slot = epochs.newSlot();
        try (IndexArena arena = new IndexArena(epochs, 256L << 20, true);
            IndexArena secondArena = new IndexArena(epochs, 256L << 20, true))
        {
            final KeyIndex original = new KeyIndex(arena, true);
            long number = 0;
            for (final byte[] key : keys)
            {
                number++;
                original.put(
                    new UnsafeBuffer(key), 0, key.length, number << 3, (int)number & 1, number, number + 1, number + 2,
                    (int)number << 3, (int)number & 63, number % 9 == 0 ? number : 0, number % 99 == 0 ? number : -1);
                arena.reclaim();
            }
            slot.pin(1);
            final KeyIndex loaded = new KeyIndex(secondArena, true);
            copyRows(original, loaded, slot);
            TreeChecker.check(loaded);
            assertEquals(original.size(), loaded.size());
            compareRows(original, loaded, slot);
            slot.unpin();
            for (int i = 0; i < 2000; i++)
            {
                final byte[] key = shape.key(random);
                loaded.put(new UnsafeBuffer(key), 0, key.length, 8, 0, 1, 1, 1, 64, 0, 0, -1);
                secondArena.reclaim();
            }
            TreeChecker.checkWithArena(loaded);
        }
    }

    @Test
    void loaderRefusesWhatIsNoLeafOrOutOfOrderAndAFilledIndex()
    {
        try (IndexArena arena = new IndexArena(epochs, 8L << 20))
        {
            final KeyIndex index = new KeyIndex(arena, false);
            final ReaderSlot slot = epochs.newSlot();
            final UnsafeBuffer key = new UnsafeBuffer(new byte[]{5, 4});
            index.put(key, 0, 2, 8, 0);
            index.put(key, 0, 1, 8, 0);
            assertThrows(IllegalStateException.class, index::newLoader);
            slot.pin(1);
            final LeafWalker walker = index.newLeafWalker(slot);
            walker.resume();
            assertTrue(walker.next());
            final UnsafeBuffer image = new UnsafeBuffer(new byte[walker.length()]);
            assertEquals(8, walker.copy(image, 0));
            assertFalse(walker.next());
            slot.unpin();
            final KeyIndex target = new KeyIndex(arena, false);
            assertFalse(target.newLoader().add(image, 0, image.capacity() - 1, 0));
            assertFalse(target.newLoader().add(image, 0, image.capacity(), 2));
            assertFalse(new KeyIndex(arena, true).newLoader().add(image, 0, image.capacity(), 0));
            final Loader loader = target.newLoader();
            assertTrue(loader.add(image, 0, image.capacity(), 1));
            assertTrue(loader.endsWith(key, 0, 2));
            assertFalse(loader.endsWith(key, 0, 1));
            assertFalse(loader.add(image, 0, image.capacity(), 0));
            target.put(key, 0, 1, 8, 0);
            assertThrows(IllegalStateException.class, loader::finish);
        }
    }

    @Test
    void leavesThatAreWalkedWhileRowsComeAndGoHoldEachRowThatStaysOnce()
    {
        for (int seed = 1; seed <= 30; seed++)
        {
            walkWhileWriting(seed);
        }
    }

    private void walkWhileWriting(final int seed)
    {
        final SplittableRandom random = new SplittableRandom(seed);
        final UnsafeBuffer image = new UnsafeBuffer(new byte[64 * 1024]);
        final ReaderSlot slot = epochs.newSlot();
        try (IndexArena arena = new IndexArena(epochs, 64L << 20, true);
            IndexArena other = new IndexArena(epochs, 64L << 20, true))
        {
            final KeyIndex index = new KeyIndex(arena, true);
            // keys that are multiples of 3 stay, others come and go
            final UnsafeBuffer key = new UnsafeBuffer(new byte[8]);
            for (int i = 0; i < 3000; i += 3)
            {
                putNumber(index, key, i, 8L * i + 8);
            }
            final LeafWalker walker = index.newLeafWalker(slot);
            final KeyIndex target = new KeyIndex(other, true);
            final Loader loader = target.newLoader();
            boolean isEnd = false;
            while (!isEnd)
            {
                slot.pin(1);
                walker.resume();
                for (int i = random.nextInt(3); i >= 0 && !isEnd; i--)
                {
                    isEnd = !walker.next();
                    if (!isEnd)
                    {
                        final int length = walker.length();
                        final int skip = walker.skip();
                        walker.copy(image, 0);
                        assertTrue(loader.add(image, 0, length, skip), () -> "seed " + seed);
                    }
                    change(index, random, key);
                }
                slot.unpin();
                for (int i = random.nextInt(40); i > 0; i--)
                {
                    change(index, random, key);
                    arena.reclaim();
                }
            }
            loader.finish();
            TreeChecker.check(target);
            for (int i = 0; i < 3000; i += 3)
            {
                key.putLong(0, i, java.nio.ByteOrder.BIG_ENDIAN);
                assertTrue(target.find(key, 0, 8), "seed " + seed + ", key " + i);
            }
        }
    }

    /** Long runs come and go, so that leaves split and merge. */
    private static void change(final KeyIndex index, final SplittableRandom random, final UnsafeBuffer key)
    {
        final int first = random.nextInt(3000);
        final boolean isPut = random.nextBoolean();
        for (int i = first; i < Math.min(3000, first + random.nextInt(60)); i++)
        {
            if (0 != i % 3)
            {
                key.putLong(0, i, java.nio.ByteOrder.BIG_ENDIAN);
                if (isPut)
                {
                    putNumber(index, key, i, 8L * i + 8);
                }
                else
                {
                    index.remove(key, 0, 8);
                }
            }
        }
    }

    private static void putNumber(final KeyIndex index, final UnsafeBuffer key, final long number, final long lp)
    {
        key.putLong(0, number, java.nio.ByteOrder.BIG_ENDIAN);
        index.put(key, 0, 8, lp, 0, 1, 1, 1, 64, 0, 0, -1);
    }

    @Test
    void purgeBatchSortsAndIsBounded()
    {
        final SplittableRandom random = new SplittableRandom(3);
        final PurgeBatch batch = new PurgeBatch(1000, 20_000);
        final UnsafeBuffer key = new UnsafeBuffer(new byte[20]);
        final TreeSet<Long> expected = new TreeSet<>();
        for (int i = 0; i < 1000; i++)
        {
            final long value = random.nextLong() >>> 1;
            key.putLong(0, value, java.nio.ByteOrder.BIG_ENDIAN);
            assertTrue(batch.offer(key, 0, 8, value));
            expected.add(value);
        }
        assertFalse(batch.offer(key, 0, 8, 1));
        assertFalse(batch.isSorted());
        batch.sort();
        for (final long value : expected)
        {
            assertEquals(value, batch.lp());
            batch.moveOn();
        }
        assertTrue(batch.isDone());
        batch.clear();
        assertTrue(batch.offer(key, 0, 20, 1));
        assertFalse(new PurgeBatch(10, 19).offer(key, 0, 20, 1));
    }

    private static void copyRows(final KeyIndex from, final KeyIndex to, final ReaderSlot slot)
    {
        final Loader loader = to.newLoader();
        final LeafWalker walker = from.newLeafWalker(slot);
        walker.resume();
        while (walker.next())
        {
            final UnsafeBuffer image = new UnsafeBuffer(new byte[walker.length()]);
            assertEquals(0, walker.skip());
            walker.copy(image, 0);
            assertTrue(loader.add(image, 0, image.capacity(), 0));
        }
        loader.finish();
    }

    private static void compareRows(final KeyIndex left, final KeyIndex right, final ReaderSlot slot)
    {
        final RowWalker one = left.newWalker(slot);
        final RowWalker other = right.newWalker(slot);
        one.seek(new UnsafeBuffer(0, 0), 0, 0);
        other.seek(new UnsafeBuffer(0, 0), 0, 0);
        while (one.next())
        {
            assertTrue(other.next());
            assertEquals(one.keyLength(), other.keyLength());
            assertTrue(Memory.compare(
                one.key().byteArray(), Memory.ARRAY_BASE, one.keyLength(),
                other.key().byteArray(), Memory.ARRAY_BASE, other.keyLength()) == 0);
            assertEquals(one.lp(), other.lp());
            assertEquals(one.flags(), other.flags());
            assertEquals(one.createRevision(), other.createRevision());
            assertEquals(one.modRevision(), other.modRevision());
            assertEquals(one.version(), other.version());
            assertEquals(one.frameLength(), other.frameLength());
            assertEquals(one.chainOrdinal(), other.chainOrdinal());
            assertEquals(one.lease(), other.lease());
            assertEquals(one.skipLp(), other.skipLp());
        }
        assertFalse(other.next());
    }

    private static void checkFill(final long[] block)
    {
        assertEquals((int)(block[0] >>> 6) & 0xFF, Memory.u8(block[0]));
        assertEquals((int)(block[0] >>> 6) & 0xFF, Memory.u8(block[0] + block[1] - 1));
        assertEquals((int)(block[0] >>> 6) & 0xFF, Memory.u8(block[0] + block[1] / 2));
    }
}
