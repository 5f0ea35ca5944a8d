package dev.quorate.core.snapshot;

import dev.quorate.core.seam.DiskFullException;
import dev.quorate.core.store.SnapshotSink;
import org.agrona.DirectBuffer;

/**
 * One snapshot that this member receives. What was received is confirmed every so many bytes, and every so often while
 * it is worked on, so that the leader knows that somebody is there.
 * <p>
 * Owner: housekeeping.
 */
final class SnapshotTaking
{
    private static final long CONFIRM_BYTES = 512 * 1024;
    private static final long CONFIRM_NS = 200_000_000L;
    private static final long LOST_NS = 30_000_000_000L;

    final long leaderId;
    final long snapshotId;
    final long index;
    final SnapshotSink sink;
    private long confirmed;
    private long confirmedNs;
    private long heardNs;

    SnapshotTaking(
        final long leaderId, final long snapshotId, final long index, final SnapshotSink sink, final long nowNs)
    {
        this.leaderId = leaderId;
        this.snapshotId = snapshotId;
        this.index = index;
        this.sink = sink;
        this.heardNs = nowNs;
        this.confirmedNs = nowNs - CONFIRM_NS;
    }

    /** Takes an intact chunk of this snapshot. @return false if its bytes cannot be those of a snapshot. */
    boolean onChunk(
        final long position, final DirectBuffer buffer, final int offset, final int length, final long nowNs)
        throws DiskFullException
    {
        heardNs = nowNs;
        // Others were taken already, or follow a gap that the leader closes when it goes back.
        return position != sink.received() || sink.write(buffer, offset, length);
    }

    boolean isConfirmationDue(final long nowNs)
    {
        return sink.received() - confirmed >= CONFIRM_BYTES || nowNs - confirmedNs >= CONFIRM_NS ||
            sink.isWhole() && confirmed < sink.received();
    }

    void onConfirmed(final long nowNs)
    {
        confirmed = sink.received();
        confirmedNs = nowNs;
    }

    boolean isLost(final long nowNs)
    {
        return !sink.isWhole() && nowNs - heardNs > LOST_NS;
    }

    /** The leader has offered it again. */
    void onOffered(final long nowNs)
    {
        heardNs = nowNs;
        confirmedNs = nowNs - CONFIRM_NS;
    }

    @Override
    public String toString()
    {
        return "SnapshotTaking{leaderId=" + Long.toHexString(leaderId) + ", index=" + index +
            ", received=" + sink.received() + '}';
    }
}
