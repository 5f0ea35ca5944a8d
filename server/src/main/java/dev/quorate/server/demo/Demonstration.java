package dev.quorate.server.demo;

import com.google.protobuf.ByteString;
import dev.quorate.gateway.proto.etcdserverpb.Compare;
import dev.quorate.gateway.proto.etcdserverpb.DeleteRangeRequest;
import dev.quorate.gateway.proto.etcdserverpb.HashKVRequest;
import dev.quorate.gateway.proto.etcdserverpb.KVGrpc;
import dev.quorate.gateway.proto.etcdserverpb.LeaseGrantRequest;
import dev.quorate.gateway.proto.etcdserverpb.LeaseGrpc;
import dev.quorate.gateway.proto.etcdserverpb.MaintenanceGrpc;
import dev.quorate.gateway.proto.etcdserverpb.PutRequest;
import dev.quorate.gateway.proto.etcdserverpb.RangeRequest;
import dev.quorate.gateway.proto.etcdserverpb.RangeResponse;
import dev.quorate.gateway.proto.etcdserverpb.RequestOp;
import dev.quorate.gateway.proto.etcdserverpb.StatusResponse;
import dev.quorate.gateway.proto.etcdserverpb.TxnRequest;
import dev.quorate.gateway.proto.etcdserverpb.TxnResponse;
import dev.quorate.gateway.proto.etcdserverpb.WatchCreateRequest;
import dev.quorate.gateway.proto.etcdserverpb.WatchGrpc;
import dev.quorate.gateway.proto.etcdserverpb.WatchRequest;
import dev.quorate.gateway.proto.etcdserverpb.WatchResponse;
import dev.quorate.gateway.proto.mvccpb.Event;
import dev.quorate.server.log.Logs;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Shows what a user has: a cluster, its keys, transactions, watches and leases, and that none of what it acknowledged
 * is lost when its leader is killed. Ends with exit code 0, or 1 and the reason.
 */
public final class Demonstration
{
    private static final int MEMBERS = 3;
    private static final int WRITES = 200;
    private static final long PATIENCE_NS = TimeUnit.SECONDS.toNanos(30);

    private final DemoCluster cluster;
    private final long startNs = System.nanoTime();

    private Demonstration(final DemoCluster cluster)
    {
        this.cluster = cluster;
    }

    /**
     * Entry point.
     *
     * @param args the launcher of a member.
     */
    public static void main(final String[] args)
    {
        Logs.configure("error", "console");
        int exitCode = 1;
        try (DemoCluster cluster = new DemoCluster(Path.of(args[0]), MEMBERS))
        {
            Runtime.getRuntime().addShutdownHook(new Thread(cluster::close));
            new Demonstration(cluster).run();
            exitCode = 0;
        }
        catch (final Exception ex)
        {
            System.out.println("\nFAILED: " + ex.getMessage());
        }
        System.exit(exitCode);
    }

    private void run() throws Exception
    {
        final int leader = formCluster();
        writeAndRead(leader);
        updateObjects(leader);
        watchLive(leader);
        expireLease(leader);
        killLeader(leader);
        say("Done: every step held.");
    }

    private int formCluster() throws Exception
    {
        say("Three members start on loopback and replicate over Aeron.");
        for (int i = 0; i < cluster.size(); i++)
        {
            cluster.start(i);
        }
        StatusResponse status = null;
        for (int i = 0; i < cluster.size(); i++)
        {
            status = cluster.awaitStatus(i);
            tell(DemoCluster.name(i) + " serves " + cluster.clientUrl(i) + ", id " +
                Long.toHexString(status.getHeader().getMemberId()) + ", etcd version " + status.getVersion());
        }
        final int leader = leader();
        tell("they elected " + DemoCluster.name(leader) + " in term " + status.getRaftTerm());
        return leader;
    }

    private void writeAndRead(final int leader)
    {
        say("Keys: put, get, delete, through different members.");
        final int other = (leader + 1) % cluster.size();
        final long putNs = System.nanoTime();
        final long revision = kv(leader).put(put("greeting", "hello")).getHeader().getRevision();
        tell("put greeting=hello through the leader: revision " + revision + ", " + ms(putNs));
        final long getNs = System.nanoTime();
        final RangeResponse read = kv(other).range(RangeRequest.newBuilder().setKey(bytes("greeting")).build());
        check(1 == read.getCount() && "hello".equals(read.getKvs(0).getValue().toStringUtf8()),
            "the follower reads it");
        tell("linearizable get through a follower: " + read.getKvs(0).getValue().toStringUtf8() + ", " + ms(getNs));
        check(1 == kv(other).deleteRange(
            DeleteRangeRequest.newBuilder().setKey(bytes("greeting")).build()).getDeleted(), "one key is deleted");
        check(0 == kv(leader).range(RangeRequest.newBuilder().setKey(bytes("greeting")).build()).getCount(),
            "it is gone");
        tell("deleted through the follower; the leader no longer has it");
    }

    private void updateObjects(final int leader)
    {
        say("Kubernetes-style objects: create, then update by comparing the revision.");
        final ByteString key = bytes("/registry/pods/default/web-0");
        final TxnResponse created = kv(leader).txn(compareAndPut(key, 0, "phase: Pending"));
        check(created.getSucceeded(), "the object is created");
        final long version = created.getHeader().getRevision();
        tell("created " + key.toStringUtf8() + " at resource version " + version);
        check(kv(leader).txn(compareAndPut(key, version, "phase: Running")).getSucceeded(), "the update succeeds");
        tell("updated it: If mod_revision == " + version + " Then put succeeded");
        final TxnResponse stale = kv(leader).txn(compareAndPut(key, version, "phase: Failed"));
        check(!stale.getSucceeded(), "a stale update fails");
        tell("a second writer with the old resource version is refused, and is handed the present object: " +
            stale.getResponses(0).getResponseRange().getKvs(0).getValue().toStringUtf8());
    }

    private void watchLive(final int leader) throws Exception
    {
        say("A watch through a follower, live.");
        final int other = (leader + 1) % cluster.size();
        final BlockingQueue<WatchResponse> responses = new LinkedBlockingQueue<>();
        final StreamObserver<WatchRequest> requests =
            WatchGrpc.newStub(cluster.channel(other)).watch(collect(responses));
        requests.onNext(WatchRequest.newBuilder().setCreateRequest(WatchCreateRequest.newBuilder()
            .setKey(bytes("/registry/pods/")).setRangeEnd(bytes("/registry/pods0")).setPrevKv(true)).build());
        check(take(responses).getCreated(), "the watch is created");
        for (int i = 1; i <= 3; i++)
        {
            final long putNs = System.nanoTime();
            kv(leader).put(put("/registry/pods/default/web-" + i, "phase: Running"));
            final WatchResponse response = take(responses);
            final Event event = response.getEvents(0);
            tell("event " + event.getType() + " " + event.getKv().getKey().toStringUtf8() + " at revision " +
                event.getKv().getModRevision() + ", " + ms(putNs) + " after the put began");
        }
        requests.onCompleted();
    }

    private void expireLease(final int leader)
    {
        say("A lease of two seconds, not kept alive.");
        final long leaseId = LeaseGrpc.newBlockingStub(cluster.channel(leader)).withDeadlineAfter(10, TimeUnit.SECONDS)
            .leaseGrant(LeaseGrantRequest.newBuilder().setTTL(2).build()).getID();
        kv(leader).put(PutRequest.newBuilder()
            .setKey(bytes("session")).setValue(bytes("alive")).setLease(leaseId).build());
        final long putNs = System.nanoTime();
        tell("the key 'session' lives on lease " + Long.toHexString(leaseId));
        final RangeRequest range = RangeRequest.newBuilder().setKey(bytes("session")).build();
        while (0 != kv(leader).range(range).getCount())
        {
            check(System.nanoTime() - putNs < PATIENCE_NS, "the lease expires");
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
        }
        tell("the lease expired and took its key along, " + ms(putNs) + " later");
    }

    private void killLeader(final int leader) throws Exception
    {
        say("The leader is killed with SIGKILL in the middle of writes.");
        final List<String> acknowledged = new ArrayList<>();
        for (int i = 0; i < WRITES; i++)
        {
            kv(leader).put(put("ledger/" + i, "entry " + i));
            acknowledged.add("ledger/" + i);
        }
        final long killNs = System.nanoTime();
        cluster.kill(leader);
        tell(WRITES + " writes were acknowledged; " + DemoCluster.name(leader) + " is dead");
        final int survivor = (leader + 1) % cluster.size();
        while (!tryPut(survivor))
        {
            check(System.nanoTime() - killNs < PATIENCE_NS, "the others elect a leader");
        }
        tell("the next write succeeded " + ms(killNs) + " after the kill; " + DemoCluster.name(leader()) +
            " leads now");
        checkAll(survivor, acknowledged);
        tell("all " + WRITES + " acknowledged writes are there");
        final long startMemberNs = System.nanoTime();
        cluster.start(leader);
        cluster.awaitStatus(leader);
        checkAll(leader, acknowledged);
        tell(DemoCluster.name(leader) + " was started again and caught up, " + ms(startMemberNs));
        final int hash = hash(leader);
        check(hash == hash(survivor), "the hashes of the members are equal");
        tell("HashKV is equal on both: " + Integer.toUnsignedString(hash));
    }

    private void checkAll(final int member, final List<String> keys)
    {
        final RangeResponse all = kv(member).range(RangeRequest.newBuilder()
            .setKey(bytes("ledger/")).setRangeEnd(bytes("ledger0")).build());
        check(keys.size() <= all.getCount(), keys.size() + " acknowledged writes are found, not " + all.getCount());
    }

    private int hash(final int member)
    {
        return MaintenanceGrpc.newBlockingStub(cluster.channel(member)).withDeadlineAfter(10, TimeUnit.SECONDS)
            .hashKV(HashKVRequest.getDefaultInstance()).getHash();
    }

    private boolean tryPut(final int member)
    {
        try
        {
            KVGrpc.newBlockingStub(cluster.channel(member)).withDeadlineAfter(8, TimeUnit.SECONDS)
                .put(put("after", "the kill"));
            return true;
        }
        catch (final StatusRuntimeException ex)
        {
            return false;
        }
    }

    private int leader() throws Exception
    {
        final long beginNs = System.nanoTime();
        while (System.nanoTime() - beginNs < PATIENCE_NS)
        {
            for (int i = 0; i < cluster.size(); i++)
            {
                final StatusResponse status = cluster.status(i);
                if (null != status && status.getLeader() == status.getHeader().getMemberId())
                {
                    return i;
                }
            }
        }
        throw new IllegalStateException("no member leads");
    }

    private KVGrpc.KVBlockingStub kv(final int member)
    {
        return KVGrpc.newBlockingStub(cluster.channel(member)).withDeadlineAfter(10, TimeUnit.SECONDS);
    }

    private static TxnRequest compareAndPut(final ByteString key, final long modRevision, final String value)
    {
        return TxnRequest.newBuilder()
            .addCompare(Compare.newBuilder()
                .setKey(key).setTarget(Compare.CompareTarget.MOD).setModRevision(modRevision))
            .addSuccess(RequestOp.newBuilder()
                .setRequestPut(PutRequest.newBuilder().setKey(key).setValue(bytes(value))))
            .addFailure(RequestOp.newBuilder().setRequestRange(RangeRequest.newBuilder().setKey(key)))
            .build();
    }

    private static PutRequest put(final String key, final String value)
    {
        return PutRequest.newBuilder().setKey(bytes(key)).setValue(bytes(value)).build();
    }

    private static ByteString bytes(final String text)
    {
        return ByteString.copyFromUtf8(text);
    }

    private static WatchResponse take(final BlockingQueue<WatchResponse> responses) throws InterruptedException
    {
        final WatchResponse response = responses.poll(PATIENCE_NS, TimeUnit.NANOSECONDS);
        check(null != response, "the watch answers");
        return response;
    }

    private static StreamObserver<WatchResponse> collect(final BlockingQueue<WatchResponse> responses)
    {
        return new StreamObserver<>()
        {
            @Override
            public void onNext(final WatchResponse response)
            {
                responses.add(response);
            }

            @Override
            public void onError(final Throwable error)
            {
                // The stream ends with the demonstration.
            }

            @Override
            public void onCompleted()
            {
                // The stream ends with the demonstration.
            }
        };
    }

    private static void check(final boolean holds, final String expectation)
    {
        if (!holds)
        {
            throw new IllegalStateException("expected that " + expectation);
        }
    }

    private void say(final String text)
    {
        System.out.printf("%n[%6.2f s] %s%n", (System.nanoTime() - startNs) / 1e9, text);
    }

    private static void tell(final String text)
    {
        System.out.println("           - " + text);
    }

    private static String ms(final long sinceNs)
    {
        return String.format("%.1f ms", (System.nanoTime() - sinceNs) / 1e6);
    }
}
