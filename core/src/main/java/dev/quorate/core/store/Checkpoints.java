package dev.quorate.core.store;

import dev.quorate.core.seam.DiskFullException;

/**
 * Keeps the index checkpoint recent: begins one when the stream has grown enough since the last, or when somebody asks,
 * writes it in slices at the pace of rewriting, and puts it in the place of the old one once a durable mark lies above
 * all that it names. A full disk costs the checkpoint under way and nothing else; it is tried again later, and not
 * before the room that the store holds back is whole.
 * <p>
 * Why a checkpoint may be out of date: whoever loads it goes over every record from its begin on, so each row that
 * changed since then is set anew. That fails only if a deletion behind the begin was dropped meanwhile, so then the
 * checkpoint is not named any more ({@link Rewriter}), or not put in force if it is still being written.
 * <p>
 * Owner: housekeeping.
 */
final class Checkpoints
{
    private static final long RETRY_NS = 10_000_000_000L;
    private static final long BURST_BYTES = 4L << 20;

    private final StoreContext context;
    private final Published published;
    private final FileTable files;
    private final EntryPosition entry;
    private final RevisionLocator locator;
    private final CheckpointWriter writer;
    private final SpaceReserve reserve;
    private long startNs;
    private long retryNs;
    private boolean isAfterFull;
    private boolean isForceRequested;
    private boolean isRequested;
    private boolean isHurried;
    private long taken;

    Checkpoints(final StoreParts parts, final EntryPosition entry, final SpaceReserve reserve)
    {
        this.reserve = reserve;
        this.context = parts.context;
        this.published = parts.published;
        this.files = parts.files;
        this.entry = entry;
        this.locator = new RevisionLocator(
            parts.directory, parts.ring, parts.published, new RecordReader(parts.directory));
        this.writer = new CheckpointWriter(parts);
    }

    /** Asks for one that begins above an LP; what is under way is given up if it began earlier. */
    void request(final long aboveLp)
    {
        isRequested = true;
        if (writer.isRunning() && writer.foot().lp <= aboveLp)
        {
            writer.abandon();
        }
    }

    /** True until what was asked for is in force, or there was no room for it. */
    boolean isRequested()
    {
        return isRequested;
    }

    /** The process ends: pace does not matter any more. */
    void hurry()
    {
        isHurried = true;
    }

    /** How many were put in force. */
    long taken()
    {
        return taken;
    }

    int doWork()
    {
        if (reserve.isShort())
        {
            // what room there is belongs to records
            abandon();
            return 0;
        }
        if (!writer.isRunning() && !isDue())
        {
            return 0;
        }
        try
        {
            if (!writer.isRunning())
            {
                return start();
            }
            if (writer.isWritten())
            {
                return putInForce();
            }
            return isInBudget() ? writer.slice(context.sliceBytes()) : 0;
        }
        catch (final DiskFullException ex)
        {
            writer.abandon();
            isRequested = false;
            isAfterFull = true;
            retryNs = context.clock().nanoTime() + RETRY_NS;
            return 0;
        }
    }

    void abandon()
    {
        writer.abandon();
        isRequested = false;
    }

    private boolean isDue()
    {
        if (isAfterFull && context.clock().nanoTime() - retryNs < 0)
        {
            isRequested = false;
            return false;
        }
        isAfterFull = false;
        return isRequested || entry.lp - (files.hasCheckpoint() ? files.checkpointLp : 0) >= interval();
    }

    private long interval()
    {
        return Math.min(
            context.checkpointIntervalMax(), Math.max(context.checkpointIntervalMin(), 2 * files.checkpointLength));
    }

    private int start() throws DiskFullException
    {
        startNs = context.clock().nanoTime();
        isForceRequested = false;
        writer.start(entry, locator.boundOf(entry.main, entry.main));
        return 1;
    }

    private boolean isInBudget()
    {
        final double allowed =
            (double)context.rewriteBytesPerSecond() * (context.clock().nanoTime() - startNs) / 1e9;
        return isHurried || writer.length() <= BURST_BYTES + allowed;
    }

    private int putInForce() throws DiskFullException
    {
        final CheckpointFoot foot = writer.foot();
        final long durableLp = published.durableLp.getPlain();
        if (durableLp <= foot.highestLp || durableLp < foot.lp)
        {
            if (!isForceRequested)
            {
                isForceRequested = true;
                published.forceRequests.getAndIncrement();
                return 1;
            }
            return 0;
        }
        if (files.droppedDeletionLp >= foot.lp)
        {
            writer.abandon();
            return 1;
        }
        writer.force();
        final long before = files.manifest.checkpointId;
        files.manifest.checkpointId = writer.id();
        try
        {
            files.writeManifest();
        }
        catch (final DiskFullException ex)
        {
            files.manifest.checkpointId = before;
            throw ex;
        }
        files.forgetCheckpoint(before);
        files.checkpointLp = foot.lp;
        files.checkpointLength = writer.length();
        writer.complete();
        isRequested = false;
        taken++;
        return 1;
    }
}
