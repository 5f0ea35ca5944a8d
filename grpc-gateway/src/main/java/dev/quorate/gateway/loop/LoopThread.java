package dev.quorate.gateway.loop;

import io.netty.util.concurrent.FastThreadLocalThread;

/**
 * Thread of an event loop; knows the runner of its loop so that a call finds its {@code ClientPort} without a search.
 */
public final class LoopThread extends FastThreadLocalThread
{
    private LoopRunner runner;

    LoopThread(final Runnable target, final String name)
    {
        super(target, name);
    }

    /**
     * @return runner of the event loop that executes the caller.
     * @throws IllegalStateException if the caller runs on another kind of thread.
     */
    public static LoopRunner currentRunner()
    {
        if (Thread.currentThread() instanceof final LoopThread thread && thread.runner != null)
        {
            return thread.runner;
        }

        throw new IllegalStateException("not on an event loop: " + Thread.currentThread().getName());
    }

    void runner(final LoopRunner runner)
    {
        this.runner = runner;
    }
}
