package dev.quorate.core.node;

import dev.quorate.core.raft.ConfigEntryReader;
import dev.quorate.core.raft.RaftCore;
import dev.quorate.core.raft.RaftLogAccess;
import dev.quorate.core.raft.Role;
import dev.quorate.core.ring.NodeState;
import dev.quorate.core.seam.DiskFullException;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * When loops may serve linearizable reads by themselves.
 */
class LocalReadsTest
{
    private final SteppedNode stepped = new SteppedNode();
    private Node node;
    private RaftCore raft;

    @AfterEach
    void close()
    {
        stepped.close();
    }

    @Test
    void readsAreLocalOnceAllCommittedBeforeIsApplied() throws DiskFullException
    {
        open(SteppedNode.SELF);
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
        open(SteppedNode.SELF);
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
        open(SteppedNode.SELF);
        untilReadsAreLocal();
        assertTrue(stepped.config(ConfigEntryReader.ADD_VOTER, SteppedNode.SECOND) > 0);
        assertFalse(areReadsLocal(), "before the turn sends or commits anything");
        stepped.step(1_000);
        assertFalse(areReadsLocal());
    }

    @Test
    void readsAreNotLocalWhileALearnerIsTold() throws DiskFullException
    {
        open(SteppedNode.SELF);
        untilReadsAreLocal();
        assertTrue(stepped.config(ConfigEntryReader.ADD_LEARNER, SteppedNode.SECOND) > 0);
        assertFalse(areReadsLocal());
        stepped.step(1_000);
        assertEquals(0, raft.pendingConfigIndex());
        assertFalse(areReadsLocal());
        assertTrue(stepped.config(ConfigEntryReader.REMOVE, SteppedNode.SECOND) > 0);
        assertFalse(areReadsLocal());
        untilReadsAreLocal();
    }

    @Test
    void readsAreNotLocalAfterTheTermEnded() throws DiskFullException
    {
        open(SteppedNode.SELF);
        untilReadsAreLocal();
        raft.onHeartbeat(SteppedNode.SECOND, raft.term() + 1, 0, 0);
        assertEquals(Role.FOLLOWER, raft.role());
        assertFalse(areReadsLocal());
    }

    @Test
    void memberOfTwoHasNoLocalReads() throws DiskFullException
    {
        open(SteppedNode.SELF, SteppedNode.SECOND);
        stepped.step(5_000);
        assertEquals(Role.PRE_CANDIDATE, raft.role());
        assertFalse(areReadsLocal());
    }

    private boolean areReadsLocal()
    {
        return 1 == node.state().get(NodeState.Value.READS_ALONE);
    }

    private void open(final long... initial) throws DiskFullException
    {
        stepped.open(true, false, initial);
        node = stepped.node;
        raft = node.consensus().raft();
        node.consensus().onStart();
    }

    private void untilReadsAreLocal()
    {
        for (int i = 0; !areReadsLocal(); i++)
        {
            assertTrue(i < 5_000);
            stepped.step(1);
        }
    }

    private void consensusAndDisk()
    {
        stepped.consensus();
        node.logSync().doWork();
        node.housekeeping().doWork();
    }

    private void propose()
    {
        final UnsafeBuffer command = SteppedNode.lease();
        assertTrue(raft.propose(RaftLogAccess.COMMAND, command, 0, command.capacity()) > 0);
    }
}
