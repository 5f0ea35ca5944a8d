package dev.quorate.gateway.loop;

import io.netty.channel.IoHandle;
import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerContext;
import io.netty.channel.IoRegistration;

/**
 * Netty's poller with the turn of a {@link LoopRunner} after each poll. The runner's deadline shortens the wait, and
 * the loop does not wait at all while the runner has work: no timer task and no queue stand between a signal and the
 * port. Owned by the loop's thread, except for {@link #wakeup()}.
 */
final class LoopIoHandler implements IoHandler, IoHandlerContext
{
    private final IoHandler poller;
    private final LoopRunner runner;
    private IoHandlerContext loop;

    LoopIoHandler(final IoHandler poller, final LoopRunner runner)
    {
        this.poller = poller;
        this.runner = runner;
    }

    @Override
    public void initialize()
    {
        ((LoopThread)Thread.currentThread()).runner(runner);
        poller.initialize();
    }

    @Override
    public int run(final IoHandlerContext context)
    {
        loop = context;
        final int handled = poller.run(this);
        runner.turn();

        return handled;
    }

    @Override
    public boolean canBlock()
    {
        return runner.mayWait() && loop.canBlock();
    }

    @Override
    public long delayNanos(final long currentTimeNanos)
    {
        return Math.min(loop.delayNanos(currentTimeNanos), runner.delayNs());
    }

    /**
     * The poller compares this with its last value to see whether its timer must be set anew, and takes the length
     * of the wait from {@link #delayNanos(long)}: so it may be in the time of the loop or in that of the port.
     */
    @Override
    public long deadlineNanos()
    {
        final long ofLoop = loop.deadlineNanos();
        final long ofPort = runner.deadlineNs();

        if (ofPort == Long.MAX_VALUE)
        {
            return ofLoop;
        }

        final boolean portIsFirst = ofLoop == -1 || runner.delayNs() < loop.delayNanos(System.nanoTime());
        // The lowest bit keeps the value away from -1, which means that there is no deadline.
        return portIsFirst ? ofPort & ~1L : ofLoop;
    }

    @Override
    public void reportActiveIoTime(final long activeNanos)
    {
        loop.reportActiveIoTime(activeNanos);
    }

    @Override
    public boolean shouldReportActiveIoTime()
    {
        return loop.shouldReportActiveIoTime();
    }

    @Override
    public void prepareToDestroy()
    {
        poller.prepareToDestroy();
    }

    @Override
    public void destroy()
    {
        poller.destroy();
    }

    @Override
    public IoRegistration register(final IoHandle handle) throws Exception
    {
        return poller.register(handle);
    }

    @Override
    public void wakeup()
    {
        poller.wakeup();
    }

    @Override
    public boolean isCompatible(final Class<? extends IoHandle> handleType)
    {
        return poller.isCompatible(handleType);
    }
}
