package dev.quorate.server.demo;

import dev.quorate.gateway.proto.etcdserverpb.MaintenanceGrpc;
import dev.quorate.gateway.proto.etcdserverpb.StatusRequest;
import dev.quorate.gateway.proto.etcdserverpb.StatusResponse;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * Members on loopback, as processes that are started, killed and ended here.
 */
final class DemoCluster implements AutoCloseable
{
    private static final int END_SECONDS = 60;
    /** Less than the launcher of the demonstration waits before it kills what closes here. */
    private static final int CLOSE_SECONDS = 5;
    private static final long START_TIMEOUT_NS = TimeUnit.SECONDS.toNanos(60);

    private final Path launcher;
    private final Path folder;
    private final int size;
    private final int[] clientPorts;
    private final int[] peerPorts;
    private final Process[] processes;
    private final ManagedChannel[] channels;
    private boolean isClosed;

    /**
     * @param launcher of a member.
     * @param size     how many members there are.
     * @throws IOException if there are no folder or ports for them.
     */
    DemoCluster(final Path launcher, final int size) throws IOException
    {
        this.launcher = launcher;
        this.size = size;
        clientPorts = new int[size];
        peerPorts = new int[size];
        processes = new Process[size];
        channels = new ManagedChannel[size];
        folder = Files.createTempDirectory("quorate-demo");
        final List<ServerSocket> sockets = new ArrayList<>();
        for (int i = 0; i < size; i++)
        {
            clientPorts[i] = freePort(sockets);
            peerPorts[i] = freePort(sockets);
        }
        for (final ServerSocket socket : sockets)
        {
            socket.close();
        }
        for (int i = 0; i < size; i++)
        {
            channels[i] = NettyChannelBuilder.forAddress("127.0.0.1", clientPorts[i]).usePlaintext().build();
        }
    }

    /**
     * @return how many members there are.
     */
    int size()
    {
        return size;
    }

    /**
     * @param i which member, from 0.
     * @return channel to its client port.
     */
    ManagedChannel channel(final int i)
    {
        return channels[i];
    }

    /**
     * @param i which member, from 0.
     * @return its client URL.
     */
    String clientUrl(final int i)
    {
        return "http://127.0.0.1:" + clientPorts[i];
    }

    /**
     * Starts a member.
     *
     * @param i which member, from 0.
     * @throws IOException if the launcher cannot be run, or everything is ending.
     */
    synchronized void start(final int i) throws IOException
    {
        if (isClosed)
        {
            throw new IOException("no member is started any more");
        }
        final StringBuilder cluster = new StringBuilder();
        for (int m = 0; m < size; m++)
        {
            cluster.append(m > 0 ? "," : "").append(name(m)).append("=http://127.0.0.1:").append(peerPorts[m]);
        }
        final String peerUrl = "http://127.0.0.1:" + peerPorts[i];
        processes[i] = new ProcessBuilder(
            launcher.toString(),
            "--name", name(i),
            "--data-dir", folder.resolve(name(i)).toString(),
            "--listen-client-urls", clientUrl(i),
            "--advertise-client-urls", clientUrl(i),
            "--listen-peer-urls", peerUrl,
            "--initial-advertise-peer-urls", peerUrl,
            "--initial-cluster", cluster.toString(),
            "--initial-cluster-token", "demonstration")
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(folder.resolve(name(i) + ".log").toFile()))
            .start();
    }

    /**
     * Waits until a member answers.
     *
     * @param i which member, from 0.
     * @return its status.
     * @throws IOException if it does not within a minute, with the end of its log.
     */
    StatusResponse awaitStatus(final int i) throws IOException
    {
        final long deadlineNs = System.nanoTime() + START_TIMEOUT_NS;
        while (System.nanoTime() < deadlineNs && processes[i].isAlive())
        {
            final StatusResponse status = status(i);
            if (null != status && 0 != status.getLeader())
            {
                return status;
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
        }
        throw new IOException("member " + name(i) + " does not answer; its log ends with: " + lastLine(i));
    }

    /**
     * @param i which member, from 0.
     * @return its status, or null if it does not answer.
     */
    StatusResponse status(final int i)
    {
        try
        {
            return MaintenanceGrpc.newBlockingStub(channels[i]).withDeadlineAfter(500, TimeUnit.MILLISECONDS)
                .status(StatusRequest.getDefaultInstance());
        }
        catch (final StatusRuntimeException ex)
        {
            channels[i].resetConnectBackoff();
            return null;
        }
    }

    /**
     * Kills a member as a crash does, with SIGKILL.
     *
     * @param i which member, from 0.
     * @throws InterruptedException if interrupted while it ends.
     */
    void kill(final int i) throws InterruptedException
    {
        processes[i].destroyForcibly();
        processes[i].waitFor();
    }

    /**
     * Ends a member as SIGTERM does, and waits for it.
     *
     * @param i which member, from 0.
     */
    void stop(final int i)
    {
        processes[i].destroy();
        end(processes[i], END_SECONDS);
    }

    /**
     * @param i which member, from 0.
     * @return its name.
     */
    static String name(final int i)
    {
        return "member-" + (i + 1);
    }

    /**
     * Ends all members, whoever asks, and whatever they do: nobody returns before they have ended.
     */
    @Override
    public synchronized void close()
    {
        if (isClosed)
        {
            return;
        }
        isClosed = true;
        for (int i = 0; i < size; i++)
        {
            channels[i].shutdownNow();
            if (null != processes[i])
            {
                processes[i].destroy();
            }
        }
        for (final Process process : processes)
        {
            end(process, CLOSE_SECONDS);
        }
        try (Stream<Path> files = Files.walk(folder))
        {
            files.sorted(Comparator.reverseOrder()).forEach((file) -> file.toFile().delete());
        }
        catch (final IOException ex)
        {
            System.err.println("left behind: " + folder + ": " + ex);
        }
    }

    private static void end(final Process process, final int seconds)
    {
        try
        {
            if (null != process && !process.waitFor(seconds, TimeUnit.SECONDS))
            {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly();
                process.waitFor();
            }
        }
        catch (final InterruptedException ex)
        {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    private String lastLine(final int i) throws IOException
    {
        final List<String> lines = Files.readAllLines(folder.resolve(name(i) + ".log"));
        return lines.isEmpty() ? "(nothing)" : lines.get(lines.size() - 1);
    }

    private static int freePort(final List<ServerSocket> sockets) throws IOException
    {
        final ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        sockets.add(socket);
        return socket.getLocalPort();
    }
}
