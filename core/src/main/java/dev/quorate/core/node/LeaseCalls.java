package dev.quorate.core.node;

import dev.quorate.core.api.EtcdError;
import dev.quorate.core.lease.LeaseClock;
import dev.quorate.core.peer.PeerMessages;
import dev.quorate.core.raft.RaftCore;
import dev.quorate.core.raft.RaftLogAccess;
import dev.quorate.core.raft.Role;
import dev.quorate.core.ring.LoopRings;
import dev.quorate.core.ring.RingMessages;
import org.agrona.collections.LongArrayList;
import org.agrona.concurrent.AtomicBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.ringbuffer.OneToOneRingBuffer;

import java.util.concurrent.TimeUnit;

/**
 * Keep-alives and questions for remaining time. The leader renews at once but answers only after a read round that
 * began later confirmed that it still leads; all calls of a turn share a round. A follower passes them on.
 * <p>
 * Owned by the consensus thread.
 */
final class LeaseCalls
{
    /** Upper byte of the ids of read rounds begun here; no loop has it. */
    static final long ROUND_PREFIX = 0x7EL << 56;

    private static final int CAPACITY = 64 * 1024;
    private static final int MASK = CAPACITY - 1;
    private static final int DEADLINES_LIMIT = 1_024;
    private static final int DEADLINES_HEADER = 4 * Long.BYTES;

    private final long memberId;
    private final RaftCore raft;
    private final RaftLogAccess log;
    private final PeerMessages messages;
    private final LeaseClock clock;
    private final LoopRings[] loops;
    private final long[] from = new long[CAPACITY];
    private final long[] fromBootIds = new long[CAPACITY];
    private final long[] correlationIds = new long[CAPACITY];
    private final long[] leaseIds = new long[CAPACITY];
    private final long[] ttls = new long[CAPACITY];
    private final long[] grantedTtls = new long[CAPACITY];
    private final long[] minIndexes = new long[CAPACITY];
    private final long[] rounds = new long[CAPACITY];
    private final boolean[] isKeepAlive = new boolean[CAPACITY];
    private final UnsafeBuffer answer = new UnsafeBuffer(new byte[48]);
    private final LongArrayList deadlines = new LongArrayList();
    private long head;
    private long tail;
    private long unsentTail;
    private long round;
    private long fenceRound;

    LeaseCalls(
        final NodeContext context,
        final RaftCore raft,
        final RaftLogAccess log,
        final PeerMessages messages,
        final LeaseClock clock)
    {
        this.memberId = context.memberId();
        this.raft = raft;
        this.log = log;
        this.messages = messages;
        this.clock = clock;
        this.loops = context.loops();
    }

    /**
     * A loop of this member or a follower asks to renew a lease.
     *
     * @param origin        member that asks.
     * @param bootId        of that member.
     * @param correlationId of the call there.
     * @param leaseId       of the lease.
     * @param nowNs         time.
     */
    void onKeepAlive(
        final long origin, final long bootId, final long correlationId, final long leaseId, final long nowNs)
    {
        if (Role.LEADER != raft.role())
        {
            if (origin != memberId || 0 == raft.leaderId() ||
                !messages.sendKeepAliveRequest(raft.leaderId(), correlationId, leaseId))
            {
                answerKeepAlive(origin, bootId, correlationId, leaseId, 0, 0, EtcdError.NO_LEADER);
            }
            return;
        }
        final long ttl = clock.renew(leaseId, nowNs);
        if (LeaseClock.NOT_LEADER == ttl || isFull())
        {
            answerKeepAlive(origin, bootId, correlationId, leaseId, 0, 0, EtcdError.NO_LEADER);
            return;
        }
        // A lease that is being revoked is gone once what is in the log by now is applied.
        final long minIndex = LeaseClock.REVOKING == ttl ? log.lastIndex() : 0;
        add(origin, bootId, correlationId, leaseId, Math.max(0, ttl), 0, minIndex, true);
    }

    /**
     * A loop of this member or a follower asks for the remaining time of a lease.
     *
     * @param origin        member that asks.
     * @param bootId        of that member.
     * @param correlationId of the call there.
     * @param leaseId       of the lease.
     * @param nowNs         time.
     */
    void onTimeToLive(
        final long origin, final long bootId, final long correlationId, final long leaseId, final long nowNs)
    {
        if (Role.LEADER != raft.role())
        {
            if (origin != memberId || 0 == raft.leaderId() ||
                !messages.sendTimeToLiveRequest(raft.leaderId(), correlationId, leaseId))
            {
                answerTimeToLive(origin, bootId, correlationId, leaseId, -1, 0, 0, EtcdError.NO_LEADER);
            }
            return;
        }
        if (!clock.isRunning() || isFull())
        {
            answerTimeToLive(origin, bootId, correlationId, leaseId, -1, 0, 0, EtcdError.NO_LEADER);
            return;
        }
        final long remainingNs = clock.remainingNs(leaseId, nowNs);
        add(
            origin,
            bootId,
            correlationId,
            leaseId,
            remainingNs < 0 ? -1 : TimeUnit.NANOSECONDS.toSeconds(remainingNs),
            clock.grantedTtlSeconds(leaseId),
            0,
            false);
    }

    /**
     * A loop of this member asks when leases expire, to list them in that order. Only the leader measures; nothing is
     * confirmed, for such a list is no more than this member's view.
     *
     * @param correlationId of the call.
     * @param fromSlot      of the clock.
     */
    void onDeadlines(final long correlationId, final int fromSlot)
    {
        deadlines.clear();
        final int nextSlot = clock.copyDeadlines(fromSlot, DEADLINES_LIMIT, deadlines);
        final LoopRings loop = loops[(int)(correlationId >>> 56)];
        final OneToOneRingBuffer ring = loop.fromConsensus();
        final int at = ring.tryClaim(
            RingMessages.LEASE_DEADLINES_ANSWER, DEADLINES_HEADER + deadlines.size() * Long.BYTES);
        if (at < 0)
        {
            // A ring without room loses the answer: the call ends at its deadline.
            return;
        }
        final AtomicBuffer buffer = ring.buffer();
        buffer.putLong(at, correlationId);
        buffer.putLong(at + 8, EtcdError.NONE.ordinal());
        buffer.putLong(at + 16, nextSlot);
        buffer.putLong(at + 24, deadlines.size() / 2);
        for (int i = 0; i < deadlines.size(); i++)
        {
            buffer.putLong(at + DEADLINES_HEADER + i * Long.BYTES, deadlines.getLong(i));
        }
        ring.commit(at);
        loop.signalLoop();
    }

    /**
     * The leader answered a keep-alive of this member.
     *
     * @param correlationId of the call.
     * @param leaseId       of the lease.
     * @param ttl           seconds.
     * @param index         to wait for.
     * @param error         of the leader.
     */
    void onKeepAliveAnswer(
        final long correlationId, final long leaseId, final long ttl, final long index, final EtcdError error)
    {
        answerKeepAlive(memberId, 0, correlationId, leaseId, ttl, index, error);
    }

    /**
     * The leader answered a question for remaining time of this member.
     *
     * @param correlationId of the call.
     * @param leaseId       of the lease.
     * @param ttl           remaining seconds.
     * @param grantedTtl    seconds.
     * @param index         to wait for.
     * @param error         of the leader.
     */
    void onTimeToLiveAnswer(
        final long correlationId,
        final long leaseId,
        final long ttl,
        final long grantedTtl,
        final long index,
        final EtcdError error)
    {
        answerTimeToLive(memberId, 0, correlationId, leaseId, ttl, grantedTtl, index, error);
    }

    /**
     * The thread was away for long: nothing expires until a round that begins from now on is confirmed.
     */
    void fence()
    {
        clock.fence();
        fenceRound = 0;
    }

    /**
     * Begins a round for the calls of this turn, or for a fenced clock.
     *
     * @return how many calls were sent.
     */
    int doWork()
    {
        final boolean isFenceOpen = clock.isFenced() && 0 == fenceRound;
        if (unsentTail == tail && !isFenceOpen)
        {
            return 0;
        }
        // All is noted before the round begins: the only member of a cluster confirms it at once.
        final long firstUnsent = unsentTail;
        round++;
        while (unsentTail < tail)
        {
            rounds[(int)unsentTail & MASK] = round;
            unsentTail++;
        }
        if (isFenceOpen)
        {
            fenceRound = round;
        }
        final int count = (int)(tail - firstUnsent);
        if (RaftCore.OK != raft.readIndex(ROUND_PREFIX | round, memberId))
        {
            round--;
            unsentTail = firstUnsent;
            fenceRound = isFenceOpen ? 0 : fenceRound;
            return 0;
        }
        return count;
    }

    /**
     * A round begun here was confirmed.
     *
     * @param requestId of the round.
     * @param index     to wait for.
     */
    void onReady(final long requestId, final long index)
    {
        final long confirmed = requestId & ~ROUND_PREFIX;
        if (0 != fenceRound && fenceRound <= confirmed)
        {
            fenceRound = 0;
            clock.confirm();
        }
        while (head < unsentTail && rounds[(int)head & MASK] <= confirmed)
        {
            answerHead(Math.max(index, minIndexes[(int)head & MASK]), EtcdError.NONE);
        }
    }

    /**
     * Rounds begun here were lost: this member leads no more.
     */
    void onFailed()
    {
        fenceRound = 0;
        while (head < tail)
        {
            answerHead(0, EtcdError.NO_LEADER);
        }
        unsentTail = tail;
    }

    private void answerHead(final long index, final EtcdError error)
    {
        final int slot = (int)head & MASK;
        head++;
        if (isKeepAlive[slot])
        {
            answerKeepAlive(
                from[slot], fromBootIds[slot], correlationIds[slot], leaseIds[slot], ttls[slot], index, error);
        }
        else
        {
            answerTimeToLive(
                from[slot],
                fromBootIds[slot],
                correlationIds[slot],
                leaseIds[slot],
                ttls[slot],
                grantedTtls[slot],
                index,
                error);
        }
    }

    private boolean isFull()
    {
        return tail - head == CAPACITY;
    }

    private void add(
        final long origin,
        final long bootId,
        final long correlationId,
        final long leaseId,
        final long ttl,
        final long grantedTtl,
        final long minIndex,
        final boolean keepAlive)
    {
        final int slot = (int)tail & MASK;
        from[slot] = origin;
        fromBootIds[slot] = bootId;
        correlationIds[slot] = correlationId;
        leaseIds[slot] = leaseId;
        ttls[slot] = ttl;
        grantedTtls[slot] = grantedTtl;
        minIndexes[slot] = minIndex;
        isKeepAlive[slot] = keepAlive;
        tail++;
    }

    private void answerKeepAlive(
        final long to,
        final long bootId,
        final long correlationId,
        final long leaseId,
        final long ttl,
        final long index,
        final EtcdError error)
    {
        if (to != memberId)
        {
            messages.sendKeepAliveAnswer(to, bootId, correlationId, leaseId, ttl, index, error.ordinal());
            return;
        }
        answer.putLong(0, correlationId);
        answer.putLong(8, error.ordinal());
        answer.putLong(16, leaseId);
        answer.putLong(24, ttl);
        answer.putLong(32, index);
        write(correlationId, RingMessages.KEEP_ALIVE_ANSWER, 40);
    }

    private void answerTimeToLive(
        final long to,
        final long bootId,
        final long correlationId,
        final long leaseId,
        final long ttl,
        final long grantedTtl,
        final long index,
        final EtcdError error)
    {
        if (to != memberId)
        {
            messages.sendTimeToLiveAnswer(
                to, bootId, correlationId, leaseId, ttl, grantedTtl, index, error.ordinal());
            return;
        }
        answer.putLong(0, correlationId);
        answer.putLong(8, error.ordinal());
        answer.putLong(16, leaseId);
        answer.putLong(24, ttl);
        answer.putLong(32, grantedTtl);
        answer.putLong(40, index);
        write(correlationId, RingMessages.TIME_TO_LIVE_ANSWER, 48);
    }

    private void write(final long correlationId, final int type, final int length)
    {
        final int loopId = (int)(correlationId >>> 56);
        if (loopId < loops.length)
        {
            // A ring without room loses the answer: the call ends at its deadline.
            loops[loopId].fromConsensus().write(type, answer, 0, length);
            loops[loopId].signalLoop();
        }
    }
}
