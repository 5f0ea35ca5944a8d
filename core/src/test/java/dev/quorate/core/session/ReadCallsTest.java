package dev.quorate.core.session;

import dev.quorate.core.api.EtcdError;
import dev.quorate.core.api.GrpcCode;
import dev.quorate.core.api.Method;
import dev.quorate.core.ring.NodeState;
import dev.quorate.core.ring.RingMessages;
import dev.quorate.core.session.World.Reply;
import dev.quorate.core.wire.WireReader;
import dev.quorate.core.wire.WireWriter;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

import static dev.quorate.core.session.World.bytes;
import static dev.quorate.core.session.World.header;
import static dev.quorate.core.session.World.hex;
import static dev.quorate.core.session.World.key;
import static dev.quorate.core.session.World.nested;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

class ReadCallsTest
{
    private final World world = new World();

    @Test
    void serializableReadIsAnsweredAtOnceAndLinearizableAfterItsRound()
    {
        fill();
        world.call(Method.KV_RANGE, range("a", "", r -> r.bool(7, true))).expect(response ->
        {
            header(response, 5);
            bytes(response, 2, ModelState.kv("a", 2, 5, 2, "z", 0));
            response.varint(4, 1);
        });
        final Reply reply = world.call(Method.KV_RANGE, range("nothing", "", r -> {}));
        assertTrue(reply.isOpen());
        confirmRound(0);
        reply.expect(response -> header(response, 5));
    }

    @Test
    void linearizableReadsNeedNoRoundWhileTheMemberIsAlone()
    {
        fill();
        world.node.set(NodeState.Value.READS_ALONE, 1);
        world.call(Method.KV_RANGE, range("nothing", "", r -> {})).expect(response -> header(response, 5));
        assertEquals(GrpcCode.OK, world.call(Method.KV_TXN, txn -> readTxn(txn, false)).code);
        assertTrue(World.take(world.rings.toConsensus()).isEmpty());

        world.node.set(NodeState.Value.READS_ALONE, 0);
        assertTrue(world.call(Method.KV_RANGE, range("nothing", "", r -> {})).isOpen());
        confirmRound(0);
    }

    @Test
    void readsThatArriveDuringARoundShareTheNext()
    {
        final Reply first = world.call(Method.KV_RANGE, range("a", "", r -> {}));
        final long round = takeRound();
        final Reply second = world.call(Method.KV_RANGE, range("a", "", r -> {}));
        final Reply third = world.call(Method.KV_TXN, txn -> readTxn(txn, false));
        assertTrue(World.take(world.rings.toConsensus()).isEmpty());

        world.feed(world.rings.fromConsensus(), RingMessages.READ_READY, round, 0);
        world.work();
        assertEquals(GrpcCode.OK, first.code);
        assertTrue(second.isOpen() && third.isOpen());
        confirmRound(0);
        assertEquals(GrpcCode.OK, second.code);
        assertEquals(GrpcCode.OK, third.code);
    }

    @Test
    void roundIsSentAgainAndItsSecondAnswerIgnored()
    {
        final Reply reply = world.call(Method.KV_RANGE, range("a", "", r -> {}));
        final long round = takeRound();
        world.after(499_000_000L);
        assertTrue(World.take(world.rings.toConsensus()).isEmpty());
        world.after(2_000_000L);
        assertEquals(round, takeRound());
        world.feed(world.rings.fromConsensus(), RingMessages.READ_READY, round, 0);
        world.feed(world.rings.fromConsensus(), RingMessages.READ_READY, round, 0);
        world.work();
        assertEquals(GrpcCode.OK, reply.code);
    }

    @Test
    void readWaitsForTheAppliedIndexAndRegistersTheLowest()
    {
        final Reply reply = world.call(Method.KV_RANGE, range("a", "", r -> {}));
        confirmRound(9);
        final Reply second = world.call(Method.KV_RANGE, range("a", "", r -> {}));
        confirmRound(7);
        assertEquals(7, world.rings.awaitedIndex());
        world.node.set(NodeState.Value.APPLIED_INDEX, 8);
        world.work();
        assertEquals(GrpcCode.OK, second.code);
        assertTrue(reply.isOpen());
        assertEquals(9, world.rings.awaitedIndex());
        world.node.set(NodeState.Value.APPLIED_INDEX, 9);
        world.work();
        assertEquals(GrpcCode.OK, reply.code);
        assertEquals(Long.MAX_VALUE, world.rings.awaitedIndex());
    }

    @Test
    void failedRoundFailsItsReadsAndTimeOutEndsOthers()
    {
        final Reply failed = world.call(Method.KV_RANGE, range("a", "", r -> {}));
        world.feed(world.rings.fromConsensus(), RingMessages.READ_FAILED, takeRound(),
            EtcdError.LEADER_CHANGED.ordinal());
        world.work();
        failed.expectFailure(EtcdError.LEADER_CHANGED);

        final Reply late = world.call(Method.KV_RANGE, range("a", "", r -> {}));
        world.after(8 * World.SECOND);
        late.expectFailure(EtcdError.TIMEOUT);

        final Reply cancelled = world.call(Method.KV_RANGE, range("a", "", r -> {}));
        cancelled.call.onCancel();
        world.after(World.SECOND);
        World.take(world.rings.toConsensus());
        assertTrue(cancelled.isOpen());
        final Reply next = world.call(Method.KV_RANGE, range("a", "", r -> {}));
        confirmRound(0);
        assertEquals(GrpcCode.OK, next.code);
    }

    @Test
    void revisionsChooseTheStateAndTheHeaderStaysCurrent()
    {
        fill();
        read(range("a", "", r -> r.varint(4, 2))).expect(response ->
        {
            header(response, 5);
            bytes(response, 2, ModelState.kv("a", 2, 2, 1, "x", 0));
            response.varint(4, 1);
        });
        read(range("a", "", r -> r.varint(4, 6))).expectFailure(EtcdError.FUTURE_REVISION);
        world.state.compacted = 3;
        read(range("a", "", r -> r.varint(4, 2))).expectFailure(EtcdError.COMPACTED);
        assertEquals(GrpcCode.OK, read(range("a", "", r -> r.varint(4, 3))).code);
    }

    @Test
    void limitCountMoreFiltersAndOrdersAreEtcds()
    {
        fill();
        assertEquals("a,b,c more=false count=3", all(r -> {}));
        assertEquals("a,b more=true count=3", all(r -> r.varint(3, 2)));
        assertEquals("a,b,c more=false count=3", all(r -> r.varint(3, 3)));
        assertEquals("c,b more=true count=3", all(r ->
        {
            r.varint(3, 2);
            r.varint(5, 2);
        }));
        assertEquals(" more=false count=3", all(r ->
        {
            r.varint(3, 1);
            r.bool(9, true);
        }));
        assertEquals("c more=false count=3", all(r ->
        {
            r.varint(10, 4);
            r.varint(11, 4);
        }));
        assertEquals("b more=true count=3", all(r ->
        {
            r.varint(3, 1);
            r.varint(12, 3);
        }));
        assertEquals("b,c,a more=false count=3", all(r -> r.varint(6, 3)));
        assertEquals("a,c,b more=false count=3", all(r ->
        {
            r.varint(5, 2);
            r.varint(6, 3);
        }));
        assertEquals("b,c,a more=false count=3", all(r ->
        {
            r.varint(5, 1);
            r.varint(6, 4);
        }));
    }

    @Test
    void targetWithoutOrderSortsOnlyWhatTheLimitChose()
    {
        fill();
        assertEquals("b more=true count=3", all(r ->
        {
            r.varint(3, 1);
            r.varint(6, 3);
        }));
        assertEquals("b more=true count=3", all(r ->
        {
            r.varint(3, 1);
            r.varint(5, 1);
            r.varint(6, 3);
        }));
        world.state.put("d", "a", 0);
        world.state.end();
        assertEquals("b more=true count=4", all(r ->
        {
            r.varint(3, 1);
            r.varint(6, 4);
        }));
        assertEquals("d more=true count=4", all(r ->
        {
            r.varint(3, 1);
            r.varint(5, 1);
            r.varint(6, 4);
        }));
    }

    @Test
    void keysAloneComeWithoutLeaseUnlessValuesSortThem()
    {
        world.state.put("k", "v", 9);
        world.state.end();
        read(range("k", "", r -> r.bool(8, true))).expect(response ->
        {
            header(response, 2);
            bytes(response, 2, ModelState.kv("k", 2, 2, 1, "", 0));
            response.varint(4, 1);
        });
        read(range("k", "l", r ->
        {
            r.varint(6, 4);
            r.bool(8, true);
        })).expect(response ->
        {
            header(response, 2);
            bytes(response, 2, ModelState.kv("k", 2, 2, 1, "", 9));
            response.varint(4, 1);
        });
    }

    @Test
    void longRangeRunsInSlicesAndAnswersTheSameAsAtOnce()
    {
        for (int i = 0; i < 200; i++)
        {
            world.state.put("k" + (1000 + i), "v" + i, 0);
        }
        world.state.end();
        final List<Consumer<WireWriter>> options = List.of(r -> {}, r -> r.varint(3, 150), r -> r.varint(5, 2),
            r -> r.varint(10, 1));
        for (final Consumer<WireWriter> option : options)
        {
            world.nanosPerLook = 0;
            final Reply whole = read(range("k", "\0", option));
            world.nanosPerLook = 150_000;
            final Reply sliced = serializable(range("k", "\0", option));
            assertTrue(sliced.isOpen());
            final Reply point = serializable(range("k1000", "", r -> {}));
            assertEquals(GrpcCode.OK, point.code);
            world.work();
            assertEquals(hex(whole.messages.get(0)), hex(sliced.messages.get(0)));
        }
    }

    @Test
    void longRangesBeyondTheBoundWaitTheirTurnAndCancelledOnesLetGo()
    {
        for (int i = 0; i < 200; i++)
        {
            world.state.put("k" + (1000 + i), "v" + i, 0);
        }
        world.state.end();
        world.nanosPerLook = 150_000;
        final List<Reply> replies = new ArrayList<>();
        for (int i = 0; i < 10; i++)
        {
            replies.add(serializable(range("k", "\0", r -> {})));
        }
        replies.get(1).call.onCancel();
        replies.get(8).call.onCancel();
        world.work();
        for (int i = 0; i < 10; i++)
        {
            assertEquals(i == 1 || i == 8, replies.get(i).isOpen(), "call " + i);
        }
    }

    @Test
    void responseBeyondTheBoundIsRefused()
    {
        final World small = new World(context -> context.maxResponseBytes(64 * 1024));
        for (int i = 0; i < 30; i++)
        {
            small.state.put("k" + i, "v".repeat(1000), 0);
        }
        small.state.end();
        final Reply reply = small.call(Method.KV_RANGE, range("k", "\0", r -> r.bool(7, true)));
        small.work();
        assertEquals(GrpcCode.RESOURCE_EXHAUSTED, reply.code);
    }

    @Test
    void readOnlyTransactionIsServedFromOneStateOutsideTheLog()
    {
        fill();
        final Reply linearizable = world.call(Method.KV_TXN, txn -> readTxn(txn, false));
        assertTrue(linearizable.isOpen());
        confirmRound(0);
        world.call(Method.KV_TXN, txn -> readTxn(txn, true)).expect(ReadCallsTest::readTxnResponse);
        linearizable.expect(ReadCallsTest::readTxnResponse);
        world.call(Method.KV_TXN, txn -> {}).expect(response ->
        {
            header(response, 5);
            response.bool(2, true);
        });
    }

    @Test
    void comparesFollowEtcdsRules()
    {
        fill();
        assertTrue(holds("a", "", 0, 0, 4, 2));
        assertTrue(holds("a", "\0", 1, 1, 5, 1));
        assertTrue(!holds("a", "\0", 1, 2, 6, 3));
        assertTrue(holds("none", "", 0, 2, 6, 0));
        assertTrue(holds("none", "", 2, 2, 6, 1));
        assertTrue(!holds("none", "", 3, 3, 7, 0));
        assertTrue(holds("none", "", 7, 2, 6, 9));
        assertTrue(holds("a", "", 0, 9, 6, 9));
    }

    @Test
    void rangeStreamMergesToTheRangeWithHeaderMoreAndCountInTheLastChunk()
    {
        for (int i = 0; i < 100; i++)
        {
            world.state.put("k" + (1000 + i), "v" + i, 0);
        }
        world.state.end();
        for (final int limit : new int[]{0, 1, 10, 29, 30, 31, 100, 200})
        {
            final Reply whole = read(range("k", "\0", r -> r.varint(3, limit)));
            final Reply stream = stream(range("k", "\0", r -> r.varint(3, limit)));
            world.work();
            assertEquals(GrpcCode.OK, stream.code, stream.text);
            final StringBuilder kvs = new StringBuilder();
            for (int i = 0; i < stream.messages.size(); i++)
            {
                final byte[] chunk = inner(stream.messages.get(i));
                final boolean hasHeader = chunk.length > 0 && chunk[0] == 10;
                assertEquals(i == stream.messages.size() - 1, hasHeader);
                kvs.append(keys(chunk));
            }
            assertEquals(keys(whole.messages.get(0)), kvs.toString());
            assertEquals(tail(whole.messages.get(0)), tail(inner(stream.messages.getLast())));
        }
        stream(range("x", "\0", r -> {})).expect(response -> nested(response, 1, range -> header(range, 2)));
        stream(range("k", "\0", r -> r.varint(5, 2))).expectFailure(EtcdError.RANGE_STREAM_SORT);
        stream(range("k", "\0", r -> r.varint(6, 1))).expectFailure(EtcdError.RANGE_STREAM_SORT);
        stream(range("x", "\0", r -> r.varint(5, 1)))
            .expect(response -> nested(response, 1, range -> header(range, 2)));
        stream(range("k", "\0", r -> r.varint(10, 1))).expectFailure(EtcdError.RANGE_STREAM_FILTER);
    }

    @Test
    void rangeStreamWaitsForItsClientAndFailsWhenCompactionOvertakesIt()
    {
        for (int i = 0; i < 100; i++)
        {
            world.state.put("k" + (1000 + i), "v" + i, 0);
        }
        world.state.end();
        final Reply reply = world.open(Method.KV_RANGE_STREAM, false);
        reply.isReady = false;
        reply.send(range("k", "\0", r -> r.bool(7, true)));
        reply.call.onHalfClose();
        world.work();
        assertTrue(reply.messages.isEmpty() && reply.isOpen());
        world.state.put("x", "", 0);
        world.state.end();
        world.state.compacted = 3;
        reply.isReady = true;
        world.work();
        reply.expectFailure(EtcdError.COMPACTED);
    }

    @Test
    void overtakenReadOfTheNewestStateStartsAgainAndOneOfARevisionFailsAsCompacted()
    {
        fill();
        for (final String end : new String[]{"", "\0"})
        {
            world.state.overtaken = 2;
            assertEquals(GrpcCode.OK, read(range("a", end, r -> {})).code);
            assertEquals(0, world.state.overtaken);
            world.state.overtaken = 1;
            read(range("a", end, r -> r.varint(4, 4))).expectFailure(EtcdError.COMPACTED);
        }
        world.state.overtaken = 1;
        final Reply linearizable = world.call(Method.KV_RANGE, range("c", "", r -> {}));
        confirmRound(0);
        linearizable.expect(response ->
        {
            header(response, 5);
            bytes(response, 2, ModelState.kv("c", 4, 4, 1, "c", 0));
            response.varint(4, 1);
        });
        world.state.overtaken = Integer.MAX_VALUE;
        read(range("a", "", r -> {})).expectFailure(EtcdError.TOO_MANY_REQUESTS);
    }

    @Test
    void overtakenTransactionThatOnlyReadsStartsAgainAndFailsForAnOldRevision()
    {
        fill();
        final Consumer<WireWriter> latest = txn ->
            nested(txn, 2, op -> nested(op, 1, range("c", "", r -> r.bool(7, true))));
        world.state.overtaken = 3;
        final Reply reply = world.call(Method.KV_TXN, latest);
        assertEquals(GrpcCode.OK, reply.code);
        assertEquals(0, world.state.overtaken);
        world.state.overtaken = Integer.MAX_VALUE;
        world.call(Method.KV_TXN, latest).expectFailure(EtcdError.TOO_MANY_REQUESTS);
        world.state.overtaken = 1;
        world.call(Method.KV_TXN, txn -> nested(txn, 3, op -> nested(op, 1, range("a", "", r ->
        {
            r.varint(4, 4);
            r.bool(7, true);
        })))).expect(response ->
        {
            header(response, 5);
            response.bool(2, true);
        });
        world.state.overtaken = 1;
        world.call(Method.KV_TXN, txn -> nested(txn, 2, op -> nested(op, 1, range("a", "", r ->
        {
            r.varint(4, 4);
            r.bool(7, true);
        })))).expectFailure(EtcdError.COMPACTED);
    }

    @Test
    void overtakenRangeStreamStartsAgainBeforeItsFirstChunkAndFailsAfterIt()
    {
        for (int i = 0; i < 100; i++)
        {
            world.state.put("k" + (1000 + i), "v" + i, 0);
        }
        world.state.end();
        world.state.overtaken = 1;
        final Reply whole = stream(range("k", "\0", r -> {}));
        world.work();
        assertEquals(GrpcCode.OK, whole.code);
        world.state.overtaken = 1;
        stream(range("k", "\0", r -> r.varint(4, 2))).expectFailure(EtcdError.COMPACTED);

        final Reply reply = world.open(Method.KV_RANGE_STREAM, false);
        reply.readyFor = 1;
        reply.send(range("k", "\0", r -> r.bool(7, true)));
        reply.call.onHalfClose();
        world.work();
        assertEquals(1, reply.messages.size());
        assertTrue(reply.isOpen());
        world.state.overtaken = 1;
        reply.readyFor = Integer.MAX_VALUE;
        world.work();
        assertEquals(1, reply.messages.size());
        assertEquals(EtcdError.COMPACTED.message(), reply.text);
    }

    /** a: rev 2 then 5, b: 3, c: 4. */
    private void fill()
    {
        world.state.put("a", "x", 0);
        world.state.end();
        world.state.put("b", "b", 0);
        world.state.end();
        world.state.put("c", "c", 0);
        world.state.end();
        world.state.put("a", "z", 0);
        world.state.end();
    }

    private static void readTxn(final WireWriter txn, final boolean isSerializable)
    {
        nested(txn, 1, compare ->
        {
            compare.varint(2, 2);
            key(compare, 3, "a");
            compare.varint(6, 5);
        });
        nested(txn, 2, op -> nested(op, 1, range("b", "", r -> r.bool(7, isSerializable))));
        nested(txn, 2, op -> nested(op, 1, range("a", "", r ->
        {
            r.varint(4, 2);
            r.bool(7, isSerializable);
        })));
    }

    private static void readTxnResponse(final WireWriter response)
    {
        header(response, 5);
        response.bool(2, true);
        nested(response, 3, op -> nested(op, 1, range ->
        {
            nested(range, 1, inner -> inner.varint(3, 5));
            bytes(range, 2, ModelState.kv("b", 3, 3, 1, "b", 0));
            range.varint(4, 1);
        }));
        nested(response, 3, op -> nested(op, 1, range ->
        {
            nested(range, 1, inner -> inner.varint(3, 5));
            bytes(range, 2, ModelState.kv("a", 2, 2, 1, "x", 0));
            range.varint(4, 1);
        }));
    }

    private boolean holds(
        final String key, final String end, final int result, final int target, final int member, final long number)
    {
        final Reply reply = world.call(Method.KV_TXN, txn -> nested(txn, 1, compare ->
        {
            compare.varint(1, result);
            compare.varint(2, target);
            key(compare, 3, key);
            if (member != 7)
            {
                compare.varint(member, number);
            }
            if (!end.isEmpty())
            {
                key(compare, 64, end);
            }
        }));
        assertEquals(GrpcCode.OK, reply.code);
        final byte[] response = reply.messages.get(0);
        return response[response.length - 2] == 16 && response[response.length - 1] == 1;
    }

    private String all(final Consumer<WireWriter> options)
    {
        final byte[] response = read(range("a", "\0", options)).messages.get(0);
        return keys(response).replaceAll(",$", "") + tail(response);
    }

    private static String keys(final byte[] response)
    {
        final StringBuilder keys = new StringBuilder();
        final WireReader reader = new WireReader().wrap(new UnsafeBuffer(response), 0, response.length);
        while (reader.next())
        {
            if (reader.tag() >>> 3 == 2)
            {
                final WireReader kv =
                    new WireReader().wrap(reader.buffer(), reader.valueOffset(), reader.valueLength());
                kv.next();
                keys.append(kv.buffer().getStringWithoutLengthAscii(kv.valueOffset(), kv.valueLength())).append(',');
            }
        }
        return keys.toString();
    }

    private static String tail(final byte[] response)
    {
        long more = 0;
        long count = 0;
        final WireReader reader = new WireReader().wrap(new UnsafeBuffer(response), 0, response.length);
        while (reader.next())
        {
            more = reader.tag() == 3 << 3 ? reader.number() : more;
            count = reader.tag() == 4 << 3 ? reader.number() : count;
        }
        return " more=" + (more != 0) + " count=" + count;
    }

    private static byte[] inner(final byte[] message)
    {
        final WireReader reader = new WireReader().wrap(new UnsafeBuffer(message), 0, message.length);
        assertTrue(reader.next());
        final byte[] inner = new byte[reader.valueLength()];
        reader.buffer().getBytes(reader.valueOffset(), inner);
        return inner;
    }

    private Reply stream(final Consumer<WireWriter> request)
    {
        return world.call(Method.KV_RANGE_STREAM, request.andThen(r -> r.bool(7, true)));
    }

    private Reply serializable(final Consumer<WireWriter> request)
    {
        return world.call(Method.KV_RANGE, request.andThen(r -> r.bool(7, true)));
    }

    private Reply read(final Consumer<WireWriter> request)
    {
        final Reply reply = serializable(request);
        world.work();
        return reply;
    }

    private static Consumer<WireWriter> range(
        final String key, final String end, final Consumer<WireWriter> options)
    {
        return range ->
        {
            key(range, 1, key);
            if (!end.isEmpty())
            {
                key(range, 2, end);
            }
            options.accept(range);
        };
    }

    @Test
    void roundNamesTheLoopThatAsksForIt()
    {
        world.call(Method.KV_RANGE, range("a", "", request -> {}));

        assertEquals(world.rings.loopId(), takeRound() >>> 56);
    }

    private long takeRound()
    {
        return world.takeOne(world.rings.toConsensus(), RingMessages.READ_INDEX).field(0);
    }

    private void confirmRound(final long index)
    {
        world.feed(world.rings.fromConsensus(), RingMessages.READ_READY, takeRound(), index);
        world.work();
    }
}
