package dev.quorate.core.session;

import dev.quorate.core.api.EtcdError;
import dev.quorate.core.api.Method;
import dev.quorate.core.machine.AlarmTable;
import dev.quorate.core.machine.Member;
import dev.quorate.core.ring.NodeState;
import dev.quorate.core.ring.RingMessages;
import dev.quorate.core.wire.WireReader;
import dev.quorate.core.wire.WireWriter;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.ringbuffer.OneToOneRingBuffer;

/**
 * The calls of service Maintenance.
 */
final class MaintenanceCalls extends CallGroup
{
    private static final int ALARMS = 2;
    private static final int ERRORS = 8;

    private final SessionContext context;
    private final SessionParts parts;
    private final Calls calls;
    private final NodeState nodeState;
    private final WireWriter writer;
    private final WireReader reader = new WireReader();

    MaintenanceCalls(final SessionContext context, final SessionParts parts)
    {
        this.context = context;
        this.parts = parts;
        calls = parts.calls;
        nodeState = context.nodeState();
        writer = parts.writer;
    }

    @Override
    void begin(final UnaryCall call)
    {
        long first = 0;
        long second = 0;
        long third = 0;
        reader.wrap(call.buffer, call.offset, call.length);
        while (reader.next())
        {
            first = reader.tag() == 1 << 3 ? reader.number() : first;
            second = reader.tag() == 2 << 3 ? reader.number() : second;
            third = reader.tag() == 3 << 3 ? reader.number() : third;
        }
        if (calls.isRefused(call, call.method == Method.STATUS))
        {
            return;
        }
        switch (call.method)
        {
            case STATUS -> status(call);
            case ALARM -> parts.proposals.alarm(call, second, (int)first, (int)third);
            case MOVE_LEADER -> moveLeader(call, first);
            case DEFRAGMENT -> askHousekeeping(call, RingMessages.DEFRAGMENT, Long.BYTES, 0);
            case HASH -> askHousekeeping(call, RingMessages.HASH, Long.BYTES, 0);
            case HASH_KV -> askHousekeeping(call, RingMessages.HASH_KV, 2 * Long.BYTES, first);
            default -> throw new IllegalStateException("not a call of Maintenance: " + call.method);
        }
    }

    @Override
    void onApplied(final UnaryCall call, final AppliedResult result)
    {
        parts.headers.write(writer.reset(), result.revision);
        for (int i = 0; i < result.values.size(); i += 2)
        {
            final int alarm = writer.begin(ALARMS);
            writer.varint(1, result.values.getLong(i));
            writer.varint(2, result.values.getLong(i + 1));
            writer.end(alarm);
        }
        call.complete(writer);
    }

    /** Housekeeping: error, hash, compact revision, hash revision, current revision. Consensus: error. */
    @Override
    void onAgentAnswer(final UnaryCall call, final int type, final DirectBuffer buffer, final int index)
    {
        if (Calls.endedBy(call, EtcdError.of((int)buffer.getLong(index + 8))))
        {
            return;
        }
        writer.reset();
        if (call.method == Method.HASH || call.method == Method.HASH_KV)
        {
            parts.headers.write(writer, buffer.getLong(index + 40));
            writer.varint(2, buffer.getLong(index + 16) & 0xFFFF_FFFFL);
            if (call.method == Method.HASH_KV)
            {
                writer.varint(3, buffer.getLong(index + 24));
                writer.varint(4, buffer.getLong(index + 32));
            }
        }
        call.complete(writer);
    }

    @Override
    EtcdError timeoutOf(final UnaryCall call)
    {
        return switch (call.method)
        {
            case MOVE_LEADER -> EtcdError.TRANSFER_TIMEOUT;
            case ALARM -> calls.proposalTimeout(call.startNs);
            default -> EtcdError.TIMEOUT;
        };
    }

    private void moveLeader(final UnaryCall call, final long targetId)
    {
        if (nodeState.get(NodeState.Value.LEADER_ID) != context.memberId())
        {
            call.fail(EtcdError.NOT_LEADER);
            return;
        }
        final Member target = context.directories().members().member(targetId);
        if (target == null || target.isLearner())
        {
            call.fail(EtcdError.BAD_LEADER_TRANSFEREE);
            return;
        }
        parts.proposals.ask(call, RingMessages.MOVE_LEADER, targetId);
    }

    private void status(final UnaryCall call)
    {
        final long leaderId = nodeState.get(NodeState.Value.LEADER_ID);
        final AlarmTable alarms = context.directories().alarms();
        parts.headers.write(writer.reset(), context.state().visibleRevision());
        writer.string(2, context.serverVersion());
        writer.varint(3, context.state().dbSize());
        writer.varint(4, leaderId);
        writer.varint(5, nodeState.get(NodeState.Value.COMMIT_INDEX));
        writer.varint(6, nodeState.get(NodeState.Value.TERM));
        writer.varint(7, nodeState.get(NodeState.Value.APPLIED_INDEX));
        if (leaderId == 0)
        {
            writer.element(ERRORS, EtcdError.NO_LEADER.message());
        }
        for (int i = 0; i < alarms.size(); i++)
        {
            final String type = alarms.alarm(i) == AlarmTable.NOSPACE ? "NOSPACE" : "CORRUPT";
            // The text form of the message: a zero is left out.
            final String member = alarms.memberId(i) == 0 ? "" :
                "memberID:" + Long.toUnsignedString(alarms.memberId(i)) + " ";
            writer.element(ERRORS, member + "alarm:" + type);
        }
        writer.varint(9, context.state().dbSizeInUse());
        writer.bool(10, nodeState.get(NodeState.Value.IS_LEARNER) != 0);
        writer.string(11, context.storageVersion());
        writer.varint(12, context.quotaBytes());
        writer.end(writer.begin(13));
        call.complete(writer);
    }

    /** These take as long as they take: only the client's own deadline ends them. */
    private void askHousekeeping(final UnaryCall call, final int type, final int length, final long argument)
    {
        final OneToOneRingBuffer ring = context.rings().toHousekeeping();
        final int at = calls.isFull() ? -1 : ring.tryClaim(type, length);
        if (at < 0)
        {
            call.fail(EtcdError.TOO_MANY_REQUESTS);
            return;
        }
        final long correlationId = calls.nextCorrelationId();
        ring.buffer().putLong(at, correlationId);
        if (length > Long.BYTES)
        {
            ring.buffer().putLong(at + Long.BYTES, argument);
        }
        ring.commit(at);
        calls.awaitWithoutDeadline(call, correlationId);
        context.rings().signalHousekeeping();
    }
}
