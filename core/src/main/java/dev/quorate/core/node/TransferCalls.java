package dev.quorate.core.node;

import dev.quorate.core.api.EtcdError;
import dev.quorate.core.raft.RaftCore;
import dev.quorate.core.ring.LoopRings;
import dev.quorate.core.ring.RingMessages;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The one transfer of leadership that may be under way, and who waits for it: a call of a loop, or the shutdown.
 * <p>
 * Owned by the consensus thread.
 */
final class TransferCalls
{
    private final long memberId;
    private final RaftCore raft;
    private final LoopRings[] loops;
    private final UnsafeBuffer answer = new UnsafeBuffer(new byte[16]);
    private boolean isPending;
    private boolean isCall;
    private long correlationId;
    private long target;

    TransferCalls(final NodeContext context, final RaftCore raft)
    {
        this.memberId = context.memberId();
        this.raft = raft;
        this.loops = context.loops();
    }

    /**
     * A loop asks to hand leadership over.
     *
     * @param call     correlation id.
     * @param toMember that shall lead.
     */
    void onRequest(final long call, final long toMember)
    {
        if (RaftCore.NOT_LEADER == raft.transferLeadership(memberId))
        {
            answer(call, EtcdError.NOT_LEADER);
        }
        else if (isPending && toMember != target)
        {
            answer(call, EtcdError.TRANSFER_TIMEOUT);
        }
        else if (RaftCore.OK != raft.transferLeadership(toMember))
        {
            answer(call, EtcdError.BAD_LEADER_TRANSFEREE);
        }
        else if (toMember == memberId)
        {
            answer(call, EtcdError.NONE);
        }
        else
        {
            isPending = true;
            isCall = true;
            correlationId = call;
            target = toMember;
        }
    }

    /**
     * Hands leadership to the voter that holds most of the log, as a leader does before it stops.
     */
    void yieldLeadership()
    {
        long best = 0;
        long bestMatch = -1;
        for (int i = 0; i < raft.configuration().voters().size(); i++)
        {
            final long voter = raft.configuration().voters().getLong(i);
            if (voter != memberId && raft.matchIndex(voter) > bestMatch)
            {
                best = voter;
                bestMatch = raft.matchIndex(voter);
            }
        }
        if (0 != best && !isPending && RaftCore.OK == raft.transferLeadership(best))
        {
            isPending = true;
            isCall = false;
            target = best;
        }
    }

    /**
     * Looks how the transfer goes.
     *
     * @return 1 if it ended.
     */
    int doWork()
    {
        if (!isPending)
        {
            return 0;
        }
        final int outcome = raft.transferState();
        if (RaftCore.TRANSFER_TIMED_OUT == outcome)
        {
            return end(EtcdError.TRANSFER_TIMEOUT);
        }
        // The call is answered once the new leader is known, as etcd does.
        if (RaftCore.TRANSFER_DONE == outcome && 0 != raft.leaderId())
        {
            return end(raft.leaderId() == target ? EtcdError.NONE : EtcdError.TRANSFER_TIMEOUT);
        }
        return 0;
    }

    /**
     * @return true while a transfer is under way.
     */
    boolean isPending()
    {
        return isPending;
    }

    private int end(final EtcdError error)
    {
        isPending = false;
        if (isCall)
        {
            answer(correlationId, error);
        }
        return 1;
    }

    private void answer(final long call, final EtcdError error)
    {
        answer.putLong(0, call);
        answer.putLong(8, error.ordinal());
        final LoopRings loop = loops[(int)(call >>> 56)];
        // A ring without room loses the answer: the call ends at its deadline.
        loop.fromConsensus().write(RingMessages.MOVE_LEADER_ANSWER, answer, 0, 16);
        loop.signalLoop();
    }
}
