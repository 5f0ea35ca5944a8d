package dev.quorate.server.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.quorate.gateway.proto.etcdserverpb.AlarmRequest;
import dev.quorate.gateway.proto.etcdserverpb.AlarmResponse;
import dev.quorate.gateway.proto.etcdserverpb.AlarmType;
import dev.quorate.gateway.proto.etcdserverpb.ClusterGrpc;
import dev.quorate.gateway.proto.etcdserverpb.CompactionRequest;
import dev.quorate.gateway.proto.etcdserverpb.DefragmentRequest;
import dev.quorate.gateway.proto.etcdserverpb.LeaseGrantRequest;
import dev.quorate.gateway.proto.etcdserverpb.LeaseGrpc;
import dev.quorate.gateway.proto.etcdserverpb.LeaseTimeToLiveRequest;
import dev.quorate.gateway.proto.etcdserverpb.LeaseTimeToLiveResponse;
import dev.quorate.gateway.proto.etcdserverpb.MaintenanceGrpc;
import dev.quorate.gateway.proto.etcdserverpb.Member;
import dev.quorate.gateway.proto.etcdserverpb.MemberAddRequest;
import dev.quorate.gateway.proto.etcdserverpb.MemberListRequest;
import dev.quorate.gateway.proto.etcdserverpb.PutRequest;
import dev.quorate.gateway.proto.etcdserverpb.RangeRequest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A copy of the files that the manifest of a member names, taken while the member writes, becomes a new cluster with
 * everything up to the mark of the copy.
 */
class BackupProcessTest
{
    private static final Duration DEADLINE = Duration.ofSeconds(120);
    private static final int SOME_WRITES = 50;
    private static final long LEASE = 4711;
    private static final int VALUE_LENGTH = 128 * 1024;
    /** More than two files of the store hold, and more than once over the same keys. */
    private static final int VALUES = 320;
    private static final int KEYS = 40;

    @RegisterExtension
    final Processes processes = new Processes();

    @Test
    void copyOfARunningMemberBeginsANewCluster() throws Exception
    {
        final List<MemberProcess> cluster = processes.cluster(Program.quorate());
        final MemberProcess copied = cluster.get(1);
        final Load load = Load.start(cluster);
        lease(copied).leaseGrant(LeaseGrantRequest.newBuilder().setID(LEASE).setTTL(3_000).build());
        Kv.stub(copied).put(PutRequest.newBuilder().setKey(text("leased")).setLease(LEASE).build());
        fill(copied, VALUES / 2);
        Kv.stub(copied).withDeadlineAfter(60, TimeUnit.SECONDS).compact(
            CompactionRequest.newBuilder().setRevision(Kv.revision(copied)).setPhysical(true).build());
        MaintenanceGrpc.newBlockingStub(copied.channel()).withDeadlineAfter(60, TimeUnit.SECONDS)
            .defragment(DefragmentRequest.getDefaultInstance());
        final long compacted = Kv.revision(copied);
        fill(copied, VALUES / 2);
        load.awaitMore(SOME_WRITES);
        final MemberProcess alone = restored("alone", copied);
        load.awaitMore(SOME_WRITES);
        load.stop();

        assertRefused(alone, "--initial-cluster must name this member alone",
            Processes.memberFlags(alone, "alone=" + alone.peerUrl() + ",m1=" + cluster.getFirst().peerUrl(), "new",
            "--force-new-cluster"));
        assertRefused(alone, "--force-new-cluster",
            Processes.memberFlags(alone, Processes.initialCluster(List.of(alone)), "new"));
        alone.flags(flags(alone, "--force-new-cluster")).start().awaitHealthy();

        final long revision = Kv.revision(alone);
        assertTrue(revision > compacted, revision + " is not above " + compacted);
        assertEquals(Kv.hash(cluster.getFirst(), revision), Kv.hash(alone, revision));
        assertNotEquals(
            Kv.status(copied).getHeader().getClusterId(), Kv.status(alone).getHeader().getClusterId());
        final List<Member> members = members(alone);
        assertEquals(1, members.size(), members.toString());
        assertEquals(List.of("alone", alone.peerUrl()),
            List.of(members.getFirst().getName(), members.getFirst().getPeerURLs(0)));
        final LeaseTimeToLiveResponse lease = lease(alone).leaseTimeToLive(
            LeaseTimeToLiveRequest.newBuilder().setID(LEASE).setKeys(true).build());
        assertEquals(3_000, lease.getGrantedTTL());
        assertEquals(List.of(text("leased")), lease.getKeysList());

        // Given again, the flag changes nothing; then the member goes on like any other, and others join it.
        put(alone, "after", "1");
        alone.terminate();
        alone.start().awaitHealthy();
        assertEquals(members, members(alone));
        alone.terminate();
        alone.flags(flags(alone)).start().awaitHealthy();
        assertEquals(revision + 1, Kv.revision(alone));
        final MemberProcess second = processes.member(Program.quorate(), "second");
        ClusterGrpc.newBlockingStub(alone.channel()).withDeadlineAfter(60, TimeUnit.SECONDS).memberAdd(
            MemberAddRequest.newBuilder().addPeerURLs(second.peerUrl()).build());
        second.flags(Processes.memberFlags(second, Processes.initialCluster(List.of(alone, second)), "existing"))
            .start().awaitHealthy();
        Kv.assertEqual(List.of(alone, second));
    }

    @Test
    void alarmsAndTheOldIdsOfTheMemberComeBack() throws Exception
    {
        final MemberProcess first = processes.member(Program.quorate(), "same");
        first.flags(flags(first)).start().awaitHealthy();
        put(first, "a", "1");
        final long id = Kv.status(first).getHeader().getMemberId();
        MaintenanceGrpc.newBlockingStub(first.channel()).alarm(AlarmRequest.newBuilder()
            .setAction(AlarmRequest.AlarmAction.ACTIVATE).setMemberID(id).setAlarm(AlarmType.NOSPACE).build());
        // A new directory for the same member, as after the loss of its disk: same name, URLs and token.
        final Path target = first.data().resolveSibling("copy");
        final long applied = Kv.status(first).getRaftAppliedIndex();
        Await.until("the mark covers the alarm", DEADLINE, () -> Kv.markIndex(first.data()) >= applied);
        backup(first.data(), target);
        first.terminate();
        Processes.delete(first.data());
        Files.move(target, first.data());
        first.flags(flags(first, "--force-new-cluster")).start();
        Await.until("it serves", DEADLINE, () -> 1 == members(first).size());
        assertEquals(id, Kv.status(first).getHeader().getMemberId());
        final AlarmResponse alarms = MaintenanceGrpc.newBlockingStub(first.channel()).alarm(
            AlarmRequest.newBuilder().setAction(AlarmRequest.AlarmAction.GET).build());
        assertEquals(1, alarms.getAlarmsCount());
        MaintenanceGrpc.newBlockingStub(first.channel()).alarm(AlarmRequest.newBuilder()
            .setAction(AlarmRequest.AlarmAction.DEACTIVATE).setMemberID(id).setAlarm(AlarmType.NOSPACE).build());
        put(first, "b", "1");
        assertEquals(1, Kv.stub(first).range(RangeRequest.newBuilder().setKey(text("a")).build()).getCount());
    }

    @Test
    void onlyAStoreAloneBeginsANewCluster() throws Exception
    {
        final MemberProcess empty = processes.member(Program.quorate(), "empty");
        assertRefused(empty, "'store/manifest' is not in the data directory", flags(empty, "--force-new-cluster"));
        empty.flags(flags(empty)).start().awaitHealthy();
        empty.kill();
        // What is left of a member without its identity is not taken for a copy of its store.
        Files.delete(empty.data().resolve("identity"));
        assertRefused(empty, "holds 'log' or 'term' of a member", flags(empty, "--force-new-cluster"));
    }

    /** A member, not started, whose data directory holds a copy of the store of another one that runs. */
    private MemberProcess restored(final String name, final MemberProcess copied) throws Exception
    {
        final MemberProcess member = processes.member(Program.quorate(), name);
        backup(copied.data(), member.data());
        return member;
    }

    private static void backup(final Path from, final Path to) throws IOException, InterruptedException
    {
        Files.createDirectories(to.getParent());
        final Process process = new ProcessBuilder(
            Program.root().resolve("bin/backup").toString(), from.toString(), to.toString())
            .redirectErrorStream(true).start();
        final String output = new String(process.getInputStream().readAllBytes());
        assertEquals(0, process.waitFor(), output);
    }

    private static void fill(final MemberProcess member, final int count)
    {
        final ByteString value = ByteString.copyFrom(new byte[VALUE_LENGTH]);
        for (int i = 0; i < count; i++)
        {
            final PutRequest put = PutRequest.newBuilder().setKey(text("fill/" + i % KEYS)).setValue(value).build();
            Await.until("a write is acknowledged", DEADLINE, () -> null != Kv.stub(member).put(put));
        }
    }

    private static void assertRefused(final MemberProcess member, final String message, final String... flags)
    {
        final int from = member.output().length();
        final int code = member.flags(flags).start().awaitExit(DEADLINE);
        final String output = member.output().substring(from);
        assertNotEquals(0, code, output);
        assertTrue(output.contains(message), output);
    }

    private static String[] flags(final MemberProcess member, final String... more)
    {
        return Processes.memberFlags(member, Processes.initialCluster(List.of(member)), "new", more);
    }

    private static List<Member> members(final MemberProcess member)
    {
        return ClusterGrpc.newBlockingStub(member.channel()).withDeadlineAfter(20, TimeUnit.SECONDS)
            .memberList(MemberListRequest.newBuilder().setLinearizable(true).build()).getMembersList();
    }

    private static LeaseGrpc.LeaseBlockingStub lease(final MemberProcess member)
    {
        return LeaseGrpc.newBlockingStub(member.channel()).withDeadlineAfter(20, TimeUnit.SECONDS);
    }

    private static void put(final MemberProcess member, final String key, final String value)
    {
        Kv.stub(member).put(PutRequest.newBuilder().setKey(text(key)).setValue(text(value)).build());
    }

    private static ByteString text(final String text)
    {
        return ByteString.copyFromUtf8(text);
    }
}
