package dev.quorate.perf.jmh;

import dev.quorate.core.api.Answer;
import dev.quorate.core.api.ClientCall;
import dev.quorate.core.api.GrpcCode;
import dev.quorate.core.api.Method;
import dev.quorate.core.log.LogContext;
import dev.quorate.core.machine.Member;
import dev.quorate.core.node.Node;
import dev.quorate.core.node.NodeContext;
import dev.quorate.core.ring.LoopRings;
import dev.quorate.core.ring.NodeState;
import dev.quorate.core.seam.DiskFullException;
import dev.quorate.core.seam.NoPeers;
import dev.quorate.core.seam.Signal;
import dev.quorate.core.session.LoopSession;
import dev.quorate.core.session.SessionContext;
import dev.quorate.core.session.StoreState;
import dev.quorate.core.store.StoreContext;
import dev.quorate.core.wire.WireWriter;
import dev.quorate.server.disk.FileDisk;
import dev.quorate.server.member.ServerSeams;
import dev.quorate.server.thread.AgentThread;
import dev.quorate.server.thread.ParkWaiter;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.UnsafeBuffer;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * One member without a gateway, whose session, consensus, log sync and apply run on the benchmark's thread;
 * housekeeping has its own.
 */
final class MemberInHand implements Answer, AutoCloseable
{
    private static final long CLUSTER_ID = 7;
    private static final long MEMBER_ID = 11;
    private static final int KEY_LENGTH = 37;
    private static final int VALUE_LENGTH = 256;
    private static final long QUOTA_BYTES = 64L * 1024 * 1024 * 1024;
    private static final int RING_CAPACITY = 32 * 1024 * 1024;

    private final NodeState state = new NodeState();
    private final UnsafeBuffer key = new UnsafeBuffer(new byte[KEY_LENGTH]);
    private final UnsafeBuffer value = new UnsafeBuffer(new byte[VALUE_LENGTH]);
    private final WireWriter request = new WireWriter(1024, 4096);
    private final Path directory;
    private final Node node;
    private final Agent consensus;
    private final LoopSession session;
    private final AgentThread housekeeping;
    private boolean isDone;
    private int answerLength;

    MemberInHand(final boolean isSynced) throws IOException, DiskFullException
    {
        directory = Files.createTempDirectory(Path.of("").toAbsolutePath(), "bench.");
        final LoopRings rings = new LoopRings(0, RING_CAPACITY, 1024 * 1024);
        final ParkWaiter cold = new ParkWaiter();
        node = Node.open(
            new NodeContext()
                .memberId(MEMBER_ID)
                .clusterId(CLUSTER_ID)
                .name("bench")
                .clientUrls(List.of("http://localhost:1"))
                .isNewDirectory(true)
                .disk(new FileDisk(directory, isSynced))
                .clock(ServerSeams.CLOCK)
                .rng(ServerSeams.rng(BenchSeams.SEED))
                .peerLink(new NoPeers())
                .state(state)
                .loops(new LoopRings[] {rings})
                .housekeepingSignal(cold)
                .commandRingCapacity(RING_CAPACITY)
                .isUnsafeNoFsync(!isSynced)
                .storeContext(new StoreContext())
                .logContext(new LogContext())
                .conclude(),
            List.of(Member.ofUrls(MEMBER_ID, false, "http://localhost:2")));
        rings.signals(Signal.NONE, cold, Signal.NONE);
        session = new LoopSession(new SessionContext()
            .rings(rings)
            .nodeState(state)
            .state(new StoreState(node.store()))
            .directories(node.directories())
            .leases(node.store().newLeaseIds()::copyTo)
            .clock(ServerSeams.CLOCK)
            .rng(ServerSeams.rng(BenchSeams.SEED))
            .clusterId(CLUSTER_ID)
            .memberId(MEMBER_ID)
            .bootId(node.log().termFile().bootId())
            .quotaBytes(QUOTA_BYTES)
            .conclude());
        consensus = node.consensus();
        consensus.onStart();
        housekeeping = new AgentThread(
            "housekeeping",
            new Agent[] {node.housekeeping()},
            cold,
            TimeUnit.MILLISECONDS.toNanos(20),
            TimeUnit.MILLISECONDS.toNanos(100),
            0,
            BenchSeams::halt);
        housekeeping.start();
        while (!isServing())
        {
            turn();
        }
    }

    @Override
    public void close()
    {
        housekeeping.stop(5_000);
        node.close();
        try (Stream<Path> files = Files.walk(directory))
        {
            files.sorted(Comparator.reverseOrder()).forEach(path -> path.toFile().delete());
        }
        catch (final IOException ex)
        {
            System.err.println("cannot delete " + directory + ": " + ex.getMessage());
        }
    }

    /**
     * A put of 37 and 256 bytes until it is answered: session, ring, log, sync, commit, apply, store, answer.
     *
     * @param number of the key.
     * @return length of the answer, bytes.
     */
    int put(final long number)
    {
        write(number);
        request.bytes(2, value, 0, VALUE_LENGTH);
        return call(Method.KV_PUT);
    }

    /**
     * A get until it is answered.
     *
     * @param number         of the key.
     * @param isSerializable true for a read without a read round.
     * @return length of the answer, bytes.
     */
    int get(final long number, final boolean isSerializable)
    {
        write(number);
        request.bool(7, isSerializable);
        return call(Method.KV_RANGE);
    }

    @Override
    public boolean isReady()
    {
        return true;
    }

    @Override
    public void message(final DirectBuffer buffer, final int offset, final int length)
    {
        answerLength = length;
    }

    @Override
    public void complete()
    {
        isDone = true;
    }

    @Override
    public void fail(final GrpcCode code, final String description)
    {
        throw new IllegalStateException(code + ": " + description);
    }

    private void write(final long number)
    {
        key.setMemory(0, KEY_LENGTH, (byte)'/');
        key.putNaturalPaddedIntAscii(KEY_LENGTH - 9, 9, (int)number);
        request.reset();
        request.bytes(1, key, 0, KEY_LENGTH);
    }

    private int call(final Method method)
    {
        isDone = false;
        final ClientCall call = session.open(method, false, this);
        call.onMessage(request.buffer(), 0, request.length());
        call.onHalfClose();
        while (!isDone)
        {
            turn();
        }
        return answerLength;
    }

    private void turn()
    {
        try
        {
            session.doWork();
            consensus.doWork();
            node.logSync().doWork();
            consensus.doWork();
            node.apply().doWork();
            session.doWork();
        }
        catch (final Exception ex)
        {
            throw new IllegalStateException(ex);
        }
    }

    private boolean isServing()
    {
        final Member self = node.directories().members().member(MEMBER_ID);
        return null != self && self.isStarted() && 0 != state.get(NodeState.Value.LEADER_ID) &&
            node.directories().members().hasClusterVersion();
    }

    @Override
    public String toString()
    {
        return "MemberInHand{directory=" + directory + '}';
    }
}
