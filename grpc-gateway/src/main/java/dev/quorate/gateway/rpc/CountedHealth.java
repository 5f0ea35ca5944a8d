package dev.quorate.gateway.rpc;

import dev.quorate.gateway.loop.LoopThread;
import dev.quorate.gateway.metrics.LoopCounters;
import dev.quorate.gateway.metrics.Rpcs;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;

/**
 * Counts the calls of the health service, which do not pass the core, and gives its refusal the usual words.
 */
public final class CountedHealth implements ServerInterceptor
{
    /** In the words that Go clients know. */
    private static final Status UNKNOWN_SERVICE = Status.NOT_FOUND.withDescription("unknown service");

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
        final ServerCall<Q, A> call, final Metadata headers, final ServerCallHandler<Q, A> next)
    {
        final LoopCounters counters = LoopThread.currentRunner().counters();
        final int rpc = Rpcs.indexOfHealth(call.getMethodDescriptor().getBareMethodName());
        final CountedCall<Q, A> counted = new CountedCall<>(call, counters, rpc);

        counters.onStarted(rpc);
        return new CountedListener<>(next.startCall(counted, headers), counted);
    }

    private static final class CountedCall<Q, A> extends SimpleForwardingServerCall<Q, A>
    {
        private final LoopCounters counters;
        private final int rpc;
        private boolean ended;

        CountedCall(final ServerCall<Q, A> call, final LoopCounters counters, final int rpc)
        {
            super(call);
            this.counters = counters;
            this.rpc = rpc;
        }

        @Override
        public void close(final Status status, final Metadata trailers)
        {
            end(status.getCode().value());
            super.close(Status.Code.NOT_FOUND == status.getCode() ? UNKNOWN_SERVICE : status, trailers);
        }

        void end(final int code)
        {
            if (!ended)
            {
                ended = true;
                counters.onHandled(rpc, code);
            }
        }
    }

    private static final class CountedListener<Q> extends SimpleForwardingServerCallListener<Q>
    {
        private final CountedCall<Q, ?> call;

        CountedListener(final ServerCall.Listener<Q> delegate, final CountedCall<Q, ?> call)
        {
            super(delegate);
            this.call = call;
        }

        @Override
        public void onCancel()
        {
            call.end(Status.Code.CANCELLED.value());
            super.onCancel();
        }
    }
}
