package dev.quorate.core.store;

import org.agrona.DirectBuffer;
import org.agrona.collections.LongHashSet;
import org.agrona.concurrent.UnsafeBuffer;

import java.nio.ByteOrder;

import static java.nio.charset.StandardCharsets.US_ASCII;

/**
 * The hash over all versions up to a revision R on top of a compaction C, as etcd computes it, in slices. Dead records
 * stand for what compaction has removed, so C must be marked and no later compaction may mark meanwhile. Two passes:
 * one
 * over what came after C, for the versions it supersedes, one that hashes.
 * <p>
 * Owner: housekeeping.
 */
final class KvHasher
{
    private static final byte[] BUCKET = "key".getBytes(US_ASCII);
    private static final int DB_KEY_LENGTH = 17;

    private final FileTable files;
    private final FrameWalk walk;
    private final FrameCrc crc = new FrameCrc();
    private final byte[] dbKey = new byte[DB_KEY_LENGTH + 1];
    private final UnsafeBuffer dbKeyBuffer = new UnsafeBuffer(dbKey);
    private final LongHashSet killed = new LongHashSet();
    private final LongHashSet recreated = new LongHashSet();

    private long compactRevision;
    private long compactBound;
    private long revision;
    private long endLp;
    private boolean isOfCompaction;
    private boolean isWithSystem;
    private boolean isHashing;
    private boolean keepsNothing;
    private boolean isRunning;
    private long revisionStartLp;
    private long alive;
    private boolean hasTombstoneAtRevision;

    KvHasher(final FileTable files, final SegmentDirectory directory)
    {
        this.files = files;
        this.walk = new FrameWalk(directory, new RecordReader(directory));
    }

    boolean isRunning()
    {
        return isRunning;
    }

    void start(
        final long onCompactRevision,
        final long onCompactBound,
        final long atRevision,
        final long atBound,
        final boolean ofCompaction,
        final boolean withSystem,
        final long streamEnd)
    {
        compactRevision = onCompactRevision;
        compactBound = onCompactBound;
        revision = atRevision;
        isOfCompaction = ofCompaction;
        isWithSystem = withSystem;
        endLp = withSystem ? streamEnd : atBound;
        killed.clear();
        recreated.clear();
        revisionStartLp = Long.MAX_VALUE;
        alive = 0;
        hasTombstoneAtRevision = false;
        keepsNothing = false;
        isHashing = false;
        isRunning = true;
        walk.seek(compactBound, atBound);
    }

    /** Does one slice. @return true if the hash is complete. */
    boolean slice(final int sliceBytes)
    {
        int bytes = 0;
        while (bytes < sliceBytes)
        {
            if (!walk.next())
            {
                if (isHashing && !mustRepeat())
                {
                    isRunning = false;
                    break;
                }
                startHashing();
                continue;
            }
            final UnsafeBuffer buffer = walk.buffer();
            final int offset = walk.offset();
            bytes += RecordDescriptor.frameLength(buffer, offset);
            if (isHashing)
            {
                hash(buffer, offset);
            }
            else if (RecordDescriptor.isKeyRecord(RecordDescriptor.kind(buffer, offset)))
            {
                survey(buffer, offset);
            }
        }
        walk.pause();
        return !isRunning;
    }

    int hash()
    {
        return crc.value();
    }

    private void startHashing()
    {
        isHashing = true;
        crc.reset();
        crc.update(BUCKET, 0, BUCKET.length);
        walk.seek(0, endLp);
    }

    /** After a pass that took something as kept: if nothing is, etcd's filter is off and all must be hashed. */
    private boolean mustRepeat()
    {
        if (keepsNothing)
        {
            return false;
        }
        keepsNothing = isOfCompaction ?
            0 == alive && !hasTombstoneAtRevision : 0 == alive - recreated.size();
        return keepsNothing && compactRevision >= 0;
    }

    private void survey(final UnsafeBuffer buffer, final int offset)
    {
        final long prevLp = RecordDescriptor.prevLp(buffer, offset);
        final boolean isTombstone = RecordDescriptor.TOMBSTONE == RecordDescriptor.kind(buffer, offset);
        final boolean isPrevTombstone =
            0 != (RecordDescriptor.flags(buffer, offset) & RecordDescriptor.FLAG_PREV_WAS_TOMBSTONE);
        if (prevLp >= 0 && prevLp < compactBound)
        {
            killed.add(prevLp);
        }
        alive += isTombstone ? -1 : prevLp < 0 || isPrevTombstone ? 1 : 0;
        if (RecordDescriptor.mainRevision(buffer, offset) == revision)
        {
            revisionStartLp = Math.min(revisionStartLp, walk.lp());
            hasTombstoneAtRevision |= isTombstone;
            if (!isTombstone && isPrevTombstone && prevLp >= revisionStartLp)
            {
                recreated.add(walk.lp());
            }
            else if (recreated.remove(prevLp) && !isTombstone)
            {
                recreated.add(walk.lp());
            }
        }
    }

    private void hash(final UnsafeBuffer buffer, final int offset)
    {
        final byte kind = RecordDescriptor.kind(buffer, offset);
        final long lp = walk.lp();
        if (!RecordDescriptor.isKeyRecord(kind))
        {
            if (isWithSystem && RecordDescriptor.isSystem(kind) && !(lp < compactBound && files.isDead(lp)))
            {
                crc.update(buffer, offset + RecordDescriptor.KIND_OFFSET, 1);
                update(buffer, offset);
            }
            return;
        }
        final long main = RecordDescriptor.mainRevision(buffer, offset);
        final boolean isTombstone = RecordDescriptor.TOMBSTONE == kind;
        if (main > revision || main <= compactRevision && isRemoved(lp, main, isTombstone))
        {
            return;
        }
        dbKeyBuffer.putLong(0, main, ByteOrder.BIG_ENDIAN);
        dbKey[8] = '_';
        dbKeyBuffer.putLong(9, RecordDescriptor.subRevision(buffer, offset), ByteOrder.BIG_ENDIAN);
        dbKey[DB_KEY_LENGTH] = 't';
        crc.update(dbKey, 0, isTombstone ? DB_KEY_LENGTH + 1 : DB_KEY_LENGTH);
        update(buffer, offset);
    }

    private boolean isRemoved(final long lp, final long main, final boolean isTombstone)
    {
        if (files.isDead(lp))
        {
            return true;
        }
        if (!keepsNothing && !isTombstone)
        {
            alive++;
        }
        return main == compactRevision && isTombstone || !keepsNothing && (isTombstone || killed.contains(lp));
    }

    private void update(final DirectBuffer buffer, final int offset)
    {
        crc.update(
            buffer, RecordDescriptor.bodyOffset(buffer, offset), RecordDescriptor.bodyLength(buffer, offset));
    }
}
