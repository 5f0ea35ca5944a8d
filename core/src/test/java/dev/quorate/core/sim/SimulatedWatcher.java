package dev.quorate.core.sim;

import dev.quorate.core.api.Answer;
import dev.quorate.core.api.ClientCall;
import dev.quorate.core.api.GrpcCode;
import dev.quorate.core.api.Method;
import dev.quorate.core.machine.EtcdModel.KeyValue;
import dev.quorate.core.ring.NodeState;
import dev.quorate.core.seam.SimulatedRng;
import dev.quorate.core.wire.WireReader;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * A client that watches all keys for the whole run, at one member after the other, always from behind the last event
 * that it has seen, and compares each event with what was committed.
 */
final class SimulatedWatcher
{
    private static final int CREATE_REQUEST = 1;
    private static final int CANCELED = 4;
    private static final int COMPACT_REVISION = 5;
    private static final int EVENTS = 11;

    private record Event(boolean isDelete, String key, String value, long mod)
    {
    }

    private final VirtualTime time;
    private final SimulationSettings settings;
    private final SimulatedRng rng;
    private final SimulatedMember[] members;
    private final CommittedLog committed;
    private Stream stream;
    private boolean isStopped;
    private long resume = 2;
    long events;
    long resumptions;
    long compactions;

    SimulatedWatcher(
        final VirtualTime time,
        final SimulationSettings settings,
        final SimulatedRng rng,
        final SimulatedMember[] members,
        final CommittedLog committed)
    {
        this.time = time;
        this.settings = settings;
        this.rng = rng;
        this.members = members;
        this.committed = committed;
    }

    void start()
    {
        time.after(rng.nextInt(100_000_000), this::open);
    }

    /** It watches no more. */
    void stop()
    {
        isStopped = true;
        if (stream != null)
        {
            leave(stream);
        }
    }

    /** @return first revision of which no event has been seen. */
    long resume()
    {
        return resume;
    }

    void onMemberDown(final int member)
    {
        if (stream != null && stream.at.index == member)
        {
            stream = null;
            time.after(1 + rng.nextInt(200_000_000), this::open);
        }
    }

    private void open()
    {
        if (stream != null || isStopped)
        {
            return;
        }
        final SimulatedMember member = rng.nextInt(2) == 0 ? laggard() : members[rng.nextInt(members.length)];
        final int loop = rng.nextInt(SimulatedMember.LOOPS);
        if (!member.isUp || member.pausedUntilNs(SimulatedMember.FIRST_LOOP + loop) > time.nowNs())
        {
            time.after(1 + rng.nextInt(50_000_000), this::open);
            return;
        }
        resumptions++;
        final Stream opened = new Stream(member);
        stream = opened;
        member.onLoop(() -> create(opened, loop));
        time.after(200_000_000L + rng.nextLong(8 * SimulationSettings.SECOND), () -> leave(opened));
    }

    private void create(final Stream opened, final int loop)
    {
        opened.call = opened.at.ports[loop].open(Method.WATCH, false, opened);
        if (stream != opened)
        {
            return;
        }
        final byte[] create = Proto.message((writer) ->
        {
            Proto.text(writer, 1, "a");
            Proto.text(writer, 2, "\0");
            writer.varint(3, resume);
        });
        final byte[] request = Proto.message((writer) -> Proto.bytes(writer, CREATE_REQUEST, create));
        opened.call.onMessage(new UnsafeBuffer(request), 0, request.length);
        opened.at.wake(SimulatedMember.FIRST_LOOP + loop);
    }

    /** The member that has applied least: a snapshot may be on its way to it. */
    private SimulatedMember laggard()
    {
        SimulatedMember laggard = members[0];
        for (final SimulatedMember member : members)
        {
            final boolean isBehind = member.isUp && (!laggard.isUp ||
                member.state.get(NodeState.Value.APPLIED_INDEX) < laggard.state.get(NodeState.Value.APPLIED_INDEX));
            laggard = isBehind ? member : laggard;
        }
        return laggard;
    }

    private void leave(final Stream left)
    {
        if (stream == left)
        {
            stream = null;
            if (left.at.isUp && left.at.boots == left.boot)
            {
                left.at.onLoop(left.call::onCancel);
            }
            open();
        }
    }

    private void onResponse(final DirectBuffer buffer, final int offset, final int length)
    {
        boolean isCanceled = false;
        long compactRevision = 0;
        final List<Event> received = new ArrayList<>();
        final WireReader reader = new WireReader().wrap(buffer, offset, length);
        while (reader.next())
        {
            switch (reader.tag() >>> 3)
            {
                case CANCELED -> isCanceled = reader.bool();
                case COMPACT_REVISION -> compactRevision = reader.number();
                case EVENTS -> received.add(event(reader.buffer(), reader.valueOffset(), reader.valueLength()));
                default ->
                {
                    // Header and ids say nothing that is checked here.
                }
            }
        }
        if (compactRevision > 0)
        {
            compactions++;
            require(isCanceled && received.isEmpty() && compactRevision > resume &&
                compactRevision <= committed.compactRevision(), "W10",
                "compacted at " + compactRevision + " of " + committed.compactRevision() + " with " + received);
            // what a compaction keeps of its own revision can still be watched
            resume = compactRevision + rng.nextInt(2);
        }
        if (!received.isEmpty())
        {
            compare(received);
        }
    }

    /** A response holds the events of whole revisions, none missing from the first one not seen yet. */
    private void compare(final List<Event> received)
    {
        int at = 0;
        while (at < received.size())
        {
            final long revision = received.get(at).mod;
            require(revision == resume, revision < resume ? "W3" : "W5", "event of revision " + revision);
            require(revision <= committed.revision(), "D4", "event of revision " + revision + " before its commit");
            final TreeMap<String, Event> expected = eventsOf(revision);
            for (int i = expected.size(); i > 0; i--, at++)
            {
                require(at < received.size() && received.get(at).equals(expected.remove(received.get(at).key)),
                    "W4", "events of revision " + revision + " are not " + eventsOf(revision) + " but " + received);
                events++;
            }
            resume = revision + 1;
        }
    }

    private TreeMap<String, Event> eventsOf(final long revision)
    {
        final NavigableMap<String, KeyValue> before = committed.stateAt(revision - 1);
        final NavigableMap<String, KeyValue> after = committed.stateAt(revision);
        final TreeMap<String, Event> expected = new TreeMap<>();
        for (final KeyValue kv : after.values())
        {
            if (kv.mod() == revision)
            {
                expected.put(kv.key(), new Event(false, kv.key(), kv.value(), revision));
            }
        }
        for (final String key : before.keySet())
        {
            if (!after.containsKey(key))
            {
                expected.put(key, new Event(true, key, "", revision));
            }
        }
        return expected;
    }

    private static Event event(final DirectBuffer buffer, final int offset, final int length)
    {
        boolean isDelete = false;
        KeyValue kv = null;
        final WireReader reader = new WireReader().wrap(buffer, offset, length);
        while (reader.next())
        {
            if (reader.tag() >>> 3 == 1)
            {
                isDelete = reader.bool();
            }
            else if (reader.tag() >>> 3 == 2)
            {
                kv = Proto.keyValue(new UnsafeBuffer(reader.buffer(), reader.valueOffset(), reader.valueLength()));
            }
        }
        return new Event(isDelete, kv.key(), kv.value(), kv.mod());
    }

    private void require(final boolean holds, final String rule, final String detail)
    {
        if (!holds)
        {
            throw new Violation(rule, detail + " at a watcher that goes on from " + resume + " at " +
                (stream == null ? "none" : stream.at));
        }
    }

    /** One stream at one member. */
    private final class Stream implements Answer
    {
        final SimulatedMember at;
        final long boot;
        ClientCall call;
        boolean isCanceled;

        Stream(final SimulatedMember at)
        {
            this.at = at;
            boot = at.boots;
        }

        @Override
        public boolean isReady()
        {
            return true;
        }

        @Override
        public void message(final DirectBuffer buffer, final int offset, final int length)
        {
            if (stream == this)
            {
                require(!isCanceled, "W10", "something is said behind a cancellation");
                final long before = compactions;
                onResponse(buffer, offset, length);
                if (before != compactions)
                {
                    isCanceled = true;
                    time.after(1 + rng.nextInt(20_000_000), () -> leave(this));
                }
            }
        }

        @Override
        public void complete()
        {
            ended();
        }

        @Override
        public void fail(final GrpcCode code, final String description)
        {
            ended();
        }

        private void ended()
        {
            if (stream == this)
            {
                stream = null;
                time.after(1 + rng.nextInt((int)Math.min(Integer.MAX_VALUE, settings.electionTimeoutNs)),
                    SimulatedWatcher.this::open);
            }
        }
    }
}
