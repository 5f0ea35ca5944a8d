package dev.quorate.core.machine;

import dev.quorate.core.store.Store;
import dev.quorate.core.store.StoreReader;
import org.agrona.collections.LongArrayList;

/**
 * Where the stream ended after an older revision, for ranges of a transaction that name one. The store tells it of
 * published revisions; those applied since are noted here.
 */
final class RevisionBounds
{
    private final Store store;
    private final StoreReader reader;
    private final LongArrayList unpublished = new LongArrayList();

    RevisionBounds(final Store store)
    {
        this.store = store;
        this.reader = store.newReader();
    }

    /**
     * An entry is about to end.
     */
    void onEnding()
    {
        if (store.changed())
        {
            if (store.visibleRevision() == store.revision() - 1)
            {
                unpublished.clear();
            }
            unpublished.addLong(store.bound());
        }
    }

    /**
     * @param revision from the compact revision to the present one, positive.
     * @return the bound. Call before the entry writes.
     */
    long of(final long revision)
    {
        if (revision > store.visibleRevision())
        {
            return unpublished.getLong((int)(unpublished.size() - 1 - (store.revision() - revision)));
        }
        final int status = reader.pinAt(revision);
        if (StoreReader.OK != status)
        {
            throw new IllegalStateException("revision is not readable: revision=" + revision + " status=" + status);
        }
        final long bound = reader.bound();
        reader.unpin();
        return bound;
    }

    @Override
    public String toString()
    {
        return "RevisionBounds{unpublished=" + unpublished.size() + '}';
    }
}
