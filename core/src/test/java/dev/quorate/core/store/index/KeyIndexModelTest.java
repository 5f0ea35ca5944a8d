package dev.quorate.core.store.index;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class KeyIndexModelTest
{
    private static final byte[] NO_END = {0};

    private final EpochRegistry epochs = new EpochRegistry();
    private final ReaderSlot slot = epochs.newSlot();
    private final IndexArena arena = new IndexArena(epochs, 256L << 20, true);
    private final UnsafeBuffer buffer = new UnsafeBuffer(0, 0);
    private final UnsafeBuffer endBuffer = new UnsafeBuffer(0, 0);
    private final TreeMap<byte[], long[]> model = new TreeMap<>(Arrays::compareUnsigned);

    @AfterEach
    void closeArena()
    {
        arena.close();
    }

    @ParameterizedTest
    @EnumSource(KeyShapes.class)
    void holdsWhatTheModelHoldsThroughRandomPutsDeletesAndPurges(final KeyShapes shape)
    {
        final long seed = 4711 + shape.ordinal();
        final SplittableRandom random = new SplittableRandom(seed);
        final KeyIndex index = new KeyIndex(arena, true);
        try
        {
            final int rounds = shape == KeyShapes.MIXED_WITH_GIANTS || shape == KeyShapes.LONG_PREFIX ? 8 : 12;
            for (int round = 0; round < rounds; round++)
            {
                final int deletesOfTen = round < rounds / 2 ? 2 : 7;
                change(index, shape, random, 900, deletesOfTen);
                if (round % 2 == 1)
                {
                    purgeTombstones(index, random);
                }
                arena.reclaim();
                TreeChecker.checkWithArena(index);
                compareAll(index);
                compareRanges(index, shape, random);
            }
            deleteEverything(index, random);
            assertEquals(0, TreeChecker.checkWithArena(index).depth());
        }
        catch (final AssertionError | RuntimeException ex)
        {
            throw new AssertionError("seed " + seed, ex);
        }
    }

    @ParameterizedTest
    @EnumSource(KeyShapes.class)
    void withoutColumnsHoldsWhatTheModelHoldsThroughRandomPutsAndRemoves(final KeyShapes shape)
    {
        final long seed = 815 + shape.ordinal();
        final SplittableRandom random = new SplittableRandom(seed);
        final KeyIndex index = new KeyIndex(arena, false);
        for (int i = 0; i < 4500; i++)
        {
            final byte[] key = shape.key(random);
            buffer.wrap(key);
            if (random.nextInt(5) < (i < 2500 ? 3 : 1))
            {
                final long lp = (long)random.nextInt() << 3 & Long.MAX_VALUE >>> 8;
                index.put(buffer, 0, key.length, lp, 0);
                model.put(key, new long[]{lp});
            }
            else
            {
                assertEquals(model.remove(key) != null, index.remove(buffer, 0, key.length), "seed " + seed);
            }
            if (i % 900 == 0)
            {
                arena.reclaim();
                TreeChecker.checkWithArena(index);
            }
        }
        final IndexCursor cursor = index.newCursor();
        cursor.seek(buffer, 0, 0);
        for (final Map.Entry<byte[], long[]> entry : model.entrySet())
        {
            assertTrue(cursor.next(), "seed " + seed);
            assertArrayEquals(entry.getKey(), keyOf(cursor));
            assertEquals(entry.getValue()[0], cursor.lp());
        }
        assertFalse(cursor.next());
    }

    @Test
    void keyOfOneAndAHalfMebibytesAndTheEmptyKeyLiveAmongShortOnes()
    {
        final KeyIndex index = new KeyIndex(arena, true);
        final byte[] giant = new byte[3 << 19];
        final byte[] giantTwin = giant.clone();
        giantTwin[giant.length - 1] = 1;
        for (int i = 0; i < 200; i++)
        {
            put(index, new byte[]{0, (byte)i}, i);
            put(index, new byte[i], 1000 + i);
        }
        put(index, giant, 5);
        put(index, giantTwin, 6);
        compareAll(index);
        TreeChecker.checkWithArena(index);
        for (int i = 0; i < 150; i++)
        {
            put(index, Arrays.copyOf(giant, 100_000 + i), i);
            arena.reclaim();
        }
        compareAll(index);
        TreeChecker.checkWithArena(index);
    }

    @Test
    void ascendingInsertsFillLeavesToNineTenths()
    {
        final KeyIndex index = new KeyIndex(arena, true);
        for (int i = 0; i < 20_000; i++)
        {
            put(index, new byte[]{(byte)(i >>> 16), (byte)(i >>> 8), (byte)i}, i);
        }
        assertTrue(TreeChecker.check(index).leaves() < 20_000 / 55);
        compareAll(index);
    }

    @Test
    void putAfterFindOfAnotherKeyIsNotMisplaced()
    {
        final KeyIndex index = new KeyIndex(arena, true);
        put(index, new byte[]{1}, 1);
        buffer.wrap(new byte[]{2});
        assertFalse(index.find(buffer, 0, 1));
        put(index, new byte[]{3}, 3);
        buffer.wrap(new byte[]{3});
        assertTrue(index.find(buffer, 0, 1));
        put(index, new byte[]{4}, 4);
        buffer.wrap(new byte[]{1});
        assertTrue(index.find(buffer, 0, 1));
        put(index, new byte[]{3}, 33);
        compareAll(index);
    }

    @Test
    void refusesValuesThatAnEntryCannotHold()
    {
        final KeyIndex index = new KeyIndex(arena, true);
        buffer.wrap(new byte[]{1});
        assertThrows(IllegalStateException.class, () -> index.put(buffer, 0, 1, 9, 0, 1, 1, 1, 64, 0, 0, -1));
        assertThrows(IllegalStateException.class, () -> index.put(buffer, 0, 1, 8, 0, 1, 1, 1L << 36, 64, 0, 0, -1));
        assertThrows(IllegalStateException.class, () -> index.put(buffer, 0, 1, 8, 0, 1, 1, 1, 1 << 25, 0, 0, -1));
        assertThrows(IllegalStateException.class, () -> index.put(buffer, 0, 1, 8, 0, 1, 1, 1, 64, 64, 0, -1));
        index.put(buffer, 0, 1, (1L << 59) - 8, 7, 1, 1, (1L << 36) - 1, (1 << 25) - 8, 63, 0, -1);
        assertTrue(index.find(buffer, 0, 1));
        assertEquals((1L << 59) - 8, index.lp());
        assertEquals((1L << 36) - 1, index.version());
        assertEquals((1 << 25) - 8, index.frameLength());
        assertEquals(63, index.chainOrdinal());
    }

    @Test
    void gettersRefuseWithoutAFoundEntry()
    {
        final KeyIndex index = new KeyIndex(arena, true);
        assertThrows(IllegalStateException.class, index::lp);
        buffer.wrap(new byte[]{1});
        assertFalse(index.find(buffer, 0, 1));
        assertThrows(IllegalStateException.class, index::modRevision);
    }

    @Test
    void cursorRefusesWithoutAPin()
    {
        final KeyIndex index = new KeyIndex(arena, true);
        final IndexCursor cursor = index.newCursor(slot);
        buffer.wrap(new byte[]{1});
        assertThrows(IllegalStateException.class, () -> cursor.get(buffer, 0, 1));
        slot.pin(1);
        assertFalse(cursor.get(buffer, 0, 1));
        slot.unpin();
        assertThrows(IllegalStateException.class, () -> cursor.seek(buffer, 0, 1));
    }

    private void change(
        final KeyIndex index, final KeyShapes shape, final SplittableRandom random, final int times, final int deletes)
    {
        for (int i = 0; i < times; i++)
        {
            final byte[] key = shape.key(random);
            final boolean tombstone = random.nextInt(10) < deletes;
            if (tombstone && !model.containsKey(key))
            {
                continue;
            }
            final long number = random.nextInt(1 << 25);
            final long lease = random.nextInt(50) == 0 ? number : 0;
            final long skip = random.nextInt(50) == 0 ? number << 3 : KeyIndex.NO_SKIP;
            if (random.nextBoolean())
            {
                buffer.wrap(key);
                assertEquals(model.containsKey(key), index.find(buffer, 0, key.length));
            }
            put(index, key, number, tombstone ? KeyIndex.FLAG_TOMBSTONE : 0, lease, skip);
        }
    }

    private void purgeTombstones(final KeyIndex index, final SplittableRandom random)
    {
        final PurgeBatch batch = new PurgeBatch(1 << 14, 64 << 20);
        int expected = 0;
        final var iterator = model.entrySet().iterator();
        while (iterator.hasNext())
        {
            final Map.Entry<byte[], long[]> entry = iterator.next();
            final boolean tombstone = entry.getValue()[1] != 0;
            final boolean stale = random.nextInt(4) == 0;
            final long lp = entry.getValue()[0] + (stale ? 8 : 0);
            buffer.wrap(entry.getKey());
            assertTrue(batch.offer(buffer, 0, entry.getKey().length, lp));
            if (tombstone && !stale)
            {
                expected++;
                iterator.remove();
            }
        }
        batch.sort();
        int removed = 0;
        while (!batch.isDone())
        {
            removed += index.purge(batch, 1 + random.nextInt(500));
        }
        assertEquals(expected, removed);
    }

    private void deleteEverything(final KeyIndex index, final SplittableRandom random)
    {
        while (!model.isEmpty())
        {
            final byte[] somewhere = new byte[random.nextInt(30)];
            random.nextBytes(somewhere);
            final byte[] higher = model.higherKey(somewhere);
            final byte[] key = higher != null ? higher : model.firstKey();
            buffer.wrap(key);
            assertTrue(index.remove(buffer, 0, key.length));
            model.remove(key);
            if (model.size() % 1024 == 0)
            {
                arena.reclaim();
                TreeChecker.checkWithArena(index);
                compareAll(index);
            }
        }
    }

    private void put(final KeyIndex index, final byte[] key, final long number)
    {
        put(index, key, number, 0, 0, KeyIndex.NO_SKIP);
    }

    private void put(
        final KeyIndex index, final byte[] key, final long number, final int flags, final long lease, final long skip)
    {
        final UnsafeBuffer own = new UnsafeBuffer(key);
        index.put(
            own, 0, key.length, number << 3, flags, number + 1, number + 2, number + 3, (int)number & 0xFFF8,
            (int)number & 63, lease, skip);
        model.put(key, new long[]{number << 3, flags, lease, skip});
    }

    private void compareAll(final KeyIndex index)
    {
        assertEquals(model.size(), index.size());
        slot.pin(1);
        final RowWalker walker = index.newWalker(slot);
        walker.seek(buffer, 0, 0);
        for (final Map.Entry<byte[], long[]> entry : model.entrySet())
        {
            assertTrue(walker.next());
            final long[] values = entry.getValue();
            final long number = values[0] >>> 3;
            final byte[] key = new byte[walker.keyLength()];
            walker.key().getBytes(0, key);
            assertArrayEquals(entry.getKey(), key);
            assertEquals(values[0], walker.lp());
            assertEquals(values[1], walker.flags());
            assertEquals(number + 1, walker.createRevision());
            assertEquals(number + 2, walker.modRevision());
            assertEquals(number + 3, walker.version());
            assertEquals(number & 0xFFF8, walker.frameLength());
            assertEquals(number & 63, walker.chainOrdinal());
            assertEquals(values[2], walker.lease());
            assertEquals(values[3], walker.skipLp());
        }
        assertFalse(walker.next());
        slot.unpin();
    }

    private void compareRanges(final KeyIndex index, final KeyShapes shape, final SplittableRandom random)
    {
        slot.pin(1);
        final IndexCursor cursor = index.newCursor(slot);
        for (int i = 0; i < 60; i++)
        {
            final byte[] from = shape.key(random);
            final byte[] end = i % 8 == 0 ? NO_END : shape.key(random);
            buffer.wrap(from);
            endBuffer.wrap(end);
            cursor.seek(buffer, 0, from.length, endBuffer, 0, end.length);
            final Map<byte[], long[]> expected;
            if (end.length == 0)
            {
                expected = model.subMap(from, true, from, true);
            }
            else if (end.length == 1 && end[0] == 0)
            {
                expected = model.tailMap(from, true);
            }
            else
            {
                expected = Arrays.compareUnsigned(from, end) >= 0 ? Map.of() : model.subMap(from, true, end, false);
            }
            for (final byte[] key : expected.keySet())
            {
                assertTrue(cursor.next());
                assertArrayEquals(key, keyOf(cursor));
            }
            assertFalse(cursor.next());
            assertFalse(cursor.next());
            assertEquals(model.containsKey(from), cursor.get(buffer, 0, from.length));
        }
        slot.unpin();
    }

    private static byte[] keyOf(final IndexCursor cursor)
    {
        final byte[] key = new byte[cursor.keyLength()];
        cursor.key().getBytes(0, key);

        return key;
    }
}
