package dev.quorate.core.store;

import dev.quorate.core.ring.DurationHistogram;

/**
 * The cold half of the store: writes the tail out, forces, keeps the durable mark, compacts, rewrites, hashes.
 * <p>
 * Owner: the housekeeping thread.
 */
public final class HousekeepingStore
{
    private final Published published;
    private final FileTable files;
    private final MarkFile markFile;
    private final EntryPosition entry = new EntryPosition();
    private final EntryPosition scratch = new EntryPosition();
    private final Retirement retirement;
    private final TailFlusher flusher;
    private final HashAgent hashes;
    private final Rewriter rewriter;
    private final Compaction compaction;

    HousekeepingStore(final StoreParts parts)
    {
        published = parts.published;
        files = parts.files;
        markFile = parts.markFile;
        entry.set(parts.position);
        retirement = new Retirement(parts.trees.epochs, published, files);
        flusher = new TailFlusher(parts, retirement, entry);
        final KvHasher ofCompactions = new KvHasher(files, parts.directory);
        hashes = new HashAgent(parts, new KvHasher(files, parts.directory));
        rewriter = new Rewriter(files, retirement, published);
        compaction = new Compaction(parts, entry, flusher, rewriter, ofCompactions, hashes);
    }

    /**
     * One bounded turn: at most one slice of each duty.
     *
     * @return how much was done, 0 if there was nothing to do.
     */
    public int doWork()
    {
        readEntry();
        int work = flusher.doWork();
        work += compaction.doWork();
        work += hashes.doWork(compaction.markedRevision());
        return work + retirement.doWork();
    }

    /**
     * @return how often the disk was found full.
     */
    public long diskFullCount()
    {
        return flusher.diskFullCount();
    }

    /**
     * @return how long it took each time to force the store and to store its mark; any thread may read.
     */
    public DurationHistogram forceDurations()
    {
        return flusher.forceDurations();
    }

    HashJob newHashJob()
    {
        return hashes.newJob();
    }

    void close()
    {
        rewriter.abandon();
        retirement.close();
        for (int i = 0; i < files.sealed.size(); i++)
        {
            final StoreFile file = files.sealed.get(i);
            file.file.unmap(file.mapped);
            file.file.close();
        }
        if (null != files.active)
        {
            files.active.file.close();
        }
        markFile.close();
    }

    private void readEntry()
    {
        if (published.readEntry(scratch))
        {
            entry.set(scratch);
        }
    }
}
