package dev.quorate.core.watch;

import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Hash table from single keys to their watchers. Looking up allocates nothing. Owned by the watch thread.
 */
final class KeyTable
{
    private static final int MIN_LENGTH = 64;

    /**
     * The watchers of one key.
     */
    static final class Entry extends WatcherSet
    {
        final UnsafeBuffer key;
        final int hash;
        Entry next;

        Entry(final UnsafeBuffer key, final int hash)
        {
            this.key = key;
            this.hash = hash;
        }
    }

    private Entry[] entries = new Entry[MIN_LENGTH];
    private int size;

    Entry find(final DirectBuffer key, final int offset, final int length)
    {
        return find(KeyBytes.hash(key, offset, length), key, offset, length);
    }

    void add(final Watcher watcher, final DirectBuffer key, final int offset, final int length)
    {
        final int hash = KeyBytes.hash(key, offset, length);
        Entry entry = find(hash, key, offset, length);
        if (null == entry)
        {
            if (size >= entries.length)
            {
                grow();
            }
            entry = new Entry(KeyBytes.copy(key, offset, length), hash);
            link(entry);
            size++;
        }
        entry.add(watcher);
    }

    void remove(final Watcher watcher)
    {
        final Entry entry = (Entry)watcher.home;
        entry.remove(watcher);
        if (entry.isEmpty())
        {
            unlink(entry);
            size--;
        }
    }

    int size()
    {
        return size;
    }

    private Entry find(final int hash, final DirectBuffer key, final int offset, final int length)
    {
        Entry entry = entries[hash & (entries.length - 1)];
        while (null != entry &&
            (entry.hash != hash || 0 != KeyBytes.compare(entry.key, key, offset, length)))
        {
            entry = entry.next;
        }
        return entry;
    }

    private void link(final Entry entry)
    {
        final int slot = entry.hash & (entries.length - 1);
        entry.next = entries[slot];
        entries[slot] = entry;
    }

    private void unlink(final Entry entry)
    {
        final int slot = entry.hash & (entries.length - 1);
        if (entries[slot] == entry)
        {
            entries[slot] = entry.next;
            return;
        }
        Entry before = entries[slot];
        while (before.next != entry)
        {
            before = before.next;
        }
        before.next = entry.next;
    }

    private void grow()
    {
        final Entry[] old = entries;
        entries = new Entry[old.length * 2];
        for (final Entry first : old)
        {
            Entry entry = first;
            while (null != entry)
            {
                final Entry following = entry.next;
                link(entry);
                entry = following;
            }
        }
    }
}
