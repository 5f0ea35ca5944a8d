package dev.quorate.perf.jmh;

import dev.quorate.core.log.LogContext;
import dev.quorate.core.log.LogSyncAgent;
import dev.quorate.core.log.RaftLog;
import dev.quorate.core.log.SegmentSupplier;
import dev.quorate.core.raft.RaftLogAccess;
import dev.quorate.server.disk.FileDisk;
import dev.quorate.server.member.ServerSeams;
import org.agrona.concurrent.UnsafeBuffer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Appends of 350 bytes to the log, in batches of one sync.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class LogBenchmark
{
    private static final int ENTRY_LENGTH = 350;
    private static final int RETAINED = 1_000;

    /** Entries of a batch. */
    @Param({"1", "64"})
    public int batch;

    private final UnsafeBuffer entry = new UnsafeBuffer(new byte[ENTRY_LENGTH]);
    private Path directory;
    private RaftLog log;
    private LogSyncAgent sync;
    private SegmentSupplier supplier;

    /**
     * Opens a log on the disk of the working directory.
     *
     * @throws Exception if the disk is full or cannot be used.
     */
    @Setup(Level.Trial)
    public void open() throws Exception
    {
        directory = Files.createTempDirectory(Path.of("").toAbsolutePath(), "bench.");
        log = RaftLog.open(new LogContext()
            .disk(new FileDisk(directory, true))
            .clock(ServerSeams.CLOCK)
            .rng(ServerSeams.rng(BenchSeams.SEED))
            .clusterId(7)
            .conclude());
        sync = log.syncAgent();
        supplier = log.supplier();
        supplier.doWork();
    }

    /**
     * Closes the log and deletes its files.
     *
     * @throws IOException if they cannot be listed.
     */
    @TearDown(Level.Trial)
    public void close() throws IOException
    {
        log.close();
        try (Stream<Path> files = Files.walk(directory))
        {
            files.sorted(Comparator.reverseOrder()).forEach(path -> path.toFile().delete());
        }
    }

    /**
     * @return durable position.
     */
    @Benchmark
    public long appendAndSync()
    {
        for (int i = 0; i < batch; i++)
        {
            while (log.append(log.lastIndex() + 1, 1, RaftLogAccess.COMMAND, entry, 0, ENTRY_LENGTH) < 0)
            {
                supplier.doWork();
            }
        }
        final long position = log.appendedPosition();
        while (log.durablePosition() < position)
        {
            sync.doWork();
        }
        if (0 == (log.lastIndex() & 0xFFF) && log.lastIndex() > RETAINED)
        {
            log.retainFrom(log.lastIndex() - RETAINED);
            supplier.doWork();
        }
        return position;
    }
}
