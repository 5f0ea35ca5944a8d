package dev.quorate.core.store;

import dev.quorate.core.store.index.KeyIndex;
import dev.quorate.core.store.index.PurgeBatch;
import dev.quorate.core.store.index.RowWalker;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Goes over all rows of the key index once it is recovered: takes out tombstones below the compact revision, counts the
 * keys that are alive, and builds the lease tree. None of this is kept by adding and taking away while records are gone
 * over, since the images of a checkpoint may show a row before or after any of its changes.
 * <p>
 * Owner: the thread that opens the store.
 */
final class RowPass
{
    private static final int BATCH_ROWS = 4096;
    /** What a row counts for against a slice of records, bytes. */
    private static final int ROW_BYTES = 64;

    private final Trees trees;
    private final PurgeBatch purge;
    private final long compactRevision;
    private final RowWalker rows;
    private final UnsafeBuffer resumeKey = new UnsafeBuffer(new byte[256]);
    private int resumeLength;
    private boolean isPassed;

    RowPass(final Trees trees, final PurgeBatch purge, final long compactRevision)
    {
        this.trees = trees;
        this.purge = purge;
        this.compactRevision = compactRevision;
        this.rows = trees.keys.newWalker();
    }

    /**
     * Goes over the next rows.
     *
     * @param sliceBytes most bytes to go over.
     * @return true if all is done.
     */
    boolean slice(final long sliceBytes)
    {
        for (long bytes = 0; bytes < sliceBytes; bytes += BATCH_ROWS * ROW_BYTES)
        {
            if (!batch())
            {
                trees.purge(purge);
                trees.arena.reclaim();
                return true;
            }
            trees.arena.reclaim();
        }
        return false;
    }

    /** @return false if there was none left. */
    private boolean batch()
    {
        rows.seek(resumeKey, 0, resumeLength);
        for (int i = 0; i < BATCH_ROWS; i++)
        {
            if (!rows.next())
            {
                return false;
            }
            if (isPassed && isResumeKey())
            {
                continue;
            }
            if (!take())
            {
                resumeAt(false);
                trees.purge(purge);
                return true;
            }
        }
        resumeAt(true);
        return true;
    }

    /** @return false if the batch of tombstones is full; the row is then to be taken once more. */
    private boolean take()
    {
        if (0 != (rows.flags() & KeyIndex.FLAG_TOMBSTONE))
        {
            return rows.modRevision() >= compactRevision ||
                purge.offer(rows.key(), 0, rows.keyLength(), rows.lp()) || 0 == purge.size();
        }
        trees.liveKeys++;
        if (0 != rows.lease())
        {
            trees.attach(rows.lease(), rows.key(), 0, rows.keyLength());
        }
        return true;
    }

    /** Only the first row behind a seek can be the one that was passed last. */
    private boolean isResumeKey()
    {
        isPassed = false;
        return rows.keyLength() == resumeLength && isEqual();
    }

    private boolean isEqual()
    {
        for (int i = 0; i < resumeLength; i++)
        {
            if (rows.key().getByte(i) != resumeKey.getByte(i))
            {
                return false;
            }
        }
        return true;
    }

    private void resumeAt(final boolean isRowPassed)
    {
        resumeLength = rows.keyLength();
        isPassed = isRowPassed;
        if (resumeKey.capacity() < resumeLength)
        {
            resumeKey.wrap(new byte[resumeLength]);
        }
        resumeKey.putBytes(0, rows.key(), 0, resumeLength);
    }
}
