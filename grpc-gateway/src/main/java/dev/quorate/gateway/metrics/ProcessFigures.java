package dev.quorate.gateway.metrics;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Figures of the process as Linux tells them under /proc; elsewhere nothing is shown.
 */
final class ProcessFigures
{
    private static final Path PROC = Path.of("/proc/self");
    /** Clock ticks per second in /proc; fixed in the interface of the kernel to user space. */
    private static final double TICKS_PER_S = 100;
    private static final long PAGE_BYTES = 4096;

    private ProcessFigures()
    {
    }

    static void collect(final MetricsText text)
    {
        try
        {
            final String stat = Files.readString(PROC.resolve("stat"));
            // The name of the program may hold spaces; the fields after its bracket begin with the third.
            final String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            final String[] memory = Files.readString(PROC.resolve("statm")).trim().split(" ");
            final long openFiles = openFiles();
            final long limit = openFilesLimit();

            text.counter("process_cpu_seconds_total", "Processor time used, seconds.");
            text.sample("", (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / TICKS_PER_S);
            text.gauge("process_max_fds", "File descriptors the process may open.", limit);
            text.gauge("process_open_fds", "File descriptors open.", openFiles);
            text.gauge("process_resident_memory_bytes", "Memory resident, bytes.",
                Long.parseLong(memory[1]) * PAGE_BYTES);
            text.gauge("process_start_time_seconds", "When the process started, seconds since 1970.");
            text.sample("", bootTimeS() + Long.parseLong(fields[19]) / TICKS_PER_S);
            text.gauge("process_virtual_memory_bytes", "Memory mapped, bytes.",
                Long.parseLong(memory[0]) * PAGE_BYTES);
            text.gauge("os_fd_used", "File descriptors open.", openFiles);
            text.gauge("os_fd_limit", "File descriptors the process may open.", limit);
        }
        catch (final IOException | RuntimeException ignored)
        {
            // A system without /proc: the other figures are still worth showing.
            return;
        }
    }

    private static long openFiles() throws IOException
    {
        long count = 0;
        try (DirectoryStream<Path> files = Files.newDirectoryStream(PROC.resolve("fd")))
        {
            for (final Path ignored : files)
            {
                count++;
            }
        }

        // Without the descriptor that this listing itself had open.
        return count - 1;
    }

    private static long openFilesLimit() throws IOException
    {
        for (final String line : Files.readAllLines(PROC.resolve("limits")))
        {
            if (line.startsWith("Max open files"))
            {
                final String soft = line.substring("Max open files".length()).trim().split(" +")[0];
                return "unlimited".equals(soft) ? Long.MAX_VALUE : Long.parseLong(soft);
            }
        }

        return 0;
    }

    private static long bootTimeS() throws IOException
    {
        for (final String line : Files.readAllLines(Path.of("/proc/stat")))
        {
            if (line.startsWith("btime "))
            {
                return Long.parseLong(line.substring("btime ".length()));
            }
        }

        return 0;
    }
}
