package dev.quorate.server.process;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Ports of the loopback interface that nobody uses. They lie below the range that the kernel gives to outgoing
 * connections, so that a member that restarts finds its port again.
 */
public final class Ports
{
    private static final int FIRST = 20_000;
    private static final int LAST = 32_000;
    private static final int TRIES = 1_000;
    private static final Set<Integer> GIVEN = new HashSet<>();

    private Ports()
    {
    }

    /**
     * @return a port free for TCP and UDP, never given before by this JVM.
     */
    public static synchronized int free()
    {
        for (int i = 0; i < TRIES; i++)
        {
            final int port = ThreadLocalRandom.current().nextInt(FIRST, LAST);
            if (isFree(port) && GIVEN.add(port))
            {
                return port;
            }
        }
        throw new IllegalStateException("no free port between " + FIRST + " and " + LAST);
    }

    private static boolean isFree(final int port)
    {
        final InetAddress loopback = InetAddress.getLoopbackAddress();
        try (ServerSocket tcp = new ServerSocket(port, 1, loopback);
            DatagramSocket udp = new DatagramSocket(new InetSocketAddress(loopback, port)))
        {
            return tcp.isBound() && udp.isBound();
        }
        catch (final IOException ex)
        {
            return false;
        }
    }
}
