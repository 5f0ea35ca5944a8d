package dev.quorate.core.store;

import dev.quorate.core.store.index.EpochRegistry;

import java.lang.invoke.VarHandle;
import java.util.ArrayDeque;
import java.util.ArrayList;

/**
 * What readers may still stand on: replaced files and written-out tail buffers. They go once every reader's epoch is
 * newer than the replacement. Owned by housekeeping.
 */
final class Retirement
{
    private record Entry(long epoch, StoreFile file, Segment tail)
    {
    }

    private final ArrayDeque<Entry> entries = new ArrayDeque<>();
    private final ArrayList<StoreFile> held = new ArrayList<>();
    private final EpochRegistry epochs;
    private final Published published;
    private final FileTable files;
    private long requestedFor = -1;

    Retirement(final EpochRegistry epochs, final Published published, final FileTable files)
    {
        this.epochs = epochs;
        this.published = published;
        this.files = files;
    }

    void retireFile(final StoreFile file)
    {
        add(file, null);
    }

    void retireTail(final Segment tail)
    {
        add(null, tail);
    }

    /** True if a snapshot on its way to a peer needs a file that was replaced. */
    boolean isHeld()
    {
        for (final Entry entry : entries)
        {
            if (null != entry.file && entry.file.holds > 0)
            {
                return true;
            }
        }
        return !held.isEmpty();
    }

    boolean isEmpty()
    {
        return entries.isEmpty();
    }

    int doWork()
    {
        for (int i = held.size() - 1; i >= 0; i--)
        {
            if (0 == held.get(i).holds)
            {
                delete(held.remove(i));
            }
        }
        if (entries.isEmpty())
        {
            return 0;
        }
        final long newest = entries.peekLast().epoch;
        if (epochs.epoch() == newest && requestedFor != newest)
        {
            requestedFor = newest;
            published.epochRequests.getAndIncrement();
        }
        final long epoch = epochs.epoch();
        final long minEpoch = Math.min(epoch, epochs.minEpoch());
        int work = 0;
        while (!entries.isEmpty() && entries.peekFirst().epoch < minEpoch)
        {
            free(entries.pollFirst());
            work++;
        }
        return work;
    }

    /** Lets go of everything and removes the files; nobody reads any more. */
    void deleteAll()
    {
        for (final Entry entry : entries)
        {
            if (null != entry.file)
            {
                delete(entry.file);
            }
        }
        entries.clear();
    }

    /** Lets go of everything; nobody reads any more. Files that stay are removed by the next start. */
    void close()
    {
        for (final Entry entry : entries)
        {
            if (null != entry.file)
            {
                entry.file.file.unmap(entry.file.mapped);
                entry.file.file.close();
            }
        }
        entries.clear();
        for (int i = 0; i < held.size(); i++)
        {
            held.get(i).file.unmap(held.get(i).mapped);
            held.get(i).file.close();
        }
        held.clear();
    }

    private void add(final StoreFile file, final Segment tail)
    {
        // the replacement was published before; a reader that shows a later epoch has seen it, pairs with
        // ReaderSlot.pin
        VarHandle.fullFence();
        entries.addLast(new Entry(epochs.epoch(), file, tail));
    }

    private void free(final Entry entry)
    {
        if (null != entry.tail)
        {
            entry.tail.release();
            return;
        }
        if (entry.file.holds > 0)
        {
            held.add(entry.file);
            return;
        }
        delete(entry.file);
    }

    private void delete(final StoreFile file)
    {
        file.file.unmap(file.mapped);
        file.file.close();
        files.disk.delete(files.path(file));
    }
}
