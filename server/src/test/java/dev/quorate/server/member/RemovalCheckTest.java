package dev.quorate.server.member;

import dev.quorate.core.machine.Directories;
import dev.quorate.core.machine.Member;
import dev.quorate.core.machine.TestDirectories;
import dev.quorate.core.ring.NodeState;
import dev.quorate.core.seam.Clock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.concurrent.TimeUnit;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * A member that knows no leader asks another one, over the endpoint that members have, whether it was removed.
 */
@Timeout(60)
class RemovalCheckTest
{
    private static final long CLUSTER = 7;
    private static final long SELF = 0xB0B;
    private static final long OTHER = 0xACE;

    private final TestClock clock = new TestClock();

    @Test
    void memberThatWasRemovedLearnsItFromAnother() throws IOException
    {
        try (MembersEndpoint endpoint = endpoint(CLUSTER, SELF))
        {
            assertTrue(new RemovalCheck(CLUSTER, SELF, clock).isRemoved(url(endpoint)));
        }
    }

    @Test
    void memberThatIsKnownOrOfAnotherClusterWasNotRemoved() throws IOException
    {
        try (MembersEndpoint endpoint = endpoint(CLUSTER, OTHER))
        {
            assertFalse(new RemovalCheck(CLUSTER, SELF, clock).isRemoved(url(endpoint)));
        }
        try (MembersEndpoint endpoint = endpoint(CLUSTER + 1, SELF))
        {
            assertFalse(new RemovalCheck(CLUSTER, SELF, clock).isRemoved(url(endpoint)));
        }
    }

    @Test
    void whoDoesNotAnswerSaysNothing() throws IOException
    {
        final int free;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress()))
        {
            free = socket.getLocalPort();
        }
        assertFalse(new RemovalCheck(CLUSTER, SELF, clock).isRemoved("http://127.0.0.1:" + free));
        assertFalse(new RemovalCheck(CLUSTER, SELF, clock).isRemoved("no url"));
    }

    @Test
    void nobodyIsAskedWhileThereIsALeaderOrBeforeItIsTime() throws IOException
    {
        try (MembersEndpoint endpoint = endpoint(CLUSTER, SELF))
        {
            final List<Member> members = List.of(
                Member.ofUrls(SELF, false, "http://127.0.0.1:1"), Member.ofUrls(OTHER, false, url(endpoint)));
            final RemovalCheck check = new RemovalCheck(CLUSTER, SELF, clock);
            assertFalse(check.isRemoved(0, members), "asked at once");
            clock.nowNs += TimeUnit.SECONDS.toNanos(6);
            assertFalse(check.isRemoved(OTHER, members), "asked though there is a leader");
            assertFalse(check.isRemoved(0, members), "asked as soon as the leader was lost");
            clock.nowNs += TimeUnit.SECONDS.toNanos(6);
            assertTrue(askedTwice(check, members), "never asked the other one");
        }
    }

    @Test
    void memberThatKnowsNobodyAsksNobody()
    {
        final RemovalCheck check = new RemovalCheck(CLUSTER, SELF, clock);
        clock.nowNs += TimeUnit.SECONDS.toNanos(6);
        assertFalse(check.isRemoved(0, List.of()));
    }

    /** Members are asked in turn, this one being passed over. */
    private boolean askedTwice(final RemovalCheck check, final List<Member> members)
    {
        if (check.isRemoved(0, members))
        {
            return true;
        }
        clock.nowNs += TimeUnit.SECONDS.toNanos(6);
        return check.isRemoved(0, members);
    }

    private static MembersEndpoint endpoint(final long clusterId, final long removed) throws IOException
    {
        final Directories directories = new Directories();
        TestDirectories.removed(directories, removed);
        return new MembersEndpoint(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), clusterId, directories, new NodeState());
    }

    private static String url(final MembersEndpoint endpoint)
    {
        return "http://127.0.0.1:" + endpoint.address().getPort();
    }

    private static final class TestClock implements Clock
    {
        private long nowNs = 1;

        @Override
        public long nanoTime()
        {
            return nowNs;
        }

        @Override
        public long epochMillis()
        {
            return 0;
        }
    }
}
