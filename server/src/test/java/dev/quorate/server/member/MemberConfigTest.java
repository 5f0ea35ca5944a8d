package dev.quorate.server.member;

import dev.quorate.server.flags.FlagException;
import dev.quorate.server.flags.Settings;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class MemberConfigTest
{
    @TempDir
    Path folder;

    @Test
    void memberWithoutFlagsIsThatOfEtcd() throws FlagException
    {
        final MemberConfig config = config();
        assertEquals("default", config.name());
        assertEquals(Path.of("default.etcd"), config.dataDirectory());
        assertEquals(2379, config.listenClient().getFirst().getPort());
        assertEquals(2380, config.listenPeer().getPort());
        assertEquals(Map.of("default", List.of("http://localhost:2380")), config.initialCluster());
        assertEquals(2L << 30, config.quotaBytes());
        assertTrue(config.isNewCluster());
        assertFalse(config.isDedicated());
        assertEquals(Path.of("a.etcd"), config("--name=a").dataDirectory());
    }

    @Test
    void timesMustFitToEachOther() throws FlagException
    {
        assertEquals(TimeUnit.MILLISECONDS.toNanos(500),
            config("--heartbeat-interval=100", "--election-timeout=500").electionNs());
        refused("at least as 5 times", "--heartbeat-interval=100", "--election-timeout=499");
        refused("too long", "--heartbeat-interval=100", "--election-timeout=50001");
        refused("--heartbeat-interval must be between 1", "--heartbeat-interval=0");
    }

    @Test
    void addressesToListenOnAreThoseOfThisHost()
    {
        refused("expected IP in URL for binding", "--listen-client-urls=http://example.com:1",
            "--advertise-client-urls=http://example.com:1");
        refused("--advertise-client-urls is required", "--listen-client-urls=http://127.0.0.1:1");
        refused("must hold exactly one URL", "--listen-peer-urls=http://127.0.0.1:1,http://127.0.0.1:2");
        refused("TLS is not supported yet", "--listen-metrics-urls=https://127.0.0.1:1");
        refused("must begin with http://", "--listen-peer-urls=127.0.0.1:1");
        refused("a host and a port", "--listen-peer-urls=http://127.0.0.1");
        refused("a host and a port", "--initial-advertise-peer-urls=http://127.0.0.1:1/path");
    }

    @Test
    void wordsAndRangesAreChecked()
    {
        refused("--log-level must be one of", "--log-level=loud");
        refused("--log-format must be one of", "--log-format=xml");
        refused("--initial-cluster-state must be new or existing", "--initial-cluster-state=old");
        refused("--auto-compaction-mode must be", "--auto-compaction-mode=never");
        refused("--auto-compaction-retention must be", "--auto-compaction-retention=-1h");
        refused("--auto-compaction-retention must be", "--auto-compaction-mode=revision",
            "--auto-compaction-retention=1h");
        refused("--profile must be", "--profile=fast");
        refused("--event-loops must be", "--event-loops=65");
        refused("--max-request-bytes must be", "--max-request-bytes=16777217");
        refused("--max-txn-ops must be", "--max-txn-ops=0");
        refused("name=url pairs", "--initial-cluster=nonsense");
    }

    @Test
    void retentionIsHoursDurationsOrRevisions() throws FlagException
    {
        assertEquals(TimeUnit.HOURS.toNanos(2), config("--auto-compaction-retention=2").compactionRetention());
        assertEquals(TimeUnit.MINUTES.toNanos(30), config("--auto-compaction-retention=30m").compactionRetention());
        final MemberConfig revisions = config("--auto-compaction-mode=revision", "--auto-compaction-retention=1000");
        assertFalse(revisions.isCompactionPeriodic());
        assertEquals(1000, revisions.compactionRetention());
    }

    @Test
    void directoryOfTheDriverThatWouldBeDeletedMustBeOne() throws Exception
    {
        final Path file = Files.createFile(folder.resolve("precious"));
        refused("would be deleted", "--aeron-dir=" + folder);
        refused("would be deleted", "--aeron-dir=" + file);
        assertEquals(folder.resolve("none"), config("--aeron-dir=" + folder.resolve("none")).aeronDirectory());
        final Path left = Files.createDirectory(folder.resolve("left"));
        assertEquals(left, config("--aeron-dir=" + left).aeronDirectory());
        Files.createFile(left.resolve("cnc.dat"));
        Files.createFile(left.resolve("loss-report.dat"));
        assertEquals(left, config("--aeron-dir=" + left).aeronDirectory());
    }

    private static void refused(final String words, final String... args)
    {
        final FlagException ex = assertThrows(FlagException.class, () -> config(args), String.join(" ", args));
        assertTrue(ex.getMessage().contains(words), ex.getMessage());
        assertEquals(1, ex.getMessage().lines().count());
        assertTrue(0 != ex.exitCode());
    }

    private static MemberConfig config(final String... args) throws FlagException
    {
        return MemberConfig.of(Settings.of(args, Map.of()));
    }
}
