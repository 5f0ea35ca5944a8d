package dev.quorate.core.peer;

import dev.quorate.core.seam.ManualClock;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quorate.core.seam.PeerLink;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

class PeerHelloTest
{
    private static final long CLUSTER = 77;

    private final MemoryNetwork network = new MemoryNetwork();
    private final ManualClock clock = new ManualClock(1_000_000_000L);

    @Test
    void membersHearEachOtherAfterTheirHellos()
    {
        final TestMember a = member(1, 11, 1, CLUSTER);
        final TestMember b = member(2, 22, 1, CLUSTER);
        TestMember.settle(a, b);

        assertTrue(a.registry.isConnected(2));
        assertTrue(b.registry.isConnected(1));
        assertTrue(a.messages.sendHeartbeat(2, 5, 9, 3));
        b.poll();
        assertEquals(List.of("heartbeat 1 5 9 3"), b.events.lines);
    }

    @Test
    void firstMessageOfASessionIsAlwaysTheHello()
    {
        final TestMember a = member(1, 11, 1, CLUSTER);
        final TestMember b = member(2, 22, 1, CLUSTER);

        a.messages.sendVoteRequest(2, 4, true, false, 10, 3);
        b.poll();

        assertEquals(List.of("session 1 boot 1", "voteRequest 1 4 true false 10 3"), b.events.lines);
    }

    @Test
    void restartedReceiverAsksForAHelloAndHearsNothingBefore()
    {
        final TestMember a = member(1, 11, 1, CLUSTER);
        TestMember.settle(a, member(2, 22, 1, CLUSTER));

        final TestMember b = member(2, 22, 2, CLUSTER);
        a.messages.sendHeartbeat(2, 5, 9, 0);
        b.poll();
        assertEquals(List.of(), b.events.lines);
        assertEquals(1, b.counters.dropped(PeerDrop.UNBOUND_SESSION));
        a.turn();
        b.turn();
        a.turn();

        assertTrue(a.events.lines.contains("session 2 boot 2"), a.events.lines.toString());
        a.messages.sendHeartbeat(2, 5, 9, 0);
        b.poll();
        assertTrue(b.events.lines.contains("heartbeat 1 5 9 0"), b.events.lines.toString());
    }

    @Test
    void restartOfTheReceiverMakesTheSenderSayHelloAgainBeforeMoreAppends()
    {
        final TestMember a = member(1, 11, 1, CLUSTER);
        TestMember.settle(a, member(2, 22, 1, CLUSTER));
        a.append(1, new byte[10]);
        assertEquals(1, a.messages.sendAppend(2, 1, 0, 0, 0, 1, 1));

        final TestMember b = member(2, 22, 2, CLUSTER);
        b.turn();
        a.poll();
        assertEquals(-1, a.messages.sendAppend(2, 1, 0, 0, 0, 1, 1));
        b.poll();
        a.poll();
        b.poll();
        a.poll();

        assertEquals(1, a.messages.sendAppend(2, 1, 0, 0, 0, 1, 1));
    }

    @Test
    void messagesOfALowerBootAreDropped()
    {
        final TestMember a = member(1, 11, 5, CLUSTER);
        final TestMember b = member(2, 22, 1, CLUSTER);
        TestMember.settle(a, b);

        final TestMember older = member(1, 11, 4, CLUSTER);
        older.messages.sendHeartbeat(2, 9, 9, 0);
        b.poll();

        assertEquals(List.of(), b.events.lines);
        assertEquals(1, b.counters.dropped(PeerDrop.OLD_BOOT));
        assertEquals(5, b.registry.bootId(1));
    }

    @Test
    void helloThatArrivesOnAnEndedSessionSilencesThePeerNoLongerThanUntilItIsAskedForAnother()
    {
        final TestMember a = member(1, 11, 1, CLUSTER);
        final TestMember b = member(2, 22, 1, CLUSTER);
        a.turn();
        final byte[] hello = network.lastMessage(1, 2, PeerLink.CONTROL);
        TestMember.settle(a, b);

        b.receiver.onMessage(9999, PeerLink.CONTROL, new UnsafeBuffer(hello), 0, hello.length);
        a.messages.sendHeartbeat(2, 5, 9, 0);
        b.poll();
        assertEquals(1, b.counters.dropped(PeerDrop.SUPERSEDED_SESSION));
        assertFalse(b.events.lines.contains("heartbeat 1 5 9 0"), b.events.lines.toString());
        TestMember.settle(a, b);

        a.messages.sendHeartbeat(2, 5, 9, 0);
        b.poll();
        assertTrue(b.events.lines.contains("heartbeat 1 5 9 0"), b.events.lines.toString());
    }

    @Test
    void otherClusterIsRefused()
    {
        final TestMember a = member(1, 11, 1, CLUSTER + 1);
        final TestMember b = member(2, 22, 1, CLUSTER);

        a.messages.sendHeartbeat(2, 9, 9, 0);
        b.poll();

        assertEquals(List.of(), b.events.lines);
        assertEquals(List.of("refused 1 WRONG_CLUSTER"), b.reports);
        assertEquals(1, b.link.refused.size());
    }

    @Test
    void otherClusterIsRefusedAlsoIfItKnowsThisAddressByAnotherId()
    {
        final TestMember a = member(1, 11, 1, CLUSTER + 1);
        final TestMember b = member(2, 22, 1, CLUSTER);
        a.turn();
        final byte[] hello = network.lastMessage(1, 2, PeerLink.CONTROL);
        hello[16] = 3;
        b.poll();

        // on either class, the one that was changed included
        assertEquals(List.of("refused 1 WRONG_CLUSTER", "refused 1 WRONG_CLUSTER"), b.reports);
        assertEquals(0, b.counters.dropped(PeerDrop.WRONG_MEMBER));
    }

    @Test
    void memberIdBoundToAnotherStoreIsRefused()
    {
        final TestMember b = member(2, 22, 1, CLUSTER);
        b.boundStoreId = 11;
        final TestMember wiped = member(1, 12, 1, CLUSTER);

        wiped.messages.sendHeartbeat(2, 9, 9, 0);
        b.poll();

        assertEquals(List.of(), b.events.lines);
        assertEquals(List.of("refused 1 WRONG_STORE"), b.reports);
    }

    @Test
    void otherStoreOfAMemberHeardBeforeIsRefusedEvenIfNotYetPublished()
    {
        final TestMember b = member(2, 22, 1, CLUSTER);
        TestMember.settle(member(1, 11, 1, CLUSTER), b);

        final TestMember wiped = member(1, 12, 2, CLUSTER);
        wiped.messages.sendHeartbeat(2, 9, 9, 0);
        b.poll();

        assertEquals(List.of(), b.events.lines);
        assertEquals(1, b.counters.dropped(PeerDrop.WRONG_STORE));
    }

    @Test
    void unknownMemberIsDroppedUntilItIsAdded()
    {
        final TestMember b = new TestMember(network, clock, new PeerIdentity(CLUSTER, 2, 22, 1));
        final TestMember a = member(1, 11, 1, CLUSTER);
        a.turn();
        b.poll();
        assertTrue(b.counters.dropped(PeerDrop.UNKNOWN_MEMBER) > 0);

        b.registry.addPeer(1, "a:2380");
        clock.nowNs += PeerRegistry.HELLO_INTERVAL_NS;
        TestMember.settle(a, b);

        assertTrue(b.registry.isConnected(1));
    }

    @Test
    void messageForAnotherMemberIsDropped()
    {
        final TestMember a = member(1, 11, 1, CLUSTER);
        final TestMember b = member(2, 22, 1, CLUSTER);
        TestMember.settle(a, b);
        a.messages.sendHeartbeat(2, 5, 9, 0);
        final byte[] message = network.lastMessage(1, 2, PeerLink.CONTROL);
        message[16] = 3;
        b.poll();

        assertEquals(List.of(), b.events.lines);
        assertEquals(1, b.counters.dropped(PeerDrop.WRONG_MEMBER));
    }

    @Test
    void removedPeerIsNotHeard()
    {
        final TestMember a = member(1, 11, 1, CLUSTER);
        final TestMember b = member(2, 22, 1, CLUSTER);
        TestMember.settle(a, b);

        b.registry.removePeer(1);
        a.messages.sendHeartbeat(2, 5, 9, 0);
        b.poll();

        assertEquals(List.of(), b.events.lines);
        assertFalse(b.registry.isConnected(1));
        assertEquals(0, b.counters.memberId(0));
    }

    @Test
    void peerThatWasRemovedAndAddedAgainIsAskedForAHelloOnItsSession()
    {
        final TestMember a = member(1, 11, 1, CLUSTER);
        final TestMember b = member(2, 22, 1, CLUSTER);
        TestMember.settle(a, b);

        b.registry.removePeer(1);
        b.registry.addPeer(1, "a:2380");
        assertFalse(b.registry.isConnected(1));
        a.messages.sendHeartbeat(2, 5, 9, 0);
        TestMember.settle(a, b);
        assertTrue(b.registry.isConnected(1));

        b.events.lines.clear();
        a.messages.sendHeartbeat(2, 5, 9, 0);
        b.poll();
        assertEquals(List.of("heartbeat 1 5 9 0"), b.events.lines);
    }

    @Test
    void lostHelloIsRepeatedAfterAnInterval()
    {
        final TestMember a = member(1, 11, 1, CLUSTER);
        final TestMember b = member(2, 22, 1, CLUSTER);
        a.registry.doWork(clock.nowNs);
        network.loseOne(1, 2, PeerLink.CONTROL);
        network.loseOne(1, 2, PeerLink.BULK);
        b.poll();
        assertEquals(List.of(), b.events.lines);

        clock.nowNs += PeerRegistry.HELLO_INTERVAL_NS - 1;
        assertEquals(0, a.registry.doWork(clock.nowNs));
        clock.nowNs++;
        assertEquals(2, a.registry.doWork(clock.nowNs));
        b.poll();

        assertEquals(2, b.events.lines.size());
    }

    @Test
    void unheardPeerIsReportedEveryTenSecondsUntilHeard()
    {
        final TestMember a = member(1, 11, 1, CLUSTER);
        for (int second = 0; second < 25; second++)
        {
            clock.nowNs += 1_000_000_000L;
            a.turn();
        }
        assertEquals(List.of("unheard 2 2:2380 10", "unheard 2 2:2380 20"), a.reports);

        TestMember.settle(a, member(2, 22, 1, CLUSTER));

        assertEquals("heard 2", a.reports.get(2));
        assertEquals(1, a.counters.get(0, PeerCounters.Value.CONNECTED));
    }

    @Test
    void roundTripIsMeasuredByHeartbeats()
    {
        final TestMember a = member(1, 11, 1, CLUSTER);
        final TestMember b = member(2, 22, 1, CLUSTER);
        TestMember.settle(a, b);

        a.messages.sendHeartbeat(2, 5, 9, 3);
        b.poll();
        b.messages.sendHeartbeatResponse(1, 5, 3);
        clock.nowNs += 350_000;
        a.poll();

        assertEquals(List.of("heartbeatResponse 2 5 3"), a.events.lines);
        assertEquals(1, a.counters.get(0, PeerCounters.Value.ROUND_TRIPS));
        assertEquals(350_000, a.counters.get(0, PeerCounters.Value.ROUND_TRIP_LAST_NS));
        assertEquals(1, a.counters.roundTrips(0, 2));
    }

    @Test
    void roundTripIsProbedWhereNoHeartbeatMeasuresIt()
    {
        final TestMember a = member(1, 11, 1, CLUSTER);
        final TestMember b = member(2, 22, 1, CLUSTER);
        TestMember.settle(a, b);
        clock.nowNs += RoundTripProbes.INTERVAL_NS - 1;
        a.turn();
        a.messages.sendHeartbeat(2, 5, 9, 3);
        b.poll();
        b.messages.sendHeartbeatResponse(1, 5, 3);
        a.poll();
        clock.nowNs += RoundTripProbes.INTERVAL_NS - 1;
        a.turn();
        b.poll();
        a.poll();
        assertEquals(1, a.counters.get(0, PeerCounters.Value.ROUND_TRIPS));

        clock.nowNs += 1;
        a.turn();
        b.poll();
        clock.nowNs += 150_000;
        a.poll();

        assertEquals(2, a.counters.get(0, PeerCounters.Value.ROUND_TRIPS));
        assertEquals(150_000, a.counters.get(0, PeerCounters.Value.ROUND_TRIP_LAST_NS));
        a.turn();
        b.poll();
        a.poll();
        assertEquals(2, a.counters.get(0, PeerCounters.Value.ROUND_TRIPS));
    }

    @Test
    void sessionsAreBounded()
    {
        final TestMember b = member(2, 22, 1, CLUSTER);
        final TestMember a = member(1, 11, 1, CLUSTER);
        a.messages.sendHeartbeat(2, 1, 1, 0);
        final byte[] message = network.lastMessage(1, 2, PeerLink.CONTROL);
        for (int session = 1; session <= PeerRegistry.MAX_SESSIONS + 10; session++)
        {
            b.receiver.onMessage(
                10_000 + session, PeerLink.CONTROL, new UnsafeBuffer(message), 0, message.length);
        }

        assertEquals(10, b.counters.dropped(PeerDrop.TOO_MANY_SESSIONS));
        assertEquals(10, b.link.refused.size());
    }

    private TestMember member(final long id, final long storeId, final long bootId, final long clusterId)
    {
        final TestMember member = new TestMember(network, clock, new PeerIdentity(clusterId, id, storeId, bootId));
        member.registry.addPeer(3 - id, 3 - id + ":2380");

        return member;
    }
}
