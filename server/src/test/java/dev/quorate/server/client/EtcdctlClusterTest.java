package dev.quorate.server.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quorate.server.client.Etcdctl.Result;
import dev.quorate.server.process.Await;
import dev.quorate.server.process.Kv;
import dev.quorate.server.process.MemberProcess;
import dev.quorate.server.process.Program;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

import java.util.HashSet;
import java.util.List;

/**
 * Debian's etcdctl against three members.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class EtcdctlClusterTest extends EtcdctlCommands
{
    private List<MemberProcess> cluster;

    @BeforeAll
    void start()
    {
        cluster = PROCESSES.cluster(Program.quorate());
        etcdctl = new Etcdctl(PROCESSES.folder(), cluster);
        one = new Etcdctl(PROCESSES.folder(), cluster.getFirst());
    }

    @Test
    void showsStatusHealthAndHashOfEachMember()
    {
        final List<String> status = one.tryRun("endpoint", "status", "--cluster").lines();
        assertEquals(3, status.size(), status.toString());
        assertTrue(status.stream().allMatch((line) -> line.matches(
            "http://127.0.0.1:\\d+, [0-9a-f]+, 3\\.7\\.1, .*, (true|false), false, \\d+, \\d+, \\d+, ")),
            status.toString());
        assertEquals(1, status.stream().filter((line) -> line.contains(", true, false, ")).count(), status.toString());
        final List<String> health = one.tryRun("endpoint", "health", "--cluster").lines();
        assertEquals(3, health.stream().filter((line) -> line.contains("is healthy: successfully committed")).count(),
            health.toString());
        Await.until("all hashes are equal", DEADLINE, () ->
        {
            final List<String> hashes = one.tryRun("endpoint", "hashkv", "--cluster").lines();
            assertEquals(3, hashes.size(), hashes.toString());
            return 1 == new HashSet<>(hashes.stream().map((line) -> line.split(", ")[1]).toList()).size();
        });
    }

    @Test
    void movesTheLeader()
    {
        final MemberProcess leader = Kv.leader(cluster);
        final MemberProcess other = cluster.stream().filter((each) -> each != leader).findFirst().orElseThrow();
        final String id = Long.toHexString(Kv.status(other).getHeader().getMemberId());
        final Result refused = new Etcdctl(PROCESSES.folder(), other).tryRun("move-leader", id);
        assertTrue(refused.output().contains("no leader endpoint given"), refused.output());
        assertTrue(new Etcdctl(PROCESSES.folder(), leader).run("move-leader", id)
            .contains("Leadership transferred from"));
        Await.until("the other one leads", DEADLINE, () -> Kv.leader(cluster) == other);
    }

    @Override
    List<MemberProcess> members()
    {
        return cluster;
    }

    @Test
    void defragmentsEachMember()
    {
        final String output = one.run("defrag", "--cluster");
        assertEquals(3, output.split("Finished defragmenting etcd member", -1).length - 1, output);
    }
}
