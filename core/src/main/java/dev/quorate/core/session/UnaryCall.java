package dev.quorate.core.session;

import dev.quorate.core.api.Answer;
import dev.quorate.core.api.ClientCall;
import dev.quorate.core.api.EtcdError;
import dev.quorate.core.api.GrpcCode;
import dev.quorate.core.api.Method;
import dev.quorate.core.wire.WireException;
import dev.quorate.core.wire.WireWriter;
import org.agrona.DirectBuffer;
import org.agrona.collections.LongArrayList;

/**
 * A call with one request. It holds the request's bytes until the answer is built from them, and nothing else of it.
 * Used again for later calls once it is over and stands in no queue.
 */
final class UnaryCall extends AppliedWaiter implements ClientCall, Timeouts.Timed, Calls.Pending, Retries.Retried
{
    /** Not among the pending calls. */
    static final long NO_CORRELATION = -1;

    final LongArrayList values = new LongArrayList();
    Method method;
    Answer answer;
    CallGroup group;
    DirectBuffer buffer;
    int offset;
    int length;
    boolean isLeaderRequired;
    boolean isDone;
    boolean isQueued;
    boolean isWaiting;
    /** Begins again after a pause; queued meanwhile. */
    boolean isRetrying;
    /** Waits for the result of a command, and every result so far was delivered. */
    boolean isLossProvable;
    /** Waits for the result of a command. */
    boolean isProposed;
    /** What the group keeps with the call between its steps. */
    long attachment;
    int step;
    long startNs;
    long correlationId;
    private final Calls calls;
    private long timerId;
    private boolean isBegun;

    UnaryCall(final Calls calls)
    {
        this.calls = calls;
    }

    UnaryCall open(final Method ofMethod, final CallGroup ofGroup, final boolean requireLeader, final Answer to)
    {
        method = ofMethod;
        group = ofGroup;
        isLeaderRequired = requireLeader;
        answer = to;
        buffer = null;
        isDone = false;
        isQueued = false;
        isWaiting = false;
        isRetrying = false;
        isLossProvable = false;
        isProposed = false;
        isBegun = false;
        attachment = 0;
        step = 0;
        correlationId = NO_CORRELATION;
        timerId = Timeouts.NONE;
        values.clear();
        return this;
    }

    @Override
    public void onMessage(final DirectBuffer source, final int at, final int ofLength)
    {
        buffer = source;
        offset = at;
        length = ofLength;
    }

    @Override
    public void onHalfClose()
    {
        if (isBegun || isDone)
        {
            return;
        }
        isBegun = true;
        if (buffer == null)
        {
            fail(GrpcCode.INTERNAL, "Half-closed without a request");
            return;
        }
        startNs = calls.nowNs();
        begin();
    }

    @Override
    public void onCancel()
    {
        if (!isDone)
        {
            countIfProposed();
            release();
        }
    }

    @Override
    public void onReady()
    {
        if (!isDone)
        {
            group.onReady(this);
        }
    }

    @Override
    public void onDeadline()
    {
        timerId = Timeouts.NONE;
        countIfProposed();
        fail(group.timeoutOf(this));
    }

    /** A command that reached a member which leads no more was not appended: it is proposed again. */
    @Override
    public void onRefused(final EtcdError error)
    {
        if (error == EtcdError.NOT_LEADER)
        {
            isProposed = isLossProvable;
            retryLater();
        }
        else
        {
            fail(error);
        }
    }

    /** Begins again at once: what it proposed was lost, and a leader is known that can be asked. */
    void beginAgain()
    {
        if (!isDone)
        {
            begin();
        }
    }

    /** Begins again after a pause, until the deadline. */
    void retryLater()
    {
        isQueued = true;
        isRetrying = true;
        calls.retryLater(this);
    }

    @Override
    public void onRetry()
    {
        isRetrying = false;
        onDequeued();
        if (!isDone)
        {
            begin();
        }
    }

    @Override
    public void onAgentAnswer(final int type, final DirectBuffer from, final int index)
    {
        group.onAgentAnswer(this, type, from, index);
    }

    @Override
    boolean isAbandoned()
    {
        return isDone;
    }

    @Override
    void onIndexApplied()
    {
        if (!isDone)
        {
            isQueued = false;
            group.onReadReady(this);
        }
        else
        {
            onDequeued();
        }
    }

    /** Stands in no queue any more. */
    void onDequeued()
    {
        isQueued = false;
        if (isDone)
        {
            calls.recycle(this);
        }
    }

    void setTimer(final long ofTimer)
    {
        timerId = ofTimer;
    }

    boolean hasTimer()
    {
        return timerId != Timeouts.NONE;
    }

    /** From here on only the client's own deadline ends the call. */
    void clearTimer()
    {
        calls.stopTimer(timerId);
        timerId = Timeouts.NONE;
    }

    void message(final WireWriter writer)
    {
        answer.message(writer.buffer(), 0, writer.length());
    }

    void complete(final WireWriter writer)
    {
        if (!isDone)
        {
            if (writer.overflowed())
            {
                fail(GrpcCode.RESOURCE_EXHAUSTED, calls.tooLargeText());
                return;
            }
            final Answer to = answer;
            message(writer);
            release();
            to.complete();
        }
    }

    void fail(final EtcdError error)
    {
        fail(error.code(), error.message());
    }

    void fail(final GrpcCode code, final String text)
    {
        if (!isDone)
        {
            final Answer to = answer;
            release();
            to.fail(code, text);
        }
    }

    private void countIfProposed()
    {
        if (isProposed)
        {
            isProposed = false;
            calls.countFailedProposal();
        }
    }

    private void begin()
    {
        try
        {
            group.begin(this);
        }
        catch (final WireException ex)
        {
            fail(GrpcCode.INTERNAL, "grpc: error unmarshalling request: " + ex.getMessage());
        }
    }

    private void release()
    {
        isDone = true;
        calls.forget(this, timerId);
        timerId = Timeouts.NONE;
        buffer = null;
        answer = null;
        if (!isQueued)
        {
            calls.recycle(this);
        }
    }
}
