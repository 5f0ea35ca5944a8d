package dev.quorate.gateway;

import dev.quorate.core.api.Method;
import dev.quorate.core.ring.NodeState;
import dev.quorate.core.seam.Clock;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * A gateway over fake ports on free ports of the loop-back address, with a client.
 */
final class GatewayFixture implements AutoCloseable
{
    static final int LIMIT = 1_572_864 + 512 * 1024;
    static final Clock CLOCK = new Clock()
    {
        @Override
        public long nanoTime()
        {
            return System.nanoTime();
        }

        @Override
        public long epochMillis()
        {
            return System.currentTimeMillis();
        }
    };

    final NodeState state = new NodeState();
    final FakeMember member = new FakeMember();
    final Queue<Throwable> faults = new ConcurrentLinkedQueue<>();
    final Gateway gateway;
    final FakePort[] ports;
    final FakePort port;
    private ManagedChannel channel;

    GatewayFixture()
    {
        this((context) -> {});
    }

    GatewayFixture(final Consumer<GatewayContext> configure)
    {
        final GatewayContext context = new GatewayContext()
            .clientAddresses(List.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)))
            .metricsAddresses(List.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)))
            .loops(1)
            .clock(CLOCK)
            .nodeState(state)
            .member(member)
            .errorHandler(faults::add);
        configure.accept(context);

        gateway = new Gateway(context);
        ports = new FakePort[gateway.loops()];

        for (int i = 0; i < ports.length; i++)
        {
            ports[i] = new FakePort();
            ports[i].signal(gateway.signal(i));
        }

        port = ports[0];
        state.set(NodeState.Value.LEADER_ID, FakeMember.ID);
        state.set(NodeState.Value.CLUSTER_VERSION, 3L << 32 | 7);
    }

    GatewayFixture start()
    {
        gateway.startMetrics();
        gateway.start(ports.clone());
        return this;
    }

    int clientPort()
    {
        return gateway.clientAddresses().getFirst().getPort();
    }

    int metricsPort()
    {
        return gateway.metricsAddresses().getFirst().getPort();
    }

    ManagedChannel channel()
    {
        if (channel == null)
        {
            channel = NettyChannelBuilder.forAddress("127.0.0.1", clientPort())
                .usePlaintext()
                .maxInboundMessageSize(Integer.MAX_VALUE)
                .build();
        }

        return channel;
    }

    byte[] unary(final Method method, final byte[] request)
    {
        return ClientCalls.blockingUnaryCall(channel(), descriptor(method), options(), request);
    }

    static CallOptions options()
    {
        return CallOptions.DEFAULT.withDeadlineAfter(10, TimeUnit.SECONDS);
    }

    static MethodDescriptor<byte[], byte[]> descriptor(final Method method)
    {
        final MethodDescriptor.MethodType type = switch (method.kind())
        {
            case UNARY -> MethodDescriptor.MethodType.UNARY;
            case SERVER_STREAM -> MethodDescriptor.MethodType.SERVER_STREAMING;
            case BIDI_STREAM -> MethodDescriptor.MethodType.BIDI_STREAMING;
        };

        return descriptor(method.service() + "/" + method.rpc(), type);
    }

    static MethodDescriptor<byte[], byte[]> descriptor(final String name, final MethodDescriptor.MethodType type)
    {
        return MethodDescriptor.newBuilder(new Bytes(), new Bytes()).setFullMethodName(name).setType(type).build();
    }

    /** Sends bytes on a new connection and returns what comes back until the other side closes. */
    static String exchange(final int port, final byte[] bytes) throws IOException
    {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port))
        {
            socket.setSoTimeout(5_000);
            socket.getOutputStream().write(bytes);
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        }
    }

    /** Sends bytes on a new connection and returns what comes back up to some text or the end. */
    static String exchangeUntil(final int port, final byte[] bytes, final String text) throws IOException
    {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port))
        {
            socket.setSoTimeout(5_000);
            socket.getOutputStream().write(bytes);
            final StringBuilder received = new StringBuilder();
            final byte[] part = new byte[4096];

            while (received.indexOf(text) < 0)
            {
                final int length = socket.getInputStream().read(part);
                if (length < 0)
                {
                    break;
                }
                received.append(new String(part, 0, length, StandardCharsets.ISO_8859_1));
            }

            return received.toString();
        }
    }

    static String exchange(final int port, final String text) throws IOException
    {
        return exchange(port, text.getBytes(StandardCharsets.ISO_8859_1));
    }

    @Override
    public void close()
    {
        if (channel != null)
        {
            channel.shutdownNow();
        }

        gateway.stop(TimeUnit.SECONDS.toNanos(2));

        if (!faults.isEmpty())
        {
            throw new AssertionError("the gateway reported a fault", faults.peek());
        }
    }

    /** Messages as they are. */
    static final class Bytes implements MethodDescriptor.Marshaller<byte[]>
    {
        @Override
        public InputStream stream(final byte[] value)
        {
            return new ByteArrayInputStream(value);
        }

        @Override
        public byte[] parse(final InputStream stream)
        {
            try
            {
                return stream.readAllBytes();
            }
            catch (final IOException ex)
            {
                throw new UncheckedIOException(ex);
            }
        }
    }

    /** A member whose figures a test sets. */
    static final class FakeMember implements MemberInfo
    {
        static final long ID = 0x8e9e05c52164694dL;

        volatile boolean ready = true;

        @Override
        public boolean isReady()
        {
            return ready;
        }

        @Override
        public long memberId()
        {
            return ID;
        }

        @Override
        public String serverVersion()
        {
            return "3.7.1";
        }

        @Override
        public String storageVersion()
        {
            return "3.7.0";
        }

        @Override
        public long quotaBytes()
        {
            return 2L << 30;
        }

        @Override
        public long dbSizeBytes()
        {
            return 12345;
        }

        @Override
        public long dbSizeInUseBytes()
        {
            return 2345;
        }

        @Override
        public long revision()
        {
            return 17;
        }

        @Override
        public long compactRevision()
        {
            return 5;
        }

        @Override
        public long keys()
        {
            return 3;
        }
    }
}
