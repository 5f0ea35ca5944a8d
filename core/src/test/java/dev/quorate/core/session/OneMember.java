package dev.quorate.core.session;

import dev.quorate.core.api.Method;
import dev.quorate.core.log.LogContext;
import dev.quorate.core.machine.Member;
import dev.quorate.core.node.Node;
import dev.quorate.core.node.NodeContext;
import dev.quorate.core.ring.LoopRings;
import dev.quorate.core.ring.NodeState;
import dev.quorate.core.seam.Clock;
import dev.quorate.core.seam.DiskFullException;
import dev.quorate.core.seam.NoPeers;
import dev.quorate.core.seam.SimulatedDisk;
import dev.quorate.core.seam.SimulatedRng;
import dev.quorate.core.session.World.Reply;
import dev.quorate.core.store.StoreContext;
import dev.quorate.core.wire.WireWriter;

import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * A cluster of one, with all its agents and one loop, stepped by hand.
 */
final class OneMember implements Clock
{
    SimulatedDisk disk = new SimulatedDisk(new SimulatedRng(1));
    NodeState state;
    Node node;
    long nowNs = World.SECOND;
    long quotaBytes = -1;
    /** Of the loop that takes commands in. */
    long loopQuotaBytes = -1;
    long maxIndexBytes = 16L << 30;
    int tailLength = StoreContext.TAIL_BUFFER_LENGTH_DEFAULT;
    int segmentLength = 4 << 20;
    long turnNs = 1_000_000;
    /** Bytes that the last turn of apply added to the store's stream. */
    long appliedBytes;
    private LoopSession session;
    private boolean isNew = true;

    void open() throws DiskFullException
    {
        boot();
        // Loops run once the member is ready, as in a process.
        stepUntil(() -> 0 != state.get(NodeState.Value.CLUSTER_VERSION), this::stepAgents);
    }

    /** Recovers; nothing of what the log holds beyond the store's mark is applied yet. */
    void boot() throws DiskFullException
    {
        final LoopRings rings = new LoopRings(0, 1 << 20, 1 << 18);
        state = new NodeState();
        node = Node.open(new NodeContext()
            .isNewDirectory(isNew)
            .memberId(World.MEMBER)
            .clusterId(World.CLUSTER)
            .disk(disk)
            .clock(this)
            .rng(new SimulatedRng(2))
            .peerLink(new NoPeers())
            .state(state)
            .loops(new LoopRings[]{rings})
            .quotaBytes(quotaBytes)
            .maxPayloadLength(64 * 1024)
            .commandRingCapacity(1 << 20)
            .storeContext(new StoreContext().tailBufferLength(tailLength).maxIndexBytes(maxIndexBytes))
            .logContext(new LogContext().initialSegmentLength(segmentLength).maxSegmentLength(segmentLength))
            .conclude(), isNew ? List.of(Member.ofUrls(World.MEMBER, false, "http://a:1")) : List.of());
        session = new LoopSession(new SessionContext()
            .rings(rings)
            .nodeState(state)
            .state(new StoreState(node.store()))
            .directories(node.directories())
            .leases(new StoreLeases(node.store().newLeaseIds()))
            .clock(this)
            .rng(new SimulatedRng(3))
            .clusterId(World.CLUSTER)
            .memberId(World.MEMBER)
            .bootId(node.log().termFile().bootId())
            .maxRequestBytes(48 * 1024)
            .quotaBytes(loopQuotaBytes)
            .conclude());
        isNew = false;
        node.consensus().onStart();
    }

    void close()
    {
        if (node != null)
        {
            node.close();
            node = null;
        }
    }

    /** The process ends and starts again on the same disk. */
    void restart() throws DiskFullException
    {
        close();
        disk = disk.processExit();
        open();
    }

    /** A power cut; the disk is what survives, the member is not started again yet. */
    void crash()
    {
        close();
        disk = disk.crash(new SimulatedRng(nowNs));
    }

    Reply put(final String key, final String value)
    {
        return call(Method.KV_PUT, WriteCallsTest.put(key, value, false));
    }

    Reply call(final Method method, final Consumer<WireWriter> request)
    {
        final Reply reply = new Reply();
        reply.call = session.open(method, false, reply);
        reply.send(request);
        reply.call.onHalfClose();
        return reply;
    }

    Reply finish(final Reply reply)
    {
        stepUntil(() -> !reply.isOpen());
        return reply;
    }

    void stepUntil(final BooleanSupplier isReached)
    {
        stepUntil(isReached, this::step);
    }

    private void stepUntil(final BooleanSupplier isReached, final Runnable step)
    {
        for (int i = 0; !isReached.getAsBoolean(); i++)
        {
            assertTrue(i < 20_000, "not reached");
            step.run();
        }
    }

    void step()
    {
        stepAgents();
        session.doWork();
    }

    void stepAgents()
    {
        nowNs += turnNs;
        node.consensus().doWork();
        node.logSync().doWork();
        final long bound = node.store().bound();
        node.apply().doWork();
        appliedBytes = node.store().bound() - bound;
        node.housekeeping().doWork();
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
}
