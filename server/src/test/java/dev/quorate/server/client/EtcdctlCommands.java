package dev.quorate.server.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quorate.server.client.Etcdctl.Result;
import dev.quorate.server.client.Etcdctl.Running;
import dev.quorate.server.process.Await;
import dev.quorate.server.process.MemberProcess;
import dev.quorate.server.process.Processes;
import dev.quorate.server.process.Program;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;

import java.time.Duration;
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
        final Matcher granted = Pattern.compile("lease (\\w+) granted with TTL\\(60s\\)")
            .matcher(etcdctl.run("lease", "grant", "60"));
        assertTrue(granted.find());
        final String id = granted.group(1);
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
    void refusesWhatIsNotServedYet()
    {
        refuses("Unimplemented", "role", "list");
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
