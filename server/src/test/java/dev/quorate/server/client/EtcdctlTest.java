package dev.quorate.server.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quorate.server.process.MemberProcess;
import dev.quorate.server.process.Program;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * Debian's etcdctl against one member.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class EtcdctlTest extends EtcdctlCommands
{
    private MemberProcess member;

    @BeforeAll
    void start()
    {
        member = PROCESSES.single(Program.quorate());
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
        assertTrue(etcdctl.run("check", "datascale", "--help").contains("datascale"));
    }

    @Test
    void raisesAndDisarmsAlarms()
    {
        assertEquals("", etcdctl.run("alarm", "list"));
        assertEquals("", etcdctl.run("alarm", "disarm"));
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
        assertTrue(list.matches("8e9e05c52164694d, started, default, http://localhost:2380, \\S+, false\n"), list);
        refuses("not enough started members", "member", "remove", "8e9e05c52164694d");
        refuses("etcdserver: can only promote a learner member", "member", "promote", "8e9e05c52164694d");
        refuses("etcdserver: member not found", "member", "remove", "1234");
    }
}
