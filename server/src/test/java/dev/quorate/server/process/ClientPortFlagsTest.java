package dev.quorate.server.process;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.quorate.gateway.proto.etcdserverpb.KVGrpc;
import dev.quorate.gateway.proto.etcdserverpb.RangeRequest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * Flags of the client port have their effect on a running member.
 */
class ClientPortFlagsTest
{
    @RegisterExtension
    final Processes processes = new Processes();

    @Test
    void hostsOriginsAndMetricsFollowTheFlags() throws IOException
    {
        final MemberProcess member = processes.single(Program.quorate(),
            "--host-whitelist", "good.example,127.0.0.1", "--cors", "http://app.example", "--metrics", "extensive");
        assertTrue(get(member, "/version", "good.example", "http://app.example").contains("http/1.1 200"));
        assertTrue(get(member, "/version", "good.example", "http://app.example")
            .contains("access-control-allow-origin: http://app.example"));
        assertFalse(get(member, "/version", "good.example", "http://other.example")
            .contains("access-control-allow-origin"));
        assertTrue(get(member, "/version", "bad.example", "http://app.example").contains("http/1.1 421"));
        KVGrpc.newBlockingStub(member.channel()).range(
            RangeRequest.newBuilder().setKey(ByteString.copyFromUtf8("k")).build());
        assertTrue(get(member, "/metrics", "good.example", "").contains("grpc_server_handling_seconds_count"));
        assertFalse(member.output().contains("has no effect"), member.tail());
    }

    @Test
    void withoutFlagsAllHostsAndOriginsAreServedAndMetricsAreBasic() throws IOException
    {
        final MemberProcess member = processes.single(Program.quorate());
        final String version = get(member, "/version", "any.example", "http://any.example");
        assertTrue(version.contains("http/1.1 200"), version);
        assertTrue(version.contains("access-control-allow-origin: *"), version);
        assertFalse(get(member, "/metrics", "any.example", "").contains("grpc_server_handling_seconds"));
    }

    private static String get(
        final MemberProcess member, final String path, final String host, final String origin) throws IOException
    {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), member.clientPort()))
        {
            final String request = "GET " + path + " HTTP/1.1\r\nHost: " + host + ":" + member.clientPort() + "\r\n" +
                (origin.isEmpty() ? "" : "Origin: " + origin + "\r\n") + "Connection: close\r\n\r\n";
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            socket.setSoTimeout(20_000);
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                .toLowerCase(Locale.ROOT);
        }
    }
}
