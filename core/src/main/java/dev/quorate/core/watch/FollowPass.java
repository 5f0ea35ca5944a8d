package dev.quorate.core.watch;

import dev.quorate.core.store.RecordView;
import dev.quorate.core.store.RevisionIterator;
import dev.quorate.core.store.Store;
import dev.quorate.core.store.StoreReader;

import java.util.ArrayList;

/**
 * Reads each new record once and hands it to the watchers in step. Its pin never lets go of the revision it has
 * reached, so no compaction can take what it has not read.
 * <p>
 * Owner: the watch thread.
 */
final class FollowPass
{
    private final Registry registry;
    private final Delivery delivery;
    private final int recordsPerTurn;
    private final RecordView record = new RecordView();
    private final ArrayList<Watcher> touched = new ArrayList<>();
    private Store store;
    private StoreReader reader;
    private RevisionIterator iterator;
    private boolean isRunning;
    private boolean isCaughtUp;
    private long followedRevision;
    private long revision;
    private long targetRevision;

    FollowPass(final Registry registry, final Delivery delivery, final int recordsPerTurn)
    {
        this.registry = registry;
        this.delivery = delivery;
        this.recordsPerTurn = recordsPerTurn;
    }

    /** Begins at the newest visible revision of a store. */
    void open(final Store newStore)
    {
        if (store != newStore)
        {
            store = newStore;
            reader = newStore.newReader();
        }
        followedRevision = reader.pinLatest();
        reader.rest();
        isCaughtUp = true;
    }

    void close()
    {
        for (int i = 0; i < touched.size(); i++)
        {
            touched.get(i).isTouched = false;
        }
        touched.clear();
        reader.unpin();
        isRunning = false;
    }

    int doWork()
    {
        if (!isRunning && !begin())
        {
            return 0;
        }
        int count = 0;
        while (isRunning && count < recordsPerTurn)
        {
            if (iterator.next())
            {
                count++;
                iterator.record(record);
                onRecord();
            }
            else
            {
                endRevision();
                followedRevision = targetRevision;
                isRunning = false;
                reader.follow(followedRevision);
            }
        }
        reader.rest();
        isCaughtUp = !isRunning && followedRevision == store.visibleRevision();
        return count + 1;
    }

    /** True between two turns that belong to one pass: some watchers may have a part of a revision. */
    boolean isRunning()
    {
        return isRunning;
    }

    /** True if the last turn left no visible revision unread. */
    boolean isCaughtUp()
    {
        return isCaughtUp;
    }

    /** Up to here every watcher in step has been sent everything. */
    long followedRevision()
    {
        return followedRevision;
    }

    private boolean begin()
    {
        final long visible = reader.visibleRevision();
        isCaughtUp = visible == followedRevision;
        if (isCaughtUp)
        {
            return false;
        }
        if (registry.index.isEmpty())
        {
            followedRevision = visible;
            reader.follow(visible);
            reader.rest();
            isCaughtUp = true;
            return false;
        }
        targetRevision = reader.follow(followedRevision);
        iterator = reader.revisions(followedRevision + 1);
        revision = followedRevision;
        isRunning = true;
        return true;
    }

    private void onRecord()
    {
        if (record.mainRevision() != revision)
        {
            endRevision();
            revision = record.mainRevision();
        }
        final Matches matches = registry.match(record);
        final boolean isTombstone = record.isTombstone();
        for (int i = 0; i < matches.count(); i++)
        {
            final Watcher watcher = matches.get(i);
            if (watcher.isSynced() && watcher.wants(revision, record.subRevision()) &&
                !Registry.isFiltered(watcher, isTombstone) && delivery.add(watcher, record, revision) &&
                !watcher.isTouched)
            {
                watcher.isTouched = true;
                touched.add(watcher);
            }
        }
    }

    private void endRevision()
    {
        for (int i = 0; i < touched.size(); i++)
        {
            final Watcher watcher = touched.get(i);
            watcher.isTouched = false;
            if (watcher.isSynced())
            {
                delivery.finish(watcher, revision);
            }
        }
        touched.clear();
        followedRevision = revision;
    }
}
