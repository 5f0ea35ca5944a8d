package dev.quorate.server.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quorate.server.process.Kv;
import dev.quorate.server.process.MemberProcess;
import dev.quorate.server.process.Processes;
import dev.quorate.server.process.Program;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

import java.util.List;

/**
 * Debian's etcdctl against one member.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class EtcdctlTest extends EtcdctlCommands
{
    private MemberProcess member;
    private String id;

    @BeforeAll
    void start()
    {
        member = PROCESSES.member(Program.quorate(), "alone");
        member.flags(Processes.memberFlags(member, Processes.initialCluster(List.of(member)), "new"))
            .start().awaitHealthy();
        id = Long.toHexString(Kv.status(member).getHeader().getMemberId());
        etcdctl = new Etcdctl(PROCESSES.folder(), member);
        one = etcdctl;
    }

    @Test
    void showsStatusHealthAndHash()
    {
        final String status = etcdctl.run("endpoint", "status");
        assertTrue(status.matches("http://127.0.0.1:\\d+, \\w+, 3\\.7\\.1, .*true, false, .*\n"), status);
        assertTrue(etcdctl.run("endpoint", "health").contains("is healthy: successfully committed proposal"));
        assertTrue(etcdctl.run("endpoint", "hashkv").matches("http://127.0.0.1:\\d+, \\d+\n"));
    }

    @Override
    List<MemberProcess> members()
    {
        return List.of(member);
    }

    @Test
    void movesLeadershipToNobodyElse()
    {
        assertTrue(etcdctl.run("move-leader", id).contains("Leadership transferred from " + id + " to " + id));
        refuses("etcdserver: bad leader transferee", "move-leader", "1234");
    }

    @Test
    void defragmentsWhileServing()
    {
        assertTrue(etcdctl.run("defrag").contains("Finished defragmenting etcd member[" + member.clientUrl()));
        assertEquals("OK\n", etcdctl.run("put", "defrag/a", "1"));
    }

    @Test
    void listsItsOnlyMemberAndKeepsIt()
    {
        final String list = etcdctl.run("member", "list");
        assertEquals(
            id + ", started, alone, " + member.peerUrl() + ", " + member.clientUrl() + ", false\n", list);
        refuses("not enough started members", "member", "remove", id);
        refuses("etcdserver: can only promote a learner member", "member", "promote", id);
        refuses("etcdserver: member not found", "member", "remove", "1234");
    }
}
