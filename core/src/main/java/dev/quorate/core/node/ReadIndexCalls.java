package dev.quorate.core.node;

import dev.quorate.core.api.EtcdError;
import dev.quorate.core.peer.PeerMessages;
import dev.quorate.core.raft.RaftCore;
import dev.quorate.core.raft.Role;
import dev.quorate.core.ring.LoopRings;
import dev.quorate.core.ring.RingMessages;
import org.agrona.concurrent.UnsafeBuffer;

import java.util.Arrays;

/**
 * Read-index requests: of the loops, which have one each under way, and of followers. On a follower they go to the
 * leader; while none is known, or its link is full, they wait for the next turn.
 * <p>
 * Owned by the consensus thread.
 */
final class ReadIndexCalls
{
    private static final long NONE = -1;
    private static final int PEER_REQUESTS = 4096;
    private static final int PEER_REQUESTS_MASK = PEER_REQUESTS - 1;

    private final long memberId;
    private final RaftCore raft;
    private final PeerMessages messages;
    private final LoopRings[] loops;
    private final long[] waiting;
    private final long[] sent;
    private final long[] peerSequences = new long[PEER_REQUESTS];
    private final long[] peerRequestIds = new long[PEER_REQUESTS];
    private final long[] peerBootIds = new long[PEER_REQUESTS];
    private final UnsafeBuffer reply = new UnsafeBuffer(new byte[16]);
    private long peerSequence;
    private int waitingCount;

    ReadIndexCalls(final NodeContext context, final RaftCore raft, final PeerMessages messages)
    {
        this.memberId = context.memberId();
        this.raft = raft;
        this.messages = messages;
        this.loops = context.loops();
        this.waiting = new long[loops.length];
        this.sent = new long[loops.length];
        Arrays.fill(waiting, NONE);
        Arrays.fill(sent, NONE);
    }

    /**
     * A loop asks, or asks again after it waited long; the newer request takes the place of the older.
     *
     * @param requestId of the loop, which is its upper byte.
     */
    void onLoopRequest(final long requestId)
    {
        final int loopId = (int)(requestId >>> 56);
        sent[loopId] = NONE;
        if (NONE == waiting[loopId])
        {
            waitingCount++;
        }
        waiting[loopId] = requestId;
    }

    /**
     * A follower asks. Its request is known to consensus by a sequence of this leader, so that an answer cannot reach
     * another boot of the follower that happens to use the same request id.
     *
     * @param from      the follower.
     * @param bootId    of the follower.
     * @param requestId of it.
     */
    void onPeerRequest(final long from, final long bootId, final long requestId)
    {
        final long sequence = ++peerSequence;
        final int slot = (int)sequence & PEER_REQUESTS_MASK;
        peerSequences[slot] = sequence;
        peerRequestIds[slot] = requestId;
        peerBootIds[slot] = bootId;
        if (RaftCore.OK != raft.readIndex(sequence, from))
        {
            messages.sendReadIndexResponse(from, bootId, requestId, 0, false);
        }
    }

    /**
     * The leader answered this follower.
     *
     * @param requestId of a loop.
     * @param index     to wait for.
     * @param isReady   false if the leader could not serve it.
     */
    void onPeerResponse(final long requestId, final long index, final boolean isReady)
    {
        final int loopId = (int)(requestId >>> 56);
        if (loopId < loops.length && requestId == sent[loopId])
        {
            sent[loopId] = NONE;
            if (isReady)
            {
                reply(loopId, RingMessages.READ_READY, requestId, index);
            }
            else
            {
                reply(loopId, RingMessages.READ_FAILED, requestId, EtcdError.LEADER_CHANGED.ordinal());
            }
        }
    }

    /**
     * The round of a request was confirmed or lost.
     *
     * @param requestId of a loop, or sequence of a follower's request.
     * @param from      member that asked.
     * @param index     to wait for.
     * @param isReady   false if the round was lost.
     */
    void onRound(final long requestId, final long from, final long index, final boolean isReady)
    {
        if (from == memberId)
        {
            onPeerResponse(requestId, index, isReady);
            return;
        }
        final int slot = (int)requestId & PEER_REQUESTS_MASK;
        if (requestId == peerSequences[slot])
        {
            messages.sendReadIndexResponse(from, peerBootIds[slot], peerRequestIds[slot], index, isReady);
        }
    }

    /**
     * The leader changed: what was sent to the former one fails.
     */
    void onLeaderChanged()
    {
        for (int i = 0; i < loops.length; i++)
        {
            if (NONE != sent[i])
            {
                final long requestId = sent[i];
                sent[i] = NONE;
                reply(i, RingMessages.READ_FAILED, requestId, EtcdError.LEADER_CHANGED.ordinal());
            }
        }
    }

    /**
     * Sends what waits.
     *
     * @return how many requests went.
     */
    int doWork()
    {
        if (0 == waitingCount)
        {
            return 0;
        }
        int work = 0;
        for (int i = 0; i < loops.length; i++)
        {
            if (NONE != waiting[i] && send(i))
            {
                waiting[i] = NONE;
                waitingCount--;
                work++;
            }
        }
        return work;
    }

    private boolean send(final int loopId)
    {
        final long requestId = waiting[loopId];
        if (Role.LEADER == raft.role())
        {
            sent[loopId] = requestId;
            if (RaftCore.OK != raft.readIndex(requestId, memberId))
            {
                sent[loopId] = NONE;
                return false;
            }
            return true;
        }
        final long leaderId = raft.leaderId();
        if (0 != leaderId && messages.sendReadIndexRequest(leaderId, requestId))
        {
            sent[loopId] = requestId;
            return true;
        }
        return false;
    }

    private void reply(final int loopId, final int type, final long requestId, final long value)
    {
        reply.putLong(0, requestId);
        reply.putLong(8, value);
        // A ring without room loses the reply: the loop asks again.
        loops[loopId].fromConsensus().write(type, reply, 0, 16);
        loops[loopId].signalLoop();
    }
}
