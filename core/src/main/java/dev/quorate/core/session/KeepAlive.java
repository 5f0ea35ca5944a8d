package dev.quorate.core.session;

import dev.quorate.core.api.EtcdError;
import org.agrona.DirectBuffer;

/**
 * One keep-alive request on its way to the leader and back. Its answer waits for those of earlier requests of the
 * stream.
 */
final class KeepAlive extends AppliedWaiter implements Calls.Pending, Timeouts.Timed, Retries.Retried
{
    final long leaseId;
    final long headerRevision;
    final long startNs;
    long correlationId = UnaryCall.NO_CORRELATION;
    long ttlSeconds;
    boolean isAnswered;
    private final KeepAliveStream stream;
    private long timerId = Timeouts.NONE;
    private boolean isWaitingForApply;

    KeepAlive(final KeepAliveStream stream, final long leaseId, final long headerRevision, final long startNs)
    {
        this.stream = stream;
        this.leaseId = leaseId;
        this.headerRevision = headerRevision;
        this.startNs = startNs;
    }

    void startTimer(final Timeouts timeouts, final long deadlineNs)
    {
        stopTimer(timeouts);
        timerId = timeouts.schedule(this, deadlineNs);
    }

    void stopTimer(final Timeouts timeouts)
    {
        if (timerId != Timeouts.NONE)
        {
            timeouts.cancel(timerId);
            timerId = Timeouts.NONE;
        }
    }

    @Override
    public void onRefused(final EtcdError error)
    {
        stream.fail(error);
    }

    /** Consensus: error, lease id, TTL, index. */
    @Override
    public void onAgentAnswer(final int type, final DirectBuffer buffer, final int index)
    {
        final EtcdError error = EtcdError.of((int)buffer.getLong(index + 8));
        correlationId = UnaryCall.NO_CORRELATION;
        if (error == EtcdError.NO_LEADER || error == EtcdError.LEADER_CHANGED)
        {
            stream.retryLater(this);
            return;
        }
        if (error != EtcdError.NONE)
        {
            stream.fail(error);
            return;
        }
        ttlSeconds = Math.max(0, buffer.getLong(index + 24));
        isWaitingForApply = true;
        stream.awaitApplied(this, buffer.getLong(index + 32));
    }

    @Override
    public void onDeadline()
    {
        timerId = Timeouts.NONE;
        stream.fail(isWaitingForApply ? EtcdError.TIMEOUT_APPLIED_INDEX : stream.timeoutOf(startNs));
    }

    @Override
    boolean isAbandoned()
    {
        return stream.isClosed();
    }

    @Override
    public void onRetry()
    {
        stream.ask(this);
    }

    @Override
    void onIndexApplied()
    {
        final boolean exists = stream.exists(leaseId);
        if (ttlSeconds == 0 && exists)
        {
            // granted here, but the leader has not applied that yet: asked again until it has, or the lease is gone
            isWaitingForApply = false;
            stream.retryLater(this);
            return;
        }
        if (!exists)
        {
            // revoked here, but the leader had not applied that when it renewed the lease
            ttlSeconds = 0;
        }
        isAnswered = true;
        stream.onAnswered(this);
    }
}
