package dev.quorate.gateway.http;

import dev.quorate.core.api.Answer;
import dev.quorate.core.api.ClientCall;
import dev.quorate.core.api.EtcdError;
import dev.quorate.core.api.GrpcCode;
import dev.quorate.core.api.Method;
import dev.quorate.gateway.loop.LoopRunner;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Reads one key through the {@code ClientPort} to see whether the member serves reads. Owned by the event loop.
 */
final class RangeProbe implements Answer
{
    /** RangeRequest: key = 00, limit = 1, keys_only = true. */
    private static final byte[] LINEARIZABLE = {0x0A, 1, 0, 0x18, 1, 0x40, 1};
    /** RangeRequest: key = 00, limit = 1, serializable = true, keys_only = true. */
    private static final byte[] SERIALIZABLE = {0x0A, 1, 0, 0x18, 1, 0x38, 1, 0x40, 1};

    private final Consumer<String> result;
    private Future<?> timeout;
    private boolean ended;

    private RangeProbe(final Consumer<String> result)
    {
        this.result = result;
    }

    /**
     * Starts the read.
     *
     * @param loop         of the caller.
     * @param executor     of the caller.
     * @param serializable true to read this member's own state, false to read what a quorum confirms.
     * @param timeoutMs    longest wait, milliseconds.
     * @param result       given the error, or null when the read succeeded; once, on the event loop, perhaps at once.
     */
    static void run(
        final LoopRunner loop,
        final EventExecutor executor,
        final boolean serializable,
        final long timeoutMs,
        final Consumer<String> result)
    {
        final RangeProbe probe = new RangeProbe(result);
        loop.delivered();
        final ClientCall call = loop.port().open(Method.KV_RANGE, false, probe);

        if (!probe.ended)
        {
            final byte[] request = (serializable ? SERIALIZABLE : LINEARIZABLE).clone();
            call.onMessage(new UnsafeBuffer(request), 0, request.length);
        }

        if (!probe.ended)
        {
            call.onHalfClose();
        }

        if (!probe.ended)
        {
            probe.timeout = executor.schedule(() -> probe.onTimeout(loop, call), timeoutMs, TimeUnit.MILLISECONDS);
        }
    }

    private void onTimeout(final LoopRunner loop, final ClientCall call)
    {
        if (!ended)
        {
            end(EtcdError.TIMEOUT.message());
            loop.delivered();
            call.onCancel();
        }
    }

    @Override
    public boolean isReady()
    {
        return true;
    }

    @Override
    public void message(final DirectBuffer buffer, final int offset, final int length)
    {
        // What was read does not matter, only that it could be.
    }

    @Override
    public void complete()
    {
        end(null);
    }

    @Override
    public void fail(final GrpcCode code, final String description)
    {
        end(description);
    }

    private void end(final String error)
    {
        if (ended)
        {
            return;
        }

        ended = true;
        if (timeout != null)
        {
            timeout.cancel(false);
        }

        result.accept(error);
    }
}
