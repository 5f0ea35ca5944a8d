package dev.quorate.gateway.rpc;

import dev.quorate.core.api.Answer;
import dev.quorate.core.api.ClientCall;
import dev.quorate.core.api.GrpcCode;
import dev.quorate.core.api.Method;
import dev.quorate.gateway.loop.LoopRunner;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import org.agrona.DirectBuffer;

/**
 * One gRPC call between grpc-java and the {@code ClientPort}: what the client sends goes to the core's {@link
 * ClientCall}, what the core answers goes out. Owned by the event loop of the connection; grpc runs on it directly.
 */
final class GrpcCall extends ServerCall.Listener<Request> implements Answer
{
    private final Method method;
    private final ServerCall<Request, Response> call;
    private final LoopRunner loop;
    private final Response response;
    private final long startNs;
    private ClientCall client;
    private boolean hasMessage;
    private boolean headersSent;
    private boolean responseSent;
    private boolean wasNotReady;
    private boolean isHeldBack;
    private boolean ended;

    /**
     * @param method   that is called.
     * @param call     of the transport.
     * @param loop     that owns the connection.
     * @param response of the loop, to send with.
     * @param timed    true to record how long the call takes.
     */
    GrpcCall(
        final Method method,
        final ServerCall<Request, Response> call,
        final LoopRunner loop,
        final Response response,
        final boolean timed)
    {
        this.method = method;
        this.call = call;
        this.loop = loop;
        this.response = response;
        startNs = timed ? System.nanoTime() : 0;
    }

    /**
     * Opens the call in the core and asks the transport for its messages.
     *
     * @param requireLeader true if the call wants to fail while there is no leader.
     */
    void open(final boolean requireLeader)
    {
        loop.delivered();

        try
        {
            client = loop.port().open(method, requireLeader, this);
        }
        catch (final Throwable ex)
        {
            onFault(ex);
        }

        if (!ended)
        {
            // Of a single request one more is asked for, so that a second message is seen and refused.
            call.request(method.kind() == Method.Kind.BIDI_STREAM ? 1 : 2);
        }
    }

    @Override
    public boolean isReady()
    {
        final boolean ready = !ended && call.isReady();
        wasNotReady |= !ready;

        return ready;
    }

    @Override
    public void resume()
    {
        if (!ended && isHeldBack)
        {
            isHeldBack = false;
            call.request(1);
        }
    }

    @Override
    public void message(final DirectBuffer buffer, final int offset, final int length)
    {
        if (ended)
        {
            return;
        }

        if (responseSent && method.kind() == Method.Kind.UNARY)
        {
            throw new IllegalStateException("second response to " + method);
        }

        sendHeaders();
        call.sendMessage(response.wrap(buffer, offset, length));
        responseSent = true;
        loop.counters().onSent(method.ordinal(), length);
    }

    @Override
    public void complete()
    {
        if (ended)
        {
            return;
        }

        if (!responseSent && method.kind() == Method.Kind.UNARY)
        {
            throw new IllegalStateException("no response to " + method);
        }

        sendHeaders();
        end(GrpcCode.OK);
        call.close(Status.OK, new Metadata());
    }

    @Override
    public void fail(final GrpcCode code, final String description)
    {
        if (code == GrpcCode.OK)
        {
            throw new IllegalArgumentException("failed with OK: " + description);
        }

        if (!ended)
        {
            end(code);
            call.close(Status.fromCodeValue(code.ordinal()).withDescription(description), new Metadata());
        }
    }

    @Override
    public void onMessage(final Request request)
    {
        if (ended)
        {
            return;
        }

        if (request.refusal() != null)
        {
            refuse(GrpcCode.RESOURCE_EXHAUSTED, request.refusal());
            return;
        }

        final DirectBuffer buffer = request.buffer();
        loop.counters().onReceived(method.ordinal(), buffer.capacity());

        if (method.kind() != Method.Kind.BIDI_STREAM && hasMessage)
        {
            refuse(GrpcCode.INTERNAL, "more than one request in a call with one");
            return;
        }

        hasMessage = true;
        loop.delivered();

        try
        {
            client.onMessage(buffer, 0, buffer.capacity());
        }
        catch (final Throwable ex)
        {
            onFault(ex);
        }

        if (!ended && method.kind() == Method.Kind.BIDI_STREAM)
        {
            isHeldBack = !client.takesMore();
            if (!isHeldBack)
            {
                call.request(1);
            }
        }
    }

    @Override
    public void onHalfClose()
    {
        if (ended)
        {
            return;
        }

        if (method.kind() != Method.Kind.BIDI_STREAM && !hasMessage)
        {
            refuse(GrpcCode.INTERNAL, "no request in a call with one");
            return;
        }

        loop.delivered();

        try
        {
            client.onHalfClose();
        }
        catch (final Throwable ex)
        {
            onFault(ex);
        }
    }

    @Override
    public void onCancel()
    {
        if (!ended)
        {
            end(GrpcCode.CANCELED);
            cancelInCore();
        }
    }

    @Override
    public void onReady()
    {
        if (!ended && wasNotReady)
        {
            wasNotReady = false;
            loop.delivered();

            try
            {
                client.onReady();
            }
            catch (final Throwable ex)
            {
                onFault(ex);
            }
        }
    }

    /** Ends a call that the core has opened for a reason that only the transport knows. */
    private void refuse(final GrpcCode code, final String description)
    {
        fail(code, description);
        cancelInCore();
    }

    private void cancelInCore()
    {
        loop.delivered();

        try
        {
            client.onCancel();
        }
        catch (final Throwable ex)
        {
            onFault(ex);
        }
    }

    /** A fault of the core is told to whoever may halt the member; grpc would only log it. */
    private void onFault(final Throwable fault)
    {
        loop.onError(fault);
        fail(GrpcCode.INTERNAL, "internal error");
    }

    private void sendHeaders()
    {
        if (!headersSent)
        {
            headersSent = true;
            call.sendHeaders(new Metadata());
        }
    }

    private void end(final GrpcCode code)
    {
        ended = true;
        loop.counters().onHandled(method.ordinal(), code.ordinal());

        if (startNs != 0)
        {
            loop.counters().onHandlingTime(method.ordinal(), System.nanoTime() - startNs);
        }
    }

    @Override
    public String toString()
    {
        return "GrpcCall{method=" + method + ", ended=" + ended + '}';
    }
}
