package dev.quorate.server.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.quorate.gateway.proto.etcdserverpb.AlarmRequest;
import dev.quorate.gateway.proto.etcdserverpb.AlarmType;
import dev.quorate.gateway.proto.etcdserverpb.CompactionRequest;
import dev.quorate.gateway.proto.etcdserverpb.DefragmentRequest;
import dev.quorate.gateway.proto.etcdserverpb.DeleteRangeRequest;
import dev.quorate.gateway.proto.etcdserverpb.HashKVRequest;
import dev.quorate.gateway.proto.etcdserverpb.KVGrpc;
import dev.quorate.gateway.proto.etcdserverpb.MaintenanceGrpc;
import dev.quorate.gateway.proto.etcdserverpb.MoveLeaderRequest;
import dev.quorate.gateway.proto.etcdserverpb.PutRequest;
import dev.quorate.gateway.proto.etcdserverpb.RangeRequest;
import dev.quorate.gateway.proto.etcdserverpb.StatusRequest;
import dev.quorate.gateway.proto.etcdserverpb.StatusResponse;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/**
 * Members on a disk of 128 MiB with a quota that is far larger: nothing that was acknowledged is lost, reads go on, and
 * what frees space gets through.
 */
class FullDiskTest
{
    private static final Duration DEADLINE = Duration.ofSeconds(60);
    private static final String QUOTA = Long.toString(8L << 30);
    private static final int DISK_MB = 128;
    private static final int VALUE_LENGTH = 256 * 1024;
    private static final ByteString PREFIX = ByteString.copyFromUtf8("fill/");
    private static final ByteString PREFIX_END = ByteString.copyFromUtf8("fill0");

    @RegisterExtension
    final Processes processes = new Processes();

    private final Random random = new Random(5);
    private SmallDisk disk;

    @AfterEach
    void unmount()
    {
        if (null != disk)
        {
            disk.close();
        }
    }

    @Test
    void oneMemberRefusesWritesSurvivesAKillAndGoesOnAfterDeletions()
    {
        final MemberProcess member = processes.member(Program.quorate(), "default");
        disk = SmallDisk.mount(member.data(), DISK_MB, 0);
        member.prefix(disk.prefix());
        Processes.startSingle(member, "--quota-backend-bytes", QUOTA, "--data-dir", disk.data().toString());
        final int keys = fill(member);
        assertTrue(keys > 20, "only " + keys + " keys");
        awaitAlarm(member, status(member).getHeader().getMemberId());
        assertEquals(keys, count(member, false));
        assertEquals(keys, count(member, true));
        assertEquals(1, delete(member, key(0), ByteString.EMPTY));

        member.kill();
        member.start();
        Await.until("it reads", MemberProcess.START, () -> keys - 1 == count(member, false));
        assertRefused(member);

        freeSpace(member, List.of(member));
        awaitWritable(member, List.of(member));
        member.kill();
        member.start().awaitHealthy();
        assertEquals(0, count(member, false));
        assertEquals(1, kv(member).range(RangeRequest.newBuilder().setKey(text("after")).build()).getCount());
        final int again = fill(member);
        assertTrue(again > 10, "of " + keys + " keys at first only " + again + " found room after the deletions");
    }

    @Test
    void spaceThatComesBackFromOutsideIsUsedWithoutARestart()
    {
        final MemberProcess member = processes.member(Program.quorate(), "default");
        disk = SmallDisk.mount(member.data(), DISK_MB, DISK_MB / 4);
        member.prefix(disk.prefix());
        Processes.startSingle(member, "--quota-backend-bytes", QUOTA, "--data-dir", disk.data().toString());
        final int keys = fill(member);
        awaitAlarm(member, status(member).getHeader().getMemberId());
        disk.removeFiller();
        awaitWritable(member, List.of(member));
        assertEquals(keys, count(member, false));
        member.kill();
        member.start().awaitHealthy();
        assertEquals(keys, count(member, false));
    }

    @Test
    void memberWhoseDiskIsFullFromTheBeginningSaysSoInOneLine()
    {
        final MemberProcess member = processes.member(Program.quorate(), "default");
        disk = SmallDisk.mount(member.data(), 4, 4);
        member.prefix(disk.prefix()).flags("--name", "default",
            "--data-dir", disk.data().toString(),
            "--listen-client-urls", member.clientUrl(),
            "--advertise-client-urls", member.clientUrl(),
            "--listen-peer-urls", member.peerUrl(),
            "--initial-advertise-peer-urls", member.peerUrl(),
            "--initial-cluster", "default=" + member.peerUrl());
        final int code = member.start().awaitExit(DEADLINE);
        assertEquals(1, code, member.tail());
        assertTrue(member.output().contains("no room"), member.tail());
        assertTrue(!member.output().contains("\tat "), member.tail());
    }

    @ParameterizedTest(name = "the full one leads: {0}")
    @ValueSource(booleans = {false, true})
    void oneFullMemberOfThreeRaisesTheAlarmAndAllGoOnAfterDeletions(final boolean isLeader)
    {
        final List<MemberProcess> cluster = new ArrayList<>();
        for (int i = 1; i <= 3; i++)
        {
            cluster.add(processes.member(Program.quorate(), "m" + i));
        }
        final MemberProcess full = cluster.getFirst();
        disk = SmallDisk.mount(full.data(), DISK_MB, 0);
        full.prefix(disk.prefix());
        final String initial = Processes.initialCluster(cluster);
        for (final MemberProcess member : cluster)
        {
            final String data = member == full ? disk.data().toString() : member.data().toString();
            member.flags(Processes.memberFlags(
                member, initial, "new", "--quota-backend-bytes", QUOTA, "--data-dir", data)).start();
        }
        cluster.forEach(MemberProcess::awaitHealthy);
        final long fullId = status(full).getHeader().getMemberId();
        final long otherId = status(cluster.get(1)).getHeader().getMemberId();
        moveLeader(cluster, isLeader ? fullId : otherId);

        final MemberProcess other = cluster.get(2);
        final int keys = fill(other);
        awaitAlarm(other, fullId);
        for (final MemberProcess member : cluster)
        {
            Await.until(member.name() + " reads on", DEADLINE, () -> keys == count(member, false));
            assertRefused(member);
        }
        freeSpace(other, cluster);
        awaitWritable(other, cluster);
        for (final MemberProcess member : cluster)
        {
            Await.until(member.name() + " writes on", DEADLINE, () ->
            {
                put(member, text("by " + member.name()), 10);
                return true;
            });
        }
        final long revision = status(other).getHeader().getRevision();
        final List<Integer> hashes = new ArrayList<>();
        for (final MemberProcess member : cluster)
        {
            Await.until(member.name() + " has revision " + revision, DEADLINE, () ->
                hashes.add(MaintenanceGrpc.newBlockingStub(member.channel()).withDeadlineAfter(10, TimeUnit.SECONDS)
                    .hashKV(HashKVRequest.newBuilder().setRevision(revision).build()).getHash()));
        }
        assertEquals(1, new HashSet<>(hashes).size(), "hashes " + hashes + " at revision " + revision);
    }

    /** Puts keys until the member refuses. @return how many were acknowledged. */
    private int fill(final MemberProcess member)
    {
        for (int i = 0; i < 5_000; i++)
        {
            try
            {
                put(member, key(i), VALUE_LENGTH);
            }
            catch (final StatusRuntimeException ex)
            {
                assertNoSpace(ex);
                return i;
            }
        }
        throw new AssertionError("the disk is never full");
    }

    private void put(final MemberProcess member, final ByteString key, final int length)
    {
        final byte[] value = new byte[length];
        random.nextBytes(value);
        kv(member).put(PutRequest.newBuilder().setKey(key).setValue(ByteString.copyFrom(value)).build());
    }

    private void assertRefused(final MemberProcess member)
    {
        assertNoSpace(assertThrows(StatusRuntimeException.class, () -> put(member, text("refused"), 10)));
    }

    private static void assertNoSpace(final StatusRuntimeException ex)
    {
        assertEquals(Status.Code.RESOURCE_EXHAUSTED, ex.getStatus().getCode(), ex.toString());
        assertEquals("etcdserver: mvcc: database space exceeded", ex.getStatus().getDescription());
    }

    /** Deletes everything, compacts and defragments. */
    private static void freeSpace(final MemberProcess member, final List<MemberProcess> all)
    {
        delete(member, PREFIX, PREFIX_END);
        final long revision = status(member).getHeader().getRevision();
        kv(member).compact(CompactionRequest.newBuilder().setRevision(revision).setPhysical(true).build());
        for (final MemberProcess each : all)
        {
            MaintenanceGrpc.newBlockingStub(each.channel()).withDeadlineAfter(60, TimeUnit.SECONDS)
                .defragment(DefragmentRequest.getDefaultInstance());
        }
    }

    /** Disarms until the alarm stays off and a put is taken: a member that still lacks space raises it again. */
    private void awaitWritable(final MemberProcess member, final List<MemberProcess> all)
    {
        Await.until("there is space again", DEADLINE, () ->
        {
            final AlarmRequest.Builder request = AlarmRequest.newBuilder()
                .setAction(AlarmRequest.AlarmAction.DEACTIVATE).setAlarm(AlarmType.NOSPACE);
            for (final MemberProcess each : all)
            {
                alarm(member, request.setMemberID(status(each).getHeader().getMemberId()).build());
            }
            put(member, text("after"), 10);
            return true;
        });
    }

    private static void awaitAlarm(final MemberProcess member, final long id)
    {
        final AlarmRequest get = AlarmRequest.newBuilder().setAction(AlarmRequest.AlarmAction.GET).build();
        Await.until("the alarm of " + Long.toHexString(id), DEADLINE, () ->
            alarm(member, get).stream().anyMatch((each) -> each == id));
    }

    private static List<Long> alarm(final MemberProcess member, final AlarmRequest request)
    {
        return MaintenanceGrpc.newBlockingStub(member.channel()).withDeadlineAfter(10, TimeUnit.SECONDS)
            .alarm(request).getAlarmsList().stream().map((each) -> each.getMemberID()).toList();
    }

    private static void moveLeader(final List<MemberProcess> cluster, final long target)
    {
        Await.until("the leader is moved", DEADLINE, () ->
        {
            for (final MemberProcess member : cluster)
            {
                final StatusResponse status = status(member);
                if (status.getLeader() == target)
                {
                    return true;
                }
                if (status.getLeader() == status.getHeader().getMemberId())
                {
                    MaintenanceGrpc.newBlockingStub(member.channel()).withDeadlineAfter(10, TimeUnit.SECONDS)
                        .moveLeader(MoveLeaderRequest.newBuilder().setTargetID(target).build());
                }
            }
            return false;
        });
    }

    private static long count(final MemberProcess member, final boolean isSerializable)
    {
        return kv(member).range(RangeRequest.newBuilder().setKey(PREFIX).setRangeEnd(PREFIX_END)
            .setCountOnly(true).setSerializable(isSerializable).build()).getCount();
    }

    private static long delete(final MemberProcess member, final ByteString key, final ByteString end)
    {
        return kv(member).deleteRange(
            DeleteRangeRequest.newBuilder().setKey(key).setRangeEnd(end).build()).getDeleted();
    }

    private static StatusResponse status(final MemberProcess member)
    {
        return MaintenanceGrpc.newBlockingStub(member.channel()).withDeadlineAfter(10, TimeUnit.SECONDS)
            .status(StatusRequest.getDefaultInstance());
    }

    private static KVGrpc.KVBlockingStub kv(final MemberProcess member)
    {
        return KVGrpc.newBlockingStub(member.channel()).withDeadlineAfter(20, TimeUnit.SECONDS);
    }

    private static ByteString key(final int i)
    {
        return text(String.format("fill/%05d", i));
    }

    private static ByteString text(final String text)
    {
        return ByteString.copyFromUtf8(text);
    }
}
