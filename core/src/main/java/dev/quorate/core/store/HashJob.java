package dev.quorate.core.store;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Slot in which one thread asks housekeeping for a hash and finds the answer. One request at a time.
 */
public final class HashJob
{
    private static final int IDLE = 0;
    private static final int SUBMITTED = 1;
    private static final int DONE = 2;

    private final AtomicInteger state = new AtomicInteger(IDLE);
    long requestedRevision;
    boolean isWholeStore;
    int status;
    int hash;
    long compactRevision;
    long hashRevision;
    long currentRevision;

    HashJob()
    {
    }

    /**
     * Asks for the hash over the keys as etcd's HashKV defines it.
     *
     * @param revision to hash, 0 for the newest.
     */
    public void submitHashKv(final long revision)
    {
        submit(revision, false);
    }

    /**
     * Asks for a hash over keys and system rows at the newest revision.
     */
    public void submitHash()
    {
        submit(0, true);
    }

    /**
     * @return true once the answer is there; it stays until the next request.
     */
    public boolean isDone()
    {
        // pairs with the release in answer()
        return DONE == state.getAcquire();
    }

    /**
     * @return {@link StoreReader#OK}, {@link StoreReader#COMPACTED} or {@link StoreReader#FUTURE}.
     */
    public int status()
    {
        return status;
    }

    /**
     * @return the hash, an unsigned number of 32 bits.
     */
    public int hash()
    {
        return hash;
    }

    /**
     * @return compact revision on which the hash stands, -1 if there was no compaction.
     */
    public long compactRevision()
    {
        return compactRevision;
    }

    /**
     * @return the revision hashed.
     */
    public long hashRevision()
    {
        return hashRevision;
    }

    /**
     * @return the newest visible revision when the hash was begun.
     */
    public long currentRevision()
    {
        return currentRevision;
    }

    boolean isSubmitted()
    {
        // pairs with the release in submit()
        return SUBMITTED == state.getAcquire();
    }

    void answer(final int withStatus, final int value, final long compacted, final long revision, final long current)
    {
        status = withStatus;
        hash = value;
        compactRevision = compacted;
        hashRevision = revision;
        currentRevision = current;
        state.setRelease(DONE);
    }

    private void submit(final long revision, final boolean ofWholeStore)
    {
        if (SUBMITTED == state.getAcquire())
        {
            throw new IllegalStateException("the previous hash is not answered yet");
        }
        requestedRevision = revision;
        isWholeStore = ofWholeStore;
        state.setRelease(SUBMITTED);
    }
}
