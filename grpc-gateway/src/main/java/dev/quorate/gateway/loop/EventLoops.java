package dev.quorate.gateway.loop;

import dev.quorate.core.api.ClientPort;
import dev.quorate.core.seam.Clock;
import dev.quorate.gateway.metrics.LoopCounters;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.ThreadAwareExecutor;
import org.agrona.ErrorHandler;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The event loops of the gateway: one that accepts, and workers which each serve a {@link ClientPort}. Epoll where the
 * platform has it, NIO elsewhere.
 */
public final class EventLoops
{
    private final List<LoopRunner> runners = new ArrayList<>();
    private final EventLoopGroup acceptor;
    private final EventLoopGroup workers;
    private final boolean epoll;

    /**
     * Creates the loops; their threads start with {@link #attach}, or with the first connection.
     *
     * @param loops        number of workers.
     * @param wantEpoll    false to use NIO even where epoll is there.
     * @param clock        in which ports tell deadlines.
     * @param errorHandler told what a port throws.
     */
    public EventLoops(final int loops, final boolean wantEpoll, final Clock clock, final ErrorHandler errorHandler)
    {
        epoll = wantEpoll && Epoll.isAvailable();
        final IoHandlerFactory pollers = epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
        acceptor = new MultiThreadIoEventLoopGroup(1, threadFactory("quorate-accept-"), pollers);
        workers = new MultiThreadIoEventLoopGroup(
            loops,
            threadFactory("quorate-loop-"),
            (executor) -> newHandler(pollers, executor, clock, errorHandler));
    }

    private IoHandler newHandler(
        final IoHandlerFactory pollers,
        final ThreadAwareExecutor executor,
        final Clock clock,
        final ErrorHandler errorHandler)
    {
        final IoHandler poller = pollers.newHandler(executor);
        final LoopRunner runner = new LoopRunner(runners.size(), poller, clock, new LoopCounters(), errorHandler);
        runners.add(runner);

        return new LoopIoHandler(poller, runner);
    }

    /**
     * Gives each loop its port and starts its thread. Returns when all ports are attached.
     *
     * @param ports one for each loop, in the order of the loops.
     */
    public void attach(final ClientPort[] ports)
    {
        if (ports.length != runners.size())
        {
            throw new IllegalArgumentException(ports.length + " ports for " + runners.size() + " event loops");
        }

        for (final EventExecutor loop : workers)
        {
            loop.submit(() ->
            {
                final LoopRunner runner = LoopThread.currentRunner();
                runner.attach(ports[runner.index()]);
            }).syncUninterruptibly();
        }
    }

    /**
     * @return runners by loop index.
     */
    public List<LoopRunner> runners()
    {
        return runners;
    }

    /**
     * @return group that accepts connections.
     */
    public EventLoopGroup acceptor()
    {
        return acceptor;
    }

    /**
     * @return group that serves connections.
     */
    public EventLoopGroup workers()
    {
        return workers;
    }

    /**
     * @return class of listening channels that fits the loops.
     */
    public Class<? extends ServerChannel> serverChannelType()
    {
        return epoll ? EpollServerSocketChannel.class : NioServerSocketChannel.class;
    }

    /**
     * Stops the threads; open channels are closed.
     *
     * @param timeoutMs longest wait, milliseconds.
     */
    public void close(final long timeoutMs)
    {
        acceptor.shutdownGracefully(0, timeoutMs, TimeUnit.MILLISECONDS);
        workers.shutdownGracefully(0, timeoutMs, TimeUnit.MILLISECONDS);
        acceptor.terminationFuture().awaitUninterruptibly(timeoutMs);
        workers.terminationFuture().awaitUninterruptibly(timeoutMs);
    }

    private static ThreadFactory threadFactory(final String prefix)
    {
        final AtomicInteger number = new AtomicInteger();

        return (target) ->
        {
            final LoopThread thread = new LoopThread(target, prefix + number.getAndIncrement());
            thread.setDaemon(true);
            return thread;
        };
    }
}
