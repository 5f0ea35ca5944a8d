package dev.quorate.gateway.http;

import io.grpc.netty.GrpcHttp2ConnectionHandler;
import io.grpc.netty.InternalProtocolNegotiator;
import io.grpc.netty.InternalProtocolNegotiators;
import io.netty.channel.ChannelHandler;
import io.netty.util.AsciiString;

/**
 * Lets gRPC and HTTP/1.1 share a cleartext port: grpc-netty asks its protocol negotiator for the first handler of each
 * connection, and that handler looks at the first bytes.
 */
public final class SharedPort implements InternalProtocolNegotiator.ProtocolNegotiator
{
    private final InternalProtocolNegotiator.ProtocolNegotiator grpc = InternalProtocolNegotiators.serverPlaintext();
    private final Connections connections;
    private final HttpPipeline http;
    private final long firstBytesTimeoutMs;

    /**
     * @param connections         open ones, with their bound.
     * @param http                installs HTTP/1.1 on a connection.
     * @param firstBytesTimeoutMs longest wait for the bytes that tell the protocol, milliseconds.
     */
    public SharedPort(final Connections connections, final HttpPipeline http, final long firstBytesTimeoutMs)
    {
        this.connections = connections;
        this.http = http;
        this.firstBytesTimeoutMs = firstBytesTimeoutMs;
    }

    @Override
    public AsciiString scheme()
    {
        return grpc.scheme();
    }

    @Override
    public ChannelHandler newHandler(final GrpcHttp2ConnectionHandler grpcHandler)
    {
        return new ProtocolSniffer(connections, http, grpc.newHandler(grpcHandler), firstBytesTimeoutMs);
    }

    @Override
    public void close()
    {
        grpc.close();
    }
}
