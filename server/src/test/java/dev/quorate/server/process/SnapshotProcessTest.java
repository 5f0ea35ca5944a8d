package dev.quorate.server.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.google.protobuf.ByteString;
import dev.quorate.gateway.proto.etcdserverpb.ClusterGrpc;
import dev.quorate.gateway.proto.etcdserverpb.MemberAddRequest;
import dev.quorate.gateway.proto.etcdserverpb.MemberPromoteRequest;
import dev.quorate.gateway.proto.etcdserverpb.PutRequest;
import dev.quorate.gateway.proto.etcdserverpb.WatchCreateRequest;
import dev.quorate.gateway.proto.etcdserverpb.WatchGrpc;
import dev.quorate.gateway.proto.etcdserverpb.WatchRequest;
import dev.quorate.gateway.proto.etcdserverpb.WatchResponse;
import dev.quorate.gateway.proto.mvccpb.Event;
import io.grpc.stub.StreamObserver;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.TimeUnit;

/**
 * A member that lags beyond the log of its leader goes on in a snapshot, also when either side is killed meanwhile.
 */
class SnapshotProcessTest
{
    private static final Duration DEADLINE = Duration.ofSeconds(120);
    private static final String[] FLAGS = {"--snapshot-count", "10", "--snapshot-catchup-entries", "1"};
    private static final int VALUE_LENGTH = 1024 * 1024;
    /** More than the first segments of the log, 4 MiB and 8 MiB, hold. */
    private static final int SOME = 20;
    /** What a member takes some seconds to send. */
    private static final int MANY = 64;

    @RegisterExtension
    final Processes processes = new Processes();

    @ParameterizedTest(name = "profile {0}")
    @ValueSource(strings = {"compact", "dedicated"})
    void memberThatWasAwayGoesOnInASnapshot(final String profile)
    {
        final String[] flags = {FLAGS[0], FLAGS[1], FLAGS[2], FLAGS[3], "--profile", profile};
        final List<MemberProcess> cluster = processes.cluster(Program.quorate(), flags);
        final MemberProcess away = cluster.get(2);
        away.kill();
        new Writer(cluster.getFirst()).write(SOME);
        away.start();
        awaitInstalled(away, 1);
        away.awaitHealthy();
        Kv.assertEqual(cluster);
    }

    @Test
    void watchGoesOnAcrossAnInstallWithoutAGap()
    {
        final List<MemberProcess> cluster = processes.cluster(Program.quorate(), FLAGS);
        final MemberProcess away = cluster.get(2);
        final Writer writer = new Writer(cluster.getFirst());
        try (Watcher watcher = new Watcher(away, "big/"))
        {
            writer.write(1);
            watcher.await(1);
            away.pause();
            writer.write(SOME);
            away.resume();
            awaitInstalled(away, 1);
            writer.write(1);
            watcher.await(SOME + 2);
            assertEquals(writer.revisions(), watcher.revisions());
        }
        Kv.assertEqual(cluster);
    }

    @ParameterizedTest(name = "kills the {0}")
    @ValueSource(strings = {"receiver", "sender"})
    void transferThatIsKilledBeginsAnew(final String side)
    {
        final List<MemberProcess> cluster = processes.cluster(Program.quorate(), FLAGS);
        final MemberProcess away = cluster.get(2);
        away.kill();
        new Writer(cluster.getFirst()).write(MANY);
        final MemberProcess sender = Kv.leader(cluster.subList(0, 2));
        away.start();
        Await.until("a snapshot is sent", DEADLINE, () -> sender.output().contains("sending a snapshot"));
        final MemberProcess killed = "sender".equals(side) ? sender : away;
        killed.kill();
        assertFalse(away.output().contains("installed a snapshot of the leader"), "killed too late");
        killed.start();
        awaitInstalled(away, 1);
        cluster.forEach(MemberProcess::awaitHealthy);
        Kv.assertEqual(cluster);
    }

    @Test
    void emptyMemberBeginsInASnapshot()
    {
        final MemberProcess first = processes.member(Program.quorate(), "m1");
        first.flags(Processes.memberFlags(first, Processes.initialCluster(List.of(first)), "new", FLAGS))
            .start().awaitHealthy();
        new Writer(first).write(SOME);
        final MemberProcess second = processes.member(Program.quorate(), "m2");
        final long id = ClusterGrpc.newBlockingStub(first.channel()).withDeadlineAfter(60, TimeUnit.SECONDS)
            .memberAdd(MemberAddRequest.newBuilder().addPeerURLs(second.peerUrl()).setIsLearner(true).build())
            .getMember().getID();
        second.flags(Processes.memberFlags(
            second, Processes.initialCluster(List.of(first, second)), "existing", FLAGS)).start();
        awaitInstalled(second, 1);
        Await.until("the learner is promoted", DEADLINE, () ->
        {
            ClusterGrpc.newBlockingStub(first.channel()).withDeadlineAfter(10, TimeUnit.SECONDS)
                .memberPromote(MemberPromoteRequest.newBuilder().setID(id).build());
            return true;
        });
        second.awaitHealthy();
        Kv.assertEqual(List.of(first, second));
    }

    private static void awaitInstalled(final MemberProcess member, final int count)
    {
        Await.until("a snapshot is installed", DEADLINE,
            () -> member.output().split("installed a snapshot of the leader", -1).length > count);
    }

    /** Writes values that fill the log, each to a key of its own, and remembers the revisions. */
    private static final class Writer
    {
        private final MemberProcess member;
        private final ByteString value = ByteString.copyFrom(new byte[VALUE_LENGTH]);
        private final Queue<Long> revisions = new ConcurrentLinkedQueue<>();
        private int next;

        Writer(final MemberProcess member)
        {
            this.member = member;
        }

        void write(final int count)
        {
            for (int i = 0; i < count; i++)
            {
                final PutRequest put = PutRequest.newBuilder()
                    .setKey(ByteString.copyFromUtf8("big/" + next++)).setValue(value).build();
                Await.until("a write is acknowledged", DEADLINE,
                    () -> revisions.add(Kv.stub(member).put(put).getHeader().getRevision()));
            }
        }

        List<Long> revisions()
        {
            return List.copyOf(revisions);
        }
    }

    /** Watches a prefix at one member. */
    private static final class Watcher implements StreamObserver<WatchResponse>, AutoCloseable
    {
        private final Queue<Long> revisions = new ConcurrentLinkedQueue<>();
        private final AtomicReference<Throwable> failure = new AtomicReference<>();
        private final StreamObserver<WatchRequest> requests;
        private volatile boolean isCreated;

        Watcher(final MemberProcess member, final String prefix)
        {
            requests = WatchGrpc.newStub(member.channel()).watch(this);
            requests.onNext(WatchRequest.newBuilder().setCreateRequest(WatchCreateRequest.newBuilder()
                .setKey(ByteString.copyFromUtf8(prefix))
                .setRangeEnd(ByteString.copyFromUtf8(prefix.substring(0, prefix.length() - 1) + "0"))).build());
            Await.until("the watch is created", DEADLINE, () -> isCreated);
        }

        @Override
        public void onNext(final WatchResponse response)
        {
            isCreated |= response.getCreated();
            if (response.getCanceled())
            {
                failure.set(new IllegalStateException("canceled: " + response.getCancelReason()));
            }
            for (final Event event : response.getEventsList())
            {
                revisions.add(event.getKv().getModRevision());
            }
        }

        @Override
        public void onError(final Throwable error)
        {
            failure.set(error);
        }

        @Override
        public void onCompleted()
        {
            failure.set(new IllegalStateException("ended"));
        }

        void await(final int count)
        {
            Await.until(count + " events", DEADLINE, () ->
            {
                if (null != failure.get())
                {
                    throw new AssertionError("the watch ended", failure.get());
                }
                return revisions.size() >= count;
            });
        }

        List<Long> revisions()
        {
            return List.copyOf(revisions);
        }

        @Override
        public void close()
        {
            requests.onCompleted();
        }
    }
}
