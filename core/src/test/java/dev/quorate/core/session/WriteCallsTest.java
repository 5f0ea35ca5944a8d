package dev.quorate.core.session;

import dev.quorate.core.api.EtcdError;
import dev.quorate.core.api.GrpcCode;
import dev.quorate.core.api.Method;
import dev.quorate.core.codec.command.AlarmDecoder;
import dev.quorate.core.codec.command.CompareDecoder;
import dev.quorate.core.codec.command.DeleteRangeDecoder;
import dev.quorate.core.codec.command.MessageHeaderDecoder;
import dev.quorate.core.codec.command.ProposalDecoder;
import dev.quorate.core.codec.command.PutDecoder;
import dev.quorate.core.codec.command.RangeDecoder;
import dev.quorate.core.codec.command.TxnDecoder;
import dev.quorate.core.ring.NodeState;
import dev.quorate.core.ring.RingMessages;
import dev.quorate.core.session.World.Message;
import dev.quorate.core.session.World.Reply;
import dev.quorate.core.wire.WireWriter;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

import static dev.quorate.core.session.World.bytes;
import static dev.quorate.core.session.World.header;
import static dev.quorate.core.session.World.key;
import static dev.quorate.core.session.World.nested;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

class WriteCallsTest
{
    private static final int COMMAND = CommandEncoder.PROPOSAL_LENGTH;

    private final World world = new World();
    private final MessageHeaderDecoder header = new MessageHeaderDecoder();

    @Test
    void putGoesIntoTheLogAndItsResultToTheClient()
    {
        world.state.put("k", "old", 7);
        world.state.end();
        final Reply reply = world.call(Method.KV_PUT, put("k", "v", true));
        final Message command = takeCommand();

        final PutDecoder put = new PutDecoder().wrapAndApplyHeader(command.buffer(), COMMAND, header);
        assertEquals(1, put.flags());
        assertEquals("k", text(put.keyLength(), put::getKey));
        assertEquals("v", text(put.valueLength(), put::getValue));
        final long before = world.state.bound();
        final long prevLp = world.state.put("k", "v", 0);
        final long revision = world.state.end();
        world.result(correlationOf(command), EtcdError.NONE, revision, before, 10, prevLp);

        reply.expect(response ->
        {
            header(response, 3);
            bytes(response, 2, ModelState.kv("k", 2, 2, 1, "old", 7));
        });
    }

    @Test
    void resultOfACallThatIsGoneReachesNobody()
    {
        final Reply cancelled = world.call(Method.KV_PUT, put("k", "v", false));
        final long correlationId = correlationOf(takeCommand());
        cancelled.call.onCancel();
        final Reply next = world.call(Method.KV_PUT, put("k", "w", false));

        world.result(correlationId, EtcdError.NONE, 2, 8, 10, -1);
        assertTrue(cancelled.isOpen());
        assertTrue(next.isOpen());
        world.result(correlationOf(takeCommand()), EtcdError.NONE, 3, 8, 10, -1);
        next.expect(response -> header(response, 3));
    }

    @Test
    void errorOfApplyAndRefusalOfConsensusEndTheCall()
    {
        final Reply first = world.call(Method.KV_PUT, put("k", "v", false));
        world.result(correlationOf(takeCommand()), EtcdError.LEASE_NOT_FOUND, 2, 8, 10);
        first.expectFailure(EtcdError.LEASE_NOT_FOUND);

        final Reply second = world.call(Method.KV_PUT, put("k", "v", false));
        final long correlationId = correlationOf(takeCommand());
        world.feed(world.rings.fromConsensus(), RingMessages.REFUSED, correlationId,
            EtcdError.PROPOSAL_DROPPED.ordinal());
        world.work();
        second.expectFailure(EtcdError.PROPOSAL_DROPPED);
    }

    @Test
    void commandThatReachedNoLeaderIsProposedAgainUntilItsDeadline()
    {
        final Reply reply = world.call(Method.KV_PUT, put("k", "v", false));
        for (int i = 0; i < 2; i++)
        {
            refuse(EtcdError.NOT_LEADER);
            assertTrue(World.take(world.rings.toConsensus()).isEmpty());
            world.after(Retries.PAUSE_NS);
        }
        final Message command = takeCommand();
        final PutDecoder put = new PutDecoder().wrapAndApplyHeader(command.buffer(), COMMAND, header);
        assertEquals("k", text(put.keyLength(), put::getKey));
        world.result(correlationOf(command), EtcdError.NONE, 2, 8, 10, -1);
        reply.expect(response -> header(response, 2));

        final Reply late = world.call(Method.KV_PUT, put("k", "v", false));
        for (int i = 0; i < 75 && late.isOpen(); i++)
        {
            refuse(EtcdError.NOT_LEADER);
            world.after(Retries.PAUSE_NS);
        }
        late.expectFailure(EtcdError.TIMEOUT);

        World.take(world.rings.toConsensus());
        final Reply cancelled = world.call(Method.KV_PUT, put("k", "v", false));
        refuse(EtcdError.NOT_LEADER);
        cancelled.call.onCancel();
        final Reply next = world.call(Method.KV_PUT, put("k", "w", false));
        takeCommand();
        world.after(Retries.PAUSE_NS);
        assertTrue(World.take(world.rings.toConsensus()).isEmpty(), "who has cancelled proposes no more");
        assertTrue(next.isOpen());
    }

    @Test
    void timeOutNamesItsCause()
    {
        final Reply plain = world.call(Method.KV_PUT, put("k", "v", false));
        world.after(6_900_000_000L);
        assertTrue(plain.isOpen());
        world.after(200_000_000L);
        plain.expectFailure(EtcdError.TIMEOUT);

        final Reply elected = world.call(Method.KV_PUT, put("k", "v", false));
        world.node.set(NodeState.Value.LEADER_SINCE_NS, world.nowNs + World.SECOND);
        world.after(8 * World.SECOND);
        elected.expectFailure(EtcdError.TIMEOUT_LEADER_FAILURE);

        final Reply unheard = world.call(Method.KV_PUT, put("k", "v", false));
        world.node.set(NodeState.Value.LEADER_SINCE_NS, 1);
        world.node.set(NodeState.Value.QUORUM_HEARD_NS, world.nowNs);
        world.after(8 * World.SECOND);
        unheard.expectFailure(EtcdError.TIMEOUT_CONNECTION_LOST);

        final Reply leaderless = world.call(Method.KV_PUT, put("k", "v", false));
        world.node.set(NodeState.Value.LEADER_ID, 0);
        world.after(8 * World.SECOND);
        leaderless.expectFailure(EtcdError.TIMEOUT);
    }

    @Test
    void gatesAreAskedInEtcdsOrder()
    {
        final Reply malformed = new Reply();
        malformed.call = world.session.open(Method.KV_PUT, true, malformed);
        world.node.set(NodeState.Value.CLUSTER_VERSION, 0);
        world.node.set(NodeState.Value.IS_LEARNER, 1);
        world.node.set(NodeState.Value.LEADER_ID, 0);
        malformed.call.onMessage(new UnsafeBuffer(new byte[]{8}), 0, 1);
        malformed.call.onHalfClose();
        assertEquals(GrpcCode.INTERNAL, malformed.code);
        assertEquals("grpc: error unmarshalling request: proto: cannot parse invalid wire-format data", malformed.text);

        assertGate(EtcdError.NOT_CAPABLE);
        world.node.set(NodeState.Value.CLUSTER_VERSION, 1);
        assertGate(EtcdError.NOT_SUPPORTED_FOR_LEARNER);
        world.node.set(NodeState.Value.IS_LEARNER, 0);
        assertGate(EtcdError.NO_LEADER);
        world.node.set(NodeState.Value.LEADER_ID, 1);
        assertGate(EtcdError.KEY_NOT_PROVIDED);
        assertTrue(World.take(world.rings.toConsensus()).isEmpty());
    }

    @Test
    void requestsThatAreTooLargeOrTooManyAreRefused()
    {
        world.call(Method.KV_PUT, put("k", "v".repeat(64 * 1024 - 10), false))
            .expectFailure(EtcdError.REQUEST_TOO_LARGE);
        world.node.set(NodeState.Value.COMMIT_INDEX, 5_001);
        world.call(Method.KV_PUT, put("k", "v", false)).expectFailure(EtcdError.TOO_MANY_REQUESTS);
        world.node.set(NodeState.Value.COMMIT_INDEX, 5_000);
        assertTrue(world.call(Method.KV_PUT, put("k", "v", false)).isOpen());
    }

    @Test
    void fullRingAndFullTableRefuse()
    {
        final World small = new World(context -> context.maxPendingCalls(2));
        final Reply first = small.call(Method.KV_PUT, put("k", "v", false));
        small.call(Method.KV_PUT, put("k", "v", false));
        small.call(Method.KV_PUT, put("k", "v", false)).expectFailure(EtcdError.TOO_MANY_REQUESTS);
        first.call.onCancel();
        assertTrue(small.call(Method.KV_PUT, put("k", "v", false)).isOpen());

        Reply last = null;
        for (int i = 0; i < 100 && (last == null || last.isOpen()); i++)
        {
            last = world.call(Method.KV_PUT, put("k", "v".repeat(60_000), false));
        }
        last.expectFailure(EtcdError.TOO_MANY_REQUESTS);
    }

    @Test
    void quotaRaisesTheAlarmOnceAndComesBeforeValidation()
    {
        world.state.dbSize = SessionContext.DEFAULT_QUOTA_BYTES - 256 - 2;
        world.call(Method.KV_PUT, put("k", "v", false)).expectFailure(EtcdError.NO_SPACE);
        final AlarmDecoder alarm = new AlarmDecoder().wrapAndApplyHeader(takeCommand().buffer(), COMMAND, header);
        assertEquals(World.MEMBER, alarm.targetMemberId());
        assertEquals(1, alarm.action());
        assertEquals(1, alarm.alarm());

        world.state.dbSize = SessionContext.DEFAULT_QUOTA_BYTES;
        world.call(Method.KV_PUT, put("", "v", false)).expectFailure(EtcdError.NO_SPACE);
        world.call(Method.LEASE_GRANT, grant -> grant.varint(1, 5)).expectFailure(EtcdError.NO_SPACE);
        assertTrue(World.take(world.rings.toConsensus()).isEmpty());
        assertTrue(world.call(Method.KV_DELETE_RANGE, delete -> key(delete, 1, "k")).isOpen());
    }

    @Test
    void deletionAnswersWhatItDeleted()
    {
        world.state.put("a", "1", 0);
        world.state.put("b", "2", 0);
        world.state.end();
        final Reply reply = world.call(Method.KV_DELETE_RANGE, delete ->
        {
            key(delete, 1, "a");
            key(delete, 2, "\0");
            delete.bool(3, true);
        });
        final Message command = takeCommand();
        final DeleteRangeDecoder decoder =
            new DeleteRangeDecoder().wrapAndApplyHeader(command.buffer(), COMMAND, header);
        assertEquals(1, decoder.flags());
        assertEquals("a", text(decoder.keyLength(), decoder::getKey));
        assertEquals("\0", text(decoder.rangeEndLength(), decoder::getRangeEnd));
        final long before = world.state.bound();
        world.state.delete("a");
        world.state.delete("b");
        world.state.end();
        world.result(correlationOf(command), EtcdError.NONE, 3, before, 10, 2);

        reply.expect(response ->
        {
            header(response, 3);
            response.varint(2, 2);
            bytes(response, 3, ModelState.kv("a", 2, 2, 1, "1", 0));
            bytes(response, 3, ModelState.kv("b", 2, 2, 1, "2", 0));
        });

        final Reply nothing = world.call(Method.KV_DELETE_RANGE, delete -> key(delete, 1, "zz"));
        world.result(correlationOf(takeCommand()), EtcdError.NONE, 3, world.state.bound(), 10, 0);
        nothing.expect(response -> header(response, 3));
    }

    @Test
    void transactionIsEncodedWithItsBranchesAndAnsweredInThem()
    {
        world.state.put("a", "1", 0);
        world.state.end();
        final Reply reply = world.call(Method.KV_TXN, WriteCallsTest::nestedTxn);
        final Message command = takeCommand();
        assertTxnCommand(command);

        final long before = world.state.bound();
        final long prevLp = world.state.put("a", "2", 0);
        final long afterPut = world.state.bound();
        world.state.put("b", "3", 0);
        final long afterNested = world.state.bound();
        world.state.delete("a");
        world.state.delete("b");
        world.state.end();
        for (final int perPart : new int[]{100, 3, 1})
        {
            final Reply again = perPart == 100 ? reply : world.call(Method.KV_TXN, WriteCallsTest::nestedTxn);
            final long correlationId = perPart == 100 ? correlationOf(command) : correlationOf(takeCommand());
            world.result(correlationId, EtcdError.NONE, 3, before, perPart,
                1,
                prevLp, 3,
                afterPut, 3,
                0, -1, 3,
                afterNested, 2, 3);
            again.expect(WriteCallsTest::nestedTxnResponse);
        }
    }

    @Test
    void compactionIsAnsweredWhenItIsPhysicallyDone()
    {
        final Reply reply = world.call(Method.KV_COMPACT, compact ->
        {
            compact.varint(1, 4);
            compact.bool(2, true);
        });
        world.result(correlationOf(takeCommand()), EtcdError.NONE, 9, 8, 10);
        assertTrue(reply.isOpen());
        final Message question = world.takeOne(world.rings.toHousekeeping(), RingMessages.AWAIT_COMPACTION);
        assertEquals(4, question.field(1));
        world.after(100 * World.SECOND);
        world.feed(world.rings.fromHousekeeping(), RingMessages.HOUSEKEEPING_ANSWER, question.field(0), 0, 0, 0, 0, 0);
        world.work();
        reply.expect(response -> header(response, 9));
    }

    @Test
    void answeredPositionFollowsWhatIsAnswered()
    {
        assertEquals(0, world.rings.answeredPosition());
        world.call(Method.KV_PUT, put("k", "v", false));
        world.result(correlationOf(takeCommand()), EtcdError.NONE, 2, 8, 10, -1);
        assertEquals(world.rings.fromApply().producerPosition(), world.rings.answeredPosition());
    }

    @Test
    void graceIsGrantedOnceWhatWasThereIsAnswered()
    {
        world.rings.requestGrace(1);
        world.work();
        assertEquals(1, world.rings.grantedGrace());

        final Reply reply = world.call(Method.KV_TXN, WriteCallsTest::nestedTxn);
        final long correlationId = correlationOf(takeCommand());
        world.state.put("a", "1", 0);
        world.state.end();
        world.rings.requestGrace(2);
        world.part(correlationId, true, 1, -1);
        assertEquals(1, world.rings.grantedGrace());
        assertTrue(reply.isOpen());
        world.part(correlationId, false, 2, world.state.bound(), 2, 0, -1, 2, world.state.bound(), 1, 2);
        assertEquals(GrpcCode.OK, reply.code);
        assertEquals(2, world.rings.grantedGrace());
    }

    private static void nestedTxn(final WireWriter txn)
    {
        nested(txn, 1, compare ->
        {
            compare.varint(1, 3);
            compare.varint(2, 3);
            key(compare, 3, "a");
            key(compare, 7, "x");
            key(compare, 64, "c");
        });
        nested(txn, 2, op -> nested(op, 2, put("a", "2", true)));
        nested(txn, 2, op -> nested(op, 1, range ->
        {
            key(range, 1, "a");
            key(range, 2, "\0");
        }));
        nested(txn, 2, op -> nested(op, 4, inner -> nested(inner, 3, put -> nested(put, 2, put("b", "3", false)))));
        nested(txn, 2, op -> nested(op, 3, delete ->
        {
            key(delete, 1, "a");
            key(delete, 2, "\0");
            delete.bool(3, true);
        }));
    }

    private static void nestedTxnResponse(final WireWriter response)
    {
        final byte[] second = ModelState.kv("a", 2, 3, 2, "2", 0);
        header(response, 3);
        response.bool(2, true);
        nested(response, 3, op -> nested(op, 2, put ->
        {
            nested(put, 1, inner -> inner.varint(3, 3));
            bytes(put, 2, ModelState.kv("a", 2, 2, 1, "1", 0));
        }));
        nested(response, 3, op -> nested(op, 1, range ->
        {
            nested(range, 1, inner -> inner.varint(3, 3));
            bytes(range, 2, second);
            range.varint(4, 1);
        }));
        nested(response, 3, op -> nested(op, 4, txn ->
        {
            nested(txn, 1, inner -> {});
            nested(txn, 3, innerOp -> nested(innerOp, 2, put -> nested(put, 1, inner -> inner.varint(3, 3))));
        }));
        nested(response, 3, op -> nested(op, 3, delete ->
        {
            nested(delete, 1, inner -> inner.varint(3, 3));
            delete.varint(2, 2);
            bytes(delete, 3, second);
            bytes(delete, 3, ModelState.kv("b", 3, 3, 1, "3", 0));
        }));
    }

    private void assertTxnCommand(final Message command)
    {
        final UnsafeBuffer buffer = command.buffer();
        final TxnDecoder txn = new TxnDecoder().wrapAndApplyHeader(buffer, COMMAND, header);
        assertEquals(1, txn.compareCount());
        assertEquals(4, txn.successCount());
        assertEquals(0, txn.failureCount());
        assertEquals(0, txn.failureLength());
        int at = txn.limit();
        final CompareDecoder compare = new CompareDecoder().wrapAndApplyHeader(buffer, at, header);
        assertEquals(3, compare.result());
        assertEquals(3, compare.target());
        assertEquals("a", text(compare.keyLength(), compare::getKey));
        assertEquals("c", text(compare.rangeEndLength(), compare::getRangeEnd));
        assertEquals("x", text(compare.valueLength(), compare::getValue));
        assertEquals(txn.compareLength(), compare.limit() - at);
        at = compare.limit();
        assertEquals(buffer.capacity(), at + txn.successLength());
        final PutDecoder put = new PutDecoder().wrapAndApplyHeader(buffer, at, header);
        put.skipKey();
        put.skipValue();
        final RangeDecoder range = new RangeDecoder().wrapAndApplyHeader(buffer, put.limit(), header);
        assertEquals(0, range.revision());
        final TxnDecoder inner = new TxnDecoder().wrapAndApplyHeader(buffer, range.limit(), header);
        assertEquals(1, inner.failureCount());
    }

    private void assertGate(final EtcdError error)
    {
        final Reply reply = world.open(Method.KV_PUT, true);
        reply.send(request -> {});
        reply.call.onHalfClose();
        reply.expectFailure(error);
    }

    private void refuse(final EtcdError error)
    {
        world.feed(
            world.rings.fromConsensus(), RingMessages.REFUSED, correlationOf(takeCommand()), error.ordinal());
        world.work();
    }

    private Message takeCommand()
    {
        return world.takeOne(world.rings.toConsensus(), RingMessages.PROPOSE);
    }

    private long correlationOf(final Message command)
    {
        final ProposalDecoder proposal = new ProposalDecoder().wrapAndApplyHeader(command.buffer(), 0, header);
        assertEquals(World.MEMBER, proposal.memberId());
        assertEquals(World.BOOT, proposal.bootId());
        assertEquals(2, proposal.correlationId() >>> 56);
        return proposal.correlationId();
    }

    /** Takes a variable field of a decoder. */
    private interface Field
    {
        int get(byte[] target, int offset, int length);
    }

    private static String text(final int length, final Field field)
    {
        final byte[] bytes = new byte[length];
        field.get(bytes, 0, length);
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    static Consumer<WireWriter> put(final String key, final String value, final boolean isPrevKv)
    {
        return put ->
        {
            if (!key.isEmpty())
            {
                key(put, 1, key);
            }
            key(put, 2, value);
            put.bool(4, isPrevKv);
        };
    }
}
