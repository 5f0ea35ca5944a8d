package dev.quorate.server.process;

import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * One member as a process of its own, which may be started several times over the same data.
 */
public final class MemberProcess
{
    /** Until a member serves. */
    public static final Duration START = Duration.ofSeconds(120);

    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final int LOG_TAIL = 40;
    /** Field 12 of /proc/PID/task/TID/stat, counted from the one behind the name. */
    private static final int MAJFLT = 9;

    private final Program program;
    private final String name;
    private final Path folder;
    private final int clientPort;
    private final int peerPort;
    private final List<String> flags = new ArrayList<>();
    private List<String> prefix = List.of();
    private Process process;
    private ManagedChannel channel;

    MemberProcess(
        final Program program, final String name, final Path folder, final int clientPort, final int peerPort)
    {
        this.program = program;
        this.name = name;
        this.folder = folder;
        this.clientPort = clientPort;
        this.peerPort = peerPort;
    }

    /**
     * Sets the flags of the next start.
     *
     * @param words of the command line.
     * @return this.
     */
    public MemberProcess flags(final String... words)
    {
        flags.clear();
        flags.addAll(List.of(words));
        return this;
    }

    /**
     * Sets what stands before the command line of each start.
     *
     * @param words of it.
     * @return this.
     */
    public MemberProcess prefix(final List<String> words)
    {
        prefix = List.copyOf(words);
        return this;
    }

    /**
     * Starts the process without waiting for anything.
     *
     * @return this.
     */
    public MemberProcess start()
    {
        if (isAlive())
        {
            throw new IllegalStateException(name + " runs already");
        }
        final List<String> command = new ArrayList<>(prefix);
        command.addAll(program.words());
        command.addAll(flags);
        try
        {
            Files.createDirectories(folder);
            final ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()));
            builder.environment().keySet().removeIf((key) -> key.startsWith("ETCD"));
            process = builder.start();
        }
        catch (final IOException ex)
        {
            throw new IllegalStateException("cannot start " + String.join(" ", command), ex);
        }
        return this;
    }

    /**
     * Waits until this member answers that it is healthy.
     *
     * @return this.
     */
    public MemberProcess awaitHealthy()
    {
        Await.until(name + " serves", START, () ->
        {
            if (!isAlive())
            {
                throw new AssertionError(name + " ended with exit code " + process.exitValue() + "\n" + tail());
            }
            return isHealthy();
        });
        return this;
    }

    /**
     * @return true if this member says that it can commit.
     */
    public boolean isHealthy()
    {
        try
        {
            return 200 == get("/health").statusCode();
        }
        catch (final IOException ex)
        {
            return false;
        }
    }

    /**
     * Asks an HTTP endpoint of the client port.
     *
     * @param path of it.
     * @return the answer.
     * @throws IOException if there is none.
     */
    public HttpResponse<String> get(final String path) throws IOException
    {
        try
        {
            return HTTP.send(
                HttpRequest.newBuilder(URI.create(clientUrl() + path)).timeout(Duration.ofSeconds(5)).build(),
                HttpResponse.BodyHandlers.ofString());
        }
        catch (final InterruptedException ex)
        {
            throw new IllegalStateException(ex);
        }
    }

    /**
     * @return a channel to the client port, kept until {@link #close()}.
     */
    public ManagedChannel channel()
    {
        if (null == channel)
        {
            channel = NettyChannelBuilder.forAddress("127.0.0.1", clientPort)
                .usePlaintext()
                .maxInboundMessageSize(Integer.MAX_VALUE)
                .build();
        }
        return channel;
    }

    /**
     * Ends the process at once, as a crash would (SIGKILL).
     */
    public void kill()
    {
        process.destroyForcibly();
        awaitExit(Duration.ofSeconds(20));
    }

    /**
     * Asks the process to end (SIGTERM).
     *
     * @return its exit code.
     */
    public int terminate()
    {
        process.destroy();
        return awaitExit(Duration.ofSeconds(30));
    }

    /**
     * Stops the process where it is (SIGSTOP).
     */
    public void pause()
    {
        signal("STOP");
    }

    /**
     * Lets a paused process go on (SIGCONT).
     */
    public void resume()
    {
        signal("CONT");
    }

    /**
     * @param deadline after which waiting fails.
     * @return the exit code.
     */
    public int awaitExit(final Duration deadline)
    {
        try
        {
            if (!process.waitFor(deadline.toNanos(), TimeUnit.NANOSECONDS))
            {
                throw new AssertionError(name + " still runs after " + deadline.toSeconds() + " s");
            }
            return process.exitValue();
        }
        catch (final InterruptedException ex)
        {
            throw new IllegalStateException(ex);
        }
    }

    /**
     * @return true while the process is there.
     */
    public boolean isAlive()
    {
        return null != process && process.isAlive();
    }

    /**
     * @return processor time that the process has used, all threads together.
     */
    public Duration processorTime()
    {
        return process.toHandle().info().totalCpuDuration().orElse(Duration.ZERO);
    }

    /**
     * @param thread name of a thread of the process.
     * @return how often it had to wait for a page to be read from the disk since it began.
     * @throws IOException if the system does not tell.
     */
    public long majorFaults(final String thread) throws IOException
    {
        try (DirectoryStream<Path> tasks = Files.newDirectoryStream(
            Path.of("/proc", Long.toString(process.pid()), "task")))
        {
            for (final Path task : tasks)
            {
                if (thread.equals(Files.readString(task.resolve("comm")).strip()))
                {
                    final String stat = Files.readString(task.resolve("stat"));
                    return Long.parseLong(stat.substring(stat.lastIndexOf(')') + 2).split(" ")[MAJFLT]);
                }
            }
        }
        throw new IllegalStateException(name + " has no thread " + thread);
    }

    /**
     * Ends process and channel, whatever their state.
     */
    public void close()
    {
        if (null != channel)
        {
            channel.shutdownNow();
            channel = null;
        }
        if (isAlive())
        {
            process.destroyForcibly();
            awaitExit(Duration.ofSeconds(20));
        }
    }

    /**
     * @return the name of the member.
     */
    public String name()
    {
        return name;
    }

    /**
     * @return the port for clients.
     */
    public int clientPort()
    {
        return clientPort;
    }

    /**
     * @return the port for peers.
     */
    public int peerPort()
    {
        return peerPort;
    }

    /**
     * @return the URL for clients.
     */
    public String clientUrl()
    {
        return "http://127.0.0.1:" + clientPort;
    }

    /**
     * @return the URL for peers.
     */
    public String peerUrl()
    {
        return "http://127.0.0.1:" + peerPort;
    }

    /**
     * @return the data directory.
     */
    public Path data()
    {
        return folder.resolve(name + ".data");
    }

    /**
     * @return the file that holds what the process wrote.
     */
    public Path log()
    {
        return folder.resolve(name + ".log");
    }

    /**
     * @return everything that the process wrote.
     */
    public String output()
    {
        try
        {
            return Files.exists(log()) ? Files.readString(log()) : "";
        }
        catch (final IOException ex)
        {
            return "cannot be read: " + ex;
        }
    }

    /**
     * @return the last lines that the process wrote.
     */
    public String tail()
    {
        final List<String> lines = output().lines().toList();
        return String.join("\n", lines.subList(Math.max(0, lines.size() - LOG_TAIL), lines.size()));
    }

    private void signal(final String signal)
    {
        try
        {
            final int code = new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid()))
                .inheritIO().start().waitFor();
            if (0 != code)
            {
                throw new IllegalStateException("kill -" + signal + " " + process.pid() + " failed");
            }
        }
        catch (final IOException | InterruptedException ex)
        {
            throw new IllegalStateException(ex);
        }
    }

    @Override
    public String toString()
    {
        return program.name() + " " + name + " on " + clientUrl();
    }
}
