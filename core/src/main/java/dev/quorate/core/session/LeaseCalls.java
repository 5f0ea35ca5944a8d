package dev.quorate.core.session;

import dev.quorate.core.api.EtcdError;
import dev.quorate.core.api.Method;
import dev.quorate.core.ring.RingMessages;
import dev.quorate.core.wire.WireReader;
import dev.quorate.core.wire.WireWriter;
import org.agrona.DirectBuffer;
import org.agrona.collections.Long2LongHashMap;
import org.agrona.collections.LongArrayList;

import java.util.ArrayList;
import java.util.Comparator;

/**
 * The unary calls of service Lease.
 */
final class LeaseCalls extends CallGroup
{
    private static final int ID = 2;
    private static final int TTL = 3;
    private static final int GRANTED_TTL = 4;
    private static final int KEYS = 5;
    private static final int LEASES = 2;

    private final SessionContext context;
    private final SessionParts parts;
    private final Calls calls;
    private final WireWriter writer;
    private final WireReader reader = new WireReader();
    private final LongArrayList ids = new LongArrayList();
    private final ArrayList<Long> listed = new ArrayList<>();
    private final Long2LongHashMap deadlines = new Long2LongHashMap(Long.MAX_VALUE);
    private final Comparator<Long> byDeadline =  Comparator.comparingLong((id) -> deadlines.get((long)id));

    LeaseCalls(final SessionContext context, final SessionParts parts)
    {
        this.context = context;
        this.parts = parts;
        calls = parts.calls;
        writer = parts.writer;
    }

    @Override
    void begin(final UnaryCall call)
    {
        long first = 0;
        long second = 0;
        reader.wrap(call.buffer, call.offset, call.length);
        while (reader.next())
        {
            first = reader.tag() == 1 << 3 ? reader.number() : first;
            second = reader.tag() == 2 << 3 ? reader.number() : second;
        }
        if (calls.isRefused(call, false))
        {
            return;
        }
        switch (call.method)
        {
            case LEASE_GRANT -> grant(call, first, second);
            case LEASE_REVOKE -> parts.proposals.leaseRevoke(call, first);
            case LEASE_TIME_TO_LIVE ->
            {
                call.step = second != 0 ? 1 : 0;
                parts.proposals.ask(call, RingMessages.TIME_TO_LIVE, first);
            }
            case LEASE_LEASES ->
            {
                call.values.clear();
                parts.proposals.ask(call, RingMessages.LEASE_DEADLINES, 0);
            }
            default -> throw new IllegalStateException("not a call of Lease: " + call.method);
        }
    }

    @Override
    void onApplied(final UnaryCall call, final AppliedResult result)
    {
        parts.headers.write(writer.reset(), result.revision);
        if (call.method == Method.LEASE_GRANT)
        {
            writer.varint(ID, call.attachment);
            writer.varint(TTL, result.values.getLong(0));
        }
        call.complete(writer);
    }

    /** Consensus: error, lease id, remaining TTL, granted TTL, index; or deadlines of leases. */
    @Override
    void onAgentAnswer(final UnaryCall call, final int type, final DirectBuffer buffer, final int index)
    {
        if (type == RingMessages.LEASE_DEADLINES_ANSWER)
        {
            onDeadlines(call, buffer, index);
            return;
        }
        final EtcdError error = EtcdError.of((int)buffer.getLong(index + 8));
        if (error == EtcdError.NO_LEADER || error == EtcdError.LEADER_CHANGED)
        {
            call.retryLater();
            return;
        }
        if (Calls.endedBy(call, error))
        {
            return;
        }
        call.attachment = buffer.getLong(index + 16);
        call.values.addLong(buffer.getLong(index + 24));
        call.values.addLong(buffer.getLong(index + 32));
        call.isQueued = true;
        parts.applied.await(call, buffer.getLong(index + 40));
    }

    @Override
    void onReadReady(final UnaryCall call)
    {
        final boolean exists = context.leases().contains(call.attachment);
        if (exists && call.values.getLong(0) < 0)
        {
            // granted here, but the leader has not applied that yet: asked again until it has, or the lease is gone
            call.values.clear();
            call.retryLater();
            return;
        }
        // One that the leader still knew, but that is revoked here, is gone.
        final long remaining = exists ? call.values.getLong(0) : -1;
        final StateReader state = parts.reader;
        parts.headers.write(writer.reset(), state.pinLatest());
        writer.varint(ID, call.attachment);
        writer.varint(TTL, remaining);
        if (remaining >= 0)
        {
            writer.varint(GRANTED_TTL, call.values.getLong(1));
        }
        if (call.step == 1 && remaining >= 0)
        {
            state.scanLease(call.attachment);
            while (state.nextLeaseKey())
            {
                writer.bytes(KEYS, state.leaseKey(), state.leaseKeyOffset(), state.leaseKeyLength());
            }
        }
        state.unpin();
        call.complete(writer);
    }

    @Override
    EtcdError timeoutOf(final UnaryCall call)
    {
        if (call.isQueued && !call.isRetrying)
        {
            return EtcdError.TIMEOUT_APPLIED_INDEX;
        }
        return call.method == Method.LEASE_TIME_TO_LIVE ?
            calls.questionTimeout(call.startNs) : calls.proposalTimeout(call.startNs);
    }

    private void grant(final UnaryCall call, final long ttlSeconds, final long asked)
    {
        if (!parts.quota.admitsLease())
        {
            call.fail(EtcdError.NO_SPACE);
            return;
        }
        long leaseId = asked;
        while (leaseId == 0)
        {
            leaseId = context.rng().nextLong() & Long.MAX_VALUE;
        }
        call.attachment = leaseId;
        parts.proposals.leaseGrant(call, leaseId, Math.max(ttlSeconds, context.minLeaseTtlSeconds()));
    }

    /** Consensus: error, slot to go on at, count, pairs of id and deadline. */
    private void onDeadlines(final UnaryCall call, final DirectBuffer buffer, final int index)
    {
        final long nextSlot = buffer.getLong(index + 16);
        final long count = buffer.getLong(index + 24);
        for (int i = 0; i < 2 * count; i++)
        {
            call.values.addLong(buffer.getLong(index + 32 + i * Long.BYTES));
        }
        if (nextSlot < 0)
        {
            list(call);
        }
        else
        {
            parts.proposals.ask(call, RingMessages.LEASE_DEADLINES, nextSlot);
        }
    }

    /**
     * What exists on this member, the lease that expires first in front. Those whose deadline is not known, all of them
     * on a follower, come last, by id.
     */
    private void list(final UnaryCall call)
    {
        deadlines.clear();
        for (int i = 0; i < call.values.size(); i += 2)
        {
            deadlines.put(call.values.getLong(i), call.values.getLong(i + 1));
        }
        ids.clear();
        context.leases().copyTo(ids);
        listed.clear();
        for (int i = 0; i < ids.size(); i++)
        {
            listed.add(ids.getLong(i));
        }
        // the ids ascend, and the sort is stable
        listed.sort(byDeadline);
        parts.headers.write(writer.reset(), context.state().visibleRevision());
        for (int i = 0; i < listed.size(); i++)
        {
            final int status = writer.begin(LEASES);
            writer.varint(1, listed.get(i));
            writer.end(status);
        }
        call.complete(writer);
    }
}
