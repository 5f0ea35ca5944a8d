package dev.quorate.core.watch;

import org.agrona.DirectBuffer;

/**
 * Finds the watchers that a key concerns. Owned by the watch thread.
 */
final class WatcherIndex
{
    private final KeyTable keys = new KeyTable();
    private final IntervalTree intervals = new IntervalTree();
    private final Matches matches = new Matches();
    private int size;

    /** Adds a watcher; the end follows etcd: none is the single key, the byte 0 is from the key on. */
    void add(
        final Watcher watcher,
        final DirectBuffer buffer,
        final int keyOffset,
        final int keyLength,
        final int endOffset,
        final int endLength)
    {
        if (0 == endLength)
        {
            keys.add(watcher, buffer, keyOffset, keyLength);
        }
        else
        {
            final boolean isEndless = 1 == endLength && 0 == buffer.getByte(endOffset);
            intervals.add(
                watcher,
                KeyBytes.copy(buffer, keyOffset, keyLength),
                isEndless ? null : KeyBytes.copy(buffer, endOffset, endLength));
        }
        size++;
    }

    /** Takes a watcher out; harmless if it is out already. */
    void remove(final Watcher watcher)
    {
        if (null != watcher.home)
        {
            if (watcher.home instanceof KeyTable.Entry)
            {
                keys.remove(watcher);
            }
            else
            {
                intervals.remove(watcher);
            }
            size--;
        }
    }

    /** The result is valid until the next call. */
    Matches match(final DirectBuffer key, final int offset, final int length)
    {
        matches.clear();
        final KeyTable.Entry entry = keys.find(key, offset, length);
        if (null != entry)
        {
            matches.addAll(entry);
        }
        intervals.match(key, offset, length, matches);
        return matches;
    }

    boolean isEmpty()
    {
        return 0 == size;
    }
}
