package dev.quorate.transport;

import dev.quorate.core.seam.Clock;
import dev.quorate.core.seam.PeerLink;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramSocket;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A link under test with what it heard: the first eight bytes of a message are its number, the rest follows from that.
 */
final class TestLink implements PeerLink.Handler, AutoCloseable
{
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
    private static final long DEADLINE_NS = 15_000_000_000L;

    final AeronPeerLink link;
    final List<String> errors = new ArrayList<>();
    final List<String> refusals = new ArrayList<>();
    final List<Long> downs = new ArrayList<>();
    final Map<Long, List<Long>> numbersBySession = new HashMap<>();
    final UnsafeBuffer message = new UnsafeBuffer(new byte[PeerLink.MAX_MESSAGE_LENGTH]);
    long lastSession;
    long heard;
    int rebuilds;
    boolean isDamaged;

    TestLink(final Path directory, final int port)
    {
        this(context(directory, port));
    }

    TestLink(final TransportContext ctx)
    {
        ctx.monitor(new TransportMonitor()
        {
            @Override
            public void onError(final Throwable error)
            {
                errors.add(error.toString());
            }

            @Override
            public void onRebuild(final String reason)
            {
                rebuilds++;
            }

            @Override
            public void onRefusedByPeer(final String reason)
            {
                refusals.add(reason);
            }
        });
        link = new AeronPeerLink(ctx.conclude(), CLOCK);
    }

    static TransportContext context(final Path directory, final int port)
    {
        return new TransportContext().dataDirectory(directory).listenEndpoint(endpoint(port));
    }

    static String endpoint(final int port)
    {
        return "127.0.0.1:" + port;
    }

    static int freePort()
    {
        try (DatagramSocket socket = new DatagramSocket(0))
        {
            return socket.getLocalPort();
        }
        catch (final IOException ex)
        {
            throw new UncheckedIOException(ex);
        }
    }

    static void await(final String what, final BooleanSupplier condition, final TestLink... links)
    {
        final long deadlineNs = System.nanoTime() + DEADLINE_NS;
        while (!condition.getAsBoolean())
        {
            for (final TestLink link : links)
            {
                link.turn();
            }
            if (System.nanoTime() - deadlineNs > 0)
            {
                final StringBuilder text = new StringBuilder("not in time: ").append(what);
                for (final TestLink link : links)
                {
                    text.append('\n').append(link.link).append(" errors=").append(link.errors);
                }
                throw new AssertionError(text);
            }
        }
    }

    int turn()
    {
        return link.doWork() + link.poll(PeerLink.CONTROL, this, 64) + link.poll(PeerLink.BULK, this, 16);
    }

    int send(final long to, final int streamClass, final long number, final int length)
    {
        message.putLong(0, number, ByteOrder.LITTLE_ENDIAN);
        for (int i = Long.BYTES; i < length; i++)
        {
            message.putByte(i, content(number, i));
        }
        final int headerLength = Math.min(length, 40);

        return link.offer(to, streamClass, message, 0, headerLength, message, headerLength, length - headerLength);
    }

    boolean isConnectedTo(final long memberId)
    {
        return link.outgoingSession(memberId, PeerLink.CONTROL) != 0 &&
            link.outgoingSession(memberId, PeerLink.BULK) != 0;
    }

    List<Long> lastNumbers()
    {
        return numbersBySession.getOrDefault(lastSession, List.of());
    }

    @Override
    public void onMessage(
        final long session, final int streamClass, final DirectBuffer buffer, final int offset, final int length)
    {
        heard++;
        lastSession = session;
        final long number = buffer.getLong(offset, ByteOrder.LITTLE_ENDIAN);
        numbersBySession.computeIfAbsent(session, (key) -> new ArrayList<>()).add(number);
        for (int i = Long.BYTES; i < length; i++)
        {
            isDamaged |= buffer.getByte(offset + i) != content(number, i);
        }
    }

    @Override
    public void onSessionDown(final long session, final int streamClass)
    {
        downs.add(session);
    }

    @Override
    public void close()
    {
        link.close();
    }

    private static byte content(final long number, final int index)
    {
        return (byte)(number * 31 + index * 7L);
    }
}
