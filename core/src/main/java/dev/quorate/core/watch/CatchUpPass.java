package dev.quorate.core.watch;

import dev.quorate.core.store.RecordView;
import dev.quorate.core.store.RevisionIterator;
import dev.quorate.core.store.Store;
import dev.quorate.core.store.StoreReader;

import java.util.ArrayList;
import java.util.Arrays;

/**
 * Reads the store from the lowest cursor on, once for all watchers that lag and can be sent something, slice by slice,
 * until it has reached those in step or has read enough to look who lags by now.
 * <p>
 * Owner: the watch thread.
 */
final class CatchUpPass
{
    private static final int MAX_WATCHERS = 512;
    private static final int MAX_RECORDS = 64 * 1024;

    private final Registry registry;
    private final Delivery delivery;
    private final int recordsPerTurn;
    private final RecordView record = new RecordView();
    private final Watcher[] watchers = new Watcher[MAX_WATCHERS];
    private Store openedStore;
    private StoreReader reader;
    private RevisionIterator iterator;
    private int watcherCount;
    private int inPassCount;
    private boolean isRunning;
    private int recordCount;
    private long revision;
    private long targetRevision;

    CatchUpPass(final Registry registry, final Delivery delivery, final int recordsPerTurn)
    {
        this.registry = registry;
        this.delivery = delivery;
        this.recordsPerTurn = recordsPerTurn;
    }

    void open(final Store store)
    {
        if (openedStore != store)
        {
            openedStore = store;
            reader = store.newReader();
        }
    }

    void close()
    {
        for (int i = 0; i < watcherCount; i++)
        {
            watchers[i].isInPass = false;
        }
        leave();
    }

    /** One slice; only between two passes of those in step. */
    int doWork(final long followedRevision)
    {
        if (isRunning)
        {
            reader.yieldEpoch();
        }
        else if (registry.laggingCount == 0 || !begin(followedRevision))
        {
            return 0;
        }
        for (int i = 0; i < recordsPerTurn; i++)
        {
            if (!iterator.next())
            {
                end(targetRevision, followedRevision);
                return 1;
            }
            iterator.record(record);
            if (record.mainRevision() != revision)
            {
                if (record.mainRevision() > targetRevision || recordCount >= MAX_RECORDS || 0 == inPassCount)
                {
                    end(Math.min(record.mainRevision() - 1, targetRevision), followedRevision);
                    return 1;
                }
                revision = record.mainRevision();
            }
            onRecord();
        }
        reader.rest();
        return 1;
    }

    private boolean begin(final long followedRevision)
    {
        final long lowest = choose();
        if (0 == watcherCount)
        {
            return false;
        }
        final int result = reader.pinAt(lowest);
        if (StoreReader.COMPACTED == result)
        {
            // found by the registry in the next turn, which ends those below
            close();
            return false;
        }
        if (StoreReader.OK != result || lowest > followedRevision)
        {
            throw new IllegalStateException("a watcher lags at revision " + lowest + " of " + followedRevision);
        }
        targetRevision = followedRevision;
        iterator = reader.revisions(lowest);
        inPassCount = watcherCount;
        recordCount = 0;
        revision = lowest - 1;
        isRunning = true;
        return true;
    }

    /** Chooses who takes part and forgets streams that cannot be sent anything. */
    private long choose()
    {
        long lowest = Long.MAX_VALUE;
        for (final LoopPort port : registry.ports)
        {
            if (port.hasRoom())
            {
                lowest = Math.min(lowest, choose(port.ready));
            }
        }
        return lowest;
    }

    private long choose(final ArrayList<StreamState> ready)
    {
        long lowest = Long.MAX_VALUE;
        int kept = 0;
        for (int i = 0; i < ready.size(); i++)
        {
            final StreamState stream = ready.get(i);
            if (stream.isClosed || null == stream.firstLagging || null == stream.open && !stream.hasCredit())
            {
                stream.isReady = false;
                continue;
            }
            ready.set(kept++, stream);
            if (null == stream.open)
            {
                Watcher watcher = stream.firstLagging;
                while (null != watcher && watcherCount < MAX_WATCHERS)
                {
                    lowest = Math.min(lowest, choose(watcher));
                    watcher = watcher.nextLagging;
                }
            }
            else if (stream.open.isLagging() && watcherCount < MAX_WATCHERS)
            {
                lowest = Math.min(lowest, choose(stream.open));
            }
        }
        for (int i = ready.size() - 1; i >= kept; i--)
        {
            ready.remove(i);
        }
        return lowest;
    }

    private long choose(final Watcher watcher)
    {
        watcher.isInPass = true;
        watchers[watcherCount++] = watcher;
        return watcher.cursor;
    }

    private void onRecord()
    {
        recordCount++;
        final Matches matches = registry.match(record);
        final boolean isTombstone = record.isTombstone();
        for (int i = 0; i < matches.count(); i++)
        {
            final Watcher watcher = matches.get(i);
            if (watcher.isInPass && watcher.wants(revision, record.subRevision()) &&
                !Registry.isFiltered(watcher, isTombstone) && !delivery.add(watcher, record, targetRevision))
            {
                inPassCount--;
            }
        }
    }

    private void end(final long readRevision, final long followedRevision)
    {
        for (int i = 0; i < watcherCount; i++)
        {
            final Watcher watcher = watchers[i];
            if (watcher.isInPass)
            {
                watcher.isInPass = false;
                end(watcher, readRevision, followedRevision);
            }
        }
        leave();
    }

    private void end(final Watcher watcher, final long readRevision, final long followedRevision)
    {
        final boolean isSendDue =
            watcher.stagedCount > 0 || watcher.isOpen() && watcher.cursor <= readRevision;
        if (isSendDue && !delivery.finish(watcher, targetRevision))
        {
            return;
        }
        if (watcher.cursor <= readRevision)
        {
            watcher.cursor(readRevision + 1);
        }
        if (watcher.cursor > followedRevision)
        {
            registry.sync(watcher);
        }
    }

    private void leave()
    {
        Arrays.fill(watchers, 0, watcherCount, null);
        watcherCount = 0;
        reader.unpin();
        isRunning = false;
    }
}
