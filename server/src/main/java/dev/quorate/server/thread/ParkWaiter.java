package dev.quorate.server.thread;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * Sleeps by parking. One thread awaits, any may signal.
 */
public final class ParkWaiter implements Waiter
{
    private static final VarHandle SLEEPER;

    static
    {
        try
        {
            SLEEPER = MethodHandles.lookup().findVarHandle(ParkWaiter.class, "sleeper", Thread.class);
        }
        catch (final ReflectiveOperationException ex)
        {
            throw new ExceptionInInitializerError(ex);
        }
    }

    @SuppressWarnings("unused")
    private volatile Thread sleeper;

    @Override
    public void await(final long maxNs, final BooleanSupplier hasWork)
    {
        SLEEPER.setOpaque(this, Thread.currentThread());
        // Pairs with the fence in signal(): either the signaller sees the sleeper, or hasWork sees what it published.
        VarHandle.fullFence();
        if (!hasWork.getAsBoolean())
        {
            LockSupport.parkNanos(this, maxNs);
        }
        SLEEPER.setOpaque(this, null);
    }

    @Override
    public void signal()
    {
        VarHandle.fullFence();
        final Thread thread = (Thread)SLEEPER.getOpaque(this);
        // One signal a sleep is enough: who comes later finds nobody to wake.
        if (null != thread && SLEEPER.compareAndSet(this, thread, null))
        {
            LockSupport.unpark(thread);
        }
    }
}
