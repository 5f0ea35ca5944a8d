package dev.quorate.core.watch;

import java.util.Arrays;

/**
 * The watchers that one key concerns; used again for the next key.
 */
final class Matches
{
    private Watcher[] watchers = new Watcher[64];
    private int count;

    void clear()
    {
        count = 0;
    }

    void addAll(final WatcherSet set)
    {
        final int added = set.count();
        if (count + added > watchers.length)
        {
            watchers = Arrays.copyOf(watchers, Math.max(count + added, 2 * watchers.length));
        }
        for (int i = 0; i < added; i++)
        {
            watchers[count++] = set.get(i);
        }
    }

    int count()
    {
        return count;
    }

    Watcher get(final int i)
    {
        return watchers[i];
    }
}
