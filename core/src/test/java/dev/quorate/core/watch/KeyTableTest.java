package dev.quorate.core.watch;

import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

/**
 * The table of single keys against a map.
 */
final class KeyTableTest
{
    @Test
    void holdsTheWatchersThatAMapHolds()
    {
        final Random random = new Random(7);
        final KeyTable table = new KeyTable();
        final Map<Integer, List<Watcher>> map = new HashMap<>();
        final UnsafeBuffer buffer = new UnsafeBuffer(new byte[32]);
        for (int step = 0; step < 20_000; step++)
        {
            final int number = random.nextInt(500);
            final int length = write(buffer, number);
            final List<Watcher> watchers = map.computeIfAbsent(number, n -> new ArrayList<>());
            if (step < 6000 || random.nextInt(3) == 0)
            {
                final Watcher watcher = new Watcher(new StreamState(null, 1), step, 0, 0, 1);
                table.add(watcher, buffer, 2, length);
                watchers.add(watcher);
            }
            else if (!watchers.isEmpty())
            {
                table.remove(watchers.remove(random.nextInt(watchers.size())));
            }
            final KeyTable.Entry entry = table.find(buffer, 2, length);
            if (watchers.isEmpty())
            {
                assertNull(entry, "step " + step);
                map.remove(number);
            }
            else
            {
                assertEquals(watchers.size(), entry.count(), "step " + step);
            }
            assertEquals(map.size(), table.size(), "step " + step);
        }
    }

    /** Keys that are prefixes of each other, longer and shorter than eight bytes. */
    private static int write(final UnsafeBuffer buffer, final int number)
    {
        buffer.setMemory(0, 32, (byte)'x');
        buffer.putInt(2, number / 20);
        return 4 + number % 20;
    }
}
