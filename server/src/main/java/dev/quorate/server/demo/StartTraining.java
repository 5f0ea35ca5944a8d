package dev.quorate.server.demo;

import com.google.protobuf.ByteString;
import dev.quorate.gateway.proto.etcdserverpb.KVGrpc;
import dev.quorate.gateway.proto.etcdserverpb.LeaseGrantRequest;
import dev.quorate.gateway.proto.etcdserverpb.LeaseGrpc;
import dev.quorate.gateway.proto.etcdserverpb.PutRequest;
import dev.quorate.gateway.proto.etcdserverpb.RangeRequest;
import dev.quorate.gateway.proto.etcdserverpb.RequestOp;
import dev.quorate.gateway.proto.etcdserverpb.TxnRequest;
import dev.quorate.gateway.proto.etcdserverpb.WatchCreateRequest;
import dev.quorate.gateway.proto.etcdserverpb.WatchGrpc;
import dev.quorate.gateway.proto.etcdserverpb.WatchRequest;
import dev.quorate.gateway.proto.etcdserverpb.WatchResponse;
import dev.quorate.server.log.Logs;
import io.grpc.ManagedChannel;
import io.grpc.stub.StreamObserver;

import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * A short life of one member, with calls of each common kind: the virtual machine of the member, told so by its
 * launcher, notes which classes it loads and what it runs, and writes that into a cache that later starts read.
 */
public final class StartTraining
{
    private static final int ROUNDS = 200;
    private static final int PATIENCE_SECONDS = 30;

    private StartTraining()
    {
    }

    /**
     * Entry point. Ends with exit code 0, or 1 and the reason.
     *
     * @param args the launcher of a member.
     */
    public static void main(final String[] args)
    {
        Logs.configure("error", "console");
        int exitCode = 1;
        try (DemoCluster cluster = new DemoCluster(Path.of(args[0]), 1))
        {
            Runtime.getRuntime().addShutdownHook(new Thread(cluster::close));
            cluster.start(0);
            cluster.awaitStatus(0);
            call(cluster.channel(0));
            cluster.stop(0);
            exitCode = 0;
        }
        catch (final Exception ex)
        {
            System.err.println("no training: " + ex.getMessage());
        }
        System.exit(exitCode);
    }

    private static void call(final ManagedChannel channel) throws InterruptedException
    {
        final ByteString key = ByteString.copyFromUtf8("training");
        final KVGrpc.KVBlockingStub kv =
            KVGrpc.newBlockingStub(channel).withDeadlineAfter(PATIENCE_SECONDS, TimeUnit.SECONDS);
        final CountDownLatch seen = new CountDownLatch(1);
        final StreamObserver<WatchRequest> watch = WatchGrpc.newStub(channel).watch(new Responses(seen));
        watch.onNext(WatchRequest.newBuilder()
            .setCreateRequest(WatchCreateRequest.newBuilder().setKey(key).setStartRevision(1)).build());
        final long lease = LeaseGrpc.newBlockingStub(channel).withDeadlineAfter(PATIENCE_SECONDS, TimeUnit.SECONDS)
            .leaseGrant(LeaseGrantRequest.newBuilder().setTTL(PATIENCE_SECONDS).build()).getID();
        for (int i = 0; i < ROUNDS; i++)
        {
            final PutRequest put = PutRequest.newBuilder().setKey(key).setValue(key).setLease(lease).build();
            kv.put(put);
            kv.range(RangeRequest.newBuilder().setKey(key).build());
            kv.txn(TxnRequest.newBuilder().addSuccess(RequestOp.newBuilder().setRequestPut(put)).build());
        }
        if (!seen.await(PATIENCE_SECONDS, TimeUnit.SECONDS))
        {
            throw new IllegalStateException("no event was watched");
        }
        watch.onCompleted();
    }

    /** Waits for the first event. */
    private record Responses(CountDownLatch seen) implements StreamObserver<WatchResponse>
    {
        @Override
        public void onNext(final WatchResponse response)
        {
            if (response.getEventsCount() > 0)
            {
                seen.countDown();
            }
        }

        @Override
        public void onError(final Throwable error)
        {
            // the latch is not counted down, which says it
        }

        @Override
        public void onCompleted()
        {
            // the same
        }
    }
}
