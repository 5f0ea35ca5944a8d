package dev.quorate.server.process;

import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A bound of the memory of a process, its part of the page cache included: a control group (version 2 or 1) in which
 * processes started with {@link #prefix()} run. Needs the right to make one, which usually root alone has; elsewhere
 * {@link #isInForce()} is false, and {@link #toString()} says why.
 * <p>
 * To be registered before the {@link Processes} that run in it: it is removed after a test, once these have ended.
 */
final class MemoryCap implements AfterEachCallback
{
    private static final Path MOUNT = Path.of("/sys/fs/cgroup");
    private static final Path MOUNT_1 = MOUNT.resolve("memory");
    private static final String ENTER = "echo $$ > \"$0/cgroup.procs\" && exec \"$@\"";
    /** The kernel charges pages in batches. */
    private static final long SLACK = 4 << 20;
    private static final long REMOVAL_NS = TimeUnit.SECONDS.toNanos(20);

    private final StringBuilder failures = new StringBuilder();
    private Path group;
    private long bytes;
    private boolean isVersion1;

    /**
     * Makes the group.
     *
     * @param ofBytes that its processes may use.
     * @return this.
     */
    MemoryCap hold(final long ofBytes)
    {
        bytes = ofBytes;
        if (Files.exists(MOUNT.resolve("cgroup.controllers")))
        {
            holdBelow(parents(MOUNT, "0::"));
        }
        else
        {
            isVersion1 = true;
            holdBelow(parents(MOUNT_1, "memory:"));
        }
        if (isInForce())
        {
            Runtime.getRuntime().addShutdownHook(new Thread(this::remove));
        }
        return this;
    }

    /**
     * @return true if processes started with {@link #prefix()} are bounded.
     */
    boolean isInForce()
    {
        return null != group;
    }

    /**
     * @return what stands before a command line.
     */
    List<String> prefix()
    {
        return isInForce() ? List.of("sh", "-c", ENTER, group.toString()) : List.of();
    }

    /**
     * @return true if the processes have wanted all that they may use, so that pages of theirs had to go for others.
     */
    boolean wasReached() throws IOException
    {
        return isVersion1 ? mostBytes() >= bytes - SLACK : event("max") > 0;
    }

    /**
     * @return the most that the processes have used at once, bytes; 0 where the kernel does not tell.
     */
    long mostBytes() throws IOException
    {
        return optional(isVersion1 ? "memory.max_usage_in_bytes" : "memory.peak");
    }

    /**
     * @return how many processes the kernel has ended because nothing could go.
     */
    long kills() throws IOException
    {
        return isVersion1 ? word("memory.oom_control", "oom_kill") : event("oom_kill");
    }

    /**
     * @return bytes that the processes use now, page cache included.
     */
    long usedBytes() throws IOException
    {
        return number(isVersion1 ? "memory.usage_in_bytes" : "memory.current");
    }

    /**
     * @return bytes that the processes use now and that cannot be had from a file again.
     */
    long anonymousBytes() throws IOException
    {
        return word("memory.stat", isVersion1 ? "rss" : "anon") + word("memory.stat", "shmem");
    }

    @Override
    public void afterEach(final ExtensionContext context)
    {
        remove();
    }

    private void holdBelow(final List<Path> parents)
    {
        for (final Path parent : parents)
        {
            final Path child = parent.resolve("quorate-test-" + ProcessHandle.current().pid());
            try
            {
                if (!isVersion1)
                {
                    Files.writeString(parent.resolve("cgroup.subtree_control"), "+memory");
                }
                Files.createDirectory(child);
                group = child;
                Files.writeString(
                    child.resolve(isVersion1 ? "memory.limit_in_bytes" : "memory.max"), Long.toString(bytes));
                // what may be swapped out would be more memory
                final Path swap = child.resolve(isVersion1 ? "memory.memsw.limit_in_bytes" : "memory.swap.max");
                if (Files.exists(swap))
                {
                    Files.writeString(swap, isVersion1 ? Long.toString(bytes) : "0");
                }
                Processes.run("sh", "-c", ENTER, child.toString(), "true");
                return;
            }
            catch (final IOException | IllegalStateException ex)
            {
                failures.append(' ').append(parent).append(": ").append(ex);
                remove();
            }
        }
    }

    /** The group of this process and those above it, as far as they are seen here. */
    private List<Path> parents(final Path mount, final String line)
    {
        final List<Path> parents = new ArrayList<>();
        try
        {
            for (final String each : Files.readAllLines(Path.of("/proc/self/cgroup")))
            {
                final int at = each.indexOf(line);
                if (at >= 0)
                {
                    Path folder = mount.resolve("./" + each.substring(at + line.length())).normalize();
                    for (; folder.startsWith(mount); folder = folder.getParent())
                    {
                        if (Files.isDirectory(folder))
                        {
                            parents.add(folder);
                        }
                    }
                }
            }
        }
        catch (final IOException ex)
        {
            failures.append(' ').append(ex);
        }
        return parents;
    }

    /** Its processes have been told to end: it can go when they are gone. */
    private void remove()
    {
        final long startNs = System.nanoTime();
        while (null != group)
        {
            try
            {
                Files.deleteIfExists(group);
                group = null;
            }
            catch (final IOException ex)
            {
                if (System.nanoTime() - startNs > REMOVAL_NS)
                {
                    throw new IllegalStateException("control group " + group + " cannot be removed", ex);
                }
                Thread.onSpinWait();
            }
        }
    }

    private long event(final String event) throws IOException
    {
        return word("memory.events", event);
    }

    private long optional(final String file) throws IOException
    {
        return Files.exists(group.resolve(file)) ? number(file) : 0;
    }

    private long number(final String file) throws IOException
    {
        return Long.parseLong(Files.readString(group.resolve(file)).strip());
    }

    private long word(final String file, final String word) throws IOException
    {
        for (final String line : Files.readAllLines(group.resolve(file)))
        {
            if (line.startsWith(word + ' '))
            {
                return Long.parseLong(line.substring(word.length() + 1).strip());
            }
        }
        throw new IOException(file + " of " + group + " does not tell " + word);
    }

    @Override
    public String toString()
    {
        return isInForce() ? "control group " + group : "no control group can be made here:" + failures;
    }
}
