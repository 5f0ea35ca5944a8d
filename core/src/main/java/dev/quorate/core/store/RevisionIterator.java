package dev.quorate.core.store;

import dev.quorate.core.store.index.IndexCursor;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Versions and tombstones in the order of their revisions; see {@link StoreReader#revisions(long)}. Survives
 * {@link StoreReader#yieldEpoch()}, not {@link StoreReader#unpin()}. Owned by the thread of its reader.
 */
public final class RevisionIterator
{
    private final FrameWalk frames;
    private final RevisionLocator locator;
    private final VersionWalk walk;
    private final IndexCursor cursor;
    private long fromRevision;
    private long compactRevision;
    private long compactBound;

    RevisionIterator(
        final FrameWalk frames,
        final RevisionLocator locator,
        final VersionWalk walk,
        final IndexCursor cursor)
    {
        this.frames = frames;
        this.locator = locator;
        this.walk = walk;
        this.cursor = cursor;
    }

    /**
     * Goes to the next version or tombstone.
     *
     * @return false if there is none up to the newest revision at the time of the pin.
     */
    public boolean next()
    {
        while (frames.next())
        {
            final UnsafeBuffer buffer = frames.buffer();
            final int offset = frames.offset();
            final long main = RecordDescriptor.mainRevision(buffer, offset);
            if (RecordDescriptor.isKeyRecord(RecordDescriptor.kind(buffer, offset)) && main >= fromRevision &&
                (main > compactRevision || isRetained(buffer, offset)))
            {
                return true;
            }
        }
        return false;
    }

    /**
     * @param view to fill with the present record.
     */
    public void record(final RecordView view)
    {
        RecordReader.fill(frames.buffer(), frames.offset(), view);
    }

    /**
     * The pin keeps compactions after it from dropping anything, so the one found by the pin is the one that counts.
     */
    void start(final long from, final long compacted, final long current, final long endLp)
    {
        fromRevision = from;
        compactRevision = compacted;
        compactBound = from == compacted ? locator.boundOf(compacted, current) : 0;
        frames.seek(locator.startOf(from, endLp), endLp);
    }

    void pause()
    {
        frames.pause();
    }

    /**
     * A record of the compact revision itself stays if nothing newer of its key lies below the compact bound. A chain
     * that ends above it was cut by a later compaction, behind a tombstone that this record is or that came after the
     * bound.
     */
    private boolean isRetained(final UnsafeBuffer buffer, final int offset)
    {
        final int body = RecordDescriptor.bodyOffset(buffer, offset);
        final int length = RecordDescriptor.bodyLength(buffer, offset);
        final boolean isIndexed = cursor.get(
            buffer, KeyValueBody.keyOffset(buffer, body, length), KeyValueBody.keyLength(buffer, body, length));
        if (!isIndexed)
        {
            return false;
        }
        final long newest = walk.newestAt(cursor.lp(), compactBound);
        return newest == frames.lp() || newest < 0;
    }
}
