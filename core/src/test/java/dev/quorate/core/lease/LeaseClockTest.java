package dev.quorate.core.lease;

import org.agrona.collections.LongArrayList;
import org.junit.jupiter.api.Test;

import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

class LeaseClockTest
{
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
    private static final long ELECTION = SECOND;

    private final LeaseClock clock = new LeaseClock(ELECTION);
    private final LongArrayList revoked = new LongArrayList();

    @Test
    void nothingExpiresWhereNobodyLeads()
    {
        clock.onGranted(7, 2, 0);
        assertEquals(0, poll(1000 * SECOND));
        assertEquals(LeaseClock.NOT_LEADER, clock.renew(7, SECOND));
    }

    @Test
    void newLeaderGivesEveryLeaseItsTimePlusAnElectionTimeout()
    {
        clock.onGranted(7, 2, 0);
        clock.start(10 * SECOND);
        assertEquals(0, poll(13 * SECOND - 1));
        assertEquals(1, poll(13 * SECOND + SECOND / 5));
        assertEquals(7, revoked.getLong(0));
    }

    @Test
    void everyIdExpires()
    {
        clock.start(0);
        for (final long id : new long[]{Long.MIN_VALUE, -1, 1, Long.MAX_VALUE})
        {
            clock.onGranted(id, 2, 0);
        }
        assertEquals(4, poll(3 * SECOND));
        assertEquals(4, revoked.size());
    }

    @Test
    void renewalMovesTheDeadline()
    {
        clock.start(0);
        clock.onGranted(7, 2, 0);
        assertEquals(2, clock.renew(7, SECOND));
        assertEquals(0, poll(3 * SECOND - 1));
        assertEquals(2 * SECOND, clock.remainingNs(7, SECOND));
        assertEquals(1, poll(3 * SECOND + SECOND / 5));
        assertEquals(LeaseClock.REVOKING, clock.renew(7, 4 * SECOND));
        clock.onRevoked(7);
        assertEquals(LeaseClock.UNKNOWN, clock.renew(7, 4 * SECOND));
        assertEquals(-1, clock.remainingNs(7, 4 * SECOND));
    }

    @Test
    void deadlinesAreCopiedInPartsWhileTheClockRuns()
    {
        for (long id = 1; id <= 5; id++)
        {
            clock.onGranted(id, 10 * id, 0);
        }
        clock.onRevoked(2);
        final LongArrayList copied = new LongArrayList();
        assertEquals(-1, clock.copyDeadlines(0, 9, copied));
        assertTrue(copied.isEmpty());

        clock.start(0);
        clock.renew(4, SECOND);
        final int next = clock.copyDeadlines(0, 2, copied);
        assertEquals(4, copied.size());
        assertEquals(-1, clock.copyDeadlines(next, 9, copied));
        final LongArrayList expected = new LongArrayList();
        for (final long number : new long[]{1, 11, 3, 31, 4, 41, 5, 51})
        {
            expected.addLong(0 == expected.size() % 2 ? number : number * SECOND);
        }
        assertEquals(expected, copied);
    }

    @Test
    void fencedClockRevokesNothingUntilConfirmed()
    {
        clock.start(0);
        clock.onGranted(7, 2, 0);
        clock.fence();
        assertEquals(0, poll(60 * SECOND));
        clock.confirm();
        assertFalse(clock.isFenced());
        assertEquals(1, poll(60 * SECOND));
    }

    @Test
    void refusedProposalIsAskedAgain()
    {
        clock.start(0);
        clock.onGranted(7, 2, 0);
        assertEquals(0, clock.poll(5 * SECOND, 10, (leaseId) -> false));
        assertEquals(1, poll(5 * SECOND));
        assertEquals(0, poll(6 * SECOND));
    }

    @Test
    void stepDownForgetsWhatWasAboutToExpire()
    {
        clock.start(0);
        clock.onGranted(7, 2, 0);
        clock.poll(5 * SECOND, 10, (leaseId) -> false);
        clock.stop();
        clock.start(6 * SECOND);
        assertEquals(0, poll(6 * SECOND + SECOND));
        assertEquals(1, poll(10 * SECOND));
    }

    @Test
    void longestTtlDoesNotOverflow()
    {
        clock.start(0);
        clock.onGranted(7, 9_000_000_000L, Long.MAX_VALUE / 2);
        assertEquals(0, poll(SECOND));
        assertTrue(clock.remainingNs(7, SECOND) > 0);
    }

    @Test
    void randomHistoryAgreesWithASimpleModel()
    {
        for (long seed = 0; seed < 50; seed++)
        {
            final Random random = new Random(seed);
            final LeaseClock subject = new LeaseClock(ELECTION);
            final TreeMap<Long, Long> deadlines = new TreeMap<>();
            long now = 0;
            subject.start(now);
            for (int i = 0; i < 500; i++)
            {
                now += random.nextInt(200_000_000);
                final long id = 1 + random.nextInt(40);
                final int action = random.nextInt(4);
                if (0 == action && !deadlines.containsKey(id))
                {
                    final int ttl = 2 + random.nextInt(20);
                    subject.onGranted(id, ttl, now);
                    deadlines.put(id, now + ttl * SECOND);
                }
                else if (1 == action && deadlines.containsKey(id))
                {
                    final long ttl = subject.renew(id, now);
                    if (ttl > 0)
                    {
                        deadlines.put(id, now + ttl * SECOND);
                    }
                }
                else if (2 == action)
                {
                    subject.onRevoked(id);
                    deadlines.remove(id);
                }
                final long at = now;
                final long s = seed;
                final LongArrayList gone = new LongArrayList();
                subject.poll(now, 100, (leaseId) -> gone.addLong(leaseId));
                for (int g = 0; g < gone.size(); g++)
                {
                    final long leaseId = gone.getLong(g);
                    assertTrue(deadlines.get(leaseId) <= at, () -> "expired early, seed=" + s);
                    subject.onRevoked(leaseId);
                    deadlines.remove(leaseId);
                }
                deadlines.forEach((leaseId, deadline) ->
                    assertTrue(deadline > at - SECOND / 4, () -> "expired late, seed=" + s));
            }
        }
    }

    private int poll(final long nowNs)
    {
        return clock.poll(nowNs, 100, (leaseId) -> revoked.addLong(leaseId));
    }
}
