package dev.quorate.core.session;

import dev.quorate.core.api.EtcdError;
import dev.quorate.core.api.GrpcCode;
import dev.quorate.core.api.Method;
import dev.quorate.core.log.LogContext;
import dev.quorate.core.machine.AlarmTable;
import dev.quorate.core.machine.Member;
import dev.quorate.core.node.Node;
import dev.quorate.core.node.NodeContext;
import dev.quorate.core.ring.LoopRings;
import dev.quorate.core.ring.NodeState;
import dev.quorate.core.seam.Clock;
import dev.quorate.core.seam.DiskFullException;
import dev.quorate.core.seam.PeerLink;
import dev.quorate.core.seam.SimulatedDisk;
import dev.quorate.core.seam.SimulatedRng;
import dev.quorate.core.session.World.Reply;
import dev.quorate.core.store.StoreContext;
import dev.quorate.core.wire.WireWriter;
import org.agrona.DirectBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

import static dev.quorate.core.session.World.bytes;
import static dev.quorate.core.session.World.key;
import static dev.quorate.core.session.World.nested;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * A cluster of one, with all its agents and one loop, stepped by hand.
 */
class OneMemberTest
{
    private static final long QUOTA = 256 * 1024;

    private final LoopRings rings = new LoopRings(0, 1 << 20, 1 << 18);
    private final NodeState state = new NodeState();
    private Node node;
    private LoopSession session;
    private long nowNs = World.SECOND;

    @AfterEach
    void close()
    {
        if (node != null)
        {
            node.close();
        }
    }

    @Test
    void answersOfDeletionsBeforeACompactionFindWhatWasDeletedAlthoughItIsWrittenAgain() throws DiskFullException
    {
        open(-1);
        finish(put("k", "old"));
        final Reply deletion = call(Method.KV_DELETE_RANGE, delete ->
        {
            key(delete, 1, "k");
            delete.bool(3, true);
        });
        final Reply other = put("x", "1");
        final Reply compaction = call(Method.KV_COMPACT, compact -> compact.varint(1, 4));
        final Reply again = put("k", "new");
        for (int i = 0; i < 100; i++)
        {
            stepAgents();
        }
        assertTrue(deletion.isOpen(), "nothing is answered before the loop runs");
        stepUntil(() -> !again.isOpen());
        assertEquals(GrpcCode.OK, other.code, other.text);
        assertEquals(GrpcCode.OK, compaction.code, compaction.text);
        assertEquals(GrpcCode.OK, again.code, again.text);
        deletion.expect(response ->
        {
            nested(response, 1, header ->
            {
                header.varint(1, World.CLUSTER);
                header.varint(2, World.MEMBER);
                header.varint(3, 3);
                header.varint(4, state.get(NodeState.Value.TERM));
            });
            response.varint(2, 1);
            bytes(response, 3, ModelState.kv("k", 2, 2, 1, "old", 0));
        });
    }

    @Test
    void writeBeyondTheQuotaTakesEffectButIsRefusedAndRaisesTheAlarmOnce() throws DiskFullException
    {
        open(QUOTA);
        final String value = "v".repeat(30_000);
        Reply last = finish(put("k0", value));
        for (int i = 1; i < 40 && last.code == GrpcCode.OK; i++)
        {
            last = finish(put("k" + i, value));
        }
        last.expectFailure(EtcdError.NO_SPACE);
        final long revision = node.store().visibleRevision();
        stepUntil(() -> node.directories().alarms().isRaised(World.MEMBER, AlarmTable.NOSPACE));
        finish(put("refused", value)).expectFailure(EtcdError.NO_SPACE);
        assertEquals(revision, node.store().visibleRevision(), "with the alarm on nothing takes effect");
        assertEquals(1, state.get(NodeState.Value.QUOTA_EXCEEDED));

        assertEquals(GrpcCode.OK, finish(call(Method.ALARM, alarm ->
        {
            alarm.varint(1, 2);
            alarm.varint(2, World.MEMBER);
            alarm.varint(3, AlarmTable.NOSPACE);
        })).code);
        nowNs += 10 * World.SECOND;
        for (int i = 0; i < 1_000; i++)
        {
            step();
        }
        assertFalse(node.directories().alarms().isRaised(AlarmTable.NOSPACE), "it is not raised again without cause");
    }

    @Test
    void hashCoversTheWholeStoreAndHashKvItsKeys() throws DiskFullException
    {
        open(-1);
        finish(put("k", "v"));
        final Reply hash = finish(call(Method.HASH, request -> {}));
        final Reply hashKv = finish(call(Method.HASH_KV, request -> {}));
        assertEquals(GrpcCode.OK, hash.code);
        assertEquals(GrpcCode.OK, hashKv.code);
        final String whole = World.hex(hash.messages.get(0));
        assertFalse(World.hex(hashKv.messages.get(0)).startsWith(whole), "the rows of members count");
        assertNotEquals(0, hash.messages.get(0).length);
    }

    private void open(final long quotaBytes) throws DiskFullException
    {
        final Clock clock = new Clock()
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
        };
        node = Node.open(new NodeContext()
            .isNewDirectory(true)
            .memberId(World.MEMBER)
            .clusterId(World.CLUSTER)
            .disk(new SimulatedDisk(new SimulatedRng(1)))
            .clock(clock)
            .rng(new SimulatedRng(2))
            .peerLink(new NoPeers())
            .state(state)
            .loops(new LoopRings[]{rings})
            .quotaBytes(quotaBytes)
            .maxPayloadLength(64 * 1024)
            .commandRingCapacity(1 << 20)
            .storeContext(new StoreContext())
            .logContext(new LogContext())
            .conclude(), List.of(Member.ofUrls(World.MEMBER, false, "http://a:1")));
        session = new LoopSession(new SessionContext()
            .rings(rings)
            .nodeState(state)
            .state(new StoreState(node.store()))
            .directories(node.directories())
            .leases(new StoreLeases(node.store().newLeaseIds()))
            .clock(clock)
            .rng(new SimulatedRng(3))
            .clusterId(World.CLUSTER)
            .memberId(World.MEMBER)
            .bootId(node.log().termFile().bootId())
            .maxRequestBytes(48 * 1024)
            .quotaBytes(-1)
            .conclude());
        node.consensus().onStart();
        stepUntil(() -> 0 != state.get(NodeState.Value.CLUSTER_VERSION));
    }

    private Reply put(final String key, final String value)
    {
        return call(Method.KV_PUT, WriteCallsTest.put(key, value, false));
    }

    private Reply call(final Method method, final Consumer<WireWriter> request)
    {
        final Reply reply = new Reply();
        reply.call = session.open(method, false, reply);
        reply.send(request);
        reply.call.onHalfClose();
        return reply;
    }

    private Reply finish(final Reply reply)
    {
        stepUntil(() -> !reply.isOpen());
        return reply;
    }

    private void stepUntil(final BooleanSupplier isReached)
    {
        for (int i = 0; !isReached.getAsBoolean(); i++)
        {
            assertTrue(i < 20_000, "not reached");
            step();
        }
    }

    private void step()
    {
        stepAgents();
        session.doWork();
    }

    private void stepAgents()
    {
        nowNs += 1_000_000;
        node.consensus().doWork();
        node.logSync().doWork();
        node.apply().doWork();
        node.housekeeping().doWork();
    }

    /** There is nobody else. */
    private static final class NoPeers implements PeerLink
    {
        @Override
        public void addPeer(final long memberId, final String endpoint)
        {
        }

        @Override
        public void removePeer(final long memberId)
        {
        }

        @Override
        public int offer(
            final long memberId,
            final int streamClass,
            final DirectBuffer header,
            final int headerOffset,
            final int headerLength,
            final DirectBuffer body,
            final int bodyOffset,
            final int bodyLength)
        {
            return NOT_CONNECTED;
        }

        @Override
        public long outgoingSession(final long memberId, final int streamClass)
        {
            return 0;
        }

        @Override
        public int poll(final int streamClass, final Handler handler, final int limit)
        {
            return 0;
        }

        @Override
        public void refuse(final long session, final String reason)
        {
        }

        @Override
        public int doWork()
        {
            return 0;
        }

        @Override
        public void close()
        {
        }
    }
}
