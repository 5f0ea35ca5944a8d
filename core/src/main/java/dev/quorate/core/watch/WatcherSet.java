package dev.quorate.core.watch;

import java.util.Arrays;

/**
 * Watchers of the same key or interval, in no particular but in a reproducible order.
 */
class WatcherSet
{
    private Watcher[] watchers = new Watcher[1];
    private int count;

    final void add(final Watcher watcher)
    {
        if (count == watchers.length)
        {
            watchers = Arrays.copyOf(watchers, count * 2);
        }
        watcher.home = this;
        watcher.homeSlot = count;
        watchers[count++] = watcher;
    }

    final void remove(final Watcher watcher)
    {
        if (watcher.home != this || watchers[watcher.homeSlot] != watcher)
        {
            throw new IllegalStateException(watcher + " is not indexed where it says");
        }
        final Watcher last = watchers[--count];
        watchers[watcher.homeSlot] = last;
        last.homeSlot = watcher.homeSlot;
        watchers[count] = null;
        watcher.home = null;
    }

    final boolean isEmpty()
    {
        return 0 == count;
    }

    final int count()
    {
        return count;
    }

    final Watcher get(final int slot)
    {
        return watchers[slot];
    }
}
