package dev.quorate.server.thread;

import org.agrona.ErrorHandler;
import org.agrona.concurrent.Agent;

import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * Runs agents on one thread, in order, turn after turn; after a short spin without work it sleeps until it is
 * signalled. Sleeps without work between them become longer, up to a limit: a thread looks often after it worked, when
 * its agents' timers may be near, and seldom when nothing happens. Whatever an agent throws ends the process by way of
 * the error handler.
 */
public final class AgentThread
{
    private final Agent[] agents;
    private final Waiter waiter;
    private final long firstWaitNs;
    private final long maxWaitNs;
    private final int spins;
    private final ErrorHandler errorHandler;
    private final Thread thread;
    private final BooleanSupplier hasWork = this::lookBeforeSleep;
    private volatile boolean isRunning = true;
    private boolean isAwake;
    private long waitNs;

    /**
     * @param name         of the thread.
     * @param agents       in order of their duty.
     * @param waiter       how it sleeps.
     * @param firstWaitNs  longest sleep after a turn with work, ns.
     * @param maxWaitNs    longest sleep of all, ns; each without work is twice as long as the one before.
     * @param spins        turns without work before it sleeps; {@code Integer.MAX_VALUE} never sleeps.
     * @param errorHandler ends the process.
     */
    public AgentThread(
        final String name,
        final Agent[] agents,
        final Waiter waiter,
        final long firstWaitNs,
        final long maxWaitNs,
        final int spins,
        final ErrorHandler errorHandler)
    {
        this.agents = agents;
        this.waiter = waiter;
        this.firstWaitNs = firstWaitNs;
        this.maxWaitNs = maxWaitNs;
        this.waitNs = firstWaitNs;
        this.spins = spins;
        this.errorHandler = errorHandler;
        this.thread = new Thread(this::run, name);
    }

    /**
     * Starts the thread.
     */
    public void start()
    {
        thread.start();
    }

    /**
     * Ends the loop after the present turn and waits for it; agents are closed in reverse order on their thread.
     *
     * @param timeoutMs longest wait.
     * @return true if the thread ended.
     */
    public boolean stop(final long timeoutMs)
    {
        isRunning = false;
        waiter.signal();
        try
        {
            thread.join(timeoutMs);
        }
        catch (final InterruptedException ex)
        {
            Thread.currentThread().interrupt();
        }
        return !thread.isAlive();
    }

    private void run()
    {
        try
        {
            for (final Agent agent : agents)
            {
                agent.onStart();
            }
            int idleTurns = 0;
            int busyTurns = 0;
            while (isRunning)
            {
                if (turn() > 0)
                {
                    waitNs = firstWaitNs;
                    idleTurns = 0;
                    busyTurns++;
                    // What woke the thread is mostly all there is: the look before the sleep finds out, without a turn
                    // more. Signals during that look cost their senders a system call, so it comes once a sleep.
                    if (busyTurns > 1 || spins > 0)
                    {
                        continue;
                    }
                }
                else if (idleTurns < spins)
                {
                    idleTurns++;
                    Thread.onSpinWait();
                    continue;
                }
                waiter.await(waitNs, hasWork);
                if (isAwake)
                {
                    waitNs = firstWaitNs;
                }
                else
                {
                    busyTurns = 0;
                    waitNs = Math.min(2 * waitNs, maxWaitNs);
                }
            }
            for (int i = agents.length - 1; i >= 0; i--)
            {
                agents[i].onClose();
            }
        }
        catch (final Throwable ex)
        {
            errorHandler.onError(ex);
        }
    }

    private boolean lookBeforeSleep()
    {
        isAwake = turn() > 0;
        return isAwake;
    }

    private int turn()
    {
        int work = 0;
        try
        {
            for (final Agent agent : agents)
            {
                work += agent.doWork();
            }
        }
        catch (final Exception ex)
        {
            throw new IllegalStateException(ex);
        }
        return work;
    }

    @Override
    public String toString()
    {
        return "AgentThread{" + thread.getName() + ", maxWaitMs=" + TimeUnit.NANOSECONDS.toMillis(maxWaitNs) + '}';
    }
}
