package dev.quorate.core.session;

import dev.quorate.core.api.Answer;
import dev.quorate.core.api.ClientCall;
import dev.quorate.core.api.ClientPort;
import dev.quorate.core.api.EtcdError;
import dev.quorate.core.api.Method;
import dev.quorate.core.machine.ApplyResult;
import dev.quorate.core.ring.LoopRings;
import dev.quorate.core.ring.RingMessages;
import dev.quorate.core.ring.RingReads;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.MessageHandler;

/**
 * The core's side of one event loop: routes calls to their groups and what agents send to the calls that wait for it.
 * Owned by the loop's thread.
 */
public final class LoopSession implements ClientPort
{
    private static final int DRAIN_LIMIT = 256;
    private static final long SWEEP_NS = 500_000_000L;

    private final SessionContext context;
    private final LoopRings rings;
    private final SessionParts parts;
    private final LeaderLoss leaderLoss;
    private final WatchStreams watchStreams;
    private final LostCommands losses;
    private final KvCalls kv;
    private final LeaseCalls lease;
    private final ClusterCalls cluster;
    private final MaintenanceCalls maintenance;
    private final ApplyResult part = new ApplyResult();
    private final AppliedResult result = new AppliedResult();
    private final MessageHandler onApplyMessage = this::onApplyMessage;
    private final MessageHandler onConsensusMessage = this::onConsensusMessage;
    private final MessageHandler onWatchMessage = this::onWatchMessage;
    private final MessageHandler onHousekeepingMessage = this::onHousekeepingMessage;
    private long sweepNs;
    private boolean isServing;
    private long answeredPosition;
    private long heldTicket;
    private long heldApplyEnd;
    private long heldWatchEnd;
    private long grantedTicket;
    private boolean isMidResult;

    /**
     * @param context concluded.
     */
    public LoopSession(final SessionContext context)
    {
        this.context = context;
        rings = context.rings();
        parts = new SessionParts(context);
        leaderLoss = new LeaderLoss(context);
        watchStreams = new WatchStreams(context, parts, leaderLoss);
        kv = new KvCalls(context, parts);
        lease = new LeaseCalls(context, parts);
        cluster = new ClusterCalls(context, parts);
        maintenance = new MaintenanceCalls(context, parts);
        losses = new LostCommands(parts.calls);
        sweepNs = context.clock().nanoTime() + SWEEP_NS;
    }

    @Override
    public ClientCall open(final Method method, final boolean requireLeader, final Answer answer)
    {
        return switch (method)
        {
            case WATCH -> watchStreams.open(requireLeader, answer);
            case LEASE_KEEP_ALIVE -> new KeepAliveStream(context, parts, leaderLoss, requireLeader, answer);
            default -> parts.calls.open(method, groupOf(method), requireLeader, answer);
        };
    }

    @Override
    public int doWork()
    {
        if (!isServing)
        {
            isServing = true;
            rings.serve();
        }
        int work = drain();
        final long nowNs = context.clock().nanoTime();
        work += parts.applied.poll();
        work += parts.reads.poll();
        work += parts.timeouts.poll(nowNs);
        work += parts.retries.poll(nowNs);
        work += parts.rounds.poll(nowNs);
        work += leaderLoss.poll(nowNs);
        work += watchStreams.poll();
        if (nowNs >= sweepNs)
        {
            sweepNs = nowNs + SWEEP_NS;
            parts.applied.sweep();
        }
        return work;
    }

    @Override
    public long nextDeadlineNs()
    {
        if (parts.reads.hasWork())
        {
            return context.clock().nanoTime();
        }
        final long timers = Math.min(parts.timeouts.nextDeadlineNs(), parts.rounds.nextDeadlineNs());
        return Math.min(Math.min(timers, parts.retries.nextDeadlineNs()), leaderLoss.nextDeadlineNs());
    }

    private CallGroup groupOf(final Method method)
    {
        return switch (method)
        {
            case KV_RANGE, KV_RANGE_STREAM, KV_PUT, KV_DELETE_RANGE, KV_TXN, KV_COMPACT -> kv;
            case LEASE_GRANT, LEASE_REVOKE, LEASE_TIME_TO_LIVE, LEASE_LEASES -> lease;
            case MEMBER_ADD, MEMBER_REMOVE, MEMBER_UPDATE, MEMBER_LIST, MEMBER_PROMOTE -> cluster;
            default -> maintenance;
        };
    }

    private int drain()
    {
        watchForGrace();
        int work = RingReads.read(rings.fromApply(), onApplyMessage, DRAIN_LIMIT);
        work += RingReads.read(rings.fromConsensus(), onConsensusMessage, DRAIN_LIMIT);
        work += RingReads.read(rings.fromWatch(), onWatchMessage, DRAIN_LIMIT);
        work += RingReads.read(rings.fromHousekeeping(), onHousekeepingMessage, DRAIN_LIMIT);
        grantGrace();
        return work;
    }

    /** Notes what must be drained before a new ticket is granted: the ticket is loaded before the ends of the rings. */
    private void watchForGrace()
    {
        if (grantedTicket == heldTicket)
        {
            heldTicket = rings.requestedGrace();
            heldApplyEnd = rings.fromApply().producerPosition();
            heldWatchEnd = rings.fromWatch().producerPosition();
        }
    }

    /** A result of which only some parts have come refers to the store still. */
    private void grantGrace()
    {
        final long applyPosition = rings.fromApply().consumerPosition();
        final long watchPosition = rings.fromWatch().consumerPosition();
        if (grantedTicket != heldTicket && !isMidResult && applyPosition >= heldApplyEnd &&
            watchPosition >= heldWatchEnd)
        {
            grantedTicket = heldTicket;
            rings.grantGrace(grantedTicket);
        }
        if (!isMidResult && applyPosition + watchPosition != answeredPosition)
        {
            answeredPosition = applyPosition + watchPosition;
            rings.answeredPosition(answeredPosition);
        }
    }

    private void onApplyMessage(
        final int type, final MutableDirectBuffer buffer, final int index, final int length)
    {
        switch (type)
        {
            case RingMessages.RESULT -> onResult(buffer, index, length);
            case RingMessages.TERM_APPLIED -> losses.onTermApplied(buffer.getLong(index));
            case RingMessages.RESULTS_SKIPPED -> parts.calls.resultsSkipped();
            default -> throw new IllegalStateException("unknown message of apply: " + type);
        }
    }

    private void onResult(final DirectBuffer buffer, final int index, final int length)
    {
        part.wrap(buffer, index, length);
        final long correlationId = part.correlationId();
        isMidResult = part.isContinued();
        if (isMidResult)
        {
            if (parts.calls.peek(correlationId) instanceof final UnaryCall call)
            {
                AppliedResult.append(part, call.values);
            }
            return;
        }
        if (parts.calls.take(correlationId) instanceof final UnaryCall call)
        {
            if (!Calls.endedBy(call, part.error()))
            {
                result.take(part, call.values);
                call.group.onApplied(call, result);
            }
        }
    }

    private void onConsensusMessage(
        final int type, final MutableDirectBuffer buffer, final int index, final int length)
    {
        final long id = buffer.getLong(index);
        switch (type)
        {
            case RingMessages.READ_READY -> parts.rounds.onReady(id, buffer.getLong(index + 8));
            case RingMessages.READ_FAILED -> parts.rounds.onFailed(id, errorAt(buffer, index + 8));
            case RingMessages.PLACED_BEFORE_TERM -> losses.onPlacedBeforeTerm(id, buffer.getLong(index + 8));
            case RingMessages.REFUSED ->
            {
                final Calls.Pending pending = parts.calls.take(id);
                if (pending != null)
                {
                    pending.onRefused(errorAt(buffer, index + 8));
                }
            }
            case RingMessages.KEEP_ALIVE_ANSWER, RingMessages.TIME_TO_LIVE_ANSWER, RingMessages.MOVE_LEADER_ANSWER,
                RingMessages.LEASE_DEADLINES_ANSWER -> onAgentAnswer(id, type, buffer, index);
            default -> throw new IllegalStateException("unknown message of consensus: " + type);
        }
    }

    private void onWatchMessage(
        final int type, final MutableDirectBuffer buffer, final int index, final int length)
    {
        watchStreams.onMessage(type, buffer, index);
    }

    private void onHousekeepingMessage(
        final int type, final MutableDirectBuffer buffer, final int index, final int length)
    {
        if (type != RingMessages.HOUSEKEEPING_ANSWER)
        {
            throw new IllegalStateException("unknown message of housekeeping: " + type);
        }
        onAgentAnswer(buffer.getLong(index), type, buffer, index);
    }

    private void onAgentAnswer(final long id, final int type, final DirectBuffer buffer, final int index)
    {
        final Calls.Pending pending = parts.calls.take(id);
        if (pending != null)
        {
            pending.onAgentAnswer(type, buffer, index);
        }
    }

    private static EtcdError errorAt(final DirectBuffer buffer, final int index)
    {
        return EtcdError.of((int)buffer.getLong(index));
    }
}
