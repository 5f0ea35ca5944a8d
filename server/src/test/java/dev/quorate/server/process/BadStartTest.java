package dev.quorate.server.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quorate.gateway.proto.etcdserverpb.MaintenanceGrpc;
import dev.quorate.gateway.proto.etcdserverpb.StatusRequest;
import dev.quorate.gateway.proto.etcdserverpb.StatusResponse;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A member that cannot be started as asked says why in one line and ends.
 */
class BadStartTest
{
    private static final Duration DEADLINE = Duration.ofSeconds(60);

    @RegisterExtension
    final Processes processes = new Processes();

    @Test
    void refusesAFlagThatNobodyKnows()
    {
        refuses("no-such-flag", "--no-such-flag", "1");
    }

    @Test
    void refusesABadUrl()
    {
        refuses("listen-client-urls", "--listen-client-urls", "127.0.0.1:2379");
        refuses("listen-peer-urls", "--listen-peer-urls", "http://127.0.0.1:peer");
        refuses("initial-cluster", "--initial-cluster", "nonsense");
    }

    @Test
    void refusesTlsThatIsNotSupportedYet()
    {
        refuses("not supported yet", "--listen-client-urls", "https://127.0.0.1:" + Ports.free());
        refuses("not supported yet", "--cert-file", "server.crt");
    }

    @Test
    void refusesAPortInUse()
    {
        final MemberProcess first = processes.single(Program.quorate());
        refuses(Integer.toString(first.clientPort()), "--listen-client-urls", first.clientUrl());
        refuses(Integer.toString(first.peerPort()), "--listen-peer-urls", first.peerUrl());
        assertTrue(first.isHealthy());
    }

    @Test
    void refusesAPortThatAnotherProgramHolds() throws IOException
    {
        try (ServerSocket tcp = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
            DatagramSocket udp = new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)))
        {
            final String held = "127.0.0.1:" + tcp.getLocalPort();
            refuses(held + ": Address already in use; free the port or choose another --listen-metrics-urls",
                "--listen-metrics-urls", "http://" + held);
            refuses("TCP " + held, "--listen-peer-urls", "http://" + held);
            refuses("UDP 127.0.0.1:" + udp.getLocalPort(),
                "--listen-peer-urls", "http://127.0.0.1:" + udp.getLocalPort());
            // Said at once, though clients are served only when there is a leader, and nothing is written before.
            final MemberProcess one = processes.member(Program.quorate(), "refused");
            refuses(one, "TCP " + held, "--listen-client-urls", "http://" + held, "--initial-cluster",
                "default=http://localhost:2380,other=http://127.0.0.1:1");
            assertFalse(Files.exists(one.data().resolve("log")));
        }
    }

    @Test
    void refusesADataDirectoryInUse()
    {
        final MemberProcess first = processes.single(Program.quorate());
        refuses("in use", "--data-dir", first.data().toString());
        assertTrue(first.isHealthy());
    }

    @Test
    void keepsTheIdentityInTheDataWhateverTheFlagsOfAFirstStartSay() throws IOException
    {
        final MemberProcess first = processes.single(Program.quorate());
        final StatusResponse before = status(first);
        first.terminate();
        final MemberProcess second = processes.member(Program.quorate(), "other");
        second.flags(
            "--name", "other",
            "--data-dir", first.data().toString(),
            "--listen-client-urls", second.clientUrl(),
            "--advertise-client-urls", second.clientUrl(),
            "--listen-peer-urls", second.peerUrl(),
            "--initial-advertise-peer-urls", second.peerUrl(),
            "--initial-cluster", "other=" + second.peerUrl(),
            "--initial-cluster-token", "other").start().awaitHealthy();
        assertEquals(before.getHeader().getMemberId(), status(second).getHeader().getMemberId());
        assertEquals(before.getHeader().getClusterId(), status(second).getHeader().getClusterId());
    }

    @Test
    void refusesADataDirectoryThatIsAFile() throws IOException
    {
        final MemberProcess member = processes.member(Program.quorate(), "file");
        Files.createDirectories(member.data().getParent());
        Files.writeString(member.data(), "not a directory");
        refuses(member, "file.data", "--data-dir", member.data().toString());
        refuses("cannot make or open data directory '" + member.data().resolve("below") + "': Not a directory",
            "--data-dir", member.data().resolve("below").toString());
        refuses("cannot make or open data directory '/proc/nowhere'", "--data-dir", "/proc/nowhere");
    }

    private static StatusResponse status(final MemberProcess member)
    {
        return MaintenanceGrpc.newBlockingStub(member.channel()).withDeadlineAfter(10, TimeUnit.SECONDS)
            .status(StatusRequest.getDefaultInstance());
    }

    private void refuses(final String word, final String... flags)
    {
        refuses(processes.member(Program.quorate(), "refused"), word, flags);
    }

    private static void refuses(final MemberProcess member, final String word, final String... flags)
    {
        final List<String> all = new ArrayList<>(List.of(
            "--data-dir", member.data().toString(),
            "--listen-client-urls", member.clientUrl(),
            "--advertise-client-urls", member.clientUrl(),
            "--listen-peer-urls", member.peerUrl()));
        all.addAll(List.of(flags));
        final int code = member.flags(all.toArray(String[]::new)).start().awaitExit(DEADLINE);
        assertNotEquals(0, code, member.output());
        final List<String> lines = member.output().lines().filter((line) -> line.startsWith("quorate: ")).toList();
        assertTrue(1 == lines.size() && lines.getFirst().contains(word), "wanted '" + word + "': " + member.output());
        assertTrue(!member.output().contains("\tat "), member.output());
    }
}
