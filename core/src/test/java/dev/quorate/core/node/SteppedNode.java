package dev.quorate.core.node;

import dev.quorate.core.codec.command.ConfigChangeEncoder;
import dev.quorate.core.codec.command.LeaseGrantEncoder;
import dev.quorate.core.codec.command.MessageHeaderEncoder;
import dev.quorate.core.codec.command.ProposalEncoder;
import dev.quorate.core.log.LogContext;
import dev.quorate.core.machine.Member;
import dev.quorate.core.raft.RaftLogAccess;
import dev.quorate.core.raft.Role;
import dev.quorate.core.ring.LoopRings;
import dev.quorate.core.seam.DiskFullException;
import dev.quorate.core.seam.ManualClock;
import dev.quorate.core.seam.NoPeers;
import dev.quorate.core.seam.PeerLink;
import dev.quorate.core.seam.SimulatedDisk;
import dev.quorate.core.seam.SimulatedRng;
import dev.quorate.core.store.StoreContext;
import org.agrona.collections.LongArrayList;
import org.agrona.concurrent.UnsafeBuffer;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * One node, without links to others unless a test gives it some, whose agents the test steps, on a disk that outlives
 * its boots.
 */
final class SteppedNode implements AutoCloseable
{
    static final long SELF = 11;
    static final long SECOND = 12;
    static final long LEASE = 4711;

    final List<Long> removed = new ArrayList<>();
    final LoopRings rings = new LoopRings(0, 1 << 20, 1 << 18);
    Node node;
    private final long self;
    private final PeerLink link;
    private SimulatedDisk disk = new SimulatedDisk(new SimulatedRng(1));
    private final ManualClock clock = new ManualClock(1_000_000_000L);

    SteppedNode()
    {
        this(SELF, new NoPeers());
    }

    SteppedNode(final long self, final PeerLink link)
    {
        this.self = self;
        this.link = link;
    }

    @Override
    public void close()
    {
        node.close();
    }

    void restart(final boolean isAlone) throws DiskFullException
    {
        while (node.log().durablePosition() < node.log().appendedPosition())
        {
            node.logSync().doWork();
        }
        node.close();
        disk = disk.processExit();
        open(false, isAlone);
    }

    void open(final boolean isNew, final boolean isAlone, final long... initial) throws DiskFullException
    {
        final List<Member> members = new ArrayList<>();
        for (final long id : initial)
        {
            members.add(Member.ofUrls(id, false, "http://m" + id + ":1"));
        }
        node = Node.open(new NodeContext()
            .isNewDirectory(isNew)
            .isAlone(isAlone)
            .memberId(self)
            .clusterId(77)
            .disk(disk)
            .clock(clock)
            .rng(new SimulatedRng(self))
            .peerLink(link)
            .monitor(new Monitor())
            .loops(new LoopRings[]{rings})
            .maxPayloadLength(64 * 1024)
            .commandRingCapacity(1 << 20)
            .storeContext(new StoreContext())
            .logContext(new LogContext())
            .conclude(), members);
    }

    boolean leads()
    {
        node.consensus().onStart();
        step(5_000);
        return Role.LEADER == node.consensus().raft().role() && node.consensus().raft().isCommittedInTerm();
    }

    void step(final int turns)
    {
        for (int i = 0; i < turns; i++)
        {
            consensus();
            node.logSync().doWork();
            node.apply().doWork();
            node.housekeeping().doWork();
        }
    }

    long nowNs()
    {
        return clock.nowNs;
    }

    /** From now on each sync takes that long, and whoever begins one waits for it. */
    void syncsTake(final long durationNs)
    {
        disk.syncTakes(() -> clock.nowNs, durationNs, durationNs).syncListener((untilNs) -> clock.nowNs = untilNs);
    }

    /** A millisecond passes, then consensus has its turn. */
    void consensus()
    {
        clock.nowNs += 1_000_000;
        node.consensus().doWork();
    }

    /** @return index of the entry that changes the members. */
    long config(final int kind, final long memberId)
    {
        final UnsafeBuffer buffer = new UnsafeBuffer(new byte[256]);
        final byte[] urls = ("http://m" + memberId + ":1").getBytes(StandardCharsets.US_ASCII);
        final MessageHeaderEncoder header = new MessageHeaderEncoder();
        final ConfigChangeEncoder change = new ConfigChangeEncoder();
        change.wrapAndApplyHeader(buffer, proposal(buffer, header, 0).limit(), header)
            .targetMemberId(memberId)
            .kind((short)kind)
            .putPeerUrls(urls, 0, urls.length);
        return node.consensus().raft().proposeConfig(kind, memberId, buffer, 0, change.limit());
    }

    void append(final UnsafeBuffer payload)
    {
        assertTrue(0 < node.log().append(
            node.log().lastIndex() + 1, 1, RaftLogAccess.COMMAND, payload, 0, payload.capacity()));
    }

    /** @return command that grants a lease. */
    static UnsafeBuffer lease()
    {
        return lease(0);
    }

    static UnsafeBuffer lease(final long correlationId)
    {
        final UnsafeBuffer buffer = new UnsafeBuffer(new byte[128]);
        final MessageHeaderEncoder header = new MessageHeaderEncoder();
        final LeaseGrantEncoder grant = new LeaseGrantEncoder();
        grant.wrapAndApplyHeader(buffer, proposal(buffer, header, correlationId).limit(), header)
            .leaseId(LEASE).ttlSeconds(600);
        return new UnsafeBuffer(buffer, 0, grant.limit());
    }

    private static ProposalEncoder proposal(
        final UnsafeBuffer buffer, final MessageHeaderEncoder header, final long correlationId)
    {
        return new ProposalEncoder().wrapAndApplyHeader(buffer, 0, header)
            .memberId(0).bootId(0).correlationId(correlationId);
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
}
