package dev.quorate.core.node;

import dev.quorate.core.codec.command.ConfigChangeEncoder;
import dev.quorate.core.codec.command.LeaseGrantEncoder;
import dev.quorate.core.codec.command.MessageHeaderEncoder;
import dev.quorate.core.codec.command.ProposalEncoder;
import dev.quorate.core.log.LogContext;
import dev.quorate.core.machine.Member;
import dev.quorate.core.raft.ConfigEntryReader;
import dev.quorate.core.raft.RaftCore;
import dev.quorate.core.raft.RaftLogAccess;
import dev.quorate.core.raft.Role;
import dev.quorate.core.ring.LoopRings;
import dev.quorate.core.ring.NodeState;
import dev.quorate.core.seam.Clock;
import dev.quorate.core.seam.DiskFullException;
import dev.quorate.core.seam.NoPeers;
import dev.quorate.core.seam.SimulatedDisk;
import dev.quorate.core.seam.SimulatedRng;
import dev.quorate.core.store.StoreContext;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * When loops may serve linearizable reads by themselves.
 */
class LocalReadsTest
{
    private static final long SELF = 11;
    private static final long SECOND = 12;

    private final SimulatedDisk disk = new SimulatedDisk(new SimulatedRng(1));
    private final NodeContext context = new NodeContext();
    private Node node;
    private RaftCore raft;
    private final UnsafeBuffer buffer = new UnsafeBuffer(new byte[1024]);
    private final MessageHeaderEncoder header = new MessageHeaderEncoder();
    private long nowNs = 1_000_000_000L;

    @AfterEach
    void close()
    {
        node.close();
    }

    @Test
    void readsAreLocalOnceAllCommittedBeforeIsApplied() throws DiskFullException
    {
        open(SELF);
        for (int i = 0; !raft.isCommittedInTerm(); i++)
        {
            assertTrue(i < 5_000);
            assertFalse(areReadsLocal());
            consensusAndDisk();
        }
        for (int i = 0; i < 10; i++)
        {
            consensusAndDisk();
            assertFalse(areReadsLocal(), "nothing is applied yet");
        }
        node.apply().doWork();
        consensusAndDisk();
        assertTrue(areReadsLocal());
    }

    @Test
    void readsStayLocalWhileNewWritesAreNotAppliedYet() throws DiskFullException
    {
        open(SELF);
        untilReadsAreLocal();
        final long commitIndex = raft.commitIndex();
        propose();
        for (int i = 0; i < 100; i++)
        {
            consensusAndDisk();
        }
        assertTrue(raft.commitIndex() > commitIndex);
        assertTrue(areReadsLocal());
    }

    @Test
    void readsAreNotLocalFromTheAppendOfASecondVoterOn() throws DiskFullException
    {
        open(SELF);
        untilReadsAreLocal();
        assertTrue(config(ConfigEntryReader.ADD_VOTER, SECOND) > 0);
        assertFalse(areReadsLocal(), "before the turn sends or commits anything");
        step(1_000);
        assertFalse(areReadsLocal());
    }

    @Test
    void readsAreNotLocalWhileALearnerIsTold() throws DiskFullException
    {
        open(SELF);
        untilReadsAreLocal();
        assertTrue(config(ConfigEntryReader.ADD_LEARNER, SECOND) > 0);
        assertFalse(areReadsLocal());
        step(1_000);
        assertEquals(0, raft.pendingConfigIndex());
        assertFalse(areReadsLocal());
        assertTrue(config(ConfigEntryReader.REMOVE, SECOND) > 0);
        assertFalse(areReadsLocal());
        untilReadsAreLocal();
    }

    @Test
    void readsAreNotLocalAfterTheTermEnded() throws DiskFullException
    {
        open(SELF);
        untilReadsAreLocal();
        raft.onHeartbeat(SECOND, raft.term() + 1, 0, 0);
        assertEquals(Role.FOLLOWER, raft.role());
        assertFalse(areReadsLocal());
    }

    @Test
    void memberOfTwoHasNoLocalReads() throws DiskFullException
    {
        open(SELF, SECOND);
        step(5_000);
        assertEquals(Role.PRE_CANDIDATE, raft.role());
        assertFalse(areReadsLocal());
    }

    private boolean areReadsLocal()
    {
        return 1 == node.state().get(NodeState.Value.READS_ALONE);
    }

    private void open(final long... initial) throws DiskFullException
    {
        final List<Member> members = new ArrayList<>();
        for (final long id : initial)
        {
            members.add(Member.ofUrls(id, false, "http://m" + id + ":1"));
        }
        node = Node.open(context
            .isNewDirectory(true)
            .memberId(SELF)
            .clusterId(77)
            .disk(disk)
            .clock(new TestClock())
            .rng(new SimulatedRng(2))
            .peerLink(new NoPeers())
            .loops(new LoopRings[]{new LoopRings(0, 1 << 20, 1 << 18)})
            .maxPayloadLength(64 * 1024)
            .commandRingCapacity(1 << 20)
            .storeContext(new StoreContext())
            .logContext(new LogContext())
            .conclude(), members);
        raft = node.consensus().raft();
        node.consensus().onStart();
    }

    private void untilReadsAreLocal()
    {
        for (int i = 0; !areReadsLocal(); i++)
        {
            assertTrue(i < 5_000);
            step(1);
        }
    }

    private void step(final int turns)
    {
        for (int i = 0; i < turns; i++)
        {
            consensusAndDisk();
            node.apply().doWork();
        }
    }

    private void consensusAndDisk()
    {
        nowNs += 1_000_000;
        node.consensus().doWork();
        node.logSync().doWork();
        node.housekeeping().doWork();
    }

    private long config(final int kind, final long memberId)
    {
        final byte[] urls = ("http://m" + memberId + ":1").getBytes(StandardCharsets.US_ASCII);
        final ProposalEncoder proposal = proposal();
        final ConfigChangeEncoder change = new ConfigChangeEncoder();
        change.wrapAndApplyHeader(buffer, proposal.limit(), header)
            .targetMemberId(memberId)
            .kind((short)kind)
            .putPeerUrls(urls, 0, urls.length);
        return raft.proposeConfig(kind, memberId, buffer, 0, change.limit());
    }

    private void propose()
    {
        final ProposalEncoder proposal = proposal();
        final LeaseGrantEncoder grant = new LeaseGrantEncoder();
        grant.wrapAndApplyHeader(buffer, proposal.limit(), header).leaseId(4711).ttlSeconds(600);
        assertTrue(raft.propose(RaftLogAccess.COMMAND, buffer, 0, grant.limit()) > 0);
    }

    private ProposalEncoder proposal()
    {
        final ProposalEncoder proposal = new ProposalEncoder();
        return proposal.wrapAndApplyHeader(buffer, 0, header).memberId(0).bootId(0).correlationId(0);
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
