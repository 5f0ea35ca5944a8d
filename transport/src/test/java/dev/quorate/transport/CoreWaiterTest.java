package dev.quorate.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quorate.core.seam.PeerLink;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CoreWaiterTest
{
    private static final long A = 0xA;
    private static final long B = 0xB;
    private static final BooleanSupplier NO_WORK = () -> false;

    @Test
    void workThatIsSeenAfterTheFlagEndsTheSleepBeforeItBegins()
    {
        try (CoreWaiter waiter = new CoreWaiter())
        {
            final int[] looks = {0};
            for (int i = 0; i < 10_000; i++)
            {
                waiter.await(CoreWaiter.MAX_WAIT_NS, () -> ++looks[0] > 0);
            }
            assertEquals(10_000, looks[0]);
        }
    }

    @Test
    void sleepWithoutWorkEndsByItself()
    {
        try (CoreWaiter waiter = new CoreWaiter())
        {
            Assertions.assertTimeoutPreemptively(Duration.ofSeconds(10), () -> waiter.await(1, NO_WORK));
        }
    }

    @Test
    void noSignalIsLostBetweenTwoThreads() throws InterruptedException
    {
        final int count = 20_000;
        final AtomicLong published = new AtomicLong();
        final AtomicLong consumed = new AtomicLong();
        try (CoreWaiter waiter = new CoreWaiter())
        {
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
            final long deadlineNs = System.nanoTime() + 20_000_000_000L;
            while (consumed.getPlain() < count)
            {
                waiter.awaitMs(30_000, () -> published.getAcquire() > consumed.getPlain());
                consumed.setRelease(published.getAcquire());
                assertTrue(System.nanoTime() - deadlineNs < 0, "at " + consumed);
            }
            producer.join(10_000);
            assertFalse(producer.isAlive());
        }
    }

    @Test
    void datagramsEndTheSleepOfACoreThatRunsTheDriver(@TempDir final Path directory)
    {
        final int portA = TestLink.freePort();
        final int portB = TestLink.freePort();
        final int[] sleeps = {0};
        try (CoreWaiter waiter = new CoreWaiter();
            TestLink a = new TestLink(TestLink.context(directory.resolve("a"), portA).waiter(waiter));
            TestLink b = new TestLink(TestLink.context(directory.resolve("b"), portB)
                .threading(DriverThreading.SHARED)))
        {
            a.link.addPeer(B, TestLink.endpoint(portB));
            b.link.addPeer(A, TestLink.endpoint(portA));
            TestLink.await("connected", () ->
            {
                if (a.turn() == 0)
                {
                    sleeps[0]++;
                    waiter.await(CoreWaiter.MAX_WAIT_NS, NO_WORK);
                }
                return a.isConnectedTo(B) && b.isConnectedTo(A);
            }, b);
            for (int i = 1; i <= 100; i++)
            {
                final long expected = i;
                assertEquals(PeerLink.ACCEPTED, b.send(A, PeerLink.CONTROL, i, 100));
                TestLink.await("message " + i, () ->
                {
                    if (a.turn() == 0)
                    {
                        sleeps[0]++;
                        waiter.await(CoreWaiter.MAX_WAIT_NS, NO_WORK);
                    }
                    return a.heard == expected;
                }, b);
            }
        }
        assertTrue(sleeps[0] > 0);
    }

    @Test
    void portIsFreeAfterCloseThoughTheWaiterKnewItsSocket(@TempDir final Path directory)
    {
        final int port = TestLink.freePort();
        try (CoreWaiter waiter = new CoreWaiter())
        {
            for (int i = 0; i < 3; i++)
            {
                try (TestLink link = new TestLink(TestLink.context(directory, port).waiter(waiter)))
                {
                    link.turn();
                    assertEquals(0, link.rebuilds);
                }
            }
        }
    }
}
