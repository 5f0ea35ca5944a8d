package dev.quorate.core.node;

import dev.quorate.core.log.RaftLog;
import dev.quorate.core.peer.PeerMessages;
import dev.quorate.core.raft.Configuration;
import dev.quorate.core.raft.RaftCore;
import dev.quorate.core.raft.Role;
import dev.quorate.core.ring.RingMessages;
import dev.quorate.core.ring.RingReads;
import dev.quorate.core.seam.Signal;
import dev.quorate.core.snapshot.SnapshotRings;
import dev.quorate.core.store.Handover;
import org.agrona.MutableDirectBuffer;
import org.agrona.collections.LongArrayList;
import org.agrona.concurrent.MessageHandler;
import org.agrona.concurrent.UnsafeBuffer;

import java.util.function.Supplier;

/**
 * What consensus has to do with snapshots: it passes on what peers and housekeeping say about them, and holds still
 * while one takes the place of this member's store.
 * <p>
 * Owned by the consensus thread.
 */
final class SnapshotDesk
{
    private static final int READ_LIMIT = 16;

    private final NodeMonitor monitor;
    private final SnapshotRings rings;
    private final Handover handover;
    private final PeerMessages messages;
    private final RaftLog log;
    private final Signal housekeepingSignal;
    private final Signal applySignal;
    private final Supplier<Configuration> installedConfiguration;
    private final UnsafeBuffer message = new UnsafeBuffer(new byte[SnapshotRings.MESSAGE_LENGTH]);
    private final MessageHandler handler = this::onMessage;
    private final LongArrayList unsent = new LongArrayList();
    private RaftCore raft;

    /** @param installedConfiguration as the directory of the snapshot says, once apply has taken it over. */
    SnapshotDesk(
        final NodeContext context,
        final SnapshotRings rings,
        final Handover handover,
        final PeerMessages messages,
        final RaftLog log,
        final Supplier<Configuration> installedConfiguration)
    {
        this.monitor = context.monitor();
        this.rings = rings;
        this.handover = handover;
        this.messages = messages;
        this.log = log;
        this.housekeepingSignal = context.housekeepingSignal();
        this.applySignal = context.applySignal();
        this.installedConfiguration = installedConfiguration;
    }

    /**
     * @param core consensus.
     */
    void wire(final RaftCore core)
    {
        raft = core;
    }

    /**
     * @param to member that needs a snapshot; consensus is told how that ended.
     */
    void send(final long to)
    {
        monitor.onSnapshotNeeded(to);
        if (!tell(RingMessages.SNAPSHOT_SEND, to, 0, 0, 0))
        {
            unsent.addLong(to);
        }
    }

    /** See {@code PeerEvents.onSnapshotOffer}: only the leader that this member follows may offer one. */
    void onOffer(
        final long from,
        final long term,
        final long snapshotId,
        final long index,
        final long entryTerm,
        final long totalLength)
    {
        if (term != raft.term() || from != raft.leaderId())
        {
            return;
        }
        if (isHeld(index, entryTerm))
        {
            messages.sendSnapshotStatus(from, snapshotId, index, true);
            return;
        }
        tell(RingMessages.SNAPSHOT_OFFER, from, snapshotId, index, totalLength);
    }

    /** See {@code PeerEvents.onSnapshotReady}. */
    void onReady(final long from, final long snapshotId, final long fromOffset)
    {
        tell(RingMessages.SNAPSHOT_READY, from, snapshotId, fromOffset, 0);
    }

    /** See {@code PeerEvents.onSnapshotStatus}. */
    void onStatus(final long from, final long snapshotId, final long index, final boolean isInstalled)
    {
        tell(RingMessages.SNAPSHOT_STATUS, from, snapshotId, index, isInstalled ? 1 : 0);
        raft.onSnapshotStatus(from, isInstalled, index);
        monitor.onSnapshotSent(from, index, isInstalled);
    }

    /**
     * @return how much was done.
     */
    int doWork()
    {
        while (!unsent.isEmpty() && tell(RingMessages.SNAPSHOT_SEND, unsent.getLong(unsent.size() - 1), 0, 0, 0))
        {
            unsent.remove(unsent.size() - 1);
        }
        int work = RingReads.read(rings.fromHousekeeping(), handler, READ_LIMIT);
        if (Handover.Phase.OFFERED == handover.phase())
        {
            decide();
            work++;
        }
        return work;
    }

    /**
     * @return true while a snapshot takes the place of the store: consensus neither hears nor says anything.
     */
    boolean isFrozen()
    {
        return switch (handover.phase())
        {
            case IDLE, OFFERED, REFUSED -> false;
            default -> true;
        };
    }

    /**
     * A turn while frozen. Apply does not run in the phases that are acted on here, so its events can be drained whole.
     *
     * @param leaseEvents drains what apply told of leases of the store before.
     * @return how much was done.
     */
    int drive(final Runnable leaseEvents)
    {
        switch (handover.phase())
        {
            case FROZEN ->
            {
                // apply may end a long entry, and has room to tell of it
                leaseEvents.run();
                return 0;
            }
            case SWITCHED ->
            {
                leaseEvents.run();
                if (log.resetTo(handover.sink().raftIndex(), handover.sink().term()) < 0)
                {
                    // no spare segment yet: housekeeping makes one
                    housekeepingSignal.signal();
                    return 0;
                }
                handover.pass(Handover.Phase.SWITCHED, Handover.Phase.RESET);
                applySignal.signal();
            }
            case INSTALLED ->
            {
                raft.onSnapshotInstalled(
                    handover.sink().raftIndex(), handover.sink().term(), installedConfiguration.get());
                monitor.onSnapshotInstalled(handover.sink().raftIndex());
                handover.pass(Handover.Phase.INSTALLED, Handover.Phase.IDLE);
                housekeepingSignal.signal();
            }
            case FAILED ->
            {
                handover.pass(Handover.Phase.FAILED, Handover.Phase.IDLE);
                housekeepingSignal.signal();
            }
            default ->
            {
                return 0;
            }
        }
        return 1;
    }

    private void decide()
    {
        final boolean isUseless = Role.LEADER == raft.role() ||
            isHeld(handover.sink().raftIndex(), handover.sink().term());
        handover.pass(Handover.Phase.OFFERED, isUseless ? Handover.Phase.REFUSED : Handover.Phase.FROZEN);
        applySignal.signal();
        housekeepingSignal.signal();
    }

    /**
     * True if the log leads to the entry already. What follows it may have been acknowledged and must then not be
     * dropped; a log that has another entry there, or none, holds nothing behind it that could be committed.
     */
    private boolean isHeld(final long index, final long term)
    {
        return index <= raft.commitIndex() || index <= log.lastIndex() && log.termAt(index) == term;
    }

    private void onMessage(
        final int msgTypeId, final MutableDirectBuffer buffer, final int index, final int length)
    {
        final long member = buffer.getLong(index);
        final long snapshotId = buffer.getLong(index + 8);
        final long third = buffer.getLong(index + 16);
        final long fourth = buffer.getLong(index + 24);
        switch (msgTypeId)
        {
            case RingMessages.SNAPSHOT_OFFERING ->
            {
                if (Role.LEADER == raft.role())
                {
                    messages.sendSnapshotOffer(
                        member, raft.term(), snapshotId, third, fourth, buffer.getLong(index + 32));
                }
            }
            case RingMessages.SNAPSHOT_PROGRESS -> messages.sendSnapshotReady(member, snapshotId, third);
            case RingMessages.SNAPSHOT_ENDED -> messages.sendSnapshotStatus(member, snapshotId, third, 1 == fourth);
            case RingMessages.SNAPSHOT_LOST ->
            {
                raft.onSnapshotStatus(member, false, 0);
                monitor.onSnapshotSent(member, 0, false);
            }
            default -> throw new IllegalStateException("unknown message about a snapshot: type=" + msgTypeId);
        }
    }

    private boolean tell(final int type, final long member, final long second, final long third, final long fourth)
    {
        message.putLong(0, member);
        message.putLong(8, second);
        message.putLong(16, third);
        message.putLong(24, fourth);
        message.putLong(32, 0);
        final boolean isTold = rings.toHousekeeping().write(type, message, 0, SnapshotRings.MESSAGE_LENGTH);
        housekeepingSignal.signal();
        return isTold;
    }
}
