package dev.quorate.core.session;

import dev.quorate.core.api.Answer;
import dev.quorate.core.api.ClientCall;
import dev.quorate.core.api.EtcdError;
import dev.quorate.core.api.GrpcCode;
import dev.quorate.core.api.Method;
import dev.quorate.core.machine.ApplyResult;
import dev.quorate.core.machine.Directories;
import dev.quorate.core.ring.LoopRings;
import dev.quorate.core.ring.NodeState;
import dev.quorate.core.ring.RingMessages;
import dev.quorate.core.seam.Clock;
import dev.quorate.core.seam.Rng;
import dev.quorate.core.wire.WireWriter;
import org.agrona.DirectBuffer;
import org.agrona.collections.LongArrayList;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.ringbuffer.OneToOneRingBuffer;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * One loop session with rings that the test reads and feeds by hand, a model of the store and a clock that it moves.
 */
final class World
{
    static final long CLUSTER = 77;
    static final long MEMBER = 11;
    static final long BOOT = 5;
    static final long TERM = 3;
    static final long SECOND = 1_000_000_000L;

    final ModelState state = new ModelState();
    final NodeState node = new NodeState();
    final Directories directories = new Directories();
    final LongArrayList leases = new LongArrayList();
    final LoopRings rings;
    final LoopSession session;
    long nowNs = 10 * SECOND;
    long nanosPerLook;

    World()
    {
        this(context -> {});
    }

    World(final Consumer<SessionContext> settings)
    {
        rings = new LoopRings(2, 1 << 20, 1 << 18);
        final Random random = new Random(1);
        node.set(NodeState.Value.CLUSTER_VERSION, 3L << 32 | 7);
        node.set(NodeState.Value.LEADER_ID, MEMBER);
        node.set(NodeState.Value.TERM, TERM);
        node.set(NodeState.Value.QUORUM_HEARD_NS, Long.MAX_VALUE);
        final SessionContext context = new SessionContext()
            .rings(rings)
            .nodeState(node)
            .state(state)
            .directories(directories)
            .leases(ids -> ids.addAll(leases))
            .clock(new TestClock())
            .rng(new TestRng(random))
            .clusterId(CLUSTER)
            .memberId(MEMBER)
            .bootId(BOOT)
            .maxRequestBytes(64 * 1024);
        settings.accept(context);
        session = new LoopSession(context.conclude());
    }

    Reply call(final Method method, final Consumer<WireWriter> request)
    {
        final Reply reply = new Reply();
        reply.call = session.open(method, false, reply);
        reply.send(request);
        reply.call.onHalfClose();
        return reply;
    }

    Reply open(final Method method, final boolean requireLeader)
    {
        final Reply reply = new Reply();
        reply.call = session.open(method, requireLeader, reply);
        return reply;
    }

    void work()
    {
        for (int i = 0; i < 10_000 && session.doWork() > 0; i++)
        {
            assertTrue(i < 9_999, "never idle");
        }
        assertEquals(0, state.pins, "pins left");
    }

    void after(final long nanos)
    {
        nowNs += nanos;
        work();
    }

    /** @return messages taken from the ring. */
    static List<Message> take(final OneToOneRingBuffer ring)
    {
        final List<Message> messages = new ArrayList<>();
        ring.read((type, buffer, index, length) ->
        {
            final byte[] copy = new byte[length];
            buffer.getBytes(index, copy);
            messages.add(new Message(type, new UnsafeBuffer(copy)));
        });
        return messages;
    }

    Message takeOne(final OneToOneRingBuffer ring, final int type)
    {
        final List<Message> messages = take(ring);
        assertEquals(1, messages.size());
        assertEquals(type, messages.get(0).type());
        return messages.get(0);
    }

    void feed(final OneToOneRingBuffer ring, final int type, final long... fields)
    {
        final UnsafeBuffer message = new UnsafeBuffer(new byte[fields.length * 8]);
        for (int i = 0; i < fields.length; i++)
        {
            message.putLong(i * 8, fields[i]);
        }
        assertTrue(ring.write(type, message, 0, message.capacity()));
    }

    /** Feeds a result in parts of so many values. */
    void result(
        final long correlationId,
        final EtcdError error,
        final long revision,
        final long boundBefore,
        final int perPart,
        final long... values)
    {
        int from = 0;
        do
        {
            final int to = Math.min(values.length, from + perPart);
            final UnsafeBuffer buffer = new UnsafeBuffer(new byte[ApplyResult.MAX_LENGTH]);
            final ApplyResult part = new ApplyResult().wrapForWrite(buffer, 0)
                .header(correlationId, 9, revision, boundBefore, state.bound(), error, to < values.length);
            for (int i = from; i < to; i++)
            {
                part.add(values[i]);
            }
            assertTrue(rings.fromApply().write(RingMessages.RESULT, buffer, 0, part.length()));
            from = to;
        }
        while (from < values.length);
        work();
    }

    /** Feeds one part of a result. */
    void part(final long correlationId, final boolean isContinued, final long... values)
    {
        final UnsafeBuffer buffer = new UnsafeBuffer(new byte[ApplyResult.MAX_LENGTH]);
        final ApplyResult part = new ApplyResult().wrapForWrite(buffer, 0)
            .header(correlationId, 9, 2, 8, state.bound(), EtcdError.NONE, isContinued);
        for (final long value : values)
        {
            part.add(value);
        }
        assertTrue(rings.fromApply().write(RingMessages.RESULT, buffer, 0, part.length()));
        work();
    }

    static byte[] bytes(final WireWriter writer)
    {
        final byte[] bytes = new byte[writer.length()];
        writer.buffer().getBytes(0, bytes);
        return bytes;
    }

    static byte[] message(final Consumer<WireWriter> content)
    {
        final WireWriter writer = new WireWriter(64, 1 << 26);
        content.accept(writer);
        return bytes(writer);
    }

    static void header(final WireWriter writer, final long revision)
    {
        nested(writer, 1, header ->
        {
            header.varint(1, CLUSTER);
            header.varint(2, MEMBER);
            header.varint(3, revision);
            header.varint(4, TERM);
        });
    }

    static void nested(final WireWriter writer, final int field, final Consumer<WireWriter> content)
    {
        bytes(writer, field, message(content));
    }

    static void bytes(final WireWriter writer, final int field, final byte[] content)
    {
        writer.bytes(field, new UnsafeBuffer(content), 0, content.length);
    }

    static void key(final WireWriter writer, final int field, final String key)
    {
        bytes(writer, field, ModelState.bytes(key));
    }

    static String hex(final byte[] bytes)
    {
        return HexFormat.of().formatHex(bytes);
    }

    /** A message taken from a ring. */
    record Message(int type, UnsafeBuffer buffer)
    {
        long field(final int i)
        {
            return buffer.getLong(i * 8);
        }
    }

    private final class TestClock implements Clock
    {
        @Override
        public long nanoTime()
        {
            nowNs += nanosPerLook;
            return nowNs;
        }

        @Override
        public long epochMillis()
        {
            return 1_700_000_000_000L;
        }
    }

    private record TestRng(Random random) implements Rng
    {
        @Override
        public long nextLong()
        {
            return random.nextLong();
        }

        @Override
        public int nextInt(final int bound)
        {
            return random.nextInt(bound);
        }
    }

    /** What a client has received. */
    static final class Reply implements Answer
    {
        final List<byte[]> messages = new ArrayList<>();
        ClientCall call;
        GrpcCode code;
        String text;
        boolean isReady = true;
        int readyFor = Integer.MAX_VALUE;
        int resumed;

        void send(final Consumer<WireWriter> request)
        {
            final byte[] bytes = World.message(request);
            call.onMessage(new UnsafeBuffer(bytes), 0, bytes.length);
        }

        void expect(final Consumer<WireWriter> response)
        {
            assertEquals(GrpcCode.OK, code, text);
            assertEquals(1, messages.size());
            assertEquals(hex(World.message(response)), hex(messages.get(0)));
        }

        void expectNext(final Consumer<WireWriter> response)
        {
            assertNull(code, text);
            assertTrue(!messages.isEmpty(), "no message");
            assertEquals(hex(World.message(response)), hex(messages.remove(0)));
        }

        void expectFailure(final EtcdError error)
        {
            assertEquals(error.message(), text);
            assertEquals(error.code(), code);
            assertTrue(messages.isEmpty());
        }

        boolean isOpen()
        {
            return code == null;
        }

        @Override
        public boolean isReady()
        {
            return isReady && messages.size() < readyFor;
        }

        @Override
        public void resume()
        {
            resumed++;
        }

        @Override
        public void message(final DirectBuffer buffer, final int offset, final int length)
        {
            assertNull(code);
            final byte[] copy = new byte[length];
            buffer.getBytes(offset, copy);
            messages.add(copy);
        }

        @Override
        public void complete()
        {
            assertNull(code);
            code = GrpcCode.OK;
        }

        @Override
        public void fail(final GrpcCode ofCode, final String description)
        {
            assertNull(code);
            code = ofCode;
            text = description;
        }
    }
}
