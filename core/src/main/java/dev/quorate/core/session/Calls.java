package dev.quorate.core.session;

import dev.quorate.core.api.Answer;
import dev.quorate.core.api.EtcdError;
import dev.quorate.core.api.Method;
import dev.quorate.core.ring.NodeState;
import org.agrona.DirectBuffer;
import org.agrona.collections.Long2ObjectHashMap;
import org.agrona.collections.LongArrayList;

import java.util.ArrayDeque;

/**
 * The calls of this loop: those that wait, by correlation id, their deadlines, and the gates that every call passes.
 */
final class Calls
{
    /** Commits that apply may lag behind before commands are refused. */
    private static final long MAX_APPLY_GAP = 5_000;
    private static final int CORRELATION_SHIFT = 56;

    private final SessionContext context;
    private final NodeState nodeState;
    private final Timeouts timeouts;
    private final Retries retries;
    private final Long2ObjectHashMap<Pending> pending = new Long2ObjectHashMap<>();
    private final ArrayDeque<UnaryCall> free = new ArrayDeque<>();
    private final LongArrayList lost = new LongArrayList();
    private long nextSequence;
    private int waiting;

    /**
     * Waits for an agent's answer.
     */
    interface Pending
    {
        /** The question or command was refused: it has had no effect and never will. */
        void onRefused(EtcdError error);

        /** An agent answers; the fields behind the correlation id begin at {@code index + 8}. */
        void onAgentAnswer(int type, DirectBuffer buffer, int index);
    }

    Calls(final SessionContext context, final Timeouts timeouts, final Retries retries)
    {
        this.context = context;
        this.timeouts = timeouts;
        this.retries = retries;
        nodeState = context.nodeState();
    }

    UnaryCall open(final Method method, final CallGroup group, final boolean requireLeader, final Answer answer)
    {
        final UnaryCall call = free.isEmpty() ? new UnaryCall(this) : free.poll();
        return call.open(method, group, requireLeader, answer);
    }

    long nowNs()
    {
        return context.clock().nanoTime();
    }

    String tooLargeText()
    {
        return "grpc: trying to send message larger than max (" + context.maxResponseBytes() + ")";
    }

    /** @return the error with which a call must end before it is looked at, in the order of etcd's interceptors. */
    EtcdError gate(final boolean isLearnerAllowed, final boolean isLeaderRequired)
    {
        if (nodeState.get(NodeState.Value.CLUSTER_VERSION) == 0)
        {
            return EtcdError.NOT_CAPABLE;
        }
        if (!isLearnerAllowed && nodeState.get(NodeState.Value.IS_LEARNER) != 0)
        {
            return EtcdError.NOT_SUPPORTED_FOR_LEARNER;
        }
        if (isLeaderRequired && nodeState.get(NodeState.Value.LEADER_ID) == 0)
        {
            return EtcdError.NO_LEADER;
        }
        return EtcdError.NONE;
    }

    /** @return true if the call was ended at a gate. */
    boolean isRefused(final UnaryCall call, final boolean isLearnerAllowed)
    {
        return endedBy(call, gate(isLearnerAllowed, call.isLeaderRequired));
    }

    /** Ends the call if there is an error. @return true if there is one. */
    static boolean endedBy(final UnaryCall call, final EtcdError error)
    {
        if (error == EtcdError.NONE)
        {
            return false;
        }
        call.fail(error);
        return true;
    }

    boolean isApplyBehind()
    {
        final long applied = nodeState.get(NodeState.Value.APPLIED_INDEX);
        return nodeState.get(NodeState.Value.COMMIT_INDEX) - applied > MAX_APPLY_GAP;
    }

    boolean isFull()
    {
        return waiting >= context.maxPendingCalls();
    }

    /** @return true if there is no room for this call to wait; one that waits already has its room. */
    boolean isFullFor(final UnaryCall call)
    {
        return isFull() && !call.isWaiting;
    }

    /** The call begins again after a pause; its deadline stays. */
    void retryLater(final UnaryCall call)
    {
        retries.later(call, nowNs());
    }

    long nextCorrelationId()
    {
        return ((long)context.rings().loopId() << CORRELATION_SHIFT) | nextSequence++;
    }

    /** The call waits for the result of its command, until its deadline. */
    void awaitResult(final UnaryCall call, final long correlationId)
    {
        await(call, correlationId);
        call.isLossProvable = true;
        call.isProposed = true;
    }

    /** Nobody waits any more for the result of a command. */
    void countFailedProposal()
    {
        context.rings().countFailedProposal();
    }

    /** The call waits for an agent's answer under this id, until its deadline. */
    void await(final UnaryCall call, final long correlationId)
    {
        call.correlationId = correlationId;
        call.isLossProvable = false;
        pending.put(correlationId, call);
        startTimer(call, context.requestTimeoutNs());
    }

    /** The call waits, until its deadline, for something that has no correlation id. */
    void startTimer(final UnaryCall call, final long timeoutNs)
    {
        if (!call.hasTimer())
        {
            waiting += call.isWaiting ? 0 : 1;
            call.isWaiting = true;
            call.setTimer(timeouts.schedule(call, call.startNs + timeoutNs));
        }
    }

    /** The call waits for an agent's answer for as long as its client does. */
    void awaitWithoutDeadline(final UnaryCall call, final long correlationId)
    {
        call.correlationId = correlationId;
        call.isLossProvable = false;
        pending.put(correlationId, call);
        waiting += call.isWaiting ? 0 : 1;
        call.isWaiting = true;
    }

    void await(final KeepAlive request, final long correlationId)
    {
        pending.put(correlationId, request);
    }

    /** The commands that wait now may have taken effect without a result: they end by it or by their deadlines. */
    void resultsSkipped()
    {
        for (final Pending each : pending.values())
        {
            if (each instanceof final UnaryCall call)
            {
                call.isLossProvable = false;
            }
        }
    }

    /** Proposes again what was lost: the commands up to an id that have no result, and never will. */
    void proposeAgain(final long upToCorrelationId)
    {
        for (final Pending each : pending.values())
        {
            if (each instanceof final UnaryCall call && call.isLossProvable && call.correlationId <= upToCorrelationId)
            {
                lost.add(call.correlationId);
            }
        }
        for (int i = 0, size = lost.size(); i < size; i++)
        {
            if (take(lost.getLong(i)) instanceof final UnaryCall call)
            {
                call.beginAgain();
            }
        }
        lost.clear();
    }

    /** @return who waits under the id, null if nobody does any more. Stays listed. */
    Pending peek(final long correlationId)
    {
        return pending.get(correlationId);
    }

    /** @return who waited under the id, null if nobody does any more. */
    Pending take(final long correlationId)
    {
        final Pending found = pending.remove(correlationId);
        if (found instanceof final UnaryCall call)
        {
            call.correlationId = UnaryCall.NO_CORRELATION;
            call.isProposed = false;
        }
        return found;
    }

    void forget(final UnaryCall call, final long timerId)
    {
        if (call.correlationId != UnaryCall.NO_CORRELATION)
        {
            pending.remove(call.correlationId);
            call.correlationId = UnaryCall.NO_CORRELATION;
        }
        stopTimer(timerId);
        waiting -= call.isWaiting ? 1 : 0;
        call.isWaiting = false;
    }

    void stopTimer(final long timerId)
    {
        if (timerId != Timeouts.NONE)
        {
            timeouts.cancel(timerId);
        }
    }

    void recycle(final UnaryCall call)
    {
        if (free.size() < context.maxPendingCalls())
        {
            free.add(call);
        }
    }

    /** @return why a question to the leader, repeated until its deadline, was not answered. */
    EtcdError questionTimeout(final long startNs)
    {
        return nodeState.get(NodeState.Value.LEADER_ID) == 0 ? EtcdError.NO_LEADER : proposalTimeout(startNs);
    }

    /** @return text of a command's time-out by its cause. */
    EtcdError proposalTimeout(final long startNs)
    {
        final long leaderSinceNs = nodeState.get(NodeState.Value.LEADER_SINCE_NS);
        final long electionNs = context.electionTimeoutNs();
        final boolean hasLeader = nodeState.get(NodeState.Value.LEADER_ID) != 0;
        if (leaderSinceNs != 0 && startNs > leaderSinceNs - 2 * electionNs && startNs < leaderSinceNs)
        {
            return EtcdError.TIMEOUT_LEADER_FAILURE;
        }
        if (hasLeader && nowNs() - nodeState.get(NodeState.Value.QUORUM_HEARD_NS) > electionNs)
        {
            return EtcdError.TIMEOUT_CONNECTION_LOST;
        }
        return EtcdError.TIMEOUT;
    }
}
