package dev.quorate.server.process;

import org.opentest4j.TestAbortedException;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A file system in memory of a few MiB, which only processes started with {@link #prefix()} see: it is mounted in a
 * mount namespace of its own, held by a process that waits for its end. Part of it is taken by a file that can be
 * removed. Needs {@code unshare} and {@code nsenter} of util-linux, and root or user namespaces.
 */
final class SmallDisk implements AutoCloseable
{
    private static final String SCRIPT =
        "mount -t tmpfs -o size=\"$2\"m tmpfs \"$1\" && " +
        "mkdir \"$1/data\" && chmod 700 \"$1/data\" && " +
        "dd if=/dev/zero of=\"$1/filler\" bs=1M count=\"$3\" 2> /dev/null && echo mounted && read -r line";

    private final Path path;
    private final Process holder;
    private final List<String> prefix;

    private SmallDisk(final Path path, final Process holder, final List<String> prefix)
    {
        this.path = path;
        this.holder = holder;
        this.prefix = prefix;
    }

    /**
     * Mounts a disk.
     *
     * @param path            of a folder that does not exist yet.
     * @param megabytes       of the disk.
     * @param fillerMegabytes of it that are taken until {@link #removeFiller()}.
     * @return the disk.
     * @throws TestAbortedException if this machine does not allow it.
     */
    static SmallDisk mount(final Path path, final int megabytes, final int fillerMegabytes)
    {
        final StringBuilder failures = new StringBuilder();
        for (final String namespaces : List.of("-rm", "-m"))
        {
            try
            {
                Files.createDirectories(path);
                final Process holder = new ProcessBuilder(
                    "unshare", namespaces, "sh", "-c", SCRIPT, "sh", path.toString(),
                    Integer.toString(megabytes), Integer.toString(fillerMegabytes))
                    .redirectErrorStream(true)
                    .start();
                final String line = new BufferedReader(
                    new InputStreamReader(holder.getInputStream(), StandardCharsets.UTF_8)).readLine();
                if ("mounted".equals(line))
                {
                    final List<String> prefix = new ArrayList<>(
                        List.of("nsenter", "-t", Long.toString(holder.pid()), "-m"));
                    if ("-rm".equals(namespaces))
                    {
                        prefix.addAll(List.of("-U", "--preserve-credentials"));
                    }
                    prefix.add("--");
                    return new SmallDisk(path, holder, prefix);
                }
                failures.append(" unshare ").append(namespaces).append(": ").append(line);
                holder.destroyForcibly();
            }
            catch (final IOException ex)
            {
                failures.append(" unshare ").append(namespaces).append(": ").append(ex.getMessage());
            }
        }
        throw new TestAbortedException("no file system of a limited size can be mounted here:" + failures);
    }

    /**
     * @return folder on the disk for the data of a member.
     */
    Path data()
    {
        return path.resolve("data");
    }

    /**
     * @return what must stand before the command line of a process that is to see the disk.
     */
    List<String> prefix()
    {
        return prefix;
    }

    /**
     * Frees the part of the disk that was taken.
     */
    void removeFiller()
    {
        final List<String> command = new ArrayList<>(prefix);
        command.addAll(List.of("rm", path.resolve("filler").toString()));
        try
        {
            final int code = new ProcessBuilder(command).inheritIO().start().waitFor();
            if (0 != code)
            {
                throw new IllegalStateException(String.join(" ", command) + " ended with " + code);
            }
        }
        catch (final IOException | InterruptedException ex)
        {
            throw new IllegalStateException(ex);
        }
    }

    @Override
    public void close()
    {
        holder.destroyForcibly();
    }
}
