package dev.quorate.server.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.quorate.gateway.proto.etcdserverpb.PutRequest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/**
 * A member that is started on files which are not its own takes no part in the cluster; the others go on, and say whom
 * they do not hear.
 */
class ForeignDirectoryTest
{
    private static final Duration DEADLINE = Duration.ofSeconds(120);

    @RegisterExtension
    final Processes processes = new Processes();

    @Test
    void memberOnForeignFilesTakesNoPart() throws IOException
    {
        final List<MemberProcess> cluster = processes.cluster(Program.quorate());
        final MemberProcess first = cluster.get(0);
        final MemberProcess second = cluster.get(1);
        final MemberProcess third = cluster.get(2);
        final Path own = third.data().resolveSibling("own");
        put(first, "a");
        third.kill();
        Files.move(third.data(), own);
        // Nobody listens on its UDP port any more: the others name it, again and again.
        Await.until("the third is missed twice", DEADLINE, () -> missed(first, third) && missed(second, third));

        // Files of a cluster with the same addresses and another token.
        final String[] flags = Processes.memberFlags(third, Processes.initialCluster(cluster), "new");
        final String[] others = flags.clone();
        others[List.of(flags).indexOf("--initial-cluster-token") + 1] = "other";
        third.flags(others).start();
        Await.until("another cluster is refused", DEADLINE, () -> refused(cluster, "WRONG_CLUSTER"));
        assertFalse(third.isHealthy());
        third.kill();
        Processes.delete(third.data());

        // Files that were made anew: what this member acknowledged before is not in them.
        third.flags(flags).start();
        Await.until("another store is refused", DEADLINE, () -> refused(cluster, "WRONG_STORE"));
        assertFalse(third.isHealthy());
        third.kill();
        Processes.delete(third.data());

        // A copy of another member.
        second.terminate();
        copy(second.data(), third.data());
        second.start().awaitHealthy();
        final int from = third.output().length();
        assertEquals(1, third.start().awaitExit(DEADLINE));
        final String output = third.output().substring(from);
        assertTrue(output.contains("is that of member"), output);
        Processes.delete(third.data());

        put(first, "b");
        Files.move(own, third.data());
        third.start().awaitHealthy();
        put(third, "c");
        Kv.assertEqual(cluster);
    }

    private static boolean missed(final MemberProcess member, final MemberProcess peer)
    {
        return member.output().lines().filter((line) ->
            line.contains("peer is not heard") && line.contains("127.0.0.1:" + peer.peerPort())).count() >= 2;
    }

    private static boolean refused(final List<MemberProcess> cluster, final String cause)
    {
        return cluster.stream().anyMatch((each) -> each.output().contains(cause));
    }

    private static void put(final MemberProcess member, final String key)
    {
        Await.until("a write is acknowledged", DEADLINE, () -> null != Kv.stub(member).put(
            PutRequest.newBuilder().setKey(ByteString.copyFromUtf8(key)).build()));
    }

    private static void copy(final Path from, final Path to) throws IOException
    {
        try (Stream<Path> paths = Files.walk(from))
        {
            for (final Path path : paths.toList())
            {
                Files.copy(path, to.resolve(from.relativize(path)));
            }
        }
    }
}
