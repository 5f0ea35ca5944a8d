package dev.quorate.core.session;

import dev.quorate.core.api.EtcdError;
import dev.quorate.core.ring.LoopRings;
import dev.quorate.core.ring.NodeState;
import dev.quorate.core.ring.RingMessages;
import dev.quorate.core.seam.Clock;
import org.agrona.concurrent.ringbuffer.OneToOneRingBuffer;

import java.util.ArrayDeque;

/**
 * Read rounds of this loop; none is needed while this member alone takes part in consensus. One is in flight at a time;
 * it serves the reads that had arrived when it was sent, and those that come later share the next.
 */
final class ReadRounds
{
    private static final long RESEND_NS = 500_000_000L;

    private final LoopRings rings;
    private final Clock clock;
    private final AppliedWaits applied;
    private final NodeState nodeState;
    private ArrayDeque<UnaryCall> gathering = new ArrayDeque<>();
    private ArrayDeque<UnaryCall> inFlight = new ArrayDeque<>();
    private long requestId;
    private long resendNs = Long.MAX_VALUE;
    private boolean isInFlight;

    ReadRounds(final LoopRings rings, final Clock clock, final AppliedWaits applied, final NodeState nodeState)
    {
        this.nodeState = nodeState;
        this.rings = rings;
        this.clock = clock;
        this.applied = applied;
        // consensus finds the loop of an answer by the upper byte
        requestId = (long)rings.loopId() << 56;
    }

    /**
     * The read continues in its group once the round it shares is confirmed and applied, or fails with the round; at
     * once if no round is needed.
     */
    void await(final UnaryCall call)
    {
        // Pairs with the release store of consensus: the store shows at least what it showed then.
        if (0 != nodeState.get(NodeState.Value.READS_ALONE))
        {
            call.onIndexApplied();
            return;
        }
        call.isQueued = true;
        gathering.add(call);
        begin();
    }

    void onReady(final long ofRequest, final long index)
    {
        if (!isInFlight || ofRequest != requestId)
        {
            return;
        }
        final ArrayDeque<UnaryCall> round = end();
        while (!round.isEmpty())
        {
            final UnaryCall call = round.poll();
            if (call.isDone)
            {
                call.onDequeued();
            }
            else
            {
                applied.await(call, index);
            }
        }
        begin();
    }

    void onFailed(final long ofRequest, final EtcdError error)
    {
        if (!isInFlight || ofRequest != requestId)
        {
            return;
        }
        final ArrayDeque<UnaryCall> round = end();
        while (!round.isEmpty())
        {
            final UnaryCall call = round.poll();
            call.fail(error);
            call.onDequeued();
        }
        begin();
    }

    /** Sends again what was not answered or found the ring full. */
    int poll(final long nowNs)
    {
        if (nowNs < resendNs)
        {
            return 0;
        }
        dropDone();
        if (isInFlight)
        {
            send(nowNs);
            return 1;
        }
        begin();
        return 0;
    }

    long nextDeadlineNs()
    {
        return resendNs;
    }

    private void begin()
    {
        if (isInFlight || gathering.isEmpty())
        {
            return;
        }
        final ArrayDeque<UnaryCall> empty = inFlight;
        inFlight = gathering;
        gathering = empty;
        requestId++;
        isInFlight = true;
        send(clock.nanoTime());
    }

    private ArrayDeque<UnaryCall> end()
    {
        isInFlight = false;
        resendNs = Long.MAX_VALUE;
        return inFlight;
    }

    /** A round whose reads are all gone is not repeated; a late answer finds another request id. */
    private void dropDone()
    {
        for (int i = inFlight.size(); i > 0; i--)
        {
            final UnaryCall call = inFlight.poll();
            if (call.isDone)
            {
                call.onDequeued();
            }
            else
            {
                inFlight.add(call);
            }
        }
        if (isInFlight && inFlight.isEmpty())
        {
            end();
        }
    }

    private void send(final long nowNs)
    {
        final OneToOneRingBuffer ring = rings.toConsensus();
        final int index = ring.tryClaim(RingMessages.READ_INDEX, Long.BYTES);
        if (index > 0)
        {
            ring.buffer().putLong(index, requestId);
            ring.commit(index);
            rings.signalCore();
        }
        resendNs = nowNs + RESEND_NS;
    }
}
