package dev.quorate.core.snapshot;

import dev.quorate.core.ring.RingMessages;
import dev.quorate.core.ring.RingReads;
import dev.quorate.core.seam.Clock;
import dev.quorate.core.seam.DiskFullException;
import dev.quorate.core.seam.Signal;
import dev.quorate.core.seam.SnapshotLink;
import dev.quorate.core.store.Handover;
import dev.quorate.core.store.HousekeepingStore;
import dev.quorate.core.store.Store;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.collections.LongArrayList;
import org.agrona.concurrent.MessageHandler;
import org.agrona.concurrent.UnsafeBuffer;

import java.util.ArrayList;
import java.util.function.LongFunction;

/**
 * Sends snapshots of this member's store and takes those of a leader: the cold half of what consensus decides.
 * <p>
 * Owner: housekeeping.
 */
public final class SnapshotAgent
{
    /** More members than this are never served at once: one lags, another joins. */
    private static final int SENDINGS_MAX = 2;
    private static final int CHUNK_LIMIT = 32;
    private static final long PREPARE_BYTES = 1024 * 1024;
    private static final long BURST_NS = 20_000_000L;
    private static final long QUIET_NS = 5_000_000_000L;
    /** So long entries behind a snapshot that was installed are kept, for the member to fetch them. */
    private static final long LINGER_NS = 10_000_000_000L;

    private final Store store;
    private final Handover handover;
    private final SnapshotRings rings;
    private final SnapshotLink link;
    private final Clock clock;
    private final Signal coreSignal;
    private final LongFunction<String> endpoints;
    private final long bytesPerSecond;
    private final ArrayList<SnapshotSending> sendings = new ArrayList<>();
    private final ChunkDescriptor descriptor = new ChunkDescriptor();
    private final UnsafeBuffer chunk = new UnsafeBuffer(
        new byte[ChunkDescriptor.HEADER_LENGTH + ChunkDescriptor.BODY_MAX]);
    private final UnsafeBuffer message = new UnsafeBuffer(new byte[SnapshotRings.MESSAGE_LENGTH]);
    private final MessageHandler requestHandler = this::onRequest;
    private final SnapshotLink.Handler chunkHandler = this::onChunk;
    private HousekeepingStore cold;
    private SnapshotTaking taking;
    private boolean isOffered;
    private boolean isSwitched;
    private long ticket;
    private long quietSinceNs;
    private long budgetBytes;
    private long budgetNs;
    private long lingerIndex = Long.MAX_VALUE;
    private long lingerUntilNs;
    private final LongArrayList unsent = new LongArrayList();
    private boolean isEndUntold;
    private boolean isEndInstalled;
    private long endedLeader;
    private long endedSnapshot;
    private long endedIndex;
    private long nextId;
    private long nowNs;

    /**
     * @param store          of this member.
     * @param rings          to and from consensus.
     * @param link           on which chunks travel.
     * @param clock          that paces.
     * @param firstId        of the snapshots that this boot of this member sends; others follow.
     * @param coreSignal     wakes consensus.
     * @param endpoints      where a member is reached, null if it is not known.
     * @param bytesPerSecond most bytes to send.
     */
    public SnapshotAgent(
        final Store store,
        final SnapshotRings rings,
        final SnapshotLink link,
        final Clock clock,
        final long firstId,
        final Signal coreSignal,
        final LongFunction<String> endpoints,
        final long bytesPerSecond)
    {
        this.store = store;
        this.handover = store.handover();
        this.rings = rings;
        this.link = link;
        this.clock = clock;
        this.nextId = firstId;
        this.coreSignal = coreSignal;
        this.endpoints = endpoints;
        this.bytesPerSecond = bytesPerSecond;
        this.cold = store.housekeeping();
        this.budgetNs = clock.nanoTime();
    }

    /**
     * One bounded turn.
     *
     * @return how much was done.
     */
    public int doWork()
    {
        nowNs = clock.nanoTime();
        int work = tellWhatIsUntold();
        work += RingReads.read(rings.toHousekeeping(), requestHandler, CHUNK_LIMIT);
        work += link.doWork();
        work += link.poll(chunkHandler, CHUNK_LIMIT);
        work += send();
        if (null != taking)
        {
            work += isOffered ? install() : take();
        }
        return work;
    }

    /**
     * @return true while a snapshot takes the place of the store: nothing of the store before may run.
     */
    public boolean isSwitching()
    {
        return isSwitched;
    }

    /**
     * @return index of the last entry of the oldest snapshot on its way, behind which the log must be kept;
     *     {@link Long#MAX_VALUE} if there is none.
     */
    public long heldIndex()
    {
        long index = nowNs < lingerUntilNs ? lingerIndex : Long.MAX_VALUE;
        for (int i = 0; i < sendings.size(); i++)
        {
            index = Math.min(index, sendings.get(i).source.mark().raftIndex());
        }
        return index;
    }

    /**
     * Releases what is held.
     */
    public void close()
    {
        for (int i = 0; i < sendings.size(); i++)
        {
            sendings.get(i).source.close();
        }
        sendings.clear();
        if (null != taking && !isOffered)
        {
            taking.sink.abandon();
            taking = null;
        }
        link.close();
    }

    private void onRequest(
        final int msgTypeId, final MutableDirectBuffer buffer, final int index, final int length)
    {
        final long member = buffer.getLong(index);
        switch (msgTypeId)
        {
            case RingMessages.SNAPSHOT_SEND -> onSend(member);
            case RingMessages.SNAPSHOT_READY -> onReady(
                member, buffer.getLong(index + 8), buffer.getLong(index + 16));
            case RingMessages.SNAPSHOT_STATUS -> onStatus(
                member, buffer.getLong(index + 8), 1 == buffer.getLong(index + 24));
            case RingMessages.SNAPSHOT_OFFER -> onOffer(
                member, buffer.getLong(index + 8), buffer.getLong(index + 16), buffer.getLong(index + 24));
            default -> throw new IllegalStateException("unknown request about a snapshot: type=" + msgTypeId);
        }
    }

    private void onSend(final long member)
    {
        final SnapshotSending present = sendingTo(member);
        if (null != present)
        {
            present.offerAgain(nowNs);
            return;
        }
        final String endpoint = endpoints.apply(member);
        if (null == endpoint || isSwitched || sendings.size() == SENDINGS_MAX)
        {
            if (!unsent.containsLong(member))
            {
                unsent.addLong(member);
            }
            return;
        }
        link.open(member, endpoint);
        sendings.add(new SnapshotSending(member, nextId++, cold.newSource(), nowNs));
    }

    private void onReady(final long member, final long snapshotId, final long offset)
    {
        final SnapshotSending sending = sendingTo(member);
        if (null == sending || sending.snapshotId != snapshotId)
        {
            return;
        }
        if (offset < 0)
        {
            end(sending, false);
        }
        else if (offset <= sending.source.length())
        {
            sending.onReady(offset, nowNs);
        }
    }

    private void onStatus(final long member, final long snapshotId, final boolean isInstalled)
    {
        final SnapshotSending sending = sendingTo(member);
        if (null != sending && sending.snapshotId == snapshotId)
        {
            if (isInstalled)
            {
                lingerIndex = nowNs < lingerUntilNs ?
                    Math.min(lingerIndex, sending.source.mark().raftIndex()) : sending.source.mark().raftIndex();
                lingerUntilNs = nowNs + LINGER_NS;
            }
            end(sending, true);
        }
    }

    private int send()
    {
        if (sendings.isEmpty())
        {
            budgetNs = nowNs;
            return 0;
        }
        final long elapsedNs = Math.min(nowNs - budgetNs, BURST_NS);
        budgetNs = nowNs;
        budgetBytes = Math.min(
            budgetBytes + elapsedNs * bytesPerSecond / 1_000_000_000L, BURST_NS * bytesPerSecond / 1_000_000_000L);
        int work = 0;
        for (int i = sendings.size() - 1; i >= 0; i--)
        {
            final SnapshotSending sending = sendings.get(i);
            if (sending.isLost(nowNs))
            {
                end(sending, false);
                continue;
            }
            if (sending.isOfferDue(nowNs))
            {
                tell(RingMessages.SNAPSHOT_OFFERING, sending.memberId, sending.snapshotId,
                    sending.source.mark().raftIndex(), sending.source.mark().term(), sending.source.length());
            }
            final int bytes = sending.send(link, descriptor, chunk, budgetBytes, nowNs);
            budgetBytes -= bytes;
            work += bytes;
        }
        if (work > 0)
        {
            coreSignal.signal();
        }
        return work;
    }

    private void end(final SnapshotSending sending, final boolean isTold)
    {
        if (!isTold && !tell(RingMessages.SNAPSHOT_LOST, sending.memberId, 0, 0, 0, 0))
        {
            return;
        }
        sendings.remove(sending);
        sending.source.close();
        link.close(sending.memberId);
    }

    private SnapshotSending sendingTo(final long member)
    {
        for (int i = 0; i < sendings.size(); i++)
        {
            if (sendings.get(i).memberId == member)
            {
                return sendings.get(i);
            }
        }
        return null;
    }

    private void onOffer(final long leaderId, final long snapshotId, final long index, final long length)
    {
        if (null != taking && taking.snapshotId == snapshotId)
        {
            taking.onOffered(nowNs);
            return;
        }
        if (isOffered || isEndUntold || index <= store.durableRaftIndex())
        {
            return;
        }
        if (null != taking)
        {
            taking.sink.abandon();
        }
        taking = new SnapshotTaking(leaderId, snapshotId, index, cold.newSink(length), nowNs);
    }

    private void onChunk(final DirectBuffer buffer, final int offset, final int length)
    {
        if (null == taking || isOffered || !descriptor.isIntact(buffer, offset, length) ||
            taking.snapshotId != ChunkDescriptor.snapshotId(buffer, offset))
        {
            return;
        }
        boolean isPossible = false;
        try
        {
            isPossible = taking.onChunk(
                ChunkDescriptor.position(buffer, offset), buffer, offset + ChunkDescriptor.HEADER_LENGTH,
                length - ChunkDescriptor.HEADER_LENGTH, nowNs);
        }
        catch (final DiskFullException ex)
        {
            // told below like any other reason not to go on
        }
        if (!isPossible)
        {
            giveUp();
        }
    }

    private int take()
    {
        if (taking.isLost(nowNs))
        {
            giveUp();
            return 1;
        }
        if (taking.isConfirmationDue(nowNs) && tell(RingMessages.SNAPSHOT_PROGRESS,
            taking.leaderId, taking.snapshotId, taking.sink.received(), 0, 0))
        {
            taking.onConfirmed(nowNs);
        }
        if (!taking.sink.isWhole())
        {
            return 0;
        }
        try
        {
            if (taking.sink.prepare(PREPARE_BYTES))
            {
                if (taking.sink.raftIndex() != taking.index)
                {
                    giveUp();
                    return 1;
                }
                isOffered = true;
                handover.offer(taking.sink);
                coreSignal.signal();
            }
        }
        catch (final DiskFullException ex)
        {
            giveUp();
        }
        return 1;
    }

    private void giveUp()
    {
        taking.sink.abandon();
        ended(false);
    }

    private int install()
    {
        switch (handover.phase())
        {
            case QUIET -> makeDurable();
            case REFUSED ->
            {
                taking.sink.abandon();
                handover.pass(Handover.Phase.REFUSED, Handover.Phase.IDLE);
                ended(true);
            }
            case IDLE ->
            {
                final boolean isInstalled = isSwitched;
                if (isSwitched)
                {
                    isSwitched = false;
                    cold = store.housekeeping();
                }
                else
                {
                    taking.sink.abandon();
                }
                ended(isInstalled);
            }
            default ->
            {
                return 0;
            }
        }
        return 1;
    }

    /** Everybody has stopped: what was published is read, then the snapshot becomes the store. */
    private void makeDurable()
    {
        if (0 == ticket)
        {
            ticket = cold.requestAnswers();
            quietSinceNs = nowNs;
        }
        try
        {
            if (cold.areAnswersDrained(ticket))
            {
                cold.makeDurable(taking.sink);
                isSwitched = true;
                handover.pass(Handover.Phase.QUIET, Handover.Phase.SWITCHED);
                coreSignal.signal();
            }
            else if (nowNs - quietSinceNs > QUIET_NS)
            {
                handover.pass(Handover.Phase.QUIET, Handover.Phase.FAILED);
                coreSignal.signal();
            }
        }
        catch (final DiskFullException ex)
        {
            handover.pass(Handover.Phase.QUIET, Handover.Phase.FAILED);
            coreSignal.signal();
        }
    }

    private void ended(final boolean isInstalled)
    {
        isEndUntold = true;
        isEndInstalled = isInstalled;
        endedLeader = taking.leaderId;
        endedSnapshot = taking.snapshotId;
        endedIndex = taking.index;
        taking = null;
        isOffered = false;
        ticket = 0;
        tellWhatIsUntold();
    }

    /** The leader waits to hear these: a ring that is full delays them. */
    private int tellWhatIsUntold()
    {
        int work = 0;
        if (isEndUntold && tell(RingMessages.SNAPSHOT_ENDED,
            endedLeader, endedSnapshot, endedIndex, isEndInstalled ? 1 : 0, 0))
        {
            isEndUntold = false;
            work++;
        }
        while (!unsent.isEmpty() &&
            tell(RingMessages.SNAPSHOT_LOST, unsent.getLong(unsent.size() - 1), 0, 0, 0, 0))
        {
            unsent.remove(unsent.size() - 1);
            work++;
        }
        return work;
    }

    private boolean tell(
        final int type, final long member, final long second, final long third, final long fourth, final long fifth)
    {
        message.putLong(0, member);
        message.putLong(8, second);
        message.putLong(16, third);
        message.putLong(24, fourth);
        message.putLong(32, fifth);
        final boolean isTold = rings.fromHousekeeping().write(type, message, 0, SnapshotRings.MESSAGE_LENGTH);
        coreSignal.signal();
        return isTold;
    }

    @Override
    public String toString()
    {
        return "SnapshotAgent{sendings=" + sendings + ", taking=" + taking + ", " + handover + '}';
    }
}
