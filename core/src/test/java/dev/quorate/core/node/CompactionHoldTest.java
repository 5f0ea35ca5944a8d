package dev.quorate.core.node;

import dev.quorate.core.codec.command.CompactEncoder;
import dev.quorate.core.codec.command.LeaseRevokeEncoder;
import dev.quorate.core.codec.command.MessageHeaderEncoder;
import dev.quorate.core.codec.command.ProposalEncoder;
import dev.quorate.core.raft.RaftLogAccess;
import dev.quorate.core.ring.LoopRings;
import dev.quorate.core.ring.RingMessages;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

class CompactionHoldTest
{
    private final LoopRings[] loops = {new LoopRings(0, 1 << 16, 1 << 16), new LoopRings(1, 1 << 16, 1 << 16)};
    private final CompactionHold hold = new CompactionHold(loops);
    private final UnsafeBuffer payload = new UnsafeBuffer(new byte[256]);
    private final MessageHeaderEncoder header = new MessageHeaderEncoder();
    private int length;

    @Test
    void compactionWaitsUntilEveryLoopHasBuiltTheAnswersBeforeIt()
    {
        compaction();
        assertFalse(holds(false));
        loops[1].fromApply().write(RingMessages.RESULT, new UnsafeBuffer(new byte[64]), 0, 64);
        assertTrue(holds(false));
        loops[1].fromApply().read((type, buffer, index, size) -> assertTrue(holds(false), "the answer is being built"));
        assertFalse(holds(false));
    }

    @Test
    void compactionWaitsForResultsThatNoRingHasTaken()
    {
        compaction();
        assertTrue(holds(true));
    }

    @Test
    void otherEntriesNeverWait()
    {
        loops[0].fromApply().write(RingMessages.RESULT, new UnsafeBuffer(new byte[64]), 0, 64);
        final LeaseRevokeEncoder revoke = new LeaseRevokeEncoder();
        revoke.wrapAndApplyHeader(payload, begin(), header).leaseId(1).leaderTerm(1);
        length = revoke.limit();
        assertFalse(holds(true));
        compaction();
        assertFalse(hold.holds(RaftLogAccess.CONFIG, payload, 0, length, true));
        assertFalse(hold.holds(RaftLogAccess.COMMAND, payload, 0, 0, true));
    }

    private boolean holds(final boolean hasStaged)
    {
        return hold.holds(RaftLogAccess.COMMAND, payload, 0, length, hasStaged);
    }

    private void compaction()
    {
        final CompactEncoder compact = new CompactEncoder();
        compact.wrapAndApplyHeader(payload, begin(), header).revision(7);
        length = compact.limit();
    }

    private int begin()
    {
        final ProposalEncoder proposal = new ProposalEncoder();
        proposal.wrapAndApplyHeader(payload, 0, header).memberId(0).bootId(0).correlationId(0);
        return proposal.limit();
    }
}
