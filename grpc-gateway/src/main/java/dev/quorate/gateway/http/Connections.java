package dev.quorate.gateway.http;

import io.netty.channel.Channel;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.util.concurrent.GlobalEventExecutor;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * The open connections: their number with its bound, and those that gRPC does not know how to end. Any event loop
 * adds, the thread that stops the gateway ends.
 */
public final class Connections
{
    /** Event that asks a connection to end once what it is answering is answered. */
    static final Object STOPPING = new Object();

    private final int max;
    private final AtomicInteger open = new AtomicInteger();
    private final ChannelGroup notGrpc = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);

    /**
     * @param max number of connections open at a time.
     */
    public Connections(final int max)
    {
        this.max = max;
    }

    /**
     * Admits a connection.
     *
     * @param channel that opened.
     * @return false if there are too many.
     */
    boolean admit(final Channel channel)
    {
        if (open.incrementAndGet() > max)
        {
            open.decrementAndGet();
            return false;
        }

        notGrpc.add(channel);
        channel.closeFuture().addListener((ignored) -> open.decrementAndGet());

        return true;
    }

    /**
     * The connection speaks gRPC: the gRPC server ends it.
     *
     * @param channel of the connection.
     */
    void isGrpc(final Channel channel)
    {
        notGrpc.remove(channel);
    }

    /**
     * @return connections open now.
     */
    public int open()
    {
        return open.get();
    }

    /**
     * Asks all connections that do not speak gRPC to end.
     */
    public void stop()
    {
        for (final Channel channel : notGrpc)
        {
            channel.pipeline().fireUserEventTriggered(STOPPING);
        }
    }

    /**
     * Ends all connections that do not speak gRPC.
     */
    public void close()
    {
        notGrpc.close();
    }
}
