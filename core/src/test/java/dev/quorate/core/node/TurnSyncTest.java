package dev.quorate.core.node;

import dev.quorate.core.raft.ConfigEntryReader;
import dev.quorate.core.raft.RaftCore;
import dev.quorate.core.ring.RingMessages;
import dev.quorate.core.seam.DiskFullException;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * When consensus syncs the log within its turn.
 */
class TurnSyncTest
{
    private final SteppedNode stepped = new SteppedNode();
    private Node node;
    private RaftCore raft;
    private long correlationId;

    @AfterEach
    void close()
    {
        stepped.close();
    }

    @Test
    void singleCommandOfAMemberThatIsAloneIsCommittedInItsTurn() throws DiskFullException
    {
        open(SteppedNode.SELF);
        untilAlone();
        final long commitIndex = raft.commitIndex();
        send();
        stepped.consensus();
        assertEquals(commitIndex + 1, raft.commitIndex());
        assertEquals(node.log().appendedPosition(), node.log().durablePosition());
    }

    @Test
    void severalCommandsAreLeftToTheLogSyncThread() throws DiskFullException
    {
        open(SteppedNode.SELF);
        untilAlone();
        final long commitIndex = raft.commitIndex();
        send();
        send();
        stepped.consensus();
        assertEquals(commitIndex + 2, node.log().lastIndex());
        assertEquals(commitIndex, raft.commitIndex());
        node.logSync().doWork();
        stepped.consensus();
        assertEquals(commitIndex + 2, raft.commitIndex());
    }

    @Test
    void commandBehindASyncUnderWayIsLeftToTheLogSyncThread() throws DiskFullException
    {
        open(SteppedNode.SELF);
        untilAlone();
        final long commitIndex = raft.commitIndex();
        send();
        send();
        stepped.consensus();
        send();
        stepped.consensus();
        assertEquals(commitIndex, raft.commitIndex());
        node.logSync().doWork();
        stepped.consensus();
        assertEquals(commitIndex + 3, raft.commitIndex());
    }

    @Test
    void memberWithALearnerLeavesTheSyncToTheLogSyncThread() throws DiskFullException
    {
        open(SteppedNode.SELF);
        untilAlone();
        assertTrue(stepped.config(ConfigEntryReader.ADD_LEARNER, SteppedNode.SECOND) > 0);
        stepped.step(1_000);
        final long commitIndex = raft.commitIndex();
        send();
        stepped.consensus();
        assertEquals(commitIndex, raft.commitIndex());
    }

    private void open(final long... initial) throws DiskFullException
    {
        stepped.open(true, false, initial);
        node = stepped.node;
        raft = node.consensus().raft();
        node.consensus().onStart();
    }

    private void untilAlone()
    {
        stepped.step(5_000);
        assertTrue(raft.isAlone());
        assertEquals(node.log().lastIndex(), raft.commitIndex());
    }

    private void send()
    {
        final UnsafeBuffer command = SteppedNode.lease(++correlationId);
        assertTrue(stepped.rings.toConsensus().write(RingMessages.PROPOSE, command, 0, command.capacity()));
    }
}
