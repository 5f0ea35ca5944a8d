package dev.quorate.gateway.http;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.timeout.IdleStateEvent;
import io.netty.util.ReferenceCountUtil;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Queue;

/**
 * One HTTP/1.1 connection: has requests answered one by one, because health checks answer later and answers
 * must keep the order of the requests. Owned by the connection's event loop.
 */
final class HttpConnection extends ChannelDuplexHandler
{
    /** Requests that may wait for the one before them until the connection is read no further. */
    private static final int WAITING_MAX = 16;

    private final HttpEndpoints endpoints;
    private final Queue<FullHttpRequest> waiting = new ArrayDeque<>();
    private ChannelHandlerContext context;
    private boolean answering;
    private boolean looping;
    private boolean closed;
    private boolean keepAlive;
    private boolean stopping;

    HttpConnection(final HttpEndpoints endpoints)
    {
        this.endpoints = endpoints;
    }

    @Override
    public void handlerAdded(final ChannelHandlerContext ctx)
    {
        context = ctx;
    }

    @Override
    public void channelRead(final ChannelHandlerContext ctx, final Object message)
    {
        if (!(message instanceof final FullHttpRequest request))
        {
            ReferenceCountUtil.release(message);
            return;
        }

        waiting.add(request);
        if (waiting.size() >= WAITING_MAX)
        {
            ctx.channel().config().setAutoRead(false);
        }

        answerWaiting();
    }

    @Override
    public void channelInactive(final ChannelHandlerContext ctx)
    {
        closed = true;
        releaseWaiting();
        ctx.fireChannelInactive();
    }

    @Override
    public void userEventTriggered(final ChannelHandlerContext ctx, final Object event)
    {
        if (event == Connections.STOPPING)
        {
            stop();
        }
        else if (event instanceof IdleStateEvent && !answering)
        {
            ctx.close();
        }
    }

    /**
     * {@inheritDoc}
     * <p>
     * grpc-netty, which opened the connection, tells it to end by commands that only its own handlers know.
     */
    @Override
    public void write(final ChannelHandlerContext ctx, final Object message, final ChannelPromise promise)
    {
        if (message instanceof HttpObject)
        {
            ctx.write(message, promise);
        }
        else
        {
            ReferenceCountUtil.release(message);
            promise.setSuccess();
            stop();
        }
    }

    @Override
    public void exceptionCaught(final ChannelHandlerContext ctx, final Throwable cause)
    {
        ctx.close();
    }

    /**
     * Answers the present request. On the connection's event loop.
     *
     * @param reply to send.
     */
    void answer(final HttpReply reply)
    {
        if (!answering)
        {
            throw new IllegalStateException("nothing was asked");
        }

        answering = false;
        if (closed)
        {
            return;
        }

        final FullHttpResponse response = new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1,
            reply.status(),
            Unpooled.wrappedBuffer(reply.body().getBytes(StandardCharsets.UTF_8)));
        reply.copyHeaders(response.headers());
        HttpUtil.setContentLength(response, response.content().readableBytes());

        final boolean last = !keepAlive || stopping;
        if (last)
        {
            response.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
            closed = true;
            context.writeAndFlush(response).addListener(ChannelFutureListener.CLOSE);
            releaseWaiting();
        }
        else
        {
            context.writeAndFlush(response);
            answerWaiting();
        }
    }

    /** Answers what waits, one request after the other, as far as answers come at once. */
    private void answerWaiting()
    {
        if (looping)
        {
            return;
        }

        looping = true;
        try
        {
            while (!answering && !closed && !waiting.isEmpty())
            {
                final FullHttpRequest request = waiting.poll();
                try
                {
                    begin(request);
                }
                finally
                {
                    request.release();
                }
            }
        }
        finally
        {
            looping = false;
        }

        if (waiting.isEmpty() && !closed)
        {
            context.channel().config().setAutoRead(true);
        }
    }

    private void begin(final FullHttpRequest request)
    {
        answering = true;
        keepAlive = HttpUtil.isKeepAlive(request);

        if (request.decoderResult().isFailure())
        {
            keepAlive = false;
            answer(HttpReply.text(HttpResponseStatus.BAD_REQUEST, "400 Bad Request"));
        }
        else
        {
            endpoints.answer(request, this, context.channel());
        }
    }

    private void releaseWaiting()
    {
        FullHttpRequest request = waiting.poll();
        while (request != null)
        {
            request.release();
            request = waiting.poll();
        }
    }

    private void stop()
    {
        stopping = true;
        if (!answering)
        {
            context.close();
        }
    }
}
