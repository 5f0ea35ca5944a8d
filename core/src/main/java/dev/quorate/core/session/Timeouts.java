package dev.quorate.core.session;

import org.agrona.DeadlineTimerWheel;
import org.agrona.collections.Long2ObjectHashMap;

import java.util.concurrent.TimeUnit;

/**
 * Deadlines of waiting calls on a timer wheel whose ticks are coarse: a call ends up to one tick late, never early.
 */
final class Timeouts implements DeadlineTimerWheel.TimerHandler
{
    /** No timer is set. */
    static final long NONE = DeadlineTimerWheel.NULL_DEADLINE;

    private static final long TICK_NS = 1L << 26;
    private static final int TICKS_PER_WHEEL = 128;
    private static final int MAX_EXPIRIES = 256;

    private final DeadlineTimerWheel wheel;
    private final Long2ObjectHashMap<Timed> timed = new Long2ObjectHashMap<>();

    /**
     * What waits with a deadline.
     */
    interface Timed
    {
        /** The deadline passed; the timer is gone already. */
        void onDeadline();
    }

    Timeouts(final long nowNs)
    {
        wheel = new DeadlineTimerWheel(TimeUnit.NANOSECONDS, nowNs, TICK_NS, TICKS_PER_WHEEL);
    }

    long schedule(final Timed waiting, final long deadlineNs)
    {
        final long timerId = wheel.scheduleTimer(deadlineNs);
        timed.put(timerId, waiting);
        return timerId;
    }

    void cancel(final long timerId)
    {
        wheel.cancelTimer(timerId);
        timed.remove(timerId);
    }

    int poll(final long nowNs)
    {
        int expired = 0;
        if (wheel.timerCount() == 0)
        {
            wheel.currentTickTime(nowNs);
            return 0;
        }
        // One call of poll handles one tick; after a pause the wheel catches up tick by tick.
        while (wheel.currentTickTime() <= nowNs && expired < MAX_EXPIRIES)
        {
            expired += wheel.poll(nowNs, this, MAX_EXPIRIES);
        }
        return expired;
    }

    long nextDeadlineNs()
    {
        return wheel.timerCount() == 0 ? Long.MAX_VALUE : wheel.currentTickTime();
    }

    @Override
    public boolean onTimerExpiry(final TimeUnit timeUnit, final long now, final long timerId)
    {
        timed.remove(timerId).onDeadline();
        return true;
    }
}
