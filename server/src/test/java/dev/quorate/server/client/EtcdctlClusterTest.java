package dev.quorate.server.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quorate.gateway.proto.etcdserverpb.AlarmRequest;
import dev.quorate.gateway.proto.etcdserverpb.AlarmType;
import dev.quorate.gateway.proto.etcdserverpb.MaintenanceGrpc;
import dev.quorate.server.client.Etcdctl.Result;
import dev.quorate.server.process.Await;
import dev.quorate.server.process.Kv;
import dev.quorate.server.process.MemberProcess;
import dev.quorate.server.process.Processes;
import dev.quorate.server.process.Program;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

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

    @Test
    void addsALearnerPromotesUpdatesAndRemovesIt()
    {
        final MemberProcess fourth = PROCESSES.member(Program.quorate(), "m4");
        final String[] id = new String[1];
        // Members count as active only some time after they were heard first; until then a change is refused.
        Await.until("a learner is added", DEADLINE, () ->
        {
            final Result added = one.tryRun("member", "add", "m4", "--learner", "--peer-urls", fourth.peerUrl());
            final Matcher matcher = Pattern.compile("Member +(\\w+) added to cluster").matcher(added.output());
            id[0] = matcher.find() ? matcher.group(1) : null;
            return null != id[0];
        });
        assertTrue(one.run("member", "list").contains(id[0] + ", unstarted, , " + fourth.peerUrl() + ", , true"));
        refuses("can only promote a learner member which is in sync with leader", "member", "promote", id[0]);
        final List<MemberProcess> all = new ArrayList<>(cluster);
        all.add(fourth);
        fourth.flags(Processes.memberFlags(fourth, Processes.initialCluster(all), "existing")).start();
        Await.until("the learner is promoted", DEADLINE,
            () -> one.tryRun("member", "promote", id[0]).output().contains("promoted in cluster"));
        fourth.awaitHealthy();
        assertTrue(one.run("member", "list").contains(
            id[0] + ", started, m4, " + fourth.peerUrl() + ", " + fourth.clientUrl() + ", false"));
        refuses("can only promote a learner member", "member", "promote", id[0]);
        final String other = fourth.peerUrl().replace("127.0.0.1", "localhost");
        assertTrue(one.run("member", "update", id[0], "--peer-urls", other).contains("updated in cluster"));
        assertTrue(one.run("member", "list").contains(id[0] + ", started, m4, " + other));
        refuses("Peer URLs already exists", "member", "add", "m5", "--peer-urls", other);
        assertTrue(one.run("member", "remove", id[0]).contains("removed from cluster"));
        assertEquals(0, fourth.awaitExit(DEADLINE));
        assertEquals(3, one.tryRun("member", "list").lines().size());
        refuses("etcdserver: member not found", "member", "remove", id[0]);
    }

    @Test
    void listsAndDisarmsARaisedAlarm()
    {
        final MemberProcess member = cluster.get(1);
        final long id = Kv.status(member).getHeader().getMemberId();
        etcdctl.run("put", "alarm/a", "1");
        MaintenanceGrpc.newBlockingStub(member.channel()).alarm(AlarmRequest.newBuilder()
            .setAction(AlarmRequest.AlarmAction.ACTIVATE).setMemberID(id).setAlarm(AlarmType.NOSPACE).build());
        try
        {
            final String alarm = "memberID:" + Long.toUnsignedString(id) + " alarm:NOSPACE \n";
            Await.until("the alarm is listed", DEADLINE, () -> alarm.equals(one.run("alarm", "list")));
            refuses("etcdserver: mvcc: database space exceeded", "put", "alarm/a", "2");
            refuses("etcdserver: mvcc: database space exceeded", "lease", "grant", "60");
            assertFalse(0 == one.tryRun("endpoint", "health").code());
            assertEquals("1\n", etcdctl.run("del", "alarm/a"));
            assertEquals(alarm, one.run("alarm", "disarm"));
        }
        finally
        {
            one.tryRun("alarm", "disarm");
        }
        assertEquals("", one.run("alarm", "list"));
        assertEquals("OK\n", etcdctl.run("put", "alarm/a", "3"));
    }

    @Test
    void defragmentsEachMember()
    {
        final String output = one.run("defrag", "--cluster");
        assertEquals(3, output.split("Finished defragmenting etcd member", -1).length - 1, output);
    }
}
