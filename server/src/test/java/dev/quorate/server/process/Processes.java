package dev.quorate.server.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;

/**
 * The processes of a test, or of a class of tests when it is registered in a static field. They are ended after it
 * whatever happened, at the latest with this JVM; when a test fails, the last lines of their logs are printed.
 */
public final class Processes
    implements BeforeAllCallback, AfterAllCallback, AfterEachCallback, TestExecutionExceptionHandler
{
    private static final Set<MemberProcess> ALL = ConcurrentHashMap.newKeySet();

    static
    {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> ALL.forEach(MemberProcess::close)));
    }

    private final List<MemberProcess> members = new ArrayList<>();
    private Path folder;
    private boolean isShared;

    @Override
    public void beforeAll(final ExtensionContext context)
    {
        isShared = true;
    }

    @Override
    public void afterAll(final ExtensionContext context)
    {
        close();
    }

    @Override
    public void afterEach(final ExtensionContext context)
    {
        if (!isShared)
        {
            close();
        }
    }

    @Override
    public void handleTestExecutionException(final ExtensionContext context, final Throwable error) throws Throwable
    {
        for (final MemberProcess member : members)
        {
            System.err.println("---- " + context.getDisplayName() + ": " + member + "\n" + member.tail());
        }
        throw error;
    }

    /**
     * A member that is not started yet, with ports and a data directory of its own and no flags.
     *
     * @param program of it.
     * @param name    of it.
     * @return the member.
     */
    public MemberProcess member(final Program program, final String name)
    {
        final MemberProcess member = new MemberProcess(
            program, name, folder().resolve(program.name() + members.size()), Ports.free(), Ports.free());
        members.add(member);
        ALL.add(member);
        return member;
    }

    /**
     * A cluster of one member that advertises the standard URLs, so that its ids are always the same.
     *
     * @param program of it.
     * @param more    flags.
     * @return the member, serving.
     */
    public MemberProcess single(final Program program, final String... more)
    {
        return startSingle(member(program, "default"), more);
    }

    /**
     * Starts a cluster of one member that advertises the standard URLs.
     *
     * @param member named {@code default}.
     * @param more   flags.
     * @return the member, serving.
     */
    public static MemberProcess startSingle(final MemberProcess member, final String... more)
    {
        final List<String> flags = new ArrayList<>(List.of(
            "--name", member.name(),
            "--data-dir", member.data().toString(),
            "--listen-client-urls", member.clientUrl(),
            "--advertise-client-urls", "http://localhost:2379",
            "--listen-peer-urls", member.peerUrl(),
            "--initial-advertise-peer-urls", "http://localhost:2380",
            "--initial-cluster", "default=http://localhost:2380"));
        flags.addAll(List.of(more));
        return member.flags(flags.toArray(String[]::new)).start().awaitHealthy();
    }

    /**
     * A cluster of three members.
     *
     * @param program of all.
     * @param more    flags.
     * @return the members, serving.
     */
    public List<MemberProcess> cluster(final Program program, final String... more)
    {
        final List<MemberProcess> cluster = new ArrayList<>();
        for (int i = 1; i <= 3; i++)
        {
            cluster.add(member(program, "m" + i));
        }
        final String initial = initialCluster(cluster);
        cluster.forEach((member) -> member.flags(memberFlags(member, initial, "new", more)).start());
        cluster.forEach(MemberProcess::awaitHealthy);
        return cluster;
    }

    /**
     * The flags of a member of a cluster.
     *
     * @param member  that they are for.
     * @param initial {@code name=url} of all members, joined by commas.
     * @param state   {@code new} or {@code existing}.
     * @param more    flags.
     * @return all flags.
     */
    public static String[] memberFlags(
        final MemberProcess member, final String initial, final String state, final String... more)
    {
        final List<String> flags = new ArrayList<>(List.of(
            "--name", member.name(),
            "--data-dir", member.data().toString(),
            "--listen-client-urls", member.clientUrl(),
            "--advertise-client-urls", member.clientUrl(),
            "--listen-peer-urls", member.peerUrl(),
            "--initial-advertise-peer-urls", member.peerUrl(),
            "--initial-cluster", initial,
            "--initial-cluster-token", "tests",
            "--initial-cluster-state", state));
        flags.addAll(List.of(more));
        return flags.toArray(String[]::new);
    }

    /**
     * @param members of a cluster.
     * @return {@code name=url} of all, joined by commas.
     */
    public static String initialCluster(final List<MemberProcess> members)
    {
        return String.join(",", members.stream().map((each) -> each.name() + "=" + each.peerUrl()).toList());
    }

    /**
     * Runs a program to its end, which must be a good one.
     *
     * @param words of its command line.
     * @throws IOException if it cannot be started.
     */
    public static void run(final String... words) throws IOException
    {
        try
        {
            final int code = new ProcessBuilder(words).inheritIO().start().waitFor();
            if (0 != code)
            {
                throw new IllegalStateException(String.join(" ", words) + " ended with " + code);
            }
        }
        catch (final InterruptedException ex)
        {
            throw new IllegalStateException(ex);
        }
    }

    /**
     * @return the folder that holds logs and data of this test, removed after it.
     */
    public Path folder()
    {
        if (null == folder)
        {
            try
            {
                folder = Files.createTempDirectory("quorate-test");
            }
            catch (final IOException ex)
            {
                throw new UncheckedIOException(ex);
            }
        }
        return folder;
    }

    private void close()
    {
        members.forEach(MemberProcess::close);
        members.forEach(ALL::remove);
        members.clear();
        if (null != folder)
        {
            delete(folder);
            folder = null;
        }
    }

    /**
     * Deletes a folder with all that is in it, if it is there.
     *
     * @param folder to delete.
     */
    public static void delete(final Path folder)
    {
        if (!Files.exists(folder))
        {
            return;
        }
        try (Stream<Path> paths = Files.walk(folder))
        {
            for (final Path path : paths.sorted(Comparator.reverseOrder()).toList())
            {
                Files.deleteIfExists(path);
            }
        }
        catch (final IOException ex)
        {
            throw new UncheckedIOException(ex);
        }
    }
}
