package dev.quorate.server.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quorate.server.client.Etcdctl.Result;
import dev.quorate.server.process.MemberProcess;
import dev.quorate.server.process.Processes;
import dev.quorate.server.process.Program;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The quota of thirteen pages of etcd's own tests, by etcdctl, and what a user does about it.
 */
class QuotaTest
{
    private static final int QUOTA = 13 * 4096;
    private static final String NO_SPACE = "etcdserver: mvcc: database space exceeded";
    private static final Pattern REVISION = Pattern.compile("\"revision\":(\\d+)");
    private static final Pattern DB_SIZE = Pattern.compile("\"dbSize\":(\\d+)");

    @RegisterExtension
    final Processes processes = new Processes();

    private MemberProcess member;
    private Etcdctl etcdctl;

    @Test
    void oneKeyOverwrittenUntilTheQuotaIsFullAndFreedByCompactionAndDefragmentation()
    {
        start();
        assertEquals("", etcdctl.run("alarm", "list"));
        fill("abc");
        final String alarm = etcdctl.run("alarm", "list");
        assertTrue(alarm.startsWith("memberID:") && alarm.contains("alarm:NOSPACE"), alarm);
        assertTrue(etcdctl.run("get", "abc").startsWith("abc\n"), "reads go on");
        assertTrue(etcdctl.run("get", "abc", "--consistency", "s").startsWith("abc\n"));
        refuses("put", "abc", "1");
        refuses("lease", "grant", "60");
        assertEquals("0\n", etcdctl.run("del", "no-such-key"), "deletions go on");

        etcdctl.run("compact", Long.toString(revision()), "--physical");
        etcdctl.run("defrag");
        assertTrue(dbSize() < QUOTA / 2, "size " + dbSize());
        assertTrue(etcdctl.run("alarm", "disarm").contains("alarm:NOSPACE"));
        assertEquals("", etcdctl.run("alarm", "list"));
        assertEquals("OK\n", etcdctl.run("put", "abc", "2"));
        assertEquals("2\n", etcdctl.run("get", "abc", "--print-value-only"));
    }

    @Test
    void manyKeysAreDeletedAndTheirSpaceIsUsedAgainAndAgain()
    {
        start();
        long before = 0;
        for (int round = 0; round < 3; round++)
        {
            final int keys = fill("round" + round + "/");
            assertTrue(round == 0 || keys >= before / 2, "round " + round + " took " + keys + " keys");
            before = keys;
            assertEquals(keys + "\n", etcdctl.run("del", "round", "--prefix"));
            etcdctl.run("compact", Long.toString(revision()), "--physical");
            etcdctl.run("defrag");
            etcdctl.run("alarm", "disarm");
        }
        member.kill();
        member.start().awaitHealthy();
        assertEquals("OK\n", etcdctl.run("put", "after", "1"));
    }

    private void start()
    {
        member = processes.single(Program.quorate(), "--quota-backend-bytes", Integer.toString(QUOTA));
        etcdctl = new Etcdctl(processes.folder(), member);
    }

    /** Puts values of 2 KiB until one is refused; under one key if the name does not end with a slash. */
    private int fill(final String name)
    {
        final String value = "v".repeat(2_000);
        for (int i = 0; i < 100; i++)
        {
            final Result result = etcdctl.tryRun("put", name.endsWith("/") ? name + i : name, value);
            if (0 != result.code())
            {
                assertTrue(result.output().contains(NO_SPACE), result.output());
                assertTrue(i > 5, "only " + i + " puts fit " + QUOTA + " bytes");
                // the last one took effect if the quota was found exceeded when it was applied
                return (int)count(name);
            }
        }
        throw new AssertionError("the quota is never reached");
    }

    private void refuses(final String... words)
    {
        final Result result = etcdctl.tryRun(words);
        assertNotEquals(0, result.code(), result.output());
        assertTrue(result.output().contains(NO_SPACE), result.output());
    }

    private long count(final String prefix)
    {
        return etcdctl.run("get", prefix, "--prefix", "--keys-only").lines().filter((line) -> !line.isEmpty()).count();
    }

    private long revision()
    {
        return number(REVISION, etcdctl.run("get", "x", "-w", "json"));
    }

    private long dbSize()
    {
        return number(DB_SIZE, etcdctl.run("endpoint", "status", "-w", "json"));
    }

    private static long number(final Pattern pattern, final String text)
    {
        final Matcher matcher = pattern.matcher(text);
        assertTrue(matcher.find(), text);
        return Long.parseLong(matcher.group(1));
    }
}
