package dev.quorate.core.session;

import dev.quorate.core.api.EtcdError;
import dev.quorate.core.api.GrpcCode;
import dev.quorate.core.api.Method;
import dev.quorate.core.codec.command.MessageHeaderDecoder;
import dev.quorate.core.codec.command.ProposalDecoder;
import dev.quorate.core.machine.ApplyResult;
import dev.quorate.core.ring.RingMessages;
import dev.quorate.core.seam.Clock;
import dev.quorate.core.seam.SimulatedDisk;
import dev.quorate.core.seam.SimulatedRng;
import dev.quorate.core.session.World.Reply;
import dev.quorate.core.store.Store;
import dev.quorate.core.store.StoreContext;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static dev.quorate.core.session.World.bytes;
import static dev.quorate.core.session.World.header;
import static dev.quorate.core.session.World.key;
import static dev.quorate.core.session.World.nested;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * Answers read from the real store, which the test writes as apply does.
 */
class StoreReadsTest
{
    private Store store;
    private World world;

    @BeforeEach
    void open()
    {
        final Clock clock = new Clock()
        {
            @Override
            public long nanoTime()
            {
                return 1;
            }

            @Override
            public long epochMillis()
            {
                return 1;
            }
        };
        store = Store.open(new StoreContext()
            .disk(new SimulatedDisk(new SimulatedRng(1)).plain())
            .clock(clock)
            .clusterId(World.CLUSTER)
            .storeId(12)
            .answers(() -> 0, () -> Long.MAX_VALUE));
        world = new World(context -> context.state(new StoreState(store)));
    }

    @AfterEach
    void close()
    {
        store.close();
    }

    @Test
    void putAnswersThePreviousValueAndTheRangeTheNewOne()
    {
        begin();
        put("k", "1", 0);
        publish();
        final Reply reply = world.call(Method.KV_PUT, WriteCallsTest.put("k", "2", true));
        final long before = store.bound();
        begin();
        final long prevLp = put("k", "2", 5);
        publish();
        result(reply, before, prevLp);
        reply.expect(response ->
        {
            header(response, 3);
            bytes(response, 2, ModelState.kv("k", 2, 2, 1, "1", 0));
        });
        range("k", 0).expect(response ->
        {
            header(response, 3);
            bytes(response, 2, ModelState.kv("k", 2, 3, 2, "2", 5));
            response.varint(4, 1);
        });
        range("k", 2).expect(response ->
        {
            header(response, 3);
            bytes(response, 2, ModelState.kv("k", 2, 2, 1, "1", 0));
            response.varint(4, 1);
        });
        range("k", 4).expectFailure(EtcdError.FUTURE_REVISION);
    }

    @Test
    void deletionAnswersWhatWasThereBefore()
    {
        begin();
        put("a", "1", 0);
        put("b", "2", 0);
        publish();
        final Reply reply = world.call(Method.KV_DELETE_RANGE, delete ->
        {
            key(delete, 1, "a");
            key(delete, 2, "\0");
            delete.bool(3, true);
        });
        final long before = store.bound();
        begin();
        delete("a");
        delete("b");
        publish();
        result(reply, before, 2);
        reply.expect(response ->
        {
            header(response, 3);
            response.varint(2, 2);
            bytes(response, 3, ModelState.kv("a", 2, 2, 1, "1", 0));
            bytes(response, 3, ModelState.kv("b", 2, 2, 1, "2", 0));
        });
        range("a", 0).expect(response -> header(response, 3));
    }

    @Test
    void watchEventsAndSlicedRangesComeFromTheStore()
    {
        final Reply watch = world.open(Method.WATCH, false);
        watch.send(request -> nested(request, 1, create ->
        {
            key(create, 1, "k");
            create.bool(6, true);
        }));
        world.feed(world.rings.fromWatch(), RingMessages.WATCH_CREATED, 1, 0, 1);
        world.work();
        watch.messages.clear();
        begin();
        put("k", "1", 0);
        publish();
        final long lp = store.bound();
        begin();
        delete("k");
        publish();
        world.feed(world.rings.fromWatch(), RingMessages.WATCH_EVENTS, 1, 0, 3, 0, 1, lp);
        world.work();
        watch.expectNext(response ->
        {
            header(response, 3);
            nested(response, 11, event ->
            {
                event.varint(1, 1);
                bytes(event, 2, ModelState.kv("k", 0, 3, 0, "", 0));
                bytes(event, 3, ModelState.kv("k", 2, 2, 1, "1", 0));
            });
        });

        begin();
        for (int i = 0; i < 300; i++)
        {
            put("p" + (1000 + i), "v" + i, 0);
        }
        publish();
        final Reply whole = prefix();
        assertEquals(GrpcCode.OK, whole.code);
        world.nanosPerLook = 150_000;
        final Reply sliced = prefix();
        assertTrue(sliced.isOpen());
        world.work();
        assertEquals(World.hex(whole.messages.get(0)), World.hex(sliced.messages.get(0)));
    }

    private Reply prefix()
    {
        return world.call(Method.KV_RANGE, range ->
        {
            key(range, 1, "p");
            key(range, 2, "q");
            range.bool(7, true);
        });
    }

    private Reply range(final String key, final long revision)
    {
        return world.call(Method.KV_RANGE, range ->
        {
            key(range, 1, key);
            range.varint(4, revision);
            range.bool(7, true);
        });
    }

    private void begin()
    {
        store.begin(store.raftIndex() + 1, 1);
    }

    private void publish()
    {
        store.end();
        store.publish();
    }

    private long put(final String key, final String value, final long lease)
    {
        final UnsafeBuffer keyBytes = new UnsafeBuffer(ModelState.bytes(key));
        final UnsafeBuffer valueBytes = new UnsafeBuffer(ModelState.bytes(value));
        return store.put(keyBytes, 0, keyBytes.capacity(), valueBytes, 0, valueBytes.capacity(), lease);
    }

    private void delete(final String key)
    {
        final UnsafeBuffer keyBytes = new UnsafeBuffer(ModelState.bytes(key));
        assertTrue(store.delete(keyBytes, 0, keyBytes.capacity()));
    }

    private void result(final Reply reply, final long before, final long value)
    {
        assertTrue(reply.isOpen());
        final UnsafeBuffer command = World.take(world.rings.toConsensus()).get(0).buffer();
        final long correlationId =
            new ProposalDecoder().wrapAndApplyHeader(command, 0, new MessageHeaderDecoder()).correlationId();
        final UnsafeBuffer buffer = new UnsafeBuffer(new byte[ApplyResult.MAX_LENGTH]);
        final ApplyResult result = new ApplyResult().wrapForWrite(buffer, 0)
            .header(correlationId, 9, store.visibleRevision(), before, store.bound(), EtcdError.NONE, false)
            .add(value);
        assertTrue(world.rings.fromApply().write(RingMessages.RESULT, buffer, 0, result.length()));
        world.work();
    }
}
