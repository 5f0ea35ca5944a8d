package dev.quorate.server.client;

import dev.quorate.server.process.MemberProcess;
import dev.quorate.server.process.Program;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Runs Debian's etcdctl against some members.
 */
final class Etcdctl
{
    private static final long DEADLINE_S = 60;

    private final String endpoints;
    private final Path folder;

    Etcdctl(final Path folder, final List<MemberProcess> members)
    {
        this.folder = folder;
        endpoints = String.join(",", members.stream().map(MemberProcess::clientUrl).toList());
    }

    Etcdctl(final Path folder, final MemberProcess member)
    {
        this(folder, List.of(member));
    }

    /**
     * What a command printed and how it ended.
     *
     * @param code   its exit code.
     * @param output what it wrote, errors included.
     */
    record Result(int code, String output)
    {
        List<String> lines()
        {
            return output.lines().toList();
        }
    }

    /**
     * Runs a command that must succeed.
     *
     * @return what it printed.
     */
    String run(final String... words)
    {
        return runWith("", words);
    }

    /**
     * Runs a command that must succeed and reads its input.
     *
     * @return what it printed.
     */
    String runWith(final String input, final String... words)
    {
        final Result result = tryWith(input, words);
        if (0 != result.code())
        {
            throw new AssertionError("etcdctl " + String.join(" ", words) + " ended with " + result.code() + ":\n" +
                result.output());
        }
        return result.output();
    }

    Result tryRun(final String... words)
    {
        return tryWith("", words);
    }

    Result tryWith(final String input, final String... words)
    {
        final Running running = start(words);
        try
        {
            running.process.getOutputStream().write(input.getBytes(StandardCharsets.UTF_8));
            running.process.getOutputStream().close();
            if (!running.process.waitFor(DEADLINE_S, TimeUnit.SECONDS))
            {
                running.close();
                throw new AssertionError("etcdctl " + String.join(" ", words) + " hangs:\n" + running.output());
            }
            return new Result(running.process.exitValue(), running.output());
        }
        catch (final IOException ex)
        {
            throw new UncheckedIOException(ex);
        }
        catch (final InterruptedException ex)
        {
            throw new IllegalStateException(ex);
        }
    }

    /**
     * Starts a command that runs on, such as a watch.
     */
    Running start(final String... words)
    {
        final List<String> command = new ArrayList<>(List.of(
            Program.etcdFolder().resolve("etcdctl").toString(), "--endpoints", endpoints, "--command-timeout", "20s"));
        command.addAll(List.of(words));
        try
        {
            final Path output = Files.createTempFile(Files.createDirectories(folder), "etcdctl", ".out");
            final ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true).redirectOutput(output.toFile());
            builder.environment().keySet().removeIf((key) -> key.startsWith("ETCDCTL"));
            return new Running(builder.start(), output);
        }
        catch (final IOException ex)
        {
            throw new UncheckedIOException(ex);
        }
    }

    /**
     * A command that runs.
     *
     * @param process of it.
     * @param file    that it writes to.
     */
    record Running(Process process, Path file) implements AutoCloseable
    {
        String output()
        {
            try
            {
                return Files.readString(file);
            }
            catch (final IOException ex)
            {
                throw new UncheckedIOException(ex);
            }
        }

        @Override
        public void close()
        {
            process.destroyForcibly();
            try
            {
                process.waitFor(DEADLINE_S, TimeUnit.SECONDS);
            }
            catch (final InterruptedException ex)
            {
                throw new IllegalStateException(ex);
            }
        }
    }
}
