package dev.quorate.core.lease;

import org.agrona.DeadlineTimerWheel;
import org.agrona.collections.Long2LongHashMap;
import org.agrona.collections.LongArrayList;
import org.agrona.collections.LongArrayQueue;

import java.util.Arrays;
import java.util.concurrent.TimeUnit;

/**
 * Deadlines of all leases. It runs on the leader only and starts anew with each leadership: every lease then gets its
 * granted time to live plus an election time-out, so that no lease ends early whatever the previous leader had promised
 * [L1]. A renewal only moves a deadline; the timer that fires early is set again.
 * <p>
 * Owned by the consensus thread. Times are nanoseconds of the monotonic clock.
 */
public final class LeaseClock
{
    /** {@link #renew}: there is no such lease. */
    public static final long UNKNOWN = 0;
    /** {@link #renew}: its revocation is already proposed; answer after it was applied. */
    public static final long REVOKING = -1;
    /** {@link #renew}: the clock does not run, this member does not lead or may not promise yet. */
    public static final long NOT_LEADER = -2;

    /**
     * Proposes revocations.
     */
    @FunctionalInterface
    public interface Proposer
    {
        /**
         * A lease expired.
         *
         * @param leaseId that expired.
         * @return true if its revocation was proposed; false to be asked again in a later turn.
         */
        boolean onExpired(long leaseId);
    }

    private static final long TICK_NS = 1L << 26;
    private static final int TICKS_PER_WHEEL = 1024;
    private static final int NO_SLOT = -1;
    /** The one number that is no id of a lease. */
    private static final long NO_LEASE = 0;
    private static final byte LIVE = 1;
    private static final byte EXPIRED = 2;
    private static final byte PROPOSED = 3;

    private final long electionTimeoutNs;
    private final Long2LongHashMap slotById = new Long2LongHashMap(NO_SLOT);
    private final Long2LongHashMap slotByTimer = new Long2LongHashMap(NO_SLOT);
    private final LongArrayQueue expired = new LongArrayQueue(NO_LEASE);
    private final DeadlineTimerWheel.TimerHandler timerHandler = this::onTimer;
    private DeadlineTimerWheel wheel;
    private long[] ids = new long[64];
    private long[] ttlNs = new long[64];
    private long[] deadlineNs = new long[64];
    private long[] timerIds = new long[64];
    private byte[] states = new byte[64];
    private int[] free = new int[64];
    private int freeCount;
    private int slotCount;
    private boolean isRunning;
    private boolean isFenced;
    private long renewedCount;
    private long expiredCount;

    /**
     * @param electionTimeoutNs added to every lease by a new leader, ns.
     */
    public LeaseClock(final long electionTimeoutNs)
    {
        this.electionTimeoutNs = electionTimeoutNs;
    }

    /**
     * Apply granted a lease, or found it at recovery.
     *
     * @param leaseId    of the lease, not 0.
     * @param ttlSeconds granted, seconds.
     * @param nowNs      time.
     */
    public void onGranted(final long leaseId, final long ttlSeconds, final long nowNs)
    {
        if (NO_SLOT != slotById.get(leaseId))
        {
            throw new IllegalStateException("lease granted twice: id=" + Long.toHexString(leaseId));
        }
        final int slot = claimSlot();
        slotById.put(leaseId, slot);
        ids[slot] = leaseId;
        ttlNs[slot] = toNs(ttlSeconds);
        states[slot] = LIVE;
        timerIds[slot] = DeadlineTimerWheel.NULL_DEADLINE;
        if (isRunning)
        {
            arm(slot, saturatedAdd(nowNs, ttlNs[slot]));
        }
    }

    /**
     * Apply revoked a lease.
     *
     * @param leaseId of the lease.
     */
    public void onRevoked(final long leaseId)
    {
        final long slot = slotById.remove(leaseId);
        if (NO_SLOT != slot)
        {
            disarm((int)slot);
            states[(int)slot] = 0;
            free[freeCount++] = (int)slot;
        }
    }

    /**
     * A snapshot replaced all leases.
     */
    public void clear()
    {
        stop();
        slotById.clear();
        Arrays.fill(states, (byte)0);
        freeCount = 0;
        slotCount = 0;
    }

    /**
     * This member leads and committed an entry of its term: every lease starts at its granted time plus an election
     * time-out. It is fenced until {@link #confirm()}.
     *
     * @param nowNs time.
     */
    public void start(final long nowNs)
    {
        stop();
        isRunning = true;
        isFenced = false;
        wheel = new DeadlineTimerWheel(TimeUnit.NANOSECONDS, nowNs, TICK_NS, TICKS_PER_WHEEL);
        for (int slot = 0; slot < slotCount; slot++)
        {
            if (0 != states[slot])
            {
                states[slot] = LIVE;
                arm(slot, saturatedAdd(nowNs, saturatedAdd(ttlNs[slot], electionTimeoutNs)));
            }
        }
    }

    /**
     * This member leads no more: nothing expires here.
     */
    public void stop()
    {
        isRunning = false;
        isFenced = false;
        expired.clear();
        slotByTimer.clear();
        wheel = null;
        Arrays.fill(timerIds, DeadlineTimerWheel.NULL_DEADLINE);
    }

    /**
     * The thread was away for longer than an election time-out: another member may lead by now. Nothing is revoked
     * before a fresh read round confirmed the leadership [L3].
     */
    public void fence()
    {
        isFenced = isRunning;
    }

    /**
     * A read round that began after {@link #fence()} was confirmed by a quorum.
     */
    public void confirm()
    {
        isFenced = false;
    }

    /**
     * @return true while revocations wait for a fresh read round.
     */
    public boolean isFenced()
    {
        return isFenced;
    }

    /**
     * @return true while this member leads and measures.
     */
    public boolean isRunning()
    {
        return isRunning;
    }

    /**
     * Renews a lease; the caller confirms its leadership by a read round before it answers.
     *
     * @param leaseId of the lease.
     * @param nowNs   time.
     * @return granted time to live in seconds, or {@link #UNKNOWN}, {@link #REVOKING} or {@link #NOT_LEADER}.
     */
    public long renew(final long leaseId, final long nowNs)
    {
        if (!isRunning)
        {
            return NOT_LEADER;
        }
        final int slot = (int)slotById.get(leaseId);
        if (NO_SLOT == slot)
        {
            return UNKNOWN;
        }
        if (LIVE != states[slot])
        {
            return REVOKING;
        }
        deadlineNs[slot] = saturatedAdd(nowNs, ttlNs[slot]);
        renewedCount++;
        return TimeUnit.NANOSECONDS.toSeconds(ttlNs[slot]);
    }

    /**
     * @param leaseId of a lease.
     * @param nowNs   time.
     * @return time to its expiry in ns, 0 if it is over; -1 if there is no such lease.
     */
    public long remainingNs(final long leaseId, final long nowNs)
    {
        final int slot = (int)slotById.get(leaseId);
        if (NO_SLOT == slot)
        {
            return -1;
        }
        return Math.max(0, deadlineNs[slot] - nowNs);
    }

    /**
     * @param leaseId of a lease.
     * @return its granted time to live in seconds, 0 if there is no such lease.
     */
    public long grantedTtlSeconds(final long leaseId)
    {
        final int slot = (int)slotById.get(leaseId);
        return NO_SLOT == slot ? 0 : TimeUnit.NANOSECONDS.toSeconds(ttlNs[slot]);
    }

    /**
     * Copies the id and the deadline in ns of each lease of some slots: of all leases, if it is called again with what
     * it returned until that is -1. A clock that does not run tells nothing.
     *
     * @param fromSlot 0, or what the last call returned.
     * @param limit    most leases.
     * @param to       list to add to, two numbers a lease.
     * @return slot to go on at, -1 if that was all.
     */
    public int copyDeadlines(final int fromSlot, final int limit, final LongArrayList to)
    {
        int slot = fromSlot;
        int count = 0;
        while (isRunning && slot < slotCount && count < limit)
        {
            if (0 != states[slot])
            {
                to.addLong(ids[slot]);
                to.addLong(deadlineNs[slot]);
                count++;
            }
            slot++;
        }
        return isRunning && slot < slotCount ? slot : -1;
    }

    /**
     * Hands expired leases to the proposer.
     *
     * @param nowNs    time.
     * @param limit    most timers and proposals in this turn.
     * @param proposer of revocations.
     * @return how many were proposed.
     */
    public int poll(final long nowNs, final int limit, final Proposer proposer)
    {
        if (!isRunning)
        {
            return 0;
        }
        int timers = 0;
        // The wheel handles one tick a call: catch up with all ticks that passed.
        do
        {
            timers += wheel.poll(nowNs, timerHandler, limit - timers);
        }
        while (timers < limit && wheel.currentTickTime() <= nowNs);
        if (isFenced)
        {
            return 0;
        }
        int proposed = 0;
        while (proposed < limit && !expired.isEmpty())
        {
            final long leaseId = expired.peekLong();
            final int slot = (int)slotById.get(leaseId);
            if (NO_SLOT != slot && EXPIRED == states[slot])
            {
                if (!proposer.onExpired(leaseId))
                {
                    break;
                }
                states[slot] = PROPOSED;
                expiredCount++;
                proposed++;
            }
            expired.pollLong();
        }
        return proposed;
    }

    /**
     * @return how many leases exist.
     */
    public int size()
    {
        return slotById.size();
    }

    /**
     * @return renewals since start.
     */
    public long renewedCount()
    {
        return renewedCount;
    }

    /**
     * @return expiries proposed since start.
     */
    public long expiredCount()
    {
        return expiredCount;
    }

    private boolean onTimer(final TimeUnit timeUnit, final long nowNs, final long timerId)
    {
        final int slot = (int)slotByTimer.remove(timerId);
        timerIds[slot] = DeadlineTimerWheel.NULL_DEADLINE;
        if (deadlineNs[slot] > nowNs)
        {
            arm(slot, deadlineNs[slot]);
        }
        else
        {
            states[slot] = EXPIRED;
            expired.addLong(ids[slot]);
        }
        return true;
    }

    private void arm(final int slot, final long deadline)
    {
        deadlineNs[slot] = deadline;
        final long timerId = wheel.scheduleTimer(deadline);
        timerIds[slot] = timerId;
        slotByTimer.put(timerId, slot);
    }

    private void disarm(final int slot)
    {
        final long timerId = timerIds[slot];
        if (DeadlineTimerWheel.NULL_DEADLINE != timerId)
        {
            wheel.cancelTimer(timerId);
            slotByTimer.remove(timerId);
            timerIds[slot] = DeadlineTimerWheel.NULL_DEADLINE;
        }
    }

    private int claimSlot()
    {
        if (freeCount > 0)
        {
            return free[--freeCount];
        }
        if (slotCount == ids.length)
        {
            final int length = ids.length * 2;
            ids = Arrays.copyOf(ids, length);
            ttlNs = Arrays.copyOf(ttlNs, length);
            deadlineNs = Arrays.copyOf(deadlineNs, length);
            timerIds = Arrays.copyOf(timerIds, length);
            states = Arrays.copyOf(states, length);
            free = Arrays.copyOf(free, length);
        }
        return slotCount++;
    }

    private static long toNs(final long seconds)
    {
        return TimeUnit.SECONDS.toNanos(seconds);
    }

    private static long saturatedAdd(final long a, final long b)
    {
        final long sum = a + b;
        return ((a ^ sum) & (b ^ sum)) < 0 ? Long.MAX_VALUE - 1 : sum;
    }
}
