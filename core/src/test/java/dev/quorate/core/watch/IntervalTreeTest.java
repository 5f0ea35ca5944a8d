package dev.quorate.core.watch;

import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Random;
import java.util.Set;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * The tree against a list of intervals.
 */
final class IntervalTreeTest
{
    private record Interval(byte[] begin, byte[] end, Watcher watcher)
    {
        boolean holds(final byte[] key)
        {
            return Arrays.compareUnsigned(begin, key) <= 0 &&
                (null == end || Arrays.compareUnsigned(key, end) < 0);
        }
    }

    @Test
    void findsWhatAListFinds()
    {
        for (int seed = 1; seed <= 60; seed++)
        {
            run(new Random(seed), seed);
        }
    }

    @Test
    void staysShallowWhenIntervalsComeInOrder()
    {
        final IntervalTree tree = new IntervalTree();
        final List<Watcher> watchers = new ArrayList<>();
        for (int i = 0; i < 4096; i++)
        {
            final Watcher watcher = watcher(i);
            watchers.add(watcher);
            tree.add(watcher, new UnsafeBuffer(new byte[]{(byte)(i >> 8), (byte)i}), null);
        }
        assertTrue(tree.root().height <= 17, "height " + tree.root().height);
        for (int i = 0; i < 4000; i++)
        {
            tree.remove(watchers.get(i));
        }
        assertEquals(96, tree.size());
        assertTrue(tree.root().height <= 9, "height " + tree.root().height);
    }

    private static void run(final Random random, final int seed)
    {
        final IntervalTree tree = new IntervalTree();
        final List<Interval> list = new ArrayList<>();
        final Matches matches = new Matches();
        for (int step = 0; step < 600; step++)
        {
            if (list.isEmpty() || random.nextInt(5) < 3)
            {
                final byte[] begin = key(random);
                final byte[] end = 0 == random.nextInt(6) ? null : key(random);
                if (null == end || Arrays.compareUnsigned(begin, end) < 0)
                {
                    final Interval interval = new Interval(begin, end, watcher(step));
                    list.add(interval);
                    tree.add(
                        interval.watcher, new UnsafeBuffer(begin), null == end ? null : new UnsafeBuffer(end));
                }
            }
            else
            {
                tree.remove(list.remove(random.nextInt(list.size())).watcher);
            }
            check(tree, list, matches, key(random), "seed " + seed + " step " + step);
        }
        checkShape(tree.root());
    }

    private static void check(
        final IntervalTree tree,
        final List<Interval> list,
        final Matches matches,
        final byte[] key,
        final String where)
    {
        final Set<Watcher> expected = Collections.newSetFromMap(new IdentityHashMap<>());
        for (final Interval interval : list)
        {
            if (interval.holds(key))
            {
                expected.add(interval.watcher);
            }
        }
        matches.clear();
        final UnsafeBuffer shifted = new UnsafeBuffer(new byte[key.length + 3]);
        shifted.putBytes(3, key);
        tree.match(shifted, 3, key.length, matches);
        assertEquals(expected.size(), matches.count(), where);
        for (int i = 0; i < matches.count(); i++)
        {
            assertTrue(expected.remove(matches.get(i)), where);
        }
    }

    private static int checkShape(final IntervalTree.Node node)
    {
        if (null == node)
        {
            return 0;
        }
        final int left = checkShape(node.left);
        final int right = checkShape(node.right);
        assertTrue(Math.abs(left - right) <= 1, "unbalanced: " + left + " and " + right);
        assertEquals(1 + Math.max(left, right), node.height);
        return node.height;
    }

    /** Lengths around the eight bytes that are compared at once, bytes with and without the upper bit. */
    private static byte[] key(final Random random)
    {
        final byte[] key = new byte[1 + random.nextInt(11)];
        for (int i = 0; i < key.length; i++)
        {
            key[i] = (byte)(i < 7 && random.nextInt(8) > 0 ? 'a' : random.nextInt(3) * 100);
        }
        return key;
    }

    private static Watcher watcher(final long id)
    {
        return new Watcher(new StreamState(null, 1), id, 0, 0, 1);
    }
}
