package dev.quorate.server.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import java.io.IOException;
import java.util.SplittableRandom;

/**
 * 2 GiB of values of 256 bytes, 3.3 GB in files, behind 256 MiB of heap, while the whole process may use less than a
 * quarter of that, page cache included: all of it is there, and the thread that decides and applies never waits for the
 * disk to read. Where memory cannot be bounded, the page cache is dropped instead, and the output says so. Needs about
 * 5 GB of disk while it runs. {@code -Dquorate.large.keys} makes it smaller, {@code -Dquorate.cap.mb} moves the bound.
 */
class MemoryCapTest
{
    private static final int KEYS = Integer.getInteger("quorate.large.keys", 2_100_000);
    private static final int VERSIONS = 4;
    private static final int VALUE_LENGTH = 256;
    private static final long CAP_MB = Long.getLong("quorate.cap.mb", 768);
    private static final int GETS = 300;
    private static final String CORE = "core";
    /** Pages of the program itself may come from the disk; one old record touched per update would be thousands. */
    private static final int FAULTS_MAX = 16;
    /** What is on the heap behind a collection, at most. */
    private static final int HEAP_MAX_MB = 96;

    @Order(1)
    @RegisterExtension
    final MemoryCap cap = new MemoryCap();

    @Order(2)
    @RegisterExtension
    final Processes processes = new Processes();

    private final long[][] revisions = new long[VERSIONS + 1][BulkData.transactions(KEYS)];
    private MemberProcess member;
    private BulkData data;

    @Test
    void dataLargerThanTheMemoryOfTheProcessIsWrittenAndReadWithoutAWaitOfTheCore() throws IOException
    {
        cap.hold(CAP_MB << 20);
        member = processes.member(Program.quorate("-Xmx256m", "-Xlog:gc"), "default").prefix(cap.prefix());
        data = new BulkData("capped data", member, KEYS, VALUE_LENGTH);
        data.tell("%s", cap.isInForce() ? "memory is bounded to " + CAP_MB + " MiB by " + cap :
            "MEMORY IS NOT BOUNDED, the page cache is dropped instead: " + cap);
        Processes.startSingle(member, "--quota-backend-bytes", Long.toString(16L << 30));
        final long started = member.majorFaults(CORE);
        for (int version = 0; version < VERSIONS; version++)
        {
            final int generation = version;
            data.timed("load " + version, () -> data.load(0, KEYS, generation, revisions[generation]));
            tellMemory();
        }
        makeCold();
        data.timed("random gets", () -> randomGets(false));
        assertEquals(KEYS, data.count());
        assertEquals(KEYS, data.count(BulkData.PREFIX_END, false, lastRevision(0)));
        makeCold();
        updateATenth();
        assertFewFaults(started);
        member.kill();
        data.timed("start after SIGKILL", () -> member.start().awaitHealthy());
        final long restarted = member.majorFaults(CORE);
        assertEquals(KEYS, data.count());
        makeCold();
        data.timed("random gets", () -> randomGets(true));
        updateATenth();
        data.timed("random gets", () -> randomGets(true));
        assertFewFaults(restarted);
        data.assertFlatHeap(HEAP_MAX_MB);
        assertHeld();
    }

    private void updateATenth()
    {
        data.timed("update of a tenth", () -> data.load(0, KEYS / 10, VERSIONS, revisions[VERSIONS]));
    }

    /** Half of the keys as they are, half as they were at a revision of the past. */
    private void randomGets(final boolean isTenthUpdated)
    {
        final SplittableRandom random = new SplittableRandom(11);
        final Flight flight = new Flight();
        for (int i = 0; i < GETS; i++)
        {
            final int place = random.nextInt(KEYS);
            final int transaction = place / BulkData.TXN_PUTS;
            final int newest = isTenthUpdated && place < KEYS / 10 ? VERSIONS : VERSIONS - 1;
            final int version = random.nextInt(newest);
            final long from = revisions[version][transaction];
            data.get(flight, place, 0, newest);
            data.get(flight, place, random.nextLong(from, revisions[version + 1][transaction]), version);
        }
        flight.land();
    }

    private long lastRevision(final int version)
    {
        long last = 0;
        for (final long revision : revisions[version])
        {
            last = Math.max(last, revision);
        }
        return last;
    }

    /** With a bound of the memory, what was not used last is cold of itself. */
    private void makeCold() throws IOException
    {
        if (!cap.isInForce())
        {
            data.dropPageCache();
        }
    }

    private void assertFewFaults(final long before) throws IOException
    {
        final long faults = member.majorFaults(CORE) - before;
        data.tell("core thread waited %d times for a page", faults);
        assertTrue(faults <= FAULTS_MAX, faults + " pages were read from the disk for the core thread");
    }

    private void tellMemory() throws IOException
    {
        if (cap.isInForce())
        {
            data.tell("%d MiB used, %d MiB of them not of files, at most %d MiB before; core thread waited %d times",
                cap.usedBytes() >> 20, cap.anonymousBytes() >> 20, cap.mostBytes() >> 20, member.majorFaults(CORE));
        }
    }

    private void assertHeld() throws IOException
    {
        if (cap.isInForce())
        {
            tellMemory();
            assertTrue(cap.wasReached(), "memory was never short");
            assertEquals(0, cap.kills());
            assertTrue(Kv.status(member).getDbSize() > 4 * (CAP_MB << 20));
        }
    }
}
