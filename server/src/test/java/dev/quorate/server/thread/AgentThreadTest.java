package dev.quorate.server.thread;

import org.agrona.concurrent.Agent;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

class AgentThreadTest
{
    private static final long PATIENCE_MS = 20_000;

    @Test
    void threadThatWasWokenForOneTurnLooksOnceBeforeItSleepsAgain() throws InterruptedException
    {
        // each number is the work that the agent finds in a turn
        assertEquals(List.of("turn 1", "await", "turn 0", "asleep"), linesOf(0, 1, 0));
    }

    @Test
    void threadInAStreamOfWorkDoesNotSayThatItSleepsAgainAndAgain() throws InterruptedException
    {
        assertEquals(
            List.of("turn 1", "await", "turn 1", "turn 1", "turn 1", "turn 0", "await", "turn 0", "asleep"),
            linesOf(0, 1, 1, 1, 1, 0, 0));
    }

    @Test
    void threadThatSpinsLooksSoOftenBeforeItSleeps() throws InterruptedException
    {
        assertEquals(
            List.of("turn 1", "turn 0", "turn 0", "turn 0", "await", "turn 0", "asleep"),
            linesOf(2, 1, 0, 0, 0, 0));
    }

    @Test
    void sleepsWithoutWorkBecomeLongerUpToALimitAndShortAgainAfterWork() throws InterruptedException
    {
        final List<Long> waitsNs = Collections.synchronizedList(new ArrayList<>());
        final CountDownLatch slept = new CountDownLatch(6);
        // the turn after the fourth sleep has work
        final Agent agent = new Agent()
        {
            @Override
            public int doWork()
            {
                return 4 == waitsNs.size() ? 1 : 0;
            }

            @Override
            public String roleName()
            {
                return "rare";
            }
        };
        final Waiter waiter = new Waiter()
        {
            @Override
            public void await(final long maxNs, final BooleanSupplier hasWork)
            {
                if (slept.getCount() > 0)
                {
                    waitsNs.add(maxNs);
                    slept.countDown();
                }
            }

            @Override
            public void signal()
            {
                // The sleep is over at once anyway.
            }
        };
        final AgentThread thread = new AgentThread("test", new Agent[]{agent}, waiter, 10, 40, 0, AssertionError::new);
        thread.start();
        assertTrue(slept.await(PATIENCE_MS, TimeUnit.MILLISECONDS), waitsNs::toString);
        assertTrue(thread.stop(PATIENCE_MS));
        assertEquals(List.of(10L, 20L, 40L, 40L, 10L, 20L), List.copyOf(waitsNs));
    }

    @Test
    void noSignalToAParkedThreadIsLost() throws InterruptedException
    {
        final int count = 20_000;
        final AtomicLong published = new AtomicLong();
        final AtomicLong consumed = new AtomicLong();
        final ParkWaiter waiter = new ParkWaiter();
        final Thread producer = new Thread(() ->
        {
            for (int i = 1; i <= count; i++)
            {
                published.setRelease(i);
                waiter.signal();
                while (consumed.getAcquire() < i)
                {
                    Thread.onSpinWait();
                }
            }
        });
        producer.setDaemon(true);
        producer.start();
        // One lost signal costs a sleep that is longer than the deadline.
        final long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (consumed.getPlain() < count)
        {
            waiter.await(TimeUnit.SECONDS.toNanos(30), () -> published.getAcquire() > consumed.getPlain());
            consumed.setRelease(published.getAcquire());
            assertTrue(System.nanoTime() - deadlineNs < 0, "at " + consumed);
        }
        producer.join(PATIENCE_MS);
    }

    private static List<String> linesOf(final int spins, final int... work) throws InterruptedException
    {
        final Script script = new Script(work);
        final AgentThread thread = new AgentThread(
            "test", new Agent[]{script}, script, 1, 1, spins, error -> script.lines.add(error.toString()));
        thread.start();
        assertTrue(script.asleep.await(PATIENCE_MS, TimeUnit.MILLISECONDS), script.lines::toString);
        final List<String> lines = List.copyOf(script.lines);
        assertTrue(thread.stop(PATIENCE_MS));
        return lines;
    }

    /** An agent whose work is known beforehand, and the waiter of its thread; it sleeps when the work is over. */
    private static final class Script implements Agent, Waiter
    {
        final List<String> lines = Collections.synchronizedList(new ArrayList<>());
        final CountDownLatch asleep = new CountDownLatch(1);
        private final CountDownLatch end = new CountDownLatch(1);
        private final int[] work;
        private int turns;

        Script(final int... work)
        {
            this.work = work;
        }

        @Override
        public int doWork()
        {
            if (turns == work.length)
            {
                return 0;
            }
            lines.add("turn " + work[turns]);
            return work[turns++];
        }

        @Override
        public String roleName()
        {
            return "script";
        }

        @Override
        public void await(final long maxNs, final BooleanSupplier hasWork)
        {
            lines.add("await");
            if (!hasWork.getAsBoolean())
            {
                lines.add("asleep");
                asleep.countDown();
                try
                {
                    end.await();
                }
                catch (final InterruptedException ex)
                {
                    Thread.currentThread().interrupt();
                }
            }
        }

        @Override
        public void signal()
        {
            end.countDown();
        }
    }
}
