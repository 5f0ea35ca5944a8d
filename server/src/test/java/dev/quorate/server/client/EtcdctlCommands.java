package dev.quorate.server.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quorate.gateway.proto.etcdserverpb.AlarmRequest;
import dev.quorate.gateway.proto.etcdserverpb.AlarmType;
import dev.quorate.gateway.proto.etcdserverpb.MaintenanceGrpc;
import dev.quorate.server.client.Etcdctl.Result;
import dev.quorate.server.client.Etcdctl.Running;
import dev.quorate.server.process.Await;
import dev.quorate.server.process.Kv;
import dev.quorate.server.process.MemberProcess;
import dev.quorate.server.process.Processes;
import dev.quorate.server.process.Program;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What Debian's etcdctl does alike with one member and with several; its words are those that it prints for etcd.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class EtcdctlCommands
{
    static final Duration DEADLINE = Duration.ofSeconds(60);

    @RegisterExtension
    static final Processes PROCESSES = new Processes();

    /** Speaks to all members. */
    Etcdctl etcdctl;
    /** Speaks to one member, which has applied whatever it acknowledged. */
    Etcdctl one;

    /**
     * @return all members, whose peer URLs are those that they listen on.
     */
    abstract List<MemberProcess> members();

    @Test
    void putsAndGetsWithEveryFlag()
    {
        assertEquals("OK\n", etcdctl.run("put", "get/a", "1"));
        assertEquals("OK\nget/a\n1\n", etcdctl.run("put", "get/a", "2", "--prev-kv"));
        assertEquals("OK\n", etcdctl.runWith("three", "put", "get/b"));
        etcdctl.run("put", "get/c", "0");
        assertEquals("get/a\n2\n", etcdctl.run("get", "get/a"));
        assertEquals("2\n", etcdctl.run("get", "get/a", "--print-value-only"));
        assertEquals("get/a\n2\nget/b\nthree\nget/c\n0\n", etcdctl.run("get", "get/", "--prefix"));
        assertEquals("get/a\n2\nget/b\nthree\n", etcdctl.run("get", "get/a", "get/c"));
        assertEquals("get/b\nthree\nget/c\n0\n", etcdctl.run("get", "get/b", "get/zz"));
        assertEquals("get/a\n\nget/b\n\nget/c\n\n", etcdctl.run("get", "get/", "--prefix", "--keys-only"));
        assertEquals("get/a\n2\n", etcdctl.run("get", "get/", "--prefix", "--limit", "1"));
        assertEquals(
            "get/c\n0\nget/b\nthree\nget/a\n2\n", etcdctl.run("get", "get/", "--prefix", "--order", "DESCEND"));
        assertEquals(
            "get/c\n0\nget/a\n2\nget/b\nthree\n",
            etcdctl.run("get", "get/", "--prefix", "--order", "ASCEND", "--sort-by", "VALUE"));
        assertEquals(
            "get/b\nget/a\nget/c\n", keys("--order", "DESCEND", "--sort-by", "VALUE"));
        assertEquals("get/c\nget/b\nget/a\n", keys("--order", "DESCEND", "--sort-by", "CREATE"));
        assertEquals("get/b\nget/c\nget/a\n", keys("--order", "ASCEND", "--sort-by", "VERSION"));
        assertEquals("get/a\nget/b\nget/c\n", keys("--order", "ASCEND", "--sort-by", "MODIFY"));
        assertEquals("get/c\nget/b\nget/a\n", keys("--order", "DESCEND", "--sort-by", "KEY"));
        assertEquals("get/a\n2\n", etcdctl.run("get", "get/a", "--consistency", "l"));
        Await.until("each member has it", DEADLINE,
            () -> "get/a\n2\n".equals(etcdctl.run("get", "get/a", "--consistency", "s")));
        assertTrue(etcdctl.run("get", "get/", "--prefix", "--count-only", "-w", "fields").contains("\"Count\" : 3"));
        final long revision = number(etcdctl.run("get", "get/a", "-w", "json"), "\"mod_revision\":(\\d+)");
        assertEquals("get/a\n1\n", etcdctl.run("get", "get/a", "--rev", Long.toString(revision - 1)));
        assertTrue(etcdctl.run("get", "get/", "--from-key", "--keys-only").startsWith("get/a\n"));
        assertEquals("1\n", etcdctl.run("del", "get/c"));
        assertEquals("2\nget/a\n2\nget/b\nthree\n", etcdctl.run("del", "get/", "--prefix", "--prev-kv"));
    }

    @Test
    void putsKeepValueOrLeaseWhenAskedTo()
    {
        final String id = lease();
        assertEquals("OK\n", etcdctl.run("put", "keep/a", "1", "--lease", id));
        assertEquals("OK\n", etcdctl.run("put", "keep/a", "2", "--ignore-lease"));
        assertEquals("keep/a\n2\n", etcdctl.run("get", "keep/a"));
        assertTrue(etcdctl.run("lease", "timetolive", id, "--keys").contains("attached keys([keep/a])"));
        assertEquals("OK\n", etcdctl.run("put", "keep/a", "--ignore-value"));
        assertEquals("keep/a\n2\n", etcdctl.run("get", "keep/a"));
        assertTrue(etcdctl.run("lease", "timetolive", id, "--keys").contains("attached keys([])"));
        refuses("etcdserver: key not found", "put", "keep/none", "--ignore-value");
        etcdctl.run("lease", "revoke", id);
    }

    @Test
    void takesBothBranchesOfATransaction()
    {
        etcdctl.run("put", "txn/a", "1");
        final String txn = "value(\"txn/a\") = \"1\"\n\nput txn/a 2\nget txn/a\n\nput txn/b no\n\n";
        assertEquals("SUCCESS\n\nOK\n\ntxn/a\n2\n", etcdctl.runWith(txn, "txn"));
        assertEquals("FAILURE\n\nOK\n", etcdctl.runWith(txn, "txn"));
        assertEquals("txn/b\nno\n", etcdctl.run("get", "txn/b"));
    }

    @Test
    void watchesFromTheBeginningAndOn()
    {
        etcdctl.run("put", "watch/a", "1");
        final long revision = number(etcdctl.run("get", "watch/a", "-w", "json"), "\"mod_revision\":(\\d+)");
        try (Running watch = etcdctl.start(
            "watch", "watch/", "--prefix", "--prev-kv", "--rev", Long.toString(revision)))
        {
            await("PUT\nwatch/a\n1\n", watch);
            etcdctl.run("put", "watch/a", "2");
            await("PUT\nwatch/a\n1\nPUT\nwatch/a\n1\nwatch/a\n2\n", watch);
            etcdctl.run("del", "watch/a");
            await("PUT\nwatch/a\n1\nPUT\nwatch/a\n1\nwatch/a\n2\nDELETE\nwatch/a\n2\nwatch/a\n\n", watch);
        }
    }

    @Test
    void grantsKeepsAliveListsAndRevokesLeases()
    {
        final String id = lease();
        etcdctl.run("put", "lease/a", "1", "--lease", id);
        Await.until("the lease is listed", DEADLINE, () -> etcdctl.run("lease", "list").contains(id));
        assertTrue(etcdctl.run("lease", "timetolive", id, "--keys").matches(
            "lease " + id + " granted with TTL\\(60s\\), " +
            "remaining\\((59|60|5\\d)s\\), attached keys\\(\\[lease/a\\]\\)\n"));
        assertEquals("lease " + id + " keepalived with TTL(60)\n", etcdctl.run("lease", "keep-alive", "--once", id));
        try (Running keepAlive = etcdctl.start("lease", "keep-alive", id))
        {
            await("lease " + id + " keepalived with TTL(60)\n", keepAlive);
        }
        assertEquals("lease " + id + " revoked\n", etcdctl.run("lease", "revoke", id));
        assertEquals("", etcdctl.run("get", "lease/a"));
        assertTrue(etcdctl.tryRun("lease", "revoke", id).output().contains("requested lease not found"));
        assertTrue(etcdctl.run("lease", "timetolive", id).contains("already expired"));
    }

    @Test
    void compacts()
    {
        one.run("put", "compact/a", "1");
        one.run("put", "compact/a", "2");
        final long revision = number(one.run("get", "compact/a", "-w", "json"), "\"mod_revision\":(\\d+)");
        assertEquals(
            "compacted revision " + revision + "\n",
            one.run("compact", Long.toString(revision), "--physical"));
        final Result old = one.tryRun("get", "compact/a", "--rev", Long.toString(revision - 1));
        assertEquals(1, old.code());
        assertTrue(old.output().contains("etcdserver: mvcc: required revision has been compacted"));
        assertTrue(one.tryRun("compact", Long.toString(revision)).output().contains("has been compacted"));
        try (Running watch = one.start("watch", "compact/a", "--rev", Long.toString(revision - 1)))
        {
            Await.until("the watch ends", DEADLINE, () -> watch.output().contains("has been compacted"));
        }
    }

    @Test
    void mirrorsAPrefix()
    {
        final MemberProcess target = PROCESSES.single(Program.quorate());
        final Etcdctl other = new Etcdctl(PROCESSES.folder(), target);
        etcdctl.run("put", "mirror/a", "1");
        try (Running mirror = etcdctl.start(
            "make-mirror", "127.0.0.1:" + target.clientPort(), "--prefix", "mirror/", "--dest-prefix", "copy/"))
        {
            Await.until("the first copy: " + mirror, DEADLINE, () -> "copy/a\n1\n".equals(other.run("get", "copy/a")));
            etcdctl.run("put", "mirror/b", "2");
            Await.until("the next copy", DEADLINE, () -> "copy/b\n2\n".equals(other.run("get", "copy/b")));
            etcdctl.run("del", "mirror/a");
            Await.until("the removal", DEADLINE, () -> other.run("get", "copy/a").isEmpty());
        }
        finally
        {
            target.close();
        }
    }

    @Test
    void addsALearnerPromotesUpdatesAndRemovesIt()
    {
        final MemberProcess joined = PROCESSES.member(Program.quorate(), "joined");
        final String[] id = new String[1];
        // Members count as active only some time after they were heard first; until then a change is refused.
        Await.until("a learner is added", DEADLINE, () ->
        {
            final Result added = one.tryRun("member", "add", "joined", "--learner", "--peer-urls", joined.peerUrl());
            final Matcher matcher = Pattern.compile("Member +(\\w+) added to cluster").matcher(added.output());
            id[0] = matcher.find() ? matcher.group(1) : null;
            return null != id[0];
        });
        assertTrue(one.run("member", "list").contains(id[0] + ", unstarted, , " + joined.peerUrl() + ", , true"));
        refuses("can only promote a learner member which is in sync with leader", "member", "promote", id[0]);
        final List<MemberProcess> all = new ArrayList<>(members());
        all.add(joined);
        joined.flags(Processes.memberFlags(joined, Processes.initialCluster(all), "existing")).start();
        Await.until("the learner is promoted", DEADLINE,
            () -> one.tryRun("member", "promote", id[0]).output().contains("promoted in cluster"));
        joined.awaitHealthy();
        assertTrue(one.run("member", "list").contains(
            id[0] + ", started, joined, " + joined.peerUrl() + ", " + joined.clientUrl() + ", false"));
        refuses("can only promote a learner member", "member", "promote", id[0]);
        final String other = joined.peerUrl().replace("127.0.0.1", "localhost");
        assertTrue(one.run("member", "update", id[0], "--peer-urls", other).contains("updated in cluster"));
        assertTrue(one.run("member", "list").contains(id[0] + ", started, joined, " + other));
        // With its new address the member has to be heard for a while again before anything may change.
        Await.until("its URL is refused to another", DEADLINE, () -> one.tryRun(
            "member", "add", "another", "--peer-urls", other).output().contains("Peer URLs already exists"));
        Await.until("it is removed", DEADLINE,
            () -> one.tryRun("member", "remove", id[0]).output().contains("removed from cluster"));
        assertEquals(0, joined.awaitExit(DEADLINE));
        assertEquals(members().size(), one.tryRun("member", "list").lines().size());
        refuses("etcdserver: member not found", "member", "remove", id[0]);
    }

    @Test
    void listsAndDisarmsARaisedAlarm()
    {
        final MemberProcess member = members().getLast();
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
    void refusesWhatIsNotServedYet()
    {
        refuses("Unimplemented", "role", "list");
    }

    private String lease()
    {
        final Matcher granted = Pattern.compile("lease (\\w+) granted with TTL\\(60s\\)")
            .matcher(etcdctl.run("lease", "grant", "60"));
        assertTrue(granted.find());
        return granted.group(1);
    }

    /** @return the keys below {@code get/}, one a line, in the order asked for. */
    private String keys(final String... order)
    {
        final List<String> words = new ArrayList<>(List.of("get", "get/", "--prefix", "--keys-only"));
        words.addAll(List.of(order));
        return etcdctl.run(words.toArray(String[]::new)).replace("\n\n", "\n");
    }

    void refuses(final String error, final String... words)
    {
        final Result result = etcdctl.tryRun(words);
        assertFalse(0 == result.code());
        assertTrue(result.output().contains(error), result.output());
    }

    static void await(final String output, final Running running)
    {
        Await.until("etcdctl prints '" + output + "'", DEADLINE, () -> output.equals(running.output()));
    }

    static long number(final String text, final String pattern)
    {
        final Matcher matcher = Pattern.compile(pattern).matcher(text);
        assertTrue(matcher.find(), text);
        return Long.parseLong(matcher.group(1));
    }
}
