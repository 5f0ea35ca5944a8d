package dev.quorate.gateway.http;

import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.compression.StandardCompressionOptions;
import io.netty.handler.codec.http.HttpContentCompressor;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.timeout.IdleStateHandler;

import java.util.concurrent.TimeUnit;

/**
 * Installs HTTP/1.1 on a connection. Shared by all loops; has no state of its own.
 */
public final class HttpPipeline
{
    private static final int BODY_BYTES_MAX = 64 * 1024;
    private static final int COMPRESSED_FROM_BYTES = 4 * 1024;

    private final HttpEndpoints endpoints;
    private final long idleTimeoutMs;

    /**
     * @param endpoints     that answer.
     * @param idleTimeoutMs after which an idle connection ends, milliseconds.
     */
    public HttpPipeline(final HttpEndpoints endpoints, final long idleTimeoutMs)
    {
        this.endpoints = endpoints;
        this.idleTimeoutMs = idleTimeoutMs;
    }

    /**
     * @param connections         open ones, with their bound.
     * @param firstBytesTimeoutMs longest wait for a request's first bytes, milliseconds.
     * @return initializer for listeners that speak HTTP/1.1 alone.
     */
    public ChannelInitializer<Channel> initializer(final Connections connections, final long firstBytesTimeoutMs)
    {
        final HttpPipeline pipeline = this;

        return new ChannelInitializer<>()
        {
            @Override
            protected void initChannel(final Channel channel)
            {
                channel.pipeline().addLast(new ProtocolSniffer(connections, pipeline, null, firstBytesTimeoutMs));
            }
        };
    }

    /**
     * Adds the handlers of HTTP/1.1 at the end.
     *
     * @param pipeline of the connection.
     */
    void install(final ChannelPipeline pipeline)
    {
        pipeline.addLast(new IdleStateHandler(0, 0, idleTimeoutMs, TimeUnit.MILLISECONDS));
        pipeline.addLast(new HttpServerCodec());
        pipeline.addLast(new HttpContentCompressor(COMPRESSED_FROM_BYTES, StandardCompressionOptions.gzip()));
        pipeline.addLast(new HttpObjectAggregator(BODY_BYTES_MAX));
        pipeline.addLast(new HttpConnection(endpoints));
    }
}
