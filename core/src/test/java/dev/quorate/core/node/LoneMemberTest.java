package dev.quorate.core.node;

import dev.quorate.core.codec.command.LeaseGrantEncoder;
import dev.quorate.core.codec.command.MessageHeaderEncoder;
import dev.quorate.core.codec.command.ProposalEncoder;
import dev.quorate.core.log.LogContext;
import dev.quorate.core.machine.Member;
import dev.quorate.core.machine.MemberDirectory;
import dev.quorate.core.raft.ConfigEntryReader;
import dev.quorate.core.raft.RaftLogAccess;
import dev.quorate.core.raft.Role;
import dev.quorate.core.ring.LoopRings;
import dev.quorate.core.seam.Clock;
import dev.quorate.core.seam.DiskFullException;
import dev.quorate.core.seam.NoPeers;
import dev.quorate.core.seam.SimulatedDisk;
import dev.quorate.core.seam.SimulatedRng;
import dev.quorate.core.store.StoreContext;
import org.agrona.collections.LongArrayList;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * A member whose others are lost goes on alone, with what it has.
 */
class LoneMemberTest
{
    private static final long SELF = 11;
    private static final long SECOND = 12;
    private static final long THIRD = 13;
    private static final long LEASE = 4711;

    private final List<Long> removed = new ArrayList<>();
    private SimulatedDisk disk = new SimulatedDisk(new SimulatedRng(1));
    private Node node;
    private long nowNs = 1_000_000_000L;

    @AfterEach
    void close()
    {
        node.close();
    }

    @Test
    void memberOfThreeLeadsAloneWithAllEntriesOfItsLog() throws DiskFullException
    {
        open(true, false, SELF, SECOND, THIRD);
        append(lease());
        restart(false);
        assertFalse(leads(), "one of three must not lead");

        restart(true);
        assertEquals(List.of(SECOND, THIRD), removed);
        assertTrue(leads());
        final MemberDirectory members = node.directories().members();
        assertEquals(List.of(SELF), members.members().stream().map(Member::id).toList());
        assertTrue(members.isRemoved(SECOND) && members.isRemoved(THIRD), members.toString());
        final LongArrayList leases = new LongArrayList();
        node.store().newLeaseIds().copyTo(leases);
        assertTrue(leases.containsLong(LEASE), "an entry that nobody had committed is lost: " + leases);
    }

    @Test
    void memberThatOnlyLearnedBecomesTheVoter() throws DiskFullException
    {
        open(true, false, SECOND);
        new OwnConfigEntries(node.log()).append(1, ConfigEntryReader.ADD_LEARNER, SELF, List.of("http://m11:1"));
        restart(true);
        assertTrue(leads());
        final Member self = node.directories().members().member(SELF);
        assertFalse(self.isLearner());
        assertEquals(1, node.directories().members().members().size());
    }

    @Test
    void memberThatIsAloneStaysAsItIs() throws DiskFullException
    {
        open(true, false, SELF, SECOND);
        restart(true);
        assertTrue(leads());
        final long term = node.consensus().raft().term();
        final long last = node.log().lastIndex();
        removed.clear();
        restart(true);
        assertEquals(List.of(), removed);
        assertEquals(last, node.log().lastIndex());
        assertTrue(leads());
        assertTrue(node.consensus().raft().term() > term);
    }

    @Test
    void directoryOfWhoIsNoMemberIsLeftAlone() throws DiskFullException
    {
        open(true, false, SECOND, THIRD);
        final long last = node.log().lastIndex();
        restart(true);
        assertEquals(List.of(), removed);
        assertEquals(last, node.log().lastIndex());
        assertFalse(leads());
    }

    @Test
    void entriesAreOfATermThatNobodyElseCanHaveUsedHere() throws DiskFullException
    {
        open(true, false, SELF, SECOND);
        node.consensus().onStart();
        node.consensus().raft().onHeartbeat(SECOND, 7, 0, 0);
        step(100);
        restart(true);
        assertEquals(8, node.log().lastTerm());
    }

    private void restart(final boolean isAlone) throws DiskFullException
    {
        while (node.log().durablePosition() < node.log().appendedPosition())
        {
            node.logSync().doWork();
        }
        node.close();
        disk = disk.processExit();
        open(false, isAlone);
    }

    private void open(final boolean isNew, final boolean isAlone, final long... initial) throws DiskFullException
    {
        final List<Member> members = new ArrayList<>();
        for (final long id : initial)
        {
            members.add(Member.ofUrls(id, false, "http://m" + id + ":1"));
        }
        node = Node.open(new NodeContext()
            .isNewDirectory(isNew)
            .isAlone(isAlone)
            .memberId(SELF)
            .clusterId(77)
            .disk(disk)
            .clock(new TestClock())
            .rng(new SimulatedRng(2))
            .peerLink(new NoPeers())
            .monitor(new Monitor())
            .loops(new LoopRings[]{new LoopRings(0, 1 << 20, 1 << 18)})
            .maxPayloadLength(64 * 1024)
            .commandRingCapacity(1 << 20)
            .storeContext(new StoreContext())
            .logContext(new LogContext())
            .conclude(), members);
    }

    private boolean leads()
    {
        node.consensus().onStart();
        step(5_000);
        return Role.LEADER == node.consensus().raft().role() && node.consensus().raft().isCommittedInTerm();
    }

    private void step(final int turns)
    {
        for (int i = 0; i < turns; i++)
        {
            nowNs += 1_000_000;
            node.consensus().doWork();
            node.logSync().doWork();
            node.apply().doWork();
            node.housekeeping().doWork();
        }
    }

    private void append(final UnsafeBuffer payload)
    {
        assertTrue(0 < node.log().append(
            node.log().lastIndex() + 1, 1, RaftLogAccess.COMMAND, payload, 0, payload.capacity()));
    }

    private static UnsafeBuffer lease()
    {
        final UnsafeBuffer buffer = new UnsafeBuffer(new byte[128]);
        final MessageHeaderEncoder header = new MessageHeaderEncoder();
        final ProposalEncoder proposal = new ProposalEncoder();
        proposal.wrapAndApplyHeader(buffer, 0, header).memberId(0).bootId(0).correlationId(0);
        final LeaseGrantEncoder grant = new LeaseGrantEncoder();
        grant.wrapAndApplyHeader(buffer, proposal.limit(), header).leaseId(LEASE).ttlSeconds(600);
        return new UnsafeBuffer(buffer, 0, grant.limit());
    }

    private final class Monitor implements NodeMonitor
    {
        @Override
        public void onRoleChanged(final Role role, final long term, final long leaderId)
        {
            // Not of concern here.
        }

        @Override
        public void onAlone(final LongArrayList ids)
        {
            removed.addAll(ids);
        }
    }

    private final class TestClock implements Clock
    {
        @Override
        public long nanoTime()
        {
            return nowNs;
        }

        @Override
        public long epochMillis()
        {
            return nowNs / 1_000_000;
        }
    }
}
