package dev.quorate.server.differential;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quorate.server.process.Processes;
import dev.quorate.server.process.Program;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.util.Arrays;
import java.util.stream.LongStream;

/**
 * One member of ours answers whatever it is asked like etcd 3.5, but for the named rules. A sequence is in lock step
 * and mostly waits, so two of them run side by side.
 */
class DifferentialTest
{
    private static final String SEEDS = System.getProperty("quorate.differential.seeds", "1,2,3,4");
    private static final long OPERATIONS = Long.getLong("quorate.differential.operations", 5_200);

    private static final String PROGRESS_INTERVAL = "500ms";

    @RegisterExtension
    final Processes processes = new Processes();

    static LongStream seeds()
    {
        return Arrays.stream(SEEDS.split(",")).mapToLong(Long::parseLong);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    @Execution(ExecutionMode.CONCURRENT)
    void answersLikeEtcd(final long seed)
    {
        final Side etcd = new Side(
            "etcd", processes.single(Program.etcd(), "--log-level", "fatal", "--unsafe-no-fsync",
                "--experimental-watch-progress-notify-interval", PROGRESS_INTERVAL));
        final Side quorate = new Side("quorate", processes.single(Program.quorate(), "--unsafe-no-fsync",
            "--watch-progress-notify-interval", PROGRESS_INTERVAL));
        final Sequence sequence = new Sequence(seed, etcd, quorate);
        final long startNs = System.nanoTime();
        sequence.run(OPERATIONS);
        System.out.println("differential seed " + seed + ": " + sequence.operations() + " operations, equal, " +
            (System.nanoTime() - startNs) / 1_000_000 + " ms");
        assertTrue(sequence.operations() >= OPERATIONS);
    }
}
