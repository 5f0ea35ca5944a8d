package dev.quorate.core.session;

import dev.quorate.core.api.Answer;
import dev.quorate.core.api.ClientCall;
import dev.quorate.core.api.EtcdError;
import dev.quorate.core.api.GrpcCode;
import dev.quorate.core.ring.RingMessages;
import dev.quorate.core.wire.WireException;
import dev.quorate.core.wire.WireReader;
import dev.quorate.core.wire.WireWriter;
import org.agrona.DirectBuffer;

import java.util.ArrayDeque;

/**
 * A stream of keep-alives: one answer per request, in order.
 */
final class KeepAliveStream implements ClientCall, LeaderLoss.Bound
{
    private static final int MAX_OUTSTANDING = 1_024;
    private static final long APPLIED_TIMEOUT_NS = 1_000_000_000L;

    private final SessionContext context;
    private final SessionParts parts;
    private final LeaderLoss leaderLoss;
    private final Answer answer;
    private final WireReader reader = new WireReader();
    private final ArrayDeque<KeepAlive> outstanding = new ArrayDeque<>();
    private boolean isClosed;
    private boolean isHalfClosed;
    private boolean isHeldBack;

    KeepAliveStream(
        final SessionContext context,
        final SessionParts parts,
        final LeaderLoss leaderLoss,
        final boolean requireLeader,
        final Answer answer)
    {
        this.context = context;
        this.parts = parts;
        this.leaderLoss = leaderLoss;
        this.answer = answer;
        final EtcdError error = parts.calls.gate(false, requireLeader);
        if (error != EtcdError.NONE)
        {
            isClosed = true;
            answer.fail(error);
        }
        else if (requireLeader)
        {
            leaderLoss.add(this, parts.calls.nowNs());
        }
    }

    @Override
    public void onMessage(final DirectBuffer buffer, final int offset, final int length)
    {
        if (isClosed)
        {
            return;
        }
        long leaseId = 0;
        try
        {
            reader.wrap(buffer, offset, length);
            while (reader.next())
            {
                leaseId = reader.tag() == 1 << 3 ? reader.number() : leaseId;
            }
        }
        catch (final WireException ex)
        {
            fail(GrpcCode.INTERNAL, "grpc: failed to unmarshal the received message: " + ex.getMessage());
            return;
        }
        ask(leaseId);
    }

    @Override
    public void onHalfClose()
    {
        isHalfClosed = true;
        completeIfDone();
    }

    @Override
    public void onCancel()
    {
        close();
    }

    @Override
    public void onReady()
    {
    }

    /** A client with many leases sends more at once than shall wait here: the transport keeps the rest. */
    @Override
    public boolean takesMore()
    {
        isHeldBack = outstanding.size() >= MAX_OUTSTANDING;
        return !isHeldBack;
    }

    @Override
    public void onNoLeader()
    {
        fail(EtcdError.NO_LEADER);
    }

    boolean isClosed()
    {
        return isClosed;
    }

    EtcdError timeoutOf(final long startNs)
    {
        return parts.calls.questionTimeout(startNs);
    }

    void awaitApplied(final KeepAlive request, final long index)
    {
        request.startTimer(parts.timeouts, parts.calls.nowNs() + APPLIED_TIMEOUT_NS);
        parts.applied.await(request, index);
    }

    /** @return true if the lease exists on this member. */
    boolean exists(final long leaseId)
    {
        return context.leases().contains(leaseId);
    }

    /** The request is asked again after a pause, until its deadline. */
    void retryLater(final KeepAlive request)
    {
        request.startTimer(parts.timeouts, request.startNs + context.requestTimeoutNs());
        parts.retries.later(request, parts.calls.nowNs());
    }

    /** Asks consensus, now or again. */
    void ask(final KeepAlive request)
    {
        if (isClosed)
        {
            return;
        }
        final long correlationId = parts.calls.nextCorrelationId();
        if (!parts.proposals.ask(RingMessages.KEEP_ALIVE, correlationId, request.leaseId))
        {
            fail(EtcdError.TOO_MANY_REQUESTS);
            return;
        }
        request.correlationId = correlationId;
        parts.calls.await(request, correlationId);
        request.startTimer(parts.timeouts, request.startNs + context.requestTimeoutNs());
    }

    /** Sends every answer that has no unanswered request before it. */
    void onAnswered(final KeepAlive request)
    {
        request.stopTimer(parts.timeouts);
        while (!isClosed && !outstanding.isEmpty() && outstanding.peek().isAnswered)
        {
            final KeepAlive first = outstanding.poll();
            final WireWriter writer = parts.writer.reset();
            parts.headers.write(writer, first.headerRevision);
            writer.varint(2, first.leaseId);
            writer.varint(3, first.ttlSeconds);
            answer.message(writer.buffer(), 0, writer.length());
        }
        completeIfDone();
        if (isHeldBack && !isClosed && outstanding.size() < MAX_OUTSTANDING)
        {
            isHeldBack = false;
            answer.resume();
        }
    }

    void fail(final EtcdError error)
    {
        fail(error.code(), error.message());
    }

    private void fail(final GrpcCode code, final String text)
    {
        if (!isClosed)
        {
            close();
            answer.fail(code, text);
        }
    }

    private void ask(final long leaseId)
    {
        if (outstanding.size() >= MAX_OUTSTANDING)
        {
            fail(EtcdError.TOO_MANY_REQUESTS);
            return;
        }
        final KeepAlive request =
            new KeepAlive(this, leaseId, context.state().visibleRevision(), parts.calls.nowNs());
        outstanding.add(request);
        ask(request);
    }

    private void completeIfDone()
    {
        if (!isClosed && isHalfClosed && outstanding.isEmpty())
        {
            close();
            answer.complete();
        }
    }

    private void close()
    {
        if (isClosed)
        {
            return;
        }
        isClosed = true;
        leaderLoss.remove(this);
        while (!outstanding.isEmpty())
        {
            final KeepAlive request = outstanding.poll();
            request.stopTimer(parts.timeouts);
            if (request.correlationId != UnaryCall.NO_CORRELATION)
            {
                parts.calls.take(request.correlationId);
            }
        }
    }
}
