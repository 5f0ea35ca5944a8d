package dev.quorate.core.session;

import dev.quorate.core.api.EtcdError;
import dev.quorate.core.api.GrpcCode;
import dev.quorate.core.api.Method;
import dev.quorate.core.ring.NodeState;
import dev.quorate.core.ring.RingMessages;
import dev.quorate.core.session.World.Message;
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
import static dev.quorate.core.session.World.key;
import static dev.quorate.core.session.World.nested;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

class WatchStreamsTest
{
    private static final int EVENTS = 11;

    private final World world = new World();
    private final Reply reply = world.open(Method.WATCH, false);
    private long streamId;

    @Test
    void createIsToldToTheAgentAndItsAnswerToTheClient()
    {
        reply.send(create(create ->
        {
            key(create, 1, "a");
            key(create, 2, "b");
            create.varint(3, 9);
            create.bool(4, true);
            World.bytes(create, 5, new byte[]{0, 1, 5});
        }));
        final Message message = takeOne(RingMessages.WATCH_CREATE);
        streamId = message.field(0);
        assertEquals(0, message.field(1));
        assertEquals(9, message.field(2));
        assertEquals(RingMessages.WATCH_NO_PUT | RingMessages.WATCH_NO_DELETE | RingMessages.WATCH_PROGRESS_NOTIFY,
            message.field(3));
        assertEquals(1, message.buffer().getInt(32));
        assertEquals('a', message.buffer().getByte(36));
        assertEquals(1, message.buffer().getInt(37));
        assertEquals('b', message.buffer().getByte(41));

        feed(RingMessages.WATCH_CREATED, streamId, 0, 7);
        reply.expectNext(response ->
        {
            header(response, 7);
            response.bool(3, true);
        });
    }

    @Test
    void createThatNoMessageToTheAgentCanHoldEndsTheStream()
    {
        reply.send(create(create -> key(create, 1, "k".repeat(world.rings.toWatch().maxMsgLength() - 40))));
        takeOne(RingMessages.WATCH_CREATE);
        reply.send(create(create -> key(create, 1, "k".repeat(world.rings.toWatch().maxMsgLength() - 39))));
        reply.expectFailure(EtcdError.REQUEST_TOO_LARGE);
    }

    @Test
    void emptyKeyStandsForTheFirstKey()
    {
        reply.send(create(create -> key(create, 2, "\0")));
        final Message message = takeOne(RingMessages.WATCH_CREATE);
        assertEquals(1, message.buffer().getInt(32));
        assertEquals(0, message.buffer().getByte(36));
        assertEquals(1, message.buffer().getInt(37));
    }

    @Test
    void idsAreGivenInOrderAndChosenOnesSteppedOver()
    {
        open(create -> create.varint(7, 1));
        assertEquals(1, open(create -> {}) + 1);
        assertEquals(2, open(create -> {}));
        refused(create -> create.varint(7, 2), "mvcc: duplicate watch ID provided on the WatchStream");
    }

    @Test
    void createsThatMakeNoWatcherAreRefusedOnAnOpenStream()
    {
        refused(create -> create.varint(3, -1), "etcdserver: mvcc: required revision has been compacted");
        refused(create ->
        {
            key(create, 1, "b");
            key(create, 2, "b");
        }, "mvcc: watcher range is empty");
        refused(create ->
        {
            create.varint(3, -1);
            key(create, 1, "b");
            key(create, 2, "a");
        }, "etcdserver: mvcc: required revision has been compacted");
        assertTrue(reply.isOpen());
        assertTrue(World.take(world.rings.toWatch()).isEmpty());
    }

    @Test
    void requestsAreAnsweredInTheOrderInWhichTheyCame()
    {
        final long overtaken = open(create -> {});
        feed(RingMessages.WATCH_CANCELED, streamId, overtaken, 9, 6);
        reply.messages.clear();
        reply.send(create(create -> key(create, 1, "k")));
        reply.send(create(create -> create.varint(3, -1)));
        reply.send(request -> nested(request, 2, cancel -> cancel.varint(1, 1)));
        reply.send(create(create -> create.varint(7, overtaken + 9)));
        reply.send(request -> nested(request, 2, cancel -> cancel.varint(1, overtaken)));
        reply.send(create(create -> create.varint(7, overtaken + 9)));
        assertTrue(reply.messages.isEmpty(), "the first has no answer yet");
        feed(RingMessages.WATCH_CREATED, streamId, 1, 7);
        assertEquals("created 1, created canceled -1", kinds());
        feed(RingMessages.WATCH_CANCELED, streamId, 1, 7, 0);
        assertEquals("canceled 1", kinds());
        feed(RingMessages.WATCH_CREATED, streamId, 9, 7);
        assertEquals("created 9, canceled 0, created canceled -1", kinds());
    }

    @Test
    void idOfAWatcherThatIsBeingCancelledCanBeGivenAgain()
    {
        open(create -> create.varint(7, 5));
        reply.send(request -> nested(request, 2, cancel -> cancel.varint(1, 5)));
        reply.send(create(create ->
        {
            create.varint(7, 5);
            create.bool(6, true);
        }));
        reply.send(request -> nested(request, 2, cancel -> cancel.varint(1, 5)));
        reply.send(create(create -> create.varint(7, 5)));
        assertEquals(4, World.take(world.rings.toWatch()).size());
        world.state.put("k", "1", 0);
        world.state.end();
        events(5, 2, 0, 8);
        assertEquals(1, reply.messages.size(), "events of the first come until it is cancelled");
        reply.messages.clear();
        feed(RingMessages.WATCH_CANCELED, streamId, 5, 7, 0);
        feed(RingMessages.WATCH_CREATED, streamId, 5, 7);
        feed(RingMessages.WATCH_CANCELED, streamId, 5, 7, 0);
        feed(RingMessages.WATCH_CREATED, streamId, 5, 7);
        assertEquals("canceled 5, created 5, canceled 5, created 5", kinds());
        World.take(world.rings.toWatch());
        reply.send(request -> nested(request, 2, cancel -> cancel.varint(1, 5)));
        assertEquals(5, takeOne(RingMessages.WATCH_CANCEL).field(1));
    }

    @Test
    void refusalsThatMustWaitAreBounded()
    {
        reply.send(create(create -> key(create, 1, "k")));
        streamId = takeOne(RingMessages.WATCH_CREATE).field(0);
        int sent = 0;
        while (reply.call.takesMore())
        {
            reply.send(create(create -> create.varint(3, -1)));
            sent++;
        }
        assertTrue(reply.messages.isEmpty() && 0 == reply.resumed);
        feed(RingMessages.WATCH_CREATED, streamId, 0, 7);
        assertEquals(1 + sent, reply.messages.size());
        assertEquals(1, reply.resumed);
        assertTrue(reply.call.takesMore());
    }

    @Test
    void eventsAreRecordsWithPreviousValuesWhereTheyMaySo()
    {
        open(create -> create.bool(6, true));
        world.state.put("k", "1", 0);
        world.state.end();
        world.state.put("k", "2", 0);
        world.state.end();
        world.state.delete("k");
        world.state.end();
        world.state.put("k", "3", 0);
        world.state.end();
        events(0, 5, 0, 8, 16, 24, 32);
        reply.expectNext(response ->
        {
            header(response, 5);
            nested(response, EVENTS, event -> bytes(event, 2, ModelState.kv("k", 2, 2, 1, "1", 0)));
            nested(response, EVENTS, event ->
            {
                bytes(event, 2, ModelState.kv("k", 2, 3, 2, "2", 0));
                bytes(event, 3, ModelState.kv("k", 2, 2, 1, "1", 0));
            });
            nested(response, EVENTS, event ->
            {
                event.varint(1, 1);
                bytes(event, 2, ModelState.kv("k", 0, 4, 0, "", 0));
                bytes(event, 3, ModelState.kv("k", 2, 3, 2, "2", 0));
            });
            nested(response, EVENTS, event -> bytes(event, 2, ModelState.kv("k", 5, 5, 1, "3", 0)));
        });

        world.state.compacted = 4;
        events(0, 5, 0, 24);
        reply.expectNext(response ->
        {
            header(response, 5);
            nested(response, EVENTS, event ->
            {
                event.varint(1, 1);
                bytes(event, 2, ModelState.kv("k", 0, 4, 0, "", 0));
            });
        });
        world.state.compacted = 3;
        events(0, 5, 0, 24);
        assertEquals(3, lastFieldOfFirstEvent(reply.messages.remove(0)));
    }

    @Test
    void previousValueIsThatOfTheRevisionBeforeAlsoWithinOneTransaction()
    {
        open(create -> create.bool(6, true));
        world.state.put("k", "1", 0);
        world.state.end();
        world.state.put("k", "2", 0);
        world.state.delete("k");
        world.state.end();
        events(0, 3, 0, 24);
        reply.expectNext(response ->
        {
            header(response, 3);
            nested(response, EVENTS, event ->
            {
                event.varint(1, 1);
                bytes(event, 2, ModelState.kv("k", 0, 3, 0, "", 0));
                bytes(event, 3, ModelState.kv("k", 2, 2, 1, "1", 0));
            });
        });
    }

    @Test
    void continuedMessagesMakeOneResponse()
    {
        open(create -> {});
        world.state.put("a", "1", 0);
        world.state.put("b", "1", 0);
        world.state.end();
        events(0, 2, 1, 8);
        assertTrue(reply.messages.isEmpty());
        events(0, 2, 0, 16);
        reply.expectNext(response ->
        {
            header(response, 2);
            nested(response, EVENTS, event -> bytes(event, 2, ModelState.kv("a", 2, 2, 1, "1", 0)));
            nested(response, EVENTS, event -> bytes(event, 2, ModelState.kv("b", 2, 2, 1, "1", 0)));
        });
    }

    @Test
    void largeResponsesAreFragmentedOnlyForClientsThatAllowIt()
    {
        open(create -> {});
        open(create -> create.bool(8, true));
        for (int i = 0; i < 12; i++)
        {
            world.state.put("k" + i, "v".repeat(60_000), 0);
        }
        world.state.end();
        final long[] lps = new long[12];
        for (int i = 0; i < lps.length; i++)
        {
            lps[i] = 8L * (i + 1);
        }
        events(0, 2, 0, lps);
        assertEquals(1, reply.messages.size());
        assertEquals("0 12", fragmentAndEvents(reply.messages.remove(0)));
        events(1, 2, 0, lps);
        assertEquals(2, reply.messages.size());
        assertEquals("1 9", fragmentAndEvents(reply.messages.get(0)));
        assertEquals("0 3", fragmentAndEvents(reply.messages.get(1)));
        assertTrue(reply.messages.get(0).length < 64 * 1024 + 512 * 1024);
    }

    @Test
    void creditGoesBackOnlyWhileTheClientTakesMore()
    {
        open(create -> {});
        world.state.put("a", "1", 0);
        world.state.end();
        events(0, 2, 0, 8, 8);
        Message credit = takeOne(RingMessages.WATCH_CREDIT);
        assertEquals(2, credit.field(1));
        reply.isReady = false;
        events(0, 2, 0, 8);
        events(0, 2, 0, 8);
        assertEquals(3, reply.messages.size());
        assertTrue(World.take(world.rings.toWatch()).isEmpty());
        reply.isReady = true;
        reply.call.onReady();
        credit = takeOne(RingMessages.WATCH_CREDIT);
        assertEquals(2, credit.field(1));
        reply.call.onReady();
        assertTrue(World.take(world.rings.toWatch()).isEmpty());
    }

    @Test
    void cancelIsAnsweredOnceAndUnknownIdsNotAtAll()
    {
        open(create -> {});
        reply.send(request -> nested(request, 2, cancel -> cancel.varint(1, 5)));
        assertTrue(World.take(world.rings.toWatch()).isEmpty());
        reply.send(request -> nested(request, 2, cancel -> {}));
        assertEquals(0, takeOne(RingMessages.WATCH_CANCEL).field(1));
        feed(RingMessages.WATCH_CANCELED, streamId, 0, 4, 0);
        reply.expectNext(response ->
        {
            header(response, 4);
            response.bool(4, true);
        });
        reply.send(request -> nested(request, 2, cancel -> {}));
        assertTrue(World.take(world.rings.toWatch()).isEmpty());
        assertTrue(reply.messages.isEmpty());
    }

    @Test
    void watcherOvertakenByCompactionBlocksProgressUntilItIsCancelled()
    {
        final long id = open(create -> {});
        feed(RingMessages.WATCH_CANCELED, streamId, id, 9, 6);
        reply.expectNext(response ->
        {
            header(response, 0);
            response.bool(4, true);
            response.varint(5, 6);
        });
        reply.send(request -> nested(request, 3, progress -> {}));
        assertTrue(World.take(world.rings.toWatch()).isEmpty());
        reply.send(request -> nested(request, 2, cancel -> {}));
        reply.expectNext(response ->
        {
            header(response, 1);
            response.bool(4, true);
        });
        takeOne(RingMessages.WATCH_CANCEL);
        reply.send(request -> nested(request, 3, progress -> {}));
        assertTrue(World.take(world.rings.toWatch()).isEmpty(), "no watcher is left");
    }

    @Test
    void responseThatWasToBeContinuedIsDroppedWhenItsWatcherIsCancelled()
    {
        open(create -> {});
        final long other = open(create -> {});
        world.state.put("a", "1", 0);
        world.state.put("b", "1", 0);
        world.state.end();
        events(0, 2, 1, 8);
        feed(RingMessages.WATCH_CANCELED, streamId, 0, 9, 6);
        assertEquals(1, reply.messages.size());
        reply.messages.clear();
        events(other, 2, 0, 16);
        reply.expectNext(response ->
        {
            header(response, 2);
            response.varint(2, other);
            nested(response, EVENTS, event -> bytes(event, 2, ModelState.kv("b", 2, 2, 1, "1", 0)));
        });
    }

    @Test
    void requestToCancelThatCrossesACompactionEndsTheWatcher()
    {
        open(create -> {});
        reply.send(request -> nested(request, 2, cancel -> {}));
        reply.send(request -> nested(request, 2, cancel -> {}));
        takeOne(RingMessages.WATCH_CANCEL);
        feed(RingMessages.WATCH_CANCELED, streamId, 0, 9, 6);
        reply.expectNext(response ->
        {
            header(response, 0);
            response.bool(4, true);
            response.varint(5, 6);
        });
        reply.expectNext(response ->
        {
            header(response, 1);
            response.bool(4, true);
        });
        assertTrue(reply.messages.isEmpty());
        open(create -> create.varint(7, 3));
        reply.send(request -> nested(request, 3, progress -> {}));
        takeOne(RingMessages.WATCH_PROGRESS);
    }

    @Test
    void progressOfTheStreamCarriesNoWatcher()
    {
        open(create -> {});
        reply.send(request -> nested(request, 3, progress -> {}));
        takeOne(RingMessages.WATCH_PROGRESS);
        feed(RingMessages.WATCH_PROGRESSED, streamId, -1, 8);
        reply.expectNext(response ->
        {
            header(response, 8);
            response.varint(2, -1);
        });
    }

    @Test
    void halfClosedStreamLivesOnAndACancelledOneIsClosedAtTheAgent()
    {
        open(create -> {});
        reply.call.onHalfClose();
        world.state.put("a", "1", 0);
        world.state.end();
        events(0, 2, 0, 8);
        assertEquals(1, reply.messages.size());
        World.take(world.rings.toWatch());
        reply.call.onCancel();
        assertEquals(streamId, takeOne(RingMessages.WATCH_CLOSE).field(0));
        events(0, 2, 0, 8);
        assertEquals(1, reply.messages.size());
    }

    @Test
    void streamThatRequiresALeaderEndsThreeElectionTimeOutsAfterItsLoss()
    {
        final Reply bound = world.open(Method.WATCH, true);
        world.node.set(NodeState.Value.LEADER_ID, 0);
        world.node.set(NodeState.Value.LEADER_LOST_NS, world.nowNs);
        world.after(2_900_000_000L);
        assertTrue(bound.isOpen());
        world.after(World.SECOND + 200_000_000L);
        bound.expectFailure(EtcdError.NO_LEADER);
        assertTrue(reply.isOpen());
        world.open(Method.WATCH, true).expectFailure(EtcdError.NO_LEADER);
    }

    @Test
    void malformedRequestEndsTheStreamAndUnknownOnesAreIgnored()
    {
        reply.send(request -> request.varint(9, 1));
        assertTrue(reply.isOpen());
        reply.call.onMessage(new UnsafeBuffer(new byte[]{10, 5}), 0, 2);
        assertEquals(GrpcCode.INTERNAL, reply.code);
        assertNotEquals("", reply.text);
    }

    /** What the responses that came are answers to. */
    private String kinds()
    {
        final List<String> kinds = new ArrayList<>();
        for (final byte[] response : reply.messages)
        {
            long id = 0;
            String kind = "";
            final WireReader reader = new WireReader().wrap(new UnsafeBuffer(response), 0, response.length);
            while (reader.next())
            {
                id = reader.tag() == 2 << 3 ? reader.number() : id;
                kind += reader.tag() == 3 << 3 ? "created " : reader.tag() == 4 << 3 ? "canceled " : "";
            }
            kinds.add(kind + id);
        }
        reply.messages.clear();
        return String.join(", ", kinds);
    }

    private long open(final Consumer<WireWriter> options)
    {
        reply.send(create(options.andThen(create -> key(create, 1, "k"))));
        final Message message = takeOne(RingMessages.WATCH_CREATE);
        streamId = message.field(0);
        feed(RingMessages.WATCH_CREATED, streamId, message.field(1), 1);
        reply.messages.clear();
        return message.field(1);
    }

    private void refused(final Consumer<WireWriter> options, final String reason)
    {
        reply.send(create(options));
        reply.expectNext(response ->
        {
            header(response, 1);
            response.varint(2, -1);
            response.bool(3, true);
            response.bool(4, true);
            response.string(6, reason);
        });
    }

    private static Consumer<WireWriter> create(final Consumer<WireWriter> content)
    {
        return request -> nested(request, 1, content);
    }

    private void events(final long watchId, final long revision, final long flags, final long... lps)
    {
        final long[] fields = new long[5 + lps.length];
        fields[0] = streamId;
        fields[1] = watchId;
        fields[2] = revision;
        fields[3] = flags;
        fields[4] = lps.length;
        System.arraycopy(lps, 0, fields, 5, lps.length);
        feed(RingMessages.WATCH_EVENTS, fields);
    }

    private void feed(final int type, final long... fields)
    {
        world.feed(world.rings.fromWatch(), type, fields);
        world.work();
    }

    private Message takeOne(final int type)
    {
        final List<Message> messages = World.take(world.rings.toWatch());
        assertEquals(1, messages.size());
        assertEquals(type, messages.get(0).type());
        return messages.get(0);
    }

    private static int lastFieldOfFirstEvent(final byte[] response)
    {
        final WireReader reader = new WireReader().wrap(new UnsafeBuffer(response), 0, response.length);
        int last = 0;
        while (reader.next())
        {
            if (reader.tag() >>> 3 == EVENTS)
            {
                final WireReader event =
                    new WireReader().wrap(reader.buffer(), reader.valueOffset(), reader.valueLength());
                while (event.next())
                {
                    last = event.tag() >>> 3;
                }
            }
        }
        return last;
    }

    private static String fragmentAndEvents(final byte[] response)
    {
        long fragment = 0;
        int events = 0;
        final WireReader reader = new WireReader().wrap(new UnsafeBuffer(response), 0, response.length);
        while (reader.next())
        {
            fragment = reader.tag() == 7 << 3 ? reader.number() : fragment;
            events += reader.tag() >>> 3 == EVENTS ? 1 : 0;
        }
        return fragment + " " + events;
    }
}
