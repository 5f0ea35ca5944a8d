package dev.quorate.server.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.quorate.gateway.proto.etcdserverpb.ClusterGrpc;
import dev.quorate.gateway.proto.etcdserverpb.DeleteRangeRequest;
import dev.quorate.gateway.proto.etcdserverpb.DeleteRangeResponse;
import dev.quorate.gateway.proto.etcdserverpb.KVGrpc;
import dev.quorate.gateway.proto.etcdserverpb.Member;
import dev.quorate.gateway.proto.etcdserverpb.MemberAddRequest;
import dev.quorate.gateway.proto.etcdserverpb.MemberAddResponse;
import dev.quorate.gateway.proto.etcdserverpb.MemberListRequest;
import dev.quorate.gateway.proto.etcdserverpb.MemberRemoveRequest;
import dev.quorate.gateway.proto.etcdserverpb.PutRequest;
import dev.quorate.gateway.proto.etcdserverpb.RequestOp;
import dev.quorate.gateway.proto.etcdserverpb.StatusResponse;
import dev.quorate.gateway.proto.etcdserverpb.TxnRequest;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Three members as processes of their own lose no acknowledged write, whatever happens to one of them.
 */
class ClusterProcessTest
{
    private static final Duration DEADLINE = Duration.ofSeconds(120);
    private static final long PAUSE_S = 15;
    private static final int SOME_WRITES = 50;
    private static final int SIGTERM_EXIT = 128 + 15;
    private static final ByteString KEYS_BEGIN = ByteString.copyFromUtf8("k");
    private static final ByteString KEYS_END = ByteString.copyFromUtf8("l");
    private static final int TXN_PUTS = 128;
    private static final int KEY_COUNT = 2_000 * TXN_PUTS;

    @RegisterExtension
    final Processes processes = new Processes();

    /** One cluster for all that can happen to a process: starting three costs more than most of it. */
    @ParameterizedTest(name = "profile {0}")
    @ValueSource(strings = {"compact", "dedicated"})
    void loseNothingWhateverHappensToAProcess(final String profile)
    {
        final List<MemberProcess> cluster = processes.cluster(Program.quorate(), "--profile", profile);
        final Load load = Load.start(cluster);
        load.awaitMore(SOME_WRITES);
        killFollower(cluster, load);
        killLeader(cluster, load);
        pauseLeader(cluster, load);
        killAll(cluster, load);
        endLeaderInOrder(cluster, load);
        assertNothingLost(load.stop(), cluster);
    }

    @Test
    void replaceAMemberWhoseDiskIsLost() throws IOException
    {
        final List<MemberProcess> cluster = processes.cluster(Program.quorate());
        final Load load = Load.start(cluster.subList(0, 2));
        load.awaitMore(SOME_WRITES);
        final MemberProcess lost = cluster.get(2);
        final long id = Kv.status(lost).getHeader().getMemberId();
        lost.kill();
        final Path old = lost.data().resolveSibling("old");
        Files.move(lost.data(), old);
        final MemberProcess other = cluster.getFirst();
        // A change that was on its way to a leader which died is lost, and times out: it is asked for again.
        Await.until("the member is removed", DEADLINE, () ->
        {
            try
            {
                ClusterGrpc.newBlockingStub(other.channel()).withDeadlineAfter(20, TimeUnit.SECONDS)
                    .memberRemove(MemberRemoveRequest.newBuilder().setID(id).build());
            }
            catch (final StatusRuntimeException ex)
            {
                // A removal whose answer was lost is found done.
                return Status.Code.NOT_FOUND == ex.getStatus().getCode();
            }
            return true;
        });
        // The disk turns up after all: what it holds is of no use any more, and says so.
        Files.move(old, lost.data());
        assertEquals(0, lost.start().awaitExit(DEADLINE));
        assertTrue(lost.output().contains("the member has been permanently removed from the cluster"), lost.tail());
        Processes.delete(lost.data());
        final MemberAddResponse[] added = new MemberAddResponse[1];
        Await.until("a member is added", DEADLINE, () ->
        {
            added[0] = ClusterGrpc.newBlockingStub(other.channel()).withDeadlineAfter(20, TimeUnit.SECONDS)
                .memberAdd(MemberAddRequest.newBuilder().addPeerURLs(lost.peerUrl()).build());
            return true;
        });
        assertNotEquals(id, added[0].getMember().getID());
        lost.flags(Processes.memberFlags(lost, Processes.initialCluster(cluster), "existing")).start().awaitHealthy();
        load.awaitMore(SOME_WRITES);
        final List<Member> members = ClusterGrpc.newBlockingStub(other.channel())
            .memberList(MemberListRequest.newBuilder().setLinearizable(true).build()).getMembersList();
        assertEquals(3, members.size());
        assertTrue(members.stream().anyMatch((each) -> each.getID() == added[0].getMember().getID() &&
            lost.name().equals(each.getName())), members.toString());
        assertNothingLost(load.stop(), cluster);
    }

    @Test
    void keepTheirLeaderWhileOneCallDeletesAllKeys()
    {
        final List<MemberProcess> cluster = processes.cluster(Program.quorate());
        final MemberProcess leader = Kv.leader(cluster);
        putKeys(leader);
        Kv.assertEqual(cluster);
        final StatusResponse before = Kv.status(leader);
        final DeleteRangeResponse answer = KVGrpc.newBlockingStub(cluster.get(1).channel())
            .withDeadlineAfter(DEADLINE.toSeconds(), TimeUnit.SECONDS)
            .deleteRange(DeleteRangeRequest.newBuilder().setKey(KEYS_BEGIN).setRangeEnd(KEYS_END).build());
        assertEquals(KEY_COUNT, answer.getDeleted());
        Kv.assertEqual(cluster);
        for (final MemberProcess member : cluster)
        {
            final StatusResponse after = Kv.status(member);
            assertEquals(before.getRaftTerm(), after.getRaftTerm(), member.name());
            assertEquals(before.getLeader(), after.getLeader(), member.name());
            assertEquals(answer.getHeader().getRevision(), after.getHeader().getRevision(), member.name());
        }
    }

    private static void putKeys(final MemberProcess member)
    {
        final KVGrpc.KVBlockingStub kv = KVGrpc.newBlockingStub(member.channel());
        for (int first = 0; first < KEY_COUNT; first += TXN_PUTS)
        {
            final TxnRequest.Builder txn = TxnRequest.newBuilder();
            for (int i = first; i < first + TXN_PUTS; i++)
            {
                txn.addSuccess(RequestOp.newBuilder().setRequestPut(PutRequest.newBuilder()
                    .setKey(KEYS_BEGIN.concat(ByteString.copyFromUtf8(Integer.toString(i))))));
            }
            assertTrue(kv.txn(txn.build()).getSucceeded());
        }
    }

    private static void killFollower(final List<MemberProcess> cluster, final Load load)
    {
        final MemberProcess leader = Kv.leader(cluster);
        final MemberProcess follower = cluster.stream().filter((each) -> each != leader).findFirst().orElseThrow();
        follower.kill();
        load.awaitMore(SOME_WRITES);
        follower.start().awaitHealthy();
        load.awaitMore(SOME_WRITES);
    }

    private static void killLeader(final List<MemberProcess> cluster, final Load load)
    {
        final MemberProcess leader = Kv.leader(cluster);
        leader.kill();
        load.awaitMore(SOME_WRITES);
        leader.start().awaitHealthy();
        load.awaitMore(SOME_WRITES);
    }

    private static void pauseLeader(final List<MemberProcess> cluster, final Load load)
    {
        final MemberProcess leader = Kv.leader(cluster);
        final long startNs = System.nanoTime();
        leader.pause();
        final List<MemberProcess> others = cluster.stream().filter((each) -> each != leader).toList();
        assertNotEquals(leader, Kv.leader(others));
        load.awaitMore(SOME_WRITES);
        Await.until("the pause is over", DEADLINE,
            () -> System.nanoTime() - startNs > TimeUnit.SECONDS.toNanos(PAUSE_S));
        leader.resume();
        leader.awaitHealthy();
        load.awaitMore(SOME_WRITES);
    }

    private static void killAll(final List<MemberProcess> cluster, final Load load)
    {
        cluster.forEach(MemberProcess::kill);
        cluster.forEach(MemberProcess::start);
        cluster.forEach(MemberProcess::awaitHealthy);
        load.awaitMore(SOME_WRITES);
    }

    private static void endLeaderInOrder(final List<MemberProcess> cluster, final Load load)
    {
        final MemberProcess leader = Kv.leader(cluster);
        final int before = leader.output().length();
        assertEquals(SIGTERM_EXIT, leader.terminate());
        // One that only ends does not live to see its successor: that takes an election time-out.
        assertTrue(leader.output().substring(before).contains("elected leader"), leader::tail);
        load.awaitMore(SOME_WRITES);
        leader.start().awaitHealthy();
    }

    private static void assertNothingLost(final Map<String, Long> acknowledged, final List<MemberProcess> cluster)
    {
        final Set<Long> revisions = new HashSet<>(acknowledged.values());
        assertEquals(acknowledged.size(), revisions.size(), "two writes were acknowledged with one revision");
        for (final MemberProcess member : cluster)
        {
            Await.until(member.name() + " answers", DEADLINE, () ->
            {
                assertEquals(List.of(), Load.lost(acknowledged, member), member.name());
                return true;
            });
        }
        Kv.assertEqual(cluster);
    }
}
