package dev.quorate.core.node;

import dev.quorate.core.api.EtcdError;
import dev.quorate.core.codec.command.MessageHeaderDecoder;
import dev.quorate.core.codec.command.ProposalDecoder;
import dev.quorate.core.log.RaftLog;
import dev.quorate.core.peer.PeerMessages;
import dev.quorate.core.raft.RaftCore;
import dev.quorate.core.raft.RaftLogAccess;
import dev.quorate.core.raft.Role;
import dev.quorate.core.ring.LoopRings;
import dev.quorate.core.ring.NodeState;
import dev.quorate.core.ring.RingMessages;
import dev.quorate.core.ring.RingReads;
import dev.quorate.core.seam.PeerLink;
import org.agrona.BufferUtil;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.ControlledMessageHandler;
import org.agrona.concurrent.ControlledMessageHandler.Action;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.ringbuffer.OneToOneRingBuffer;
import org.agrona.concurrent.ringbuffer.RingBufferDescriptor;

/**
 * Where commands enter consensus: from the rings of the loops, from followers, from this member itself. A command is
 * placed at most once: appended here or sent to the leader, in either case in the term of that moment and in no other.
 * With no leader in reach it waits in a holding queue, in order, until there is one or its caller has given up.
 * <p>
 * Owned by the consensus thread.
 */
final class CommandIntake implements ControlledMessageHandler
{
    /** A command cannot be placed now: try again in a later turn. */
    static final int LATER = 0;
    /** A command was appended, sent, or refused: its place in the queue is free. */
    static final int PLACED = 1;

    private static final int HELD_TERM_OFFSET = 8;
    private static final int HELD_HEADER_LENGTH = 16;
    /** A command of a loop of this member may be placed in any term. */
    private static final long ANY_TERM = 0;
    private static final int TURN_LIMIT = 256;
    private static final long SILENT_HEARTBEATS = 3;

    private final long memberId;
    private final RaftCore raft;
    private final RaftLog log;
    private final PeerMessages messages;
    private final LoopRings[] loops;
    private final NodeState state;
    private final ReadIndexCalls reads;
    private final LeaseCalls leases;
    private final ConfigurationCalls configurations;
    private final SpaceGate space;
    private final PeerEventAdapter events;
    private final long requestTimeoutNs;
    private final long leaderSilenceNs;
    private final OneToOneRingBuffer holding;
    private final PlacedCommands placed;
    private final ControlledMessageHandler heldHandler = this::onHeld;
    private final MessageHeaderDecoder headerDecoder = new MessageHeaderDecoder();
    private final ProposalDecoder proposal = new ProposalDecoder();
    private final UnsafeBuffer refusal = new UnsafeBuffer(new byte[16]);
    private TransferCalls transfers;
    private long heldCount;
    private long failedCount;
    private long nowNs;

    CommandIntake(
        final NodeContext context,
        final RaftCore raft,
        final RaftLog log,
        final PeerMessages messages,
        final PeerEventAdapter events,
        final ReadIndexCalls reads,
        final LeaseCalls leases,
        final ConfigurationCalls configurations,
        final SpaceGate space)
    {
        this.memberId = context.memberId();
        this.raft = raft;
        this.log = log;
        this.messages = messages;
        this.loops = context.loops();
        this.state = context.state();
        this.reads = reads;
        this.leases = leases;
        this.configurations = configurations;
        this.space = space;
        this.events = events;
        this.requestTimeoutNs = context.requestTimeoutNs();
        this.leaderSilenceNs = SILENT_HEARTBEATS * context.heartbeatIntervalNs();
        this.holding = new OneToOneRingBuffer(new UnsafeBuffer(BufferUtil.allocateDirectAligned(
            context.commandRingCapacity() + RingBufferDescriptor.TRAILER_LENGTH, 128)));
        this.placed = new PlacedCommands(loops, raft.term());
    }

    /**
     * Sets where transfers of leadership go.
     *
     * @param calls of transfers.
     */
    void transfers(final TransferCalls calls)
    {
        transfers = calls;
    }

    /**
     * Places what is held, then what the loops sent.
     *
     * @param now time, ns.
     * @return how many messages were taken.
     */
    int doWork(final long now)
    {
        nowNs = now;
        placed.onTerm(raft.term());
        placed.tell();
        int work = RingReads.controlledRead(holding, heldHandler, TURN_LIMIT);
        for (final LoopRings loop : loops)
        {
            work += RingReads.controlledRead(loop.toConsensus(), this, TURN_LIMIT);
        }
        return work;
    }

    /**
     * A command of this member itself: an expiry, a publication, a compaction. It is tried once and not held.
     *
     * @param buffer holding the payload.
     * @param offset of it.
     * @param length of it, bytes.
     * @return true if it was appended or sent to the leader.
     */
    boolean submitOwn(final DirectBuffer buffer, final int offset, final int length)
    {
        if (Role.LEADER == raft.role())
        {
            return raft.propose(RaftLogAccess.COMMAND, buffer, offset, length) > 0;
        }
        final long leaderId = raft.leaderId();
        return 0 != leaderId && PeerLink.ACCEPTED ==
            messages.sendForward(
                leaderId,
                raft.term(),
                correlationId(buffer, offset),
                RaftLogAccess.COMMAND,
                buffer,
                offset,
                length);
    }

    /**
     * A follower forwarded a command. Appended in another term than its own it would betray the follower, which takes
     * it for lost once a later term is applied.
     *
     * @param term      in which it may be appended.
     * @param entryType of the entry.
     * @param buffer    holding the payload.
     * @param offset    of it.
     * @param length    of it, bytes.
     */
    void onForward(
        final long term, final int entryType, final DirectBuffer buffer, final int offset, final int length)
    {
        if (!isProposal(buffer, offset, length))
        {
            return;
        }
        final int type = RaftLogAccess.CONFIG == entryType ? RingMessages.PROPOSE_CONFIG : RingMessages.PROPOSE;
        if (LATER == placeForwarded(term, type, buffer, offset, length) && !hold(term, type, buffer, offset, length))
        {
            refuseForwarded(buffer, offset, EtcdError.TOO_MANY_REQUESTS);
        }
    }

    /**
     * Tells a loop that its command was not appended and never will be.
     *
     * @param correlationId of the call.
     * @param error         for the client.
     */
    void refuse(final long correlationId, final EtcdError error)
    {
        final int loopId = (int)(correlationId >>> 56);
        if (EtcdError.NOT_LEADER != error)
        {
            // the others are proposed again
            failedCount++;
        }
        if (loopId < loops.length)
        {
            refusal.putLong(0, correlationId);
            refusal.putLong(8, error.ordinal());
            // A ring without room loses the refusal: the caller times out, which promises nothing either.
            loops[loopId].fromConsensus().write(RingMessages.REFUSED, refusal, 0, 16);
            loops[loopId].signalLoop();
        }
    }

    /**
     * Publishes the counters.
     */
    void publish()
    {
        state.set(NodeState.Value.PROPOSALS_PENDING, heldCount + Math.max(0, log.lastIndex() - raft.commitIndex()));
        state.set(NodeState.Value.PROPOSALS_FAILED, failedCount);
    }

    @Override
    public Action onMessage(
        final int msgTypeId, final MutableDirectBuffer buffer, final int index, final int length)
    {
        switch (msgTypeId)
        {
            case RingMessages.PROPOSE, RingMessages.PROPOSE_CONFIG ->
            {
                if (holding.size() > 0 || LATER == place(msgTypeId, buffer, index, length))
                {
                    return hold(ANY_TERM, msgTypeId, buffer, index, length) ? Action.CONTINUE : Action.ABORT;
                }
            }
            case RingMessages.READ_INDEX -> reads.onLoopRequest(buffer.getLong(index));
            case RingMessages.KEEP_ALIVE -> leases.onKeepAlive(
                memberId, 0, buffer.getLong(index), buffer.getLong(index + 8), nowNs);
            case RingMessages.TIME_TO_LIVE -> leases.onTimeToLive(
                memberId, 0, buffer.getLong(index), buffer.getLong(index + 8), nowNs);
            case RingMessages.LEASE_DEADLINES -> leases.onDeadlines(
                buffer.getLong(index), (int)buffer.getLong(index + 8));
            case RingMessages.MOVE_LEADER -> transfers.onRequest(buffer.getLong(index), buffer.getLong(index + 8));
            default -> throw new IllegalStateException("unknown message from a loop: type=" + msgTypeId);
        }
        return Action.CONTINUE;
    }

    private Action onHeld(final int msgTypeId, final MutableDirectBuffer buffer, final int index, final int length)
    {
        final boolean isGivenUp = nowNs - buffer.getLong(index) > requestTimeoutNs;
        if (!isGivenUp)
        {
            final long term = buffer.getLong(index + HELD_TERM_OFFSET);
            final int offset = index + HELD_HEADER_LENGTH;
            final int payloadLength = length - HELD_HEADER_LENGTH;
            final int outcome = ANY_TERM == term ?
                place(msgTypeId, buffer, offset, payloadLength) :
                placeForwarded(term, msgTypeId, buffer, offset, payloadLength);
            if (LATER == outcome)
            {
                return Action.ABORT;
            }
        }
        heldCount--;
        return Action.COMMIT;
    }

    private boolean hold(
        final long term, final int msgTypeId, final DirectBuffer buffer, final int offset, final int length)
    {
        final int claimed = holding.tryClaim(msgTypeId, HELD_HEADER_LENGTH + length);
        if (claimed < 0)
        {
            return false;
        }
        holding.buffer().putLong(claimed, nowNs);
        holding.buffer().putLong(claimed + HELD_TERM_OFFSET, term);
        holding.buffer().putBytes(claimed + HELD_HEADER_LENGTH, buffer, offset, length);
        holding.commit(claimed);
        heldCount++;
        return true;
    }

    private int place(final int msgTypeId, final DirectBuffer buffer, final int offset, final int length)
    {
        placed.onTerm(raft.term());
        final int outcome = placeOwn(msgTypeId, buffer, offset, length);
        if (PLACED == outcome)
        {
            placed.onPlaced(correlationId(buffer, offset));
        }
        return outcome;
    }

    private int placeOwn(final int msgTypeId, final DirectBuffer buffer, final int offset, final int length)
    {
        final boolean isConfig = RingMessages.PROPOSE_CONFIG == msgTypeId;
        if (Role.LEADER == raft.role())
        {
            final EtcdError error = propose(isConfig, buffer, offset, length);
            if (null == error || EtcdError.NOT_LEADER == error)
            {
                return LATER;
            }
            if (EtcdError.NONE != error)
            {
                refuse(correlationId(buffer, offset), error);
            }
            return PLACED;
        }
        final long leaderId = raft.leaderId();
        // What is sent to a leader that just died is lost: while it is silent, commands wait for it or its successor.
        if (0 == leaderId || nowNs - events.leaderHeardNs() > leaderSilenceNs)
        {
            return LATER;
        }
        final int result = messages.sendForward(
            leaderId,
            raft.term(),
            correlationId(buffer, offset),
            isConfig ? RaftLogAccess.CONFIG : RaftLogAccess.COMMAND,
            buffer,
            offset,
            length);
        return PeerLink.ACCEPTED == result ? PLACED : LATER;
    }

    private int placeForwarded(
        final long term, final int msgTypeId, final DirectBuffer buffer, final int offset, final int length)
    {
        final EtcdError error = term == raft.term() && Role.LEADER == raft.role() ?
            propose(RingMessages.PROPOSE_CONFIG == msgTypeId, buffer, offset, length) :
            EtcdError.NOT_LEADER;
        if (null == error)
        {
            return LATER;
        }
        if (EtcdError.NONE != error)
        {
            refuseForwarded(buffer, offset, error);
        }
        return PLACED;
    }

    private void refuseForwarded(final DirectBuffer buffer, final int offset, final EtcdError error)
    {
        final long correlationId = correlationId(buffer, offset);
        // Only its origin forwards a command.
        messages.sendRefused(
            proposal.memberId(), proposal.memberId(), proposal.bootId(), correlationId, error.ordinal());
    }

    /** @return the error for the client, {@link EtcdError#NONE} if it was appended, null if it must wait. */
    private EtcdError propose(
        final boolean isConfig, final DirectBuffer buffer, final int offset, final int length)
    {
        final EtcdError error;
        if (isConfig)
        {
            error = configurations.propose(nowNs, buffer, offset, length);
        }
        else
        {
            final int admission = space.check(buffer, offset, length);
            if (SpaceGate.ADMITTED != admission)
            {
                return SpaceGate.LATER == admission ? null : EtcdError.NO_SPACE;
            }
            error = errorOf(raft.propose(RaftLogAccess.COMMAND, buffer, offset, length));
        }
        // A log without a spare segment is ahead of housekeeping for a moment, unless nothing is left in reserve.
        return EtcdError.NO_SPACE == error && !log.isOut() ? null : error;
    }

    private boolean isProposal(final DirectBuffer buffer, final int offset, final int length)
    {
        if (length < MessageHeaderDecoder.ENCODED_LENGTH + ProposalDecoder.BLOCK_LENGTH)
        {
            return false;
        }
        headerDecoder.wrap(buffer, offset);
        if (ProposalDecoder.TEMPLATE_ID != headerDecoder.templateId() ||
            ProposalDecoder.SCHEMA_ID != headerDecoder.schemaId())
        {
            return false;
        }
        proposal.wrap(
            buffer,
            offset + MessageHeaderDecoder.ENCODED_LENGTH,
            headerDecoder.blockLength(),
            headerDecoder.version());
        return true;
    }

    private long correlationId(final DirectBuffer buffer, final int offset)
    {
        proposal.wrap(
            buffer,
            offset + MessageHeaderDecoder.ENCODED_LENGTH,
            ProposalDecoder.BLOCK_LENGTH,
            ProposalDecoder.SCHEMA_VERSION);
        return proposal.correlationId();
    }

    /**
     * @param indexOrCode as {@code RaftCore.propose} returned it.
     * @return the error for the client.
     */
    static EtcdError errorOf(final long indexOrCode)
    {
        if (indexOrCode > 0)
        {
            return EtcdError.NONE;
        }
        return switch ((int)indexOrCode)
        {
            case RaftCore.NO_SPACE -> EtcdError.NO_SPACE;
            case RaftCore.NOT_LEADER -> EtcdError.NOT_LEADER;
            case RaftCore.TRANSFERRING -> EtcdError.PROPOSAL_DROPPED;
            case RaftCore.CONFIG_PENDING, RaftCore.NOT_READY -> EtcdError.UNHEALTHY;
            case RaftCore.BAD_CHANGE -> EtcdError.MEMBER_NOT_FOUND;
            default -> throw new IllegalStateException("unknown refusal of a proposal: " + indexOrCode);
        };
    }
}
