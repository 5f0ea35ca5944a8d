package dev.quorate.core.snapshot;

import dev.quorate.core.seam.SnapshotLink;
import dev.quorate.core.store.SnapshotSource;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * One snapshot on its way to one member. Chunks go out in order within a window beyond what the member has confirmed;
 * when nothing is confirmed for a while, sending goes back to there, so that a session that ended costs a window at
 * most.
 * <p>
 * Owner: housekeeping.
 */
final class SnapshotSending
{
    private static final long WINDOW_BYTES = 4L * 1024 * 1024;
    private static final long REWIND_NS = 1_000_000_000L;
    private static final long OFFER_NS = 500_000_000L;
    private static final long LOST_NS = 15_000_000_000L;

    final long memberId;
    final long snapshotId;
    final SnapshotSource source;
    private long sent;
    private long confirmed;
    private long heardNs;
    private long movedNs;
    private long offerDueNs;
    private boolean isAccepted;

    SnapshotSending(final long memberId, final long snapshotId, final SnapshotSource source, final long nowNs)
    {
        this.memberId = memberId;
        this.snapshotId = snapshotId;
        this.source = source;
        this.heardNs = nowNs;
        this.offerDueNs = nowNs;
    }

    /** The member was asked for again: whether it still has what was sent before is for it to say. */
    void offerAgain(final long nowNs)
    {
        isAccepted = false;
        heardNs = nowNs;
        offerDueNs = nowNs;
    }

    /** True if the snapshot is to be offered now, for the first time or again. */
    boolean isOfferDue(final long nowNs)
    {
        if (isAccepted || nowNs < offerDueNs)
        {
            return false;
        }
        offerDueNs = nowNs + OFFER_NS;
        return true;
    }

    boolean isLost(final long nowNs)
    {
        return nowNs - heardNs > LOST_NS;
    }

    /** The member has everything up to an offset. */
    void onReady(final long offset, final long nowNs)
    {
        heardNs = nowNs;
        if (!isAccepted || offset > confirmed)
        {
            confirmed = offset;
            movedNs = nowNs;
            sent = isAccepted ? Math.max(sent, offset) : offset;
            isAccepted = true;
        }
    }

    /** Sends chunks. @return bytes sent. */
    int send(
        final SnapshotLink link,
        final ChunkDescriptor descriptor,
        final UnsafeBuffer chunk,
        final long budgetBytes,
        final long nowNs)
    {
        if (!isAccepted)
        {
            return 0;
        }
        if (sent > confirmed && nowNs - movedNs > REWIND_NS)
        {
            sent = confirmed;
            movedNs = nowNs;
        }
        int bytes = 0;
        while (sent < source.length() && sent - confirmed < WINDOW_BYTES && bytes < budgetBytes)
        {
            final int length = source.read(
                sent, chunk, ChunkDescriptor.HEADER_LENGTH, ChunkDescriptor.BODY_MAX);
            descriptor.seal(chunk, snapshotId, sent, length);
            if (SnapshotLink.ACCEPTED != link.offer(memberId, chunk, 0, ChunkDescriptor.HEADER_LENGTH + length))
            {
                break;
            }
            if (sent == confirmed)
            {
                movedNs = nowNs;
            }
            sent += length;
            bytes += length;
        }
        return bytes;
    }

    @Override
    public String toString()
    {
        return "SnapshotSending{memberId=" + Long.toHexString(memberId) + ", index=" + source.mark().raftIndex() +
            ", sent=" + sent + ", confirmed=" + confirmed + ", length=" + source.length() + '}';
    }
}
