package dev.quorate.gateway.rpc;

import dev.quorate.core.api.EtcdError;
import dev.quorate.core.ring.NodeState;
import dev.quorate.gateway.loop.LoopThread;
import dev.quorate.gateway.metrics.LoopCounters;
import dev.quorate.gateway.metrics.Rpcs;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;

/**
 * Counts the calls of the health service, which do not pass the core, and lets none by that the core would not let by
 * either. Its refusal gets the usual words.
 */
public final class CountedHealth implements ServerInterceptor
{
    /** In the words that Go clients know. */
    private static final Status UNKNOWN_SERVICE = Status.NOT_FOUND.withDescription("unknown service");

    private final NodeState state;

    /**
     * @param state of the member.
     */
    public CountedHealth(final NodeState state)
    {
        this.state = state;
    }

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
        final ServerCall<Q, A> call, final Metadata headers, final ServerCallHandler<Q, A> next)
    {
        final LoopCounters counters = LoopThread.currentRunner().counters();
        final int rpc = Rpcs.indexOfHealth(call.getMethodDescriptor().getBareMethodName());
        final CountedCall<Q, A> counted = new CountedCall<>(call, counters, rpc);

        counters.onStarted(rpc);

        final EtcdError error =
            gate(headers, counters, MethodDescriptor.MethodType.UNARY != call.getMethodDescriptor().getType());
        if (error != EtcdError.NONE)
        {
            counted.close(
                Status.fromCodeValue(error.code().ordinal()).withDescription(error.message()), new Metadata());
            return new ServerCall.Listener<>()
            {
            };
        }

        return new CountedListener<>(next.startCall(counted, headers), counted);
    }

    private EtcdError gate(final Metadata headers, final LoopCounters counters, final boolean stream)
    {
        if (state.get(NodeState.Value.CLUSTER_VERSION) == 0)
        {
            return EtcdError.NOT_CAPABLE;
        }

        if (state.get(NodeState.Value.IS_LEARNER) != 0)
        {
            return EtcdError.NOT_SUPPORTED_FOR_LEARNER;
        }

        if (!counters.onClientRequest(headers.get(EtcdServices.CLIENT_API_VERSION), stream))
        {
            return EtcdError.INVALID_CLIENT_API_VERSION;
        }

        final boolean hasNoLeader = state.get(NodeState.Value.LEADER_ID) == 0;
        return hasNoLeader && "true".equals(headers.get(EtcdServices.HAS_LEADER)) ?
            EtcdError.NO_LEADER : EtcdError.NONE;
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
