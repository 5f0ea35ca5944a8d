package dev.quorate.core.node;

import dev.quorate.core.codec.command.CompactEncoder;
import dev.quorate.core.codec.command.MessageHeaderEncoder;
import dev.quorate.core.codec.command.ProposalEncoder;
import dev.quorate.core.raft.RaftLogAccess;
import dev.quorate.core.raft.Role;
import dev.quorate.core.seam.DiskFullException;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * What a member does with commands that followers send to it.
 */
class ForwardedCommandTest
{
    private static final long FOLLOWER = SteppedNode.SECOND;

    private final UnsafeBuffer payload = new UnsafeBuffer(new byte[128]);
    private final MessageHeaderEncoder header = new MessageHeaderEncoder();
    private final SteppedNode stepped = new SteppedNode();
    private Node node;
    private int length;

    @BeforeEach
    void becomeLeader() throws DiskFullException
    {
        stepped.open(true, false, SteppedNode.SELF);
        node = stepped.node;
        assertTrue(stepped.leads());
        final ProposalEncoder proposal = new ProposalEncoder();
        proposal.wrapAndApplyHeader(payload, 0, header).memberId(FOLLOWER).bootId(1).correlationId(5);
        final CompactEncoder compact = new CompactEncoder();
        compact.wrapAndApplyHeader(payload, proposal.limit(), header).revision(1);
        length = compact.limit();
    }

    @AfterEach
    void close()
    {
        stepped.close();
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
}
