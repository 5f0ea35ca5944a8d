package dev.quorate.server.process;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Waiting for a condition with a deadline.
 */
public final class Await
{
    private static final long POLL_NS = TimeUnit.MILLISECONDS.toNanos(5);

    private Await()
    {
    }

    /**
     * Waits until a condition holds. An exception of the condition counts as not yet.
     *
     * @param what      is waited for, for the message.
     * @param deadline  after which waiting fails.
     * @param condition asked every few milliseconds.
     */
    public static void until(final String what, final Duration deadline, final Callable<Boolean> condition)
    {
        final long endNs = System.nanoTime() + deadline.toNanos();
        Exception last = null;
        while (true)
        {
            try
            {
                if (condition.call())
                {
                    return;
                }
                last = null;
            }
            catch (final Exception ex)
            {
                last = ex;
            }
            if (System.nanoTime() - endNs > 0)
            {
                throw new AssertionError("waited " + deadline.toSeconds() + " s in vain: " + what, last);
            }
            LockSupport.parkNanos(POLL_NS);
        }
    }
}
