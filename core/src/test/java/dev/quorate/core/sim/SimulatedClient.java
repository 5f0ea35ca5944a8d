package dev.quorate.core.sim;

import dev.quorate.core.api.Answer;
import dev.quorate.core.api.ClientCall;
import dev.quorate.core.api.GrpcCode;
import dev.quorate.core.seam.PeerLink;
import dev.quorate.core.seam.SimulatedRng;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * A client that calls one operation after the other, at one member or another, and writes down what it saw.
 */
final class SimulatedClient
{
    private static final String ALPHABET = "abcdefghijklmnopqrstuvwxyz";

    private final int id;
    private final VirtualTime time;
    private final SimulationSettings settings;
    private final SimulatedRng rng;
    private final SimulatedMember[] members;
    private final History history;
    private final CommittedLog committed;
    private final Consumer<Operation> onReturned;
    private Pending pending;
    private int home;
    private int values;
    private boolean isStopped;

    SimulatedClient(
        final int id,
        final VirtualTime time,
        final SimulationSettings settings,
        final SimulatedRng rng,
        final SimulatedMember[] members,
        final History history,
        final CommittedLog committed,
        final Consumer<Operation> onReturned)
    {
        this.id = id;
        this.time = time;
        this.settings = settings;
        this.rng = rng;
        this.members = members;
        this.history = history;
        this.committed = committed;
        this.onReturned = onReturned;
        home = rng.nextInt(members.length);
    }

    void start()
    {
        time.after(rng.nextInt(settings.thinkNs), this::next);
    }

    void stop()
    {
        isStopped = true;
    }

    boolean isIdle()
    {
        return pending == null;
    }

    /** A member ended: its clients lose their connection. */
    void onMemberDown(final int member)
    {
        if (pending != null && pending.operation.member == member)
        {
            pending.end(GrpcCode.UNAVAILABLE, "connection lost");
        }
    }

    /** Calls at one member, whatever the client would have done; not while a call is under way. */
    Operation call(final int member, final Request request, final long deadlineNs)
    {
        final Operation operation = history.invoke(id, request, time.nowNs());
        final SimulatedMember target = members[member];
        operation.member = member;
        operation.memberId = target.memberId;
        operation.boot = target.boots;
        final int loop = rng.nextInt(SimulatedMember.LOOPS);
        pending = new Pending(operation);
        final Pending begun = pending;
        // a connection of a member that pauses takes no call before it wakes
        time.at(Math.max(time.nowNs(), target.pausedUntilNs(SimulatedMember.FIRST_LOOP + loop)), () ->
        {
            if (pending == begun && target.isUp && target.boots == operation.boot)
            {
                target.onLoop(() -> begun.begin(target, loop));
            }
        });
        time.after(deadlineNs, () ->
        {
            if (pending == begun)
            {
                if (begun.call != null && target.isUp && target.boots == operation.boot)
                {
                    target.onLoop(begun.call::onCancel);
                }
                begun.end(GrpcCode.DEADLINE_EXCEEDED, "deadline of the client");
            }
        });
        return operation;
    }

    private void next()
    {
        if (isStopped || pending != null)
        {
            return;
        }
        if (rng.nextInt(4) == 0 || !members[home].isUp)
        {
            home = rng.nextInt(members.length);
        }
        if (!members[home].isUp)
        {
            time.after(1 + rng.nextInt(50_000_000), this::next);
            return;
        }
        call(home, request(), SimulationSettings.SECOND / 2 + rng.nextInt(2_000_000_000) * 3L);
    }

    private Request request()
    {
        final int kind = rng.nextInt(100);
        if (kind < 34)
        {
            return new Request.Put(key(), isLong() ? longValue() : value(), 0);
        }
        if (kind < 52)
        {
            return range(0, false);
        }
        if (kind < 60)
        {
            return range(0, true);
        }
        if (kind == 65)
        {
            return new Request.HashKv(Math.max(1, history.floor() - rng.nextInt(20)));
        }
        if (kind < 66)
        {
            return range(Math.max(1, history.floor() - rng.nextInt(40)), rng.nextInt(2) == 0);
        }
        if (kind < 80)
        {
            return txn();
        }
        if (kind < 88)
        {
            return rng.nextInt(4) == 0 ? deleteRange() : new Request.Delete(key(), "");
        }
        return kind < 90 ? new Request.Compact(Math.max(1, history.floor() - rng.nextInt(30))) : leaseRequest(kind);
    }

    private Request leaseRequest(final int kind)
    {
        if (kind < 92 || history.leases.isEmpty())
        {
            return new Request.Grant(history.newLease(), 1 + rng.nextInt(6));
        }
        final long lease = history.leases.get(rng.nextInt(history.leases.size()));
        if (kind < 95)
        {
            return new Request.Put(key(), value(), lease);
        }
        return kind < 99 ? new Request.KeepAlive(lease) : new Request.Revoke(lease);
    }

    private Request range(final long revision, final boolean isSerializable)
    {
        if (rng.nextInt(3) == 0)
        {
            return new Request.Range("a", "\0", revision, isSerializable);
        }
        return new Request.Range(key(), "", revision, isSerializable);
    }

    private Request deleteRange()
    {
        final String key = key();
        return new Request.Delete(key, key + "~");
    }

    private Request txn()
    {
        final List<Request.Compare> compares = new ArrayList<>();
        final List<Request.Op> success = new ArrayList<>();
        final List<Request.Op> failure = new ArrayList<>();
        final String key = key();
        final int target = rng.nextInt(3);
        compares.add(new Request.Compare(key, target, rng.nextInt(4), target == 0 ? rng.nextInt(3) :
            Math.max(0, history.floor() - rng.nextInt(30))));
        success.add(new Request.Put(key, value(), 0));
        if (rng.nextInt(2) == 0)
        {
            success.add(new Request.Delete(other(key), ""));
        }
        if (rng.nextInt(2) == 0)
        {
            failure.add(new Request.Put(other(key), value(), 0));
        }
        failure.add(new Request.Range(key, "", 0, false));
        return new Request.Txn(compares, success, failure);
    }

    private String other(final String key)
    {
        String other = key();
        while (other.equals(key))
        {
            other = key();
        }
        return other;
    }

    private String key()
    {
        final int number = rng.nextInt(settings.keys);
        return ALPHABET.charAt(number % 26) + (number < 26 ? "" : "/" + number);
    }

    private String value()
    {
        return value(rng.nextInt(settings.valueLength) + (rng.nextInt(200) == 0 ? 2_000 : 0));
    }

    private boolean isLong()
    {
        return settings.longValueLength > 0 && rng.nextInt(settings.longValueOneIn) == 0;
    }

    /** One that peers send in pieces. */
    private String longValue()
    {
        final int least = PeerLink.MAX_MESSAGE_LENGTH;
        return value(least + rng.nextInt(settings.longValueLength - least));
    }

    private String value(final int length)
    {
        final String begin = id + ":" + values++ + ":";
        return begin + ".".repeat(Math.max(0, length - begin.length()));
    }

    /** The call under way. */
    private final class Pending implements Answer
    {
        final Operation operation;
        ClientCall call;
        SimulatedMember at;
        long boot;

        Pending(final Operation operation)
        {
            this.operation = operation;
        }

        void begin(final SimulatedMember target, final int loop)
        {
            at = target;
            boot = target.boots;
            call = target.ports[loop].open(Proto.method(operation.request), false, this);
            if (pending != this)
            {
                return;
            }
            final byte[] bytes = Proto.encode(operation.request);
            call.onMessage(new UnsafeBuffer(bytes), 0, bytes.length);
            if (pending == this && !isStream())
            {
                call.onHalfClose();
            }
            target.wake(SimulatedMember.FIRST_LOOP + loop);
        }

        void end(final GrpcCode code, final String text)
        {
            if (pending != this)
            {
                return;
            }
            pending = null;
            operation.code = code;
            operation.text = text;
            operation.returnedNs = time.nowNs();
            operation.committedRevision = committed.revision();
            operation.committedCompaction = committed.compactRevision();
            history.returned(operation);
            onReturned.accept(operation);
            time.after(1 + rng.nextInt(settings.thinkNs), SimulatedClient.this::next);
        }

        private boolean isStream()
        {
            return operation.request instanceof Request.KeepAlive;
        }

        @Override
        public boolean isReady()
        {
            return true;
        }

        @Override
        public void message(final DirectBuffer buffer, final int offset, final int length)
        {
            if (pending != this)
            {
                return;
            }
            operation.response = Proto.decode(operation.request.getClass(), buffer, offset, length);
            if (isStream())
            {
                end(GrpcCode.OK, null);
                time.after(1, () ->
                {
                    if (at.isUp && at.boots == boot)
                    {
                        at.onLoop(call::onCancel);
                    }
                });
            }
        }

        @Override
        public void complete()
        {
            end(GrpcCode.OK, null);
        }

        @Override
        public void fail(final GrpcCode code, final String description)
        {
            end(code, description);
        }
    }
}
