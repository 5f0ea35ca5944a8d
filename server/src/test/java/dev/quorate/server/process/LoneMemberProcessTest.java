package dev.quorate.server.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.quorate.gateway.proto.etcdserverpb.ClusterGrpc;
import dev.quorate.gateway.proto.etcdserverpb.Member;
import dev.quorate.gateway.proto.etcdserverpb.MemberAddRequest;
import dev.quorate.gateway.proto.etcdserverpb.MemberListRequest;
import dev.quorate.gateway.proto.etcdserverpb.PutRequest;
import dev.quorate.gateway.proto.etcdserverpb.StatusResponse;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * When the quorum is lost for ever, one member goes on alone with its data, and becomes a cluster of three again.
 */
class LoneMemberProcessTest
{
    private static final Duration DEADLINE = Duration.ofSeconds(120);
    private static final int SOME_WRITES = 50;

    @RegisterExtension
    final Processes processes = new Processes();

    @Test
    void survivorGoesOnAloneAndOthersJoinItAgain()
    {
        final List<MemberProcess> cluster = processes.cluster(Program.quorate());
        final Load load = Load.start(cluster);
        load.awaitMore(SOME_WRITES);
        final Map<String, Long> acknowledged = load.stop();
        Kv.assertEqual(cluster);
        final MemberProcess survivor = cluster.getFirst();
        final MemberProcess second = cluster.get(1);
        final StatusResponse before = Kv.status(survivor);
        cluster.forEach(MemberProcess::kill);
        Processes.delete(cluster.get(2).data());

        final String[] flags = Processes.memberFlags(survivor, Processes.initialCluster(cluster), "new");
        final List<String> forced = new ArrayList<>(List.of(flags));
        forced.add("--force-new-cluster");
        survivor.flags(forced.toArray(String[]::new)).start().awaitHealthy();
        assertTrue(survivor.output().contains("going on alone"), survivor.tail());
        final StatusResponse after = Kv.status(survivor);
        assertEquals(before.getHeader().getMemberId(), after.getHeader().getMemberId());
        assertEquals(before.getHeader().getClusterId(), after.getHeader().getClusterId());
        assertEquals(List.of(survivor.name()), members(survivor).stream().map(Member::getName).toList());
        assertEquals(List.of(), Load.lost(acknowledged, survivor));

        // Who was left behind learns it and ends; its disk is of no use any more.
        assertEquals(0, second.start().awaitExit(DEADLINE));
        assertTrue(second.output().contains("the member has been permanently removed from the cluster"), second.tail());
        Processes.delete(second.data());

        put(survivor, "alone");
        survivor.terminate();
        final int from = survivor.output().length();
        survivor.flags(flags).start().awaitHealthy();
        assertFalse(survivor.output().substring(from).contains("going on alone"), survivor.tail());
        ClusterGrpc.newBlockingStub(survivor.channel()).withDeadlineAfter(60, TimeUnit.SECONDS).memberAdd(
            MemberAddRequest.newBuilder().addPeerURLs(second.peerUrl()).build());
        second.flags(Processes.memberFlags(second, Processes.initialCluster(List.of(survivor, second)), "existing"))
            .start().awaitHealthy();
        put(second, "together");
        assertEquals(2, members(second).size());
        assertEquals(List.of(), Load.lost(acknowledged, second));
        Kv.assertEqual(List.of(survivor, second));
    }

    private static List<Member> members(final MemberProcess member)
    {
        return ClusterGrpc.newBlockingStub(member.channel()).withDeadlineAfter(20, TimeUnit.SECONDS)
            .memberList(MemberListRequest.newBuilder().setLinearizable(true).build()).getMembersList();
    }

    private static void put(final MemberProcess member, final String key)
    {
        Await.until("a write is acknowledged", DEADLINE, () -> null != Kv.stub(member).put(
            PutRequest.newBuilder().setKey(ByteString.copyFromUtf8(key)).build()));
    }
}
