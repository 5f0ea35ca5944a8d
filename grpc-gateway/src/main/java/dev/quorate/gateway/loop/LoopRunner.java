package dev.quorate.gateway.loop;

import dev.quorate.core.api.ClientPort;
import dev.quorate.core.seam.Clock;
import dev.quorate.core.seam.Signal;
import dev.quorate.gateway.metrics.LoopCounters;
import io.netty.channel.IoHandler;
import org.agrona.ErrorHandler;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Runs the {@link ClientPort} of one event loop: a turn after each poll of the sockets, again while it finds work,
 * and at the port's deadline. Owned by the loop's thread; {@link #signal()} is for any thread.
 */
public final class LoopRunner implements Signal
{
    /** Turns of the port before the sockets are polled again, so that long reads do not starve connections. */
    private static final int TURNS_MAX = 8;
    private static final VarHandle SIGNALLED;

    static
    {
        try
        {
            SIGNALLED = MethodHandles.lookup().findVarHandle(LoopRunner.class, "signalled", int.class);
        }
        catch (final ReflectiveOperationException ex)
        {
            throw new ExceptionInInitializerError(ex);
        }
    }

    private final int index;
    private final IoHandler poller;
    private final Clock clock;
    private final LoopCounters counters;
    private final ErrorHandler errorHandler;
    private ClientPort port;
    private boolean delivered;
    private boolean hasMore;
    private long deadlineNs = Long.MAX_VALUE;
    @SuppressWarnings("unused")
    private volatile int signalled;

    /**
     * @param index        of the loop, from 0.
     * @param poller       whose wait a signal ends.
     * @param clock        in which the port tells its deadline.
     * @param counters     of the loop.
     * @param errorHandler told what the port throws.
     */
    LoopRunner(
        final int index,
        final IoHandler poller,
        final Clock clock,
        final LoopCounters counters,
        final ErrorHandler errorHandler)
    {
        this.index = index;
        this.poller = poller;
        this.clock = clock;
        this.counters = counters;
        this.errorHandler = errorHandler;
    }

    /**
     * Gives the loop its port. Called once, on the loop's thread, before any call is opened.
     *
     * @param port to run.
     */
    public void attach(final ClientPort port)
    {
        if (this.port != null)
        {
            throw new IllegalStateException("event loop " + index + " has a port already");
        }

        this.port = port;
        delivered = true;
    }

    /**
     * @return the port of this loop, null before it was attached. For the loop's thread.
     */
    public ClientPort port()
    {
        return port;
    }

    /**
     * @return index of the loop, from 0.
     */
    public int index()
    {
        return index;
    }

    /**
     * @return counters that this loop alone writes.
     */
    public LoopCounters counters()
    {
        return counters;
    }

    /**
     * Notes that the port was given something, so that its turn comes before the loop waits. For the loop's thread.
     */
    public void delivered()
    {
        delivered = true;
    }

    /**
     * Reports what the port threw.
     *
     * @param failure to report.
     */
    public void onError(final Throwable failure)
    {
        errorHandler.onError(failure);
    }

    /**
     * {@inheritDoc}
     * <p>
     * Only the first signal since the last turn reaches the poller, so that a batch of answers costs one wake-up.
     */
    @Override
    public void signal()
    {
        // Orders what the caller published before the load of the flag; pairs with the volatile store in turn().
        VarHandle.fullFence();

        if ((int)SIGNALLED.getOpaque(this) == 0 && SIGNALLED.compareAndSet(this, 0, 1))
        {
            poller.wakeup();
        }
    }

    /**
     * Runs the port. On the loop's thread, after each poll.
     */
    void turn()
    {
        if ((int)SIGNALLED.getOpaque(this) != 0)
        {
            // Full fence: what is published after this store either is seen by the turn below or signals again.
            SIGNALLED.setVolatile(this, 0);
        }

        delivered = false;
        hasMore = false;

        if (port == null)
        {
            return;
        }

        try
        {
            for (int i = 0; i < TURNS_MAX; i++)
            {
                hasMore = port.doWork() > 0;
                if (!hasMore)
                {
                    break;
                }
            }

            deadlineNs = port.nextDeadlineNs();
        }
        catch (final Throwable ex)
        {
            errorHandler.onError(ex);
        }
    }

    /**
     * @return true if the loop may wait for sockets: nothing was delivered, signalled or left over since the last
     * turn.
     */
    boolean mayWait()
    {
        return !delivered && !hasMore && (int)SIGNALLED.getVolatile(this) == 0;
    }

    /**
     * @return when the port wants its next turn, in nanoseconds of the clock; {@code Long.MAX_VALUE} if it does not.
     */
    long deadlineNs()
    {
        return deadlineNs;
    }

    /**
     * @return nanoseconds until the port's deadline, not negative.
     */
    long delayNs()
    {
        return deadlineNs == Long.MAX_VALUE ? Long.MAX_VALUE : Math.max(0, deadlineNs - clock.nanoTime());
    }

    @Override
    public String toString()
    {
        return "LoopRunner{index=" + index + '}';
    }
}
