package dev.quorate.core.node;

import dev.quorate.core.codec.command.CompactEncoder;
import dev.quorate.core.codec.command.MessageHeaderEncoder;
import dev.quorate.core.codec.command.ProposalEncoder;
import dev.quorate.core.log.LogContext;
import dev.quorate.core.machine.Member;
import dev.quorate.core.raft.RaftLogAccess;
import dev.quorate.core.raft.Role;
import dev.quorate.core.ring.LoopRings;
import dev.quorate.core.seam.Clock;
import dev.quorate.core.seam.DiskFullException;
import dev.quorate.core.seam.NoPeers;
import dev.quorate.core.seam.SimulatedDisk;
import dev.quorate.core.seam.SimulatedRng;
import dev.quorate.core.store.StoreContext;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.util.List;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * What a member does with commands that followers send to it.
 */
class ForwardedCommandTest
{
    private static final long MEMBER = 11;
    private static final long FOLLOWER = 12;

    private final UnsafeBuffer payload = new UnsafeBuffer(new byte[128]);
    private final MessageHeaderEncoder header = new MessageHeaderEncoder();
    private Node node;
    private long nowNs = 1_000_000_000L;
    private int length;

    @BeforeEach
    void becomeLeader() throws DiskFullException
    {
        node = Node.open(new NodeContext()
            .isNewDirectory(true)
            .memberId(MEMBER)
            .clusterId(77)
            .disk(new SimulatedDisk(new SimulatedRng(1)))
            .clock(new TestClock())
            .rng(new SimulatedRng(2))
            .peerLink(new NoPeers())
            .loops(new LoopRings[]{new LoopRings(0, 1 << 20, 1 << 18)})
            .maxPayloadLength(64 * 1024)
            .commandRingCapacity(1 << 20)
            .storeContext(new StoreContext())
            .logContext(new LogContext())
            .conclude(), List.of(Member.ofUrls(MEMBER, false, "http://a:1")));
        node.consensus().onStart();
        for (int i = 0; !node.consensus().raft().isCommittedInTerm(); i++)
        {
            assertTrue(i < 10_000, "never leads");
            nowNs += 1_000_000;
            node.consensus().doWork();
            node.logSync().doWork();
        }
        final ProposalEncoder proposal = new ProposalEncoder();
        proposal.wrapAndApplyHeader(payload, 0, header).memberId(FOLLOWER).bootId(1).correlationId(5);
        final CompactEncoder compact = new CompactEncoder();
        compact.wrapAndApplyHeader(payload, proposal.limit(), header).revision(1);
        length = compact.limit();
    }

    @AfterEach
    void close()
    {
        node.close();
    }

    @Test
    void leaderAppendsAForwardedCommandOfItsTerm()
    {
        assertEquals(1, appendedBy(node.consensus().raft().term()));
    }

    @Test
    void leaderRefusesACommandThatWasSentInAnotherTerm()
    {
        final long term = node.consensus().raft().term();
        assertEquals(0, appendedBy(term - 1));
        assertEquals(0, appendedBy(term + 1));
    }

    @Test
    void memberThatLeadsNoMoreRefusesWhatWasMeantForItsTerm()
    {
        final long term = node.consensus().raft().term();
        node.consensus().raft().onHeartbeat(FOLLOWER, term + 1, 0, 0);
        assertEquals(Role.FOLLOWER, node.consensus().raft().role());
        assertEquals(0, appendedBy(term));
        assertEquals(0, appendedBy(term + 1));
    }

    /** @return entries by which the log grew. */
    private long appendedBy(final long term)
    {
        final long before = node.log().lastIndex();
        node.consensus().intake().onForward(term, RaftLogAccess.COMMAND, payload, 0, length);
        return node.log().lastIndex() - before;
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
