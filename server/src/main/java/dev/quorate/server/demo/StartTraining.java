package dev.quorate.server.demo;

import com.google.protobuf.ByteString;
import dev.quorate.gateway.proto.etcdserverpb.KVGrpc;
import dev.quorate.gateway.proto.etcdserverpb.LeaseGrantRequest;
import dev.quorate.gateway.proto.etcdserverpb.LeaseGrpc;
import dev.quorate.gateway.proto.etcdserverpb.MaintenanceGrpc;
import dev.quorate.gateway.proto.etcdserverpb.MoveLeaderRequest;
import dev.quorate.gateway.proto.etcdserverpb.PutRequest;
import dev.quorate.gateway.proto.etcdserverpb.RangeRequest;
import dev.quorate.gateway.proto.etcdserverpb.RequestOp;
import dev.quorate.gateway.proto.etcdserverpb.StatusResponse;
import dev.quorate.gateway.proto.etcdserverpb.TxnRequest;
import dev.quorate.gateway.proto.etcdserverpb.WatchCreateRequest;
import dev.quorate.gateway.proto.etcdserverpb.WatchGrpc;
import dev.quorate.gateway.proto.etcdserverpb.WatchRequest;
import dev.quorate.gateway.proto.etcdserverpb.WatchResponse;
import dev.quorate.server.log.Logs;
import io.grpc.ManagedChannel;
import io.grpc.stub.StreamObserver;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * A short life of a member of three, with calls of each common kind while it follows and while it leads: its virtual
 * machine notes which classes it loads and what it runs, and writes that into a cache that later starts read.
 */
public final class StartTraining
{
    private static final int MEMBERS = 3;
    private static final int ROUNDS = 100;
    private static final int PATIENCE_SECONDS = 30;

    private StartTraining()
    {
    }

    /**
     * Entry point. Ends with exit code 0, or 1 and the reason.
     *
     * @param args the launcher of a member, and the options by which its virtual machine makes the cache.
     */
    public static void main(final String[] args)
    {
        Logs.configure("error", "console");
        int exitCode = 1;
        try (DemoCluster cluster = new DemoCluster(Path.of(args[0]), MEMBERS))
        {
            Runtime.getRuntime().addShutdownHook(new Thread(cluster::close));
            cluster.start(0, args[1]);
            for (int i = 1; i < MEMBERS; i++)
            {
                cluster.start(i);
            }
            final boolean isLeading = lead(cluster, cluster.awaitStatus(0));
            call(cluster.channel(0));
            move(cluster, isLeading ? 1 : 0);
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

    /** @return true if the member that is trained leads. */
    private static boolean lead(final DemoCluster cluster, final StatusResponse trained) throws IOException
    {
        for (int i = 1; i < MEMBERS; i++)
        {
            cluster.awaitStatus(i);
        }
        return trained.getLeader() == trained.getHeader().getMemberId();
    }

    private static void move(final DemoCluster cluster, final int to) throws IOException
    {
        final long target = cluster.awaitStatus(to).getHeader().getMemberId();
        for (int i = 0; i < MEMBERS; i++)
        {
            final StatusResponse status = cluster.awaitStatus(i);
            if (status.getLeader() == status.getHeader().getMemberId())
            {
                MaintenanceGrpc.newBlockingStub(cluster.channel(i))
                    .withDeadlineAfter(PATIENCE_SECONDS, TimeUnit.SECONDS)
                    .moveLeader(MoveLeaderRequest.newBuilder().setTargetID(target).build());
                return;
            }
        }
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
