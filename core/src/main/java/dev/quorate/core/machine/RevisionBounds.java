package dev.quorate.core.machine;

import dev.quorate.core.store.Store;
import dev.quorate.core.store.StoreReader;

/**
 * Where the stream ended after an older revision, for ranges of a transaction that name one.
 */
final class RevisionBounds
{
    private final Store store;
    private final StoreReader reader;

    RevisionBounds(final Store store)
    {
        this.store = store;
        this.reader = store.newReader();
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
        int status = reader.pinAt(revision);
        if (StoreReader.FUTURE == status)
        {
            // applied in this turn and not published yet: publishing what has ended is allowed at any time
            store.publish();
            status = reader.pinAt(revision);
        }
        if (StoreReader.OK != status)
        {
            throw new IllegalStateException("revision is not readable: revision=" + revision + " status=" + status);
        }
        final long bound = reader.bound();
        reader.unpin();
        return bound;
    }
}
