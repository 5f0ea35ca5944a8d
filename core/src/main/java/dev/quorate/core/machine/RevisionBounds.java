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
    private long noted;

    RevisionBounds(final Store store)
    {
        this.store = store;
        this.reader = store.newReader();
        this.noted = store.revision();
    }

    /**
     * An entry ended.
     */
    void onEnd()
    {
        if (store.visibleRevision() == store.revision())
        {
            unpublished.clear();
        }
        else if (store.revision() != noted)
        {
            if (store.visibleRevision() == noted)
            {
                unpublished.clear();
            }
            unpublished.addLong(store.bound());
        }
        noted = store.revision();
    }

    /**
     * @param revision from the compact revision to the present one, positive.
     * @return the bound. Call before the entry writes.
     */
    long of(final long revision)
    {
        if (revision == store.revision())
        {
            return store.bound();
        }
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
        return "RevisionBounds{noted=" + noted + ", unpublished=" + unpublished.size() + '}';
    }
}
