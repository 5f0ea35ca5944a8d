package dev.quorate.core.node;

import dev.quorate.core.machine.Member;
import dev.quorate.core.machine.MemberDirectory;
import dev.quorate.core.peer.PeerCounters;
import dev.quorate.core.peer.PeerEvents;
import dev.quorate.core.peer.PeerIdentity;
import dev.quorate.core.peer.PeerMonitor;
import dev.quorate.core.peer.PeerRegistry;
import dev.quorate.core.raft.Configuration;
import dev.quorate.core.raft.RaftLogAccess;
import dev.quorate.core.seam.Clock;
import dev.quorate.core.seam.PeerLink;
import org.junit.jupiter.api.Test;

import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

import static org.junit.jupiter.api.Assertions.assertEquals;

/**
 * Whom a member keeps links to, as configurations come, are cut and are applied.
 */
class PeerEndpointsTest
{
    private static final long SELF = 1;

    private final Set<Long> linked = new TreeSet<>();
    private final Configuration configuration = new Configuration();

    @Test
    void memberWhoseRemovalIsNotAppliedIsStillReached()
    {
        final PeerEndpoints endpoints = endpoints(List.of());
        configuration.standing(SELF, Configuration.VOTER);
        configuration.standing(2, Configuration.VOTER);
        configuration.standing(3, Configuration.VOTER);
        endpoints.update(configuration, directory(1, 2, 3), 3);
        assertEquals(Set.of(2L, 3L), linked);

        // appended, and perhaps cut by the very member that it would remove
        configuration.standing(3, Configuration.ABSENT);
        endpoints.update(configuration, directory(1, 2, 3), 3);
        assertEquals(Set.of(2L, 3L), linked);

        endpoints.update(configuration, directory(1, 2), 4);
        assertEquals(Set.of(2L), linked);
    }

    @Test
    void memberWhoseAdditionWasCutIsLetGo()
    {
        final PeerEndpoints endpoints = endpoints(List.of());
        configuration.standing(SELF, Configuration.VOTER);
        configuration.standing(2, Configuration.LEARNER);
        endpoints.update(configuration, directory(1, 2), 3);
        configuration.standing(2, Configuration.ABSENT);
        endpoints.update(configuration, directory(1), 3);
        assertEquals(Set.of(), linked);
    }

    @Test
    void joiningMemberListensToThoseItWasToldUntilItIsInTheConfiguration()
    {
        final PeerEndpoints endpoints = endpoints(List.of(member(SELF), member(2), member(3)));
        endpoints.update(configuration, MemberDirectory.EMPTY, 0);
        assertEquals(Set.of(2L, 3L), linked);
        configuration.standing(SELF, Configuration.LEARNER);
        configuration.standing(2, Configuration.VOTER);
        endpoints.update(configuration, directory(1, 2), 3);
        assertEquals(Set.of(2L), linked);
    }

    @Test
    void memberWhoseUrlNamesNoHostAndPortIsNotReached()
    {
        final PeerEndpoints endpoints = endpoints(List.of());
        configuration.standing(SELF, Configuration.VOTER);
        configuration.standing(2, Configuration.VOTER);
        final String[] unreachable = {
            "", "%zz", "http://", "http://a", "http://a:", "http://a:0", "http://a:65536", "http://a:1234567890123",
            "http://:2380", "unix://x", "http://a:1|term-length=1g", "http://a|b:1", "http://a?b:1", "http://a b:1",
            "http://a,b:1", "http://[::1:1", "http://::1:1", "http://" + "a".repeat(1_000_000) + ":1"};
        for (final String url : unreachable)
        {
            endpoints.update(configuration, MemberDirectory.ofMembers(List.of(
                member(SELF), Member.ofUrls(2, false, "http://m-2.example_1:2380"))), 3);
            assertEquals(Set.of(2L), linked);
            endpoints.update(configuration, MemberDirectory.ofMembers(List.of(
                member(SELF), Member.ofUrls(2, false, url))), 4);
            assertEquals(Set.of(), linked, url);
        }
        assertEquals("[fe80::1%eth0]:2380", PeerEndpoints.endpointOf("https://[fe80::1%eth0]:2380/"));
        assertEquals("10.0.0.1:1", PeerEndpoints.endpointOf("10.0.0.1:1"));
    }

    private PeerEndpoints endpoints(final List<Member> knownPeers)
    {
        final PeerLink link = stub(PeerLink.class);
        final PeerRegistry registry = new PeerRegistry(
            link, stub(Clock.class), new PeerIdentity(9, SELF, 7, 1), (peer, storeId) -> false,
            stub(PeerEvents.class), stub(PeerMonitor.class), new PeerCounters(), 1_024);
        return new PeerEndpoints(
            new NodeContext().memberId(SELF).knownPeers(knownPeers), registry, stub(RaftLogAccess.class), null);
    }

    /** Answers 0 or false to everything, and notes which links there are. */
    private <T> T stub(final Class<T> type)
    {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[]{type}, (self, method, args) ->
        {
            switch (method.getName())
            {
                case "addPeer" -> linked.add((Long)args[0]);
                case "removePeer" -> linked.remove((Long)args[0]);
                default ->
                {
                    // Nothing else is of concern here.
                }
            }
            final Class<?> returned = method.getReturnType();
            return returned == long.class ? (Object)0L : returned == int.class ? (Object)0 :
                returned == boolean.class ? (Object)false : null;
        }));
    }

    private static MemberDirectory directory(final long... ids)
    {
        final List<Member> members = new ArrayList<>();
        for (final long id : ids)
        {
            members.add(member(id));
        }
        return MemberDirectory.ofMembers(members);
    }

    private static Member member(final long id)
    {
        return Member.ofUrls(id, false, "http://m" + id + ":2380");
    }
}
