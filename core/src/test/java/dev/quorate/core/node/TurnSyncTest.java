package dev.quorate.core.node;

import dev.quorate.core.raft.ConfigEntryReader;
import dev.quorate.core.raft.RaftCore;
import dev.quorate.core.raft.Role;
import dev.quorate.core.ring.RingMessages;
import dev.quorate.core.seam.DiskFullException;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * When consensus syncs the log within its turn.
 */
class TurnSyncTest
{
    private static final long SLOW_NS = 20_000_000L;

    private final MemoryLinks links = new MemoryLinks(2);
    private final SteppedNode stepped = new SteppedNode();
    private final SteppedNode second = new SteppedNode(
        SteppedNode.SECOND, links.link((int)(SteppedNode.SECOND - SteppedNode.SELF), SteppedNode.SELF));
    private final SteppedNode first = new SteppedNode(SteppedNode.SELF, links.link(0, SteppedNode.SELF));
    private SteppedNode leader = stepped;
    private SteppedNode follower;
    private Node node;
    private RaftCore raft;
    private long correlationId;

    @AfterEach
    void close()
    {
        leader.close();
        if (null != follower)
        {
            follower.close();
        }
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

    @Test
    void followerSyncsASingleEntryInTheTurnThatBroughtIt() throws DiskFullException
    {
        openTwo();
        final long commitIndex = raft.commitIndex();
        send();
        leader.consensus();
        assertTrue(node.log().durablePosition() < node.log().appendedPosition(), "a leader with a peer does not wait");
        follower.consensus();
        assertTrue(isDurable(follower));
        leader.consensus();
        assertEquals(commitIndex, raft.commitIndex(), "the leader's own sync is still to come");
        node.logSync().doWork();
        leader.consensus();
        assertEquals(commitIndex + 1, raft.commitIndex());
    }

    @Test
    void followerLeavesSeveralEntriesToTheLogSyncThread() throws DiskFullException
    {
        openTwo();
        send();
        send();
        leader.consensus();
        follower.consensus();
        assertFalse(isDurable(follower));
        follower.node.logSync().doWork();
        assertTrue(isDurable(follower));
    }

    @Test
    void followerWithCommandsOfItsOwnLeavesTheSyncToTheLogSyncThread() throws DiskFullException
    {
        openTwo();
        send();
        leader.consensus();
        for (int i = 1; i <= 1_000; i++)
        {
            final UnsafeBuffer command = SteppedNode.lease(i);
            assertTrue(follower.rings.toConsensus().write(RingMessages.PROPOSE, command, 0, command.capacity()));
        }
        follower.consensus();
        assertFalse(isDurable(follower));
    }

    @Test
    void followerWhoseDiskWasSlowLeavesTheNextSyncsToTheLogSyncThread() throws DiskFullException
    {
        openTwo();
        follower.syncsTake(SLOW_NS);
        sendAlone();
        assertTrue(isDurable(follower));
        follower.syncsTake(0);
        final long slowUntil = follower.nowNs() + 1_000 * SLOW_NS;
        for (int i = 0; i < 10; i++)
        {
            sendAlone();
            assertFalse(isDurable(follower));
            stepBoth(10);
            assertTrue(isDurable(follower));
        }
        while (follower.nowNs() <= slowUntil)
        {
            stepBoth(1);
        }
        sendAlone();
        assertTrue(isDurable(follower));
    }

    private void openTwo() throws DiskFullException
    {
        first.open(true, false, SteppedNode.SELF, SteppedNode.SECOND);
        second.open(true, false, SteppedNode.SELF, SteppedNode.SECOND);
        leader = first;
        follower = second;
        first.node.consensus().onStart();
        second.node.consensus().onStart();
        for (int i = 0; !isSettled(); i++)
        {
            assertTrue(i < 20_000);
            stepBoth(1);
            if (Role.LEADER == second.node.consensus().raft().role())
            {
                leader = second;
                follower = first;
            }
        }
        node = leader.node;
        raft = node.consensus().raft();
    }

    /** A leader that has nothing more to say of its own. */
    private boolean isSettled()
    {
        return leader.node.consensus().raft().isCommittedInTerm() && leader.nowNs() > 10_000_000_000L &&
            leader.node.log().lastIndex() == follower.node.consensus().raft().commitIndex() && isDurable(follower);
    }

    private void stepBoth(final int turns)
    {
        for (int i = 0; i < turns; i++)
        {
            leader.step(1);
            follower.step(1);
        }
    }

    /** A command reaches the follower. */
    private void sendAlone()
    {
        stepBoth(10);
        send();
        leader.consensus();
        follower.consensus();
    }

    private static boolean isDurable(final SteppedNode member)
    {
        return member.node.log().durablePosition() == member.node.log().appendedPosition();
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
        assertTrue(leader.rings.toConsensus().write(RingMessages.PROPOSE, command, 0, command.capacity()));
    }
}
