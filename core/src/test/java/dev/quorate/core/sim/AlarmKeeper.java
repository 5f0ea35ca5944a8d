package dev.quorate.core.sim;

import dev.quorate.core.api.Answer;
import dev.quorate.core.api.ClientCall;
import dev.quorate.core.api.GrpcCode;
import dev.quorate.core.api.Method;
import dev.quorate.core.machine.AlarmTable;
import dev.quorate.core.ring.NodeState;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Who disarms the alarm of a full disk, again and again, so that it does not end all writing. A member that still lacks
 * space raises it again.
 */
final class AlarmKeeper
{
    private static final long PERIOD_NS = 300_000_000L;
    private static final int DEACTIVATE = 2;
    private static final int LOOP = 0;

    private final VirtualTime time;
    private final SimulatedMember[] members;
    private int next;

    AlarmKeeper(final VirtualTime time, final SimulatedMember[] members)
    {
        this.time = time;
        this.members = members;
    }

    void start()
    {
        time.after(PERIOD_NS, this::look);
    }

    private void look()
    {
        final SimulatedMember asked = members[next++ % members.length];
        if (asked.isUp && 0 != asked.state.get(NodeState.Value.ALARM_NOSPACE) &&
            time.nowNs() >= asked.pausedUntilNs(SimulatedMember.FIRST_LOOP + LOOP))
        {
            asked.onLoop(() -> disarmAll(asked));
        }
        start();
    }

    /** That of a member that was removed meanwhile stands as well. */
    private static void disarmAll(final SimulatedMember asked)
    {
        final AlarmTable alarms = asked.node.directories().alarms();
        for (int i = 0; i < alarms.size(); i++)
        {
            if (alarms.alarm(i) == AlarmTable.NOSPACE)
            {
                disarm(asked, alarms.memberId(i));
            }
        }
    }

    private static void disarm(final SimulatedMember asked, final long memberId)
    {
        final ClientCall call = asked.ports[LOOP].open(Method.ALARM, false, new Ignored());
        final byte[] request = Proto.message((writer) ->
        {
            writer.varint(1, DEACTIVATE);
            writer.varint(2, memberId);
            writer.varint(3, AlarmTable.NOSPACE);
        });
        call.onMessage(new UnsafeBuffer(request), 0, request.length);
        call.onHalfClose();
        asked.wake(SimulatedMember.FIRST_LOOP + LOOP);
    }

    /** Whatever comes of it shows in the alarms. */
    private static final class Ignored implements Answer
    {
        @Override
        public boolean isReady()
        {
            return true;
        }

        @Override
        public void message(final DirectBuffer buffer, final int offset, final int length)
        {
        }

        @Override
        public void complete()
        {
        }

        @Override
        public void fail(final GrpcCode code, final String description)
        {
        }
    }
}
