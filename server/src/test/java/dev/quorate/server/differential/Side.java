package dev.quorate.server.differential;

import com.google.protobuf.Message;
import dev.quorate.gateway.proto.etcdserverpb.LeaseGrpc;
import dev.quorate.gateway.proto.etcdserverpb.LeaseKeepAliveRequest;
import dev.quorate.gateway.proto.etcdserverpb.LeaseKeepAliveResponse;
import dev.quorate.server.process.Await;
import dev.quorate.server.process.MemberProcess;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * One of the two servers, as its client sees it.
 */
final class Side
{
    static final long DEADLINE_S = 60;

    private static final String LAGGING = "etcd_debugging_mvcc_slow_watcher_total ";

    private final String name;
    private final MemberProcess process;
    private final Channel channel;
    private final BlockingQueue<Outcome> keptAlive = new LinkedBlockingQueue<>();
    private StreamObserver<LeaseKeepAliveRequest> keepAlive;

    Side(final String name, final MemberProcess process)
    {
        this.name = name;
        this.process = process;
        this.channel = process.channel();
    }

    <Q extends Message, A extends Message> CompletableFuture<Outcome> call(
        final MethodDescriptor<Q, A> method, final Q request)
    {
        return call(channel, method, request);
    }

    <Q extends Message, A extends Message> CompletableFuture<Outcome> call(
        final MethodDescriptor<Q, A> method, final Q request, final Metadata metadata)
    {
        return call(ClientInterceptors.intercept(
            channel, MetadataUtils.newAttachHeadersInterceptor(metadata)), method, request);
    }

    private static <Q extends Message, A extends Message> CompletableFuture<Outcome> call(
        final Channel channel, final MethodDescriptor<Q, A> method, final Q request)
    {
        final CompletableFuture<Outcome> outcome = new CompletableFuture<>();
        ClientCalls.asyncUnaryCall(
            channel.newCall(method, CallOptions.DEFAULT.withDeadlineAfter(DEADLINE_S, TimeUnit.SECONDS)),
            request,
            new StreamObserver<A>()
            {
                private Message answer;

                @Override
                public void onNext(final A value)
                {
                    answer = value;
                }

                @Override
                public void onError(final Throwable error)
                {
                    outcome.complete(Outcome.of(error));
                }

                @Override
                public void onCompleted()
                {
                    outcome.complete(Outcome.of(answer));
                }
            });
        return outcome;
    }

    /**
     * A server stream whose messages are merged into one.
     */
    <Q extends Message, A extends Message> Outcome merged(final MethodDescriptor<Q, A> method, final Q request)
    {
        try
        {
            final var marshaller = (MethodDescriptor.PrototypeMarshaller<A>)method.getResponseMarshaller();
            final Message.Builder merged = marshaller.getMessagePrototype().newBuilderForType();
            ClientCalls.blockingServerStreamingCall(
                channel, method, CallOptions.DEFAULT.withDeadlineAfter(DEADLINE_S, TimeUnit.SECONDS), request)
                .forEachRemaining(merged::mergeFrom);
            return Outcome.of(merged.build());
        }
        catch (final RuntimeException ex)
        {
            return Outcome.of(ex);
        }
    }

    /**
     * The first message of a server stream that goes on for ever.
     */
    <Q extends Message, A extends Message> Outcome first(final MethodDescriptor<Q, A> method, final Q request)
    {
        try (Context.CancellableContext context = Context.current().withCancellation())
        {
            return context.call(() -> Outcome.of(ClientCalls.blockingServerStreamingCall(
                channel, method, CallOptions.DEFAULT.withDeadlineAfter(DEADLINE_S, TimeUnit.SECONDS), request).next()));
        }
        catch (final Exception ex)
        {
            return Outcome.of(ex);
        }
    }

    /** Keep-alives that do not wait for each other. */
    List<Outcome> keepAlive(final List<Long> leases)
    {
        leases.forEach(this::sendKeepAlive);
        return leases.stream().map((lease) -> awaitKeptAlive()).toList();
    }

    Outcome keepAlive(final long lease)
    {
        sendKeepAlive(lease);
        return awaitKeptAlive();
    }

    private void sendKeepAlive(final long lease)
    {
        if (null == keepAlive)
        {
            keepAlive = LeaseGrpc.newStub(channel).leaseKeepAlive(new StreamObserver<>()
            {
                @Override
                public void onNext(final LeaseKeepAliveResponse value)
                {
                    keptAlive.add(Outcome.of(value));
                }

                @Override
                public void onError(final Throwable error)
                {
                    keptAlive.add(Outcome.of(error));
                }

                @Override
                public void onCompleted()
                {
                    keptAlive.add(Outcome.error(io.grpc.Status.Code.OK, "stream ended"));
                }
            });
        }
        keepAlive.onNext(LeaseKeepAliveRequest.newBuilder().setID(lease).build());
    }

    private Outcome awaitKeptAlive()
    {
        try
        {
            final Outcome outcome = keptAlive.poll(DEADLINE_S, TimeUnit.SECONDS);
            if (null == outcome)
            {
                throw new AssertionError(name + " did not answer a keep-alive");
            }
            return outcome;
        }
        catch (final InterruptedException ex)
        {
            throw new IllegalStateException(ex);
        }
    }

    /**
     * Waits until every watcher has come to the present revision: from then on what a compaction or a request for
     * progress means to it does not depend on time.
     */
    void awaitWatchersInStep()
    {
        Await.until("the watchers of " + name + " come to the present", Duration.ofSeconds(DEADLINE_S), () ->
            process.get("/metrics").body().lines().anyMatch((line) ->
                line.startsWith(LAGGING) && 0 == Double.parseDouble(line.substring(LAGGING.length()))));
    }

    Channel channel()
    {
        return channel;
    }

    @Override
    public String toString()
    {
        return name;
    }
}
