package dev.quorate.core.node;

import dev.quorate.core.machine.Member;
import dev.quorate.core.machine.MemberDirectory;
import dev.quorate.core.raft.ConfigEntryReader;
import dev.quorate.core.seam.DiskFullException;
import org.agrona.collections.LongArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.util.List;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * A member whose others are lost goes on alone, with what it has.
 */
class LoneMemberTest
{
    private static final long THIRD = 13;

    private final SteppedNode stepped = new SteppedNode();

    @AfterEach
    void close()
    {
        stepped.close();
    }

    @Test
    void memberOfThreeLeadsAloneWithAllEntriesOfItsLog() throws DiskFullException
    {
        stepped.open(true, false, SteppedNode.SELF, SteppedNode.SECOND, THIRD);
        stepped.append(SteppedNode.lease());
        stepped.restart(false);
        assertFalse(stepped.leads(), "one of three must not lead");

        stepped.restart(true);
        assertEquals(List.of(SteppedNode.SECOND, THIRD), stepped.removed);
        assertTrue(stepped.leads());
        final MemberDirectory members = stepped.node.directories().members();
        assertEquals(List.of(SteppedNode.SELF), members.members().stream().map(Member::id).toList());
        assertTrue(members.isRemoved(SteppedNode.SECOND) && members.isRemoved(THIRD), members.toString());
        final LongArrayList leases = new LongArrayList();
        stepped.node.store().newLeaseIds().copyTo(leases);
        assertTrue(leases.containsLong(SteppedNode.LEASE), "an entry that nobody had committed is lost: " + leases);
    }

    @Test
    void memberThatOnlyLearnedBecomesTheVoter() throws DiskFullException
    {
        stepped.open(true, false, SteppedNode.SECOND);
        new OwnConfigEntries(stepped.node.log()).append(1, ConfigEntryReader.ADD_LEARNER, SteppedNode.SELF,
            List.of("http://m11:1"));
        stepped.restart(true);
        assertTrue(stepped.leads());
        final Member self = stepped.node.directories().members().member(SteppedNode.SELF);
        assertFalse(self.isLearner());
        assertEquals(1, stepped.node.directories().members().members().size());
    }

    @Test
    void memberThatIsAloneStaysAsItIs() throws DiskFullException
    {
        stepped.open(true, false, SteppedNode.SELF, SteppedNode.SECOND);
        stepped.restart(true);
        assertTrue(stepped.leads());
        final long term = stepped.node.consensus().raft().term();
        final long last = stepped.node.log().lastIndex();
        stepped.removed.clear();
        stepped.restart(true);
        assertEquals(List.of(), stepped.removed);
        assertEquals(last, stepped.node.log().lastIndex());
        assertTrue(stepped.leads());
        assertTrue(stepped.node.consensus().raft().term() > term);
    }

    @Test
    void directoryOfWhoIsNoMemberIsLeftAlone() throws DiskFullException
    {
        stepped.open(true, false, SteppedNode.SECOND, THIRD);
        final long last = stepped.node.log().lastIndex();
        stepped.restart(true);
        assertEquals(List.of(), stepped.removed);
        assertEquals(last, stepped.node.log().lastIndex());
        assertFalse(stepped.leads());
    }

    @Test
    void entriesAreOfATermThatNobodyElseCanHaveUsedHere() throws DiskFullException
    {
        stepped.open(true, false, SteppedNode.SELF, SteppedNode.SECOND);
        stepped.node.consensus().onStart();
        stepped.node.consensus().raft().onHeartbeat(SteppedNode.SECOND, 7, 0, 0);
        stepped.step(100);
        stepped.restart(true);
        assertEquals(8, stepped.node.log().lastTerm());
    }
}
