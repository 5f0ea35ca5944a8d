package dev.quorate.core.node;

import com.sun.management.ThreadMXBean;
import dev.quorate.core.api.Answer;
import dev.quorate.core.api.ClientCall;
import dev.quorate.core.api.GrpcCode;
import dev.quorate.core.api.Method;
import dev.quorate.core.log.LogContext;
import dev.quorate.core.machine.Member;
import dev.quorate.core.raft.Role;
import dev.quorate.core.ring.LoopRings;
import dev.quorate.core.ring.NodeState;
import dev.quorate.core.seam.Clock;
import dev.quorate.core.seam.DiskFullException;
import dev.quorate.core.seam.SimulatedDisk;
import dev.quorate.core.seam.SimulatedRng;
import dev.quorate.core.session.LoopSession;
import dev.quorate.core.session.SessionContext;
import dev.quorate.core.session.StoreLeases;
import dev.quorate.core.session.StoreState;
import dev.quorate.core.store.StoreContext;
import dev.quorate.core.watch.WatchAgent;
import dev.quorate.core.watch.WatchContext;
import dev.quorate.core.wire.WireWriter;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.UnsafeBuffer;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Three members in memory on the thread of the test, which counts what each kind of agent allocates.
 */
final class MeteredCluster implements Clock, AutoCloseable
{
    /** Kinds of agents; of consensus, log sync and apply all three members'. */
    static final int CONSENSUS = 0;
    static final int LOG_SYNC = 1;
    static final int APPLY = 2;
    static final int WATCH = 3;
    static final int SESSION = 4;
    static final String[] KINDS = {"consensus", "log-sync", "apply", "watch", "session"};

    private static final int COUNT = 3;
    private static final long FIRST_ID = 0xB0;
    private static final long CLUSTER_ID = 0x3E7E;
    private static final int SEGMENT_LENGTH = 256 * 1024 * 1024;
    private static final int RING_LENGTH = 1024 * 1024;
    private static final int KEYS = 1_000;
    private static final int BATCH = 16;
    private static final long TURN_NS = 50_000;

    final long[] allocated = new long[KINDS.length];
    long watchEvents;
    private final ThreadMXBean threads = (ThreadMXBean)ManagementFactory.getThreadMXBean();
    private final Node[] nodes = new Node[COUNT];
    private final NodeState[] states = new NodeState[COUNT];
    private final LoopSession[] sessions = new LoopSession[COUNT];
    private final WatchAgent[] watches = new WatchAgent[COUNT];
    private final SimulatedDisk[] disks = new SimulatedDisk[COUNT];
    private final WireWriter request = new WireWriter(1024, 4096);
    private final UnsafeBuffer key = new UnsafeBuffer(new byte[16]);
    private final UnsafeBuffer value = new UnsafeBuffer(new byte[256]);
    private final Answer putAnswer = new PutAnswer();
    private int open;
    private int keyNumber;
    private int leader;
    private long nowNs = 1_000_000_000L;

    MeteredCluster() throws DiskFullException
    {
        final MemoryLinks links = new MemoryLinks(COUNT);
        final List<Member> initial = new ArrayList<>();
        for (int i = 0; i < COUNT; i++)
        {
            initial.add(Member.ofUrls(FIRST_ID + i, false, "http://m" + i + ":2380"));
        }
        for (int i = 0; i < COUNT; i++)
        {
            openMember(i, links, initial);
        }
        for (int i = 0; !isServing(); i++)
        {
            if (i > 1_000_000)
            {
                throw new IllegalStateException("no leader");
            }
            nowNs += 1_000_000;
            turn();
        }
        for (final SimulatedDisk disk : disks)
        {
            // what it remembers for a power cut is not the members'
            disk.plain();
        }
    }

    @Override
    public void close()
    {
        for (final Node node : nodes)
        {
            node.close();
        }
    }

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

    /** Watches all keys at the leader. */
    void watchAll()
    {
        final WireWriter create = new WireWriter(64, 256);
        final UnsafeBuffer all = new UnsafeBuffer(new byte[]{0});
        create.bytes(1, all, 0, 1);
        create.bytes(2, all, 0, 1);
        request.reset();
        request.bytes(1, create.buffer(), 0, create.length());
        final ClientCall call = sessions[leader].open(Method.WATCH, false, new WatchAnswer());
        call.onMessage(request.buffer(), 0, request.length());
    }

    /** Puts that many, answered all. */
    void puts(final int count)
    {
        for (int done = 0; done < count; done += BATCH)
        {
            for (int i = 0; i < BATCH; i++)
            {
                put();
            }
            while (open > 0)
            {
                turn();
            }
        }
    }

    private void put()
    {
        keyNumber = keyNumber + 1 == KEYS ? 0 : keyNumber + 1;
        key.putLong(0, 0x6B6B6B6B6B6B6B6BL);
        key.putNaturalPaddedIntAscii(8, 8, keyNumber);
        request.reset();
        request.bytes(1, key, 0, key.capacity());
        request.bytes(2, value, 0, value.capacity());
        open++;
        final long before = threads.getCurrentThreadAllocatedBytes();
        final ClientCall call = sessions[leader].open(Method.KV_PUT, false, putAnswer);
        call.onMessage(request.buffer(), 0, request.length());
        call.onHalfClose();
        allocated[SESSION] += threads.getCurrentThreadAllocatedBytes() - before;
    }

    private void turn()
    {
        nowNs += TURN_NS;
        for (int i = 0; i < COUNT; i++)
        {
            work(CONSENSUS, nodes[i].consensus());
            work(LOG_SYNC, nodes[i].logSync());
            work(APPLY, nodes[i].apply());
            nodes[i].housekeeping().doWork();
            work(WATCH, watches[i]);
            final long before = threads.getCurrentThreadAllocatedBytes();
            sessions[i].doWork();
            allocated[SESSION] += threads.getCurrentThreadAllocatedBytes() - before;
        }
    }

    private void work(final int kind, final Agent agent)
    {
        final long before = threads.getCurrentThreadAllocatedBytes();
        try
        {
            agent.doWork();
        }
        catch (final Exception ex)
        {
            throw new IllegalStateException(ex);
        }
        allocated[kind] += threads.getCurrentThreadAllocatedBytes() - before;
    }

    private boolean isServing()
    {
        boolean isServing = true;
        for (int i = 0; i < COUNT; i++)
        {
            isServing &= states[i].get(NodeState.Value.CLUSTER_VERSION) != 0 &&
                states[i].get(NodeState.Value.LEADER_ID) != 0;
            leader = nodes[i].consensus().raft().role() == Role.LEADER ? i : leader;
        }
        return isServing;
    }

    private void openMember(final int index, final MemoryLinks links, final List<Member> initial)
        throws DiskFullException
    {
        final LoopRings[] loops = {new LoopRings(0, RING_LENGTH, RING_LENGTH)};
        states[index] = new NodeState();
        disks[index] = new SimulatedDisk(new SimulatedRng(index)).captureOneIn(0);
        nodes[index] = Node.open(new NodeContext()
            .isNewDirectory(true)
            .memberId(FIRST_ID + index)
            .clusterId(CLUSTER_ID)
            .name("m" + index)
            .clientUrls(List.of("http://m" + index + ":2379"))
            .disk(disks[index])
            .clock(this)
            .rng(new SimulatedRng(100 + index))
            .peerLink(links.link(index, FIRST_ID))
            .state(states[index])
            .loops(loops)
            .maxPayloadLength(RING_LENGTH / 8)
            .commandRingCapacity(RING_LENGTH)
            .storeContext(new StoreContext())
            .logContext(new LogContext().initialSegmentLength(SEGMENT_LENGTH).maxSegmentLength(SEGMENT_LENGTH))
            .conclude(), initial);
        sessions[index] = new LoopSession(new SessionContext()
            .rings(loops[0])
            .nodeState(states[index])
            .state(new StoreState(nodes[index].store()))
            .directories(nodes[index].directories())
            .leases(new StoreLeases(nodes[index].store().newLeaseIds()))
            .clock(this)
            .rng(new SimulatedRng(200 + index))
            .clusterId(CLUSTER_ID)
            .memberId(FIRST_ID + index)
            .bootId(nodes[index].log().termFile().bootId())
            .maxRequestBytes(RING_LENGTH / 16)
            .conclude());
        watches[index] = new WatchAgent(new WatchContext()
            .store(nodes[index].store())
            .loops(loops)
            .nodeState(states[index])
            .clock(this)
            .rng(new SimulatedRng(300 + index))
            .conclude());
        nodes[index].consensus().onStart();
    }

    @Override
    public String toString()
    {
        return "MeteredCluster" + Arrays.toString(allocated);
    }

    private final class PutAnswer implements Answer
    {
        @Override
        public boolean isReady()
        {
            return true;
        }

        @Override
        public void message(final DirectBuffer buffer, final int offset, final int length)
        {
            // that it came is enough
        }

        @Override
        public void complete()
        {
            open--;
        }

        @Override
        public void fail(final GrpcCode code, final String description)
        {
            throw new IllegalStateException(code + ": " + description);
        }
    }

    private final class WatchAnswer implements Answer
    {
        @Override
        public boolean isReady()
        {
            return true;
        }

        @Override
        public void message(final DirectBuffer buffer, final int offset, final int length)
        {
            watchEvents++;
        }

        @Override
        public void complete()
        {
            throw new IllegalStateException("the watch ended");
        }

        @Override
        public void fail(final GrpcCode code, final String description)
        {
            throw new IllegalStateException(code + ": " + description);
        }
    }
}
