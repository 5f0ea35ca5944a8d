package dev.quorate.server.process;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.quorate.gateway.proto.etcdserverpb.HashKVRequest;
import dev.quorate.gateway.proto.etcdserverpb.KVGrpc;
import dev.quorate.gateway.proto.etcdserverpb.MaintenanceGrpc;
import dev.quorate.gateway.proto.etcdserverpb.PutRequest;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A member that lags beyond the log of its leader goes on in a snapshot, also when either side is killed meanwhile.
 */
class SnapshotProcessTest
{
    private static final Duration DEADLINE = Duration.ofSeconds(60);
    private static final int VALUE_LENGTH = 32 * 1024;
    /** More than the segments of the log that are kept: 4 MiB and 8 MiB. */
    private static final int WRITES = 800;

    @RegisterExtension
    final Processes processes = new Processes();

    @ParameterizedTest(name = "profile {0}")
    @ValueSource(strings = {"compact", "dedicated"})
    void memberThatWasAwayGoesOnInASnapshot(final String profile) throws IOException
    {
        final List<MemberProcess> cluster = cluster("--profile", profile);
        final MemberProcess away = cluster.get(2);
        away.kill();
        write(cluster.getFirst());
        away.start().awaitHealthy();
        awaitInstalled(away);
        awaitEqual(cluster);
    }

    @ParameterizedTest(name = "kills {0}")
    @ValueSource(strings = {"receiver", "sender"})
    void transferThatIsKilledBeginsAnew(final String side) throws IOException
    {
        final List<MemberProcess> cluster = cluster();
        final MemberProcess away = cluster.get(2);
        away.kill();
        write(cluster.getFirst());
        away.start();
        Await.until("a snapshot is sent", DEADLINE, () -> logs(cluster, "\"sending a snapshot\""));
        if ("receiver".equals(side))
        {
            away.kill();
            away.start();
        }
        else
        {
            final MemberProcess sender = has(cluster.get(0), "\"sending a snapshot\"") ? cluster.get(0) : cluster.get(1);
            sender.kill();
            sender.start();
        }
        cluster.forEach(MemberProcess::awaitHealthy);
        awaitEqual(cluster);
    }

    private List<MemberProcess> cluster(final String... more)
    {
        final String[] flags = java.util.Arrays.copyOf(more, more.length + 4);
        flags[more.length] = "--snapshot-count";
        flags[more.length + 1] = "100";
        flags[more.length + 2] = "--snapshot-catchup-entries";
        flags[more.length + 3] = "10";
        return processes.cluster(Program.quorate(), flags);
    }

    private static void write(final MemberProcess member)
    {
        final ByteString value = ByteString.copyFrom(new byte[VALUE_LENGTH]);
        for (int i = 0; i < WRITES; i++)
        {
            final PutRequest put = PutRequest.newBuilder()
                .setKey(ByteString.copyFromUtf8("key" + i)).setValue(value).build();
            Await.until("a write is acknowledged", DEADLINE, () ->
            {
                KVGrpc.newBlockingStub(member.channel()).withDeadlineAfter(10, TimeUnit.SECONDS).put(put);
                return true;
            });
        }
    }

    private static void awaitInstalled(final MemberProcess member)
    {
        Await.until("a snapshot is installed", DEADLINE, () -> has(member, "installed a snapshot of the leader"));
    }

    private static void awaitEqual(final List<MemberProcess> cluster)
    {
        Await.until("all hashes are equal", DEADLINE, () ->
        {
            final int first = hash(cluster.get(0));
            return first == hash(cluster.get(1)) && first == hash(cluster.get(2));
        });
        assertTrue(cluster.stream().allMatch(MemberProcess::isHealthy));
    }

    private static int hash(final MemberProcess member)
    {
        return MaintenanceGrpc.newBlockingStub(member.channel()).withDeadlineAfter(10, TimeUnit.SECONDS)
            .hashKV(HashKVRequest.newBuilder().build()).getHash();
    }

    private static boolean logs(final List<MemberProcess> cluster, final String text) throws IOException
    {
        return has(cluster.get(0), text) || has(cluster.get(1), text);
    }

    private static boolean has(final MemberProcess member, final String text) throws IOException
    {
        return Files.readString(member.log()).contains(text);
    }
}
