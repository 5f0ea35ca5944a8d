package dev.quorate.core.store;

import java.util.List;

/**
 * Answers requests for hashes one after the other and keeps the hashes of the last compactions. Owned by housekeeping.
 */
final class HashAgent
{
    /** Hashes of compactions that are kept, as etcd does. */
    private static final int STORED_MAX = 10;
    private static final byte[] EMPTY = {'k', 'e', 'y'};

    private final List<HashJob> jobs;
    private final Published published;
    private final RevisionLocator locator;
    private final KvHasher hasher;
    private final int sliceBytes;
    private final long[] storedRevision = new long[STORED_MAX];
    private final long[] storedCompactRevision = new long[STORED_MAX];
    private final int[] storedHash = new int[STORED_MAX];
    private int storedCount;
    private HashJob running;
    private long runningRevision;
    private long runningCurrent;
    private CompactPoint runningCompact;

    /** @param jobs every slot that was made; one that is submitted already is answered by this agent. */
    HashAgent(final StoreParts parts, final KvHasher hasher, final List<HashJob> jobs)
    {
        this.jobs = jobs;
        this.published = parts.published;
        this.hasher = hasher;
        this.sliceBytes = parts.context.sliceBytes();
        this.locator = new RevisionLocator(
            parts.directory, parts.ring, parts.published, new RecordReader(parts.directory));
    }

    List<HashJob> jobs()
    {
        return jobs;
    }

    HashJob newJob()
    {
        final HashJob job = new HashJob();
        jobs.add(job);
        return job;
    }

    boolean isRunning()
    {
        return null != running;
    }

    void store(final long revision, final long compactRevision, final int hash)
    {
        final int slot = storedCount++ % STORED_MAX;
        storedRevision[slot] = revision;
        storedCompactRevision[slot] = compactRevision;
        storedHash[slot] = hash;
    }

    /** @param markedRevision compaction whose dead records are all marked. */
    int doWork(final long markedRevision)
    {
        if (null != running)
        {
            if (hasher.slice(sliceBytes))
            {
                running.answer(
                    StoreReader.OK, hasher.hash(), runningCompact.revision(), runningRevision, runningCurrent);
                running = null;
            }
            return 1;
        }
        for (int i = 0; i < jobs.size(); i++)
        {
            if (jobs.get(i).isSubmitted() && start(jobs.get(i), markedRevision))
            {
                return 1;
            }
        }
        return 0;
    }

    private boolean start(final HashJob job, final long markedRevision)
    {
        final long current = published.visible.getAcquire();
        if (!job.isWholeStore && isStored(job, current))
        {
            return true;
        }
        final CompactPoint compact = published.compactPoint.getAcquire();
        final long revision = 0 == job.requestedRevision ? current : job.requestedRevision;
        if (revision > current)
        {
            job.answer(StoreReader.FUTURE, 0, compact.revision(), revision, current);
            return true;
        }
        if (revision < 0)
        {
            final FrameCrc crc = new FrameCrc();
            crc.update(EMPTY, 0, EMPTY.length);
            job.answer(StoreReader.OK, crc.value(), compact.revision(), revision, current);
            return true;
        }
        if (revision < compact.revision())
        {
            job.answer(StoreReader.COMPACTED, 0, compact.revision(), revision, current);
            return true;
        }
        if (compact.revision() != markedRevision)
        {
            return false;
        }
        running = job;
        runningRevision = revision;
        runningCurrent = current;
        runningCompact = compact;
        hasher.start(
            compact.revision(), compact.bound(), revision, locator.boundOf(revision, current), false,
            job.isWholeStore, published.appendedLp.getAcquire());
        return true;
    }

    /**
     * A stored hash answers for the very number that is asked for, also once that revision is compacted. A question for
     * the newest revision asks for 0, which only a compaction at 0 has stored a hash for.
     */
    private boolean isStored(final HashJob job, final long current)
    {
        for (int i = 0; i < Math.min(storedCount, STORED_MAX); i++)
        {
            if (storedRevision[i] == job.requestedRevision)
            {
                job.answer(
                    StoreReader.OK, storedHash[i], storedCompactRevision[i], job.requestedRevision, current);
                return true;
            }
        }
        return false;
    }
}
