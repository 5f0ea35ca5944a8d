package dev.quorate.core.node;

import dev.quorate.core.codec.command.ConfigChangeEncoder;
import dev.quorate.core.codec.command.LeaseGrantEncoder;
import dev.quorate.core.codec.command.MessageHeaderEncoder;
import dev.quorate.core.codec.command.ProposalEncoder;
import dev.quorate.core.log.LogContext;
import dev.quorate.core.machine.Member;
import dev.quorate.core.raft.ConfigEntryReader;
import dev.quorate.core.raft.RaftCore;
import dev.quorate.core.ring.LoopRings;
import dev.quorate.core.ring.RingMessages;
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
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * When consensus syncs the log within its turn.
 */
class TurnSyncTest
{
    private static final long SELF = 11;
    private static final long SECOND = 12;

    private final SimulatedDisk disk = new SimulatedDisk(new SimulatedRng(1));
    private final LoopRings rings = new LoopRings(0, 1 << 20, 1 << 18);
    private final NodeContext context = new NodeContext();
    private Node node;
    private RaftCore raft;
    private final UnsafeBuffer buffer = new UnsafeBuffer(new byte[1024]);
    private final MessageHeaderEncoder header = new MessageHeaderEncoder();
    private long correlationId;
    private long nowNs = 1_000_000_000L;

    @AfterEach
    void close()
    {
        node.close();
    }

    @Test
    void singleCommandOfAMemberThatIsAloneIsCommittedInItsTurn() throws DiskFullException
    {
        open(SELF);
        untilAlone();
        final long commitIndex = raft.commitIndex();
        send();
        consensus();
        assertEquals(commitIndex + 1, raft.commitIndex());
        assertEquals(node.log().appendedPosition(), node.log().durablePosition());
    }

    @Test
    void severalCommandsAreLeftToTheLogSyncThread() throws DiskFullException
    {
        open(SELF);
        untilAlone();
        final long commitIndex = raft.commitIndex();
        send();
        send();
        consensus();
        assertEquals(commitIndex + 2, node.log().lastIndex());
        assertEquals(commitIndex, raft.commitIndex());
        node.logSync().doWork();
        consensus();
        assertEquals(commitIndex + 2, raft.commitIndex());
    }

    @Test
    void commandBehindASyncUnderWayIsLeftToTheLogSyncThread() throws DiskFullException
    {
        open(SELF);
        untilAlone();
        final long commitIndex = raft.commitIndex();
        send();
        send();
        consensus();
        send();
        consensus();
        assertEquals(commitIndex, raft.commitIndex());
        node.logSync().doWork();
        consensus();
        assertEquals(commitIndex + 3, raft.commitIndex());
    }

    @Test
    void memberWithALearnerLeavesTheSyncToTheLogSyncThread() throws DiskFullException
    {
        open(SELF);
        untilAlone();
        assertTrue(config(ConfigEntryReader.ADD_LEARNER, SECOND) > 0);
        step(1_000);
        final long commitIndex = raft.commitIndex();
        send();
        consensus();
        assertEquals(commitIndex, raft.commitIndex());
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
            .loops(new LoopRings[]{rings})
            .maxPayloadLength(64 * 1024)
            .commandRingCapacity(1 << 20)
            .storeContext(new StoreContext())
            .logContext(new LogContext())
            .conclude(), members);
        raft = node.consensus().raft();
        node.consensus().onStart();
    }

    private void untilAlone()
    {
        step(5_000);
        assertTrue(raft.isAlone());
        assertEquals(node.log().lastIndex(), raft.commitIndex());
    }

    private void step(final int turns)
    {
        for (int i = 0; i < turns; i++)
        {
            consensus();
            node.logSync().doWork();
            node.apply().doWork();
            node.housekeeping().doWork();
        }
    }

    private void consensus()
    {
        nowNs += 1_000_000;
        node.consensus().doWork();
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

    private void send()
    {
        final ProposalEncoder proposal = proposal().correlationId(++correlationId);
        final LeaseGrantEncoder grant = new LeaseGrantEncoder();
        grant.wrapAndApplyHeader(buffer, proposal.limit(), header).leaseId(4711).ttlSeconds(600);
        assertTrue(rings.toConsensus().write(RingMessages.PROPOSE, buffer, 0, grant.limit()));
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
