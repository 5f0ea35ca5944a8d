package dev.quorate.gateway.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;

import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/**
 * First handler of a connection: tells HTTP/2 by its preface from HTTP/1.1, puts the handlers of that protocol in
 * its own place and gives them the bytes. Owned by the connection's event loop.
 */
final class ProtocolSniffer extends ChannelInboundHandlerAdapter
{
    private static final byte[] PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    /** No method of HTTP/1.1 begins like this: enough to tell. The handler of HTTP/2 checks the rest. */
    private static final int TELLING_BYTES = 4;

    private final Connections connections;
    private final HttpPipeline http;
    private final ChannelHandler grpc;
    private final long timeoutMs;
    private Object negotiation;
    private ByteBuf first;
    private Future<?> timeout;
    private boolean admitted;

    /**
     * @param connections open ones, with their bound.
     * @param http        installs HTTP/1.1.
     * @param grpc        handler that installs gRPC, null if the port does not serve it.
     * @param timeoutMs   longest wait for the first bytes, milliseconds.
     */
    ProtocolSniffer(
        final Connections connections, final HttpPipeline http, final ChannelHandler grpc, final long timeoutMs)
    {
        this.connections = connections;
        this.http = http;
        this.grpc = grpc;
        this.timeoutMs = timeoutMs;
    }

    @Override
    public void handlerAdded(final ChannelHandlerContext ctx)
    {
        admitted = connections.admit(ctx.channel());
        if (!admitted)
        {
            ctx.close();
            return;
        }

        timeout = ctx.executor().schedule(() -> ctx.close(), timeoutMs, TimeUnit.MILLISECONDS);
    }

    @Override
    public void handlerRemoved(final ChannelHandlerContext ctx)
    {
        if (timeout != null)
        {
            timeout.cancel(false);
        }

        if (first != null)
        {
            first.release();
            first = null;
        }
    }

    @Override
    public void userEventTriggered(final ChannelHandlerContext ctx, final Object event)
    {
        if (event == Connections.STOPPING)
        {
            ctx.close();
        }
        else if (negotiation == null)
        {
            // grpc-netty begins its negotiation with this event; its own handler gets it once the protocol is known.
            negotiation = event;
        }
        else
        {
            ctx.fireUserEventTriggered(event);
        }
    }

    @Override
    public void channelRead(final ChannelHandlerContext ctx, final Object message)
    {
        if (!admitted || !(message instanceof final ByteBuf bytes))
        {
            ReferenceCountUtil.release(message);
            return;
        }

        if (first == null)
        {
            first = bytes;
        }
        else
        {
            first = ctx.alloc().compositeBuffer(2).addComponent(true, first).addComponent(true, bytes);
        }

        final int seen = Math.min(first.readableBytes(), PREFACE.length);
        if (!matches(first, seen))
        {
            become(ctx, false);
        }
        else if (seen >= TELLING_BYTES)
        {
            become(ctx, true);
        }
    }

    @Override
    public void exceptionCaught(final ChannelHandlerContext ctx, final Throwable cause)
    {
        ctx.close();
    }

    private void become(final ChannelHandlerContext ctx, final boolean http2)
    {
        final ChannelPipeline pipeline = ctx.pipeline();
        final ByteBuf bytes = first;
        first = null;

        if (!http2)
        {
            // What grpc-netty has put behind this handler would wait for a negotiation that never ends.
            while (pipeline.last() != this)
            {
                pipeline.removeLast();
            }

            http.install(pipeline);
        }
        else if (grpc == null)
        {
            bytes.release();
            ctx.close();
            return;
        }
        else
        {
            connections.isGrpc(ctx.channel());
            pipeline.addAfter(ctx.name(), null, grpc);
            ctx.fireUserEventTriggered(negotiation);
        }

        ctx.fireChannelRead(bytes);
        pipeline.remove(this);
    }

    private static boolean matches(final ByteBuf bytes, final int length)
    {
        for (int i = 0; i < length; i++)
        {
            if (bytes.getByte(bytes.readerIndex() + i) != PREFACE[i])
            {
                return false;
            }
        }

        return true;
    }
}
