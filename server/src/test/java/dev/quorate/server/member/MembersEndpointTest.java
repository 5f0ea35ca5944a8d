package dev.quorate.server.member;

import dev.quorate.core.machine.Directories;
import dev.quorate.core.ring.NodeState;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

@Timeout(30)
class MembersEndpointTest
{
    @Test
    void versionOfTheClusterIsToldOnceItIsDecided() throws Exception
    {
        final NodeState state = new NodeState();
        final InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        try (MembersEndpoint endpoint = new MembersEndpoint(any, 7, new Directories(), state))
        {
            assertEquals(
                "{\"etcdserver\":\"3.7.1\",\"etcdcluster\":\"not_decided\",\"storage\":\"3.7.0\"}", version(endpoint));
            state.set(NodeState.Value.CLUSTER_VERSION, 3L << 32 | 7);
            assertEquals(
                "{\"etcdserver\":\"3.7.1\",\"etcdcluster\":\"3.7.0\",\"storage\":\"3.7.0\"}", version(endpoint));
        }
    }

    @Test
    void requestsThatNeverEndHoldNobodyUp() throws Exception
    {
        final InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        final List<Socket> open = new ArrayList<>();
        try (MembersEndpoint endpoint = new MembersEndpoint(any, 7, new Directories(), new NodeState()))
        {
            for (int i = 0; i < 100; i++)
            {
                final Socket socket = new Socket(InetAddress.getLoopbackAddress(), endpoint.address().getPort());
                open.add(socket);
                socket.getOutputStream().write(i % 2 == 0 ? "GET /vers".getBytes(StandardCharsets.US_ASCII) :
                    new byte[]{-1, 0, 7});
            }
            assertTrue(version(endpoint).startsWith("{\"etcdserver\""));
        }
        finally
        {
            for (final Socket socket : open)
            {
                socket.close();
            }
        }
    }

    private static String version(final MembersEndpoint endpoint) throws Exception
    {
        final URI uri = URI.create("http://127.0.0.1:" + endpoint.address().getPort() + "/version");
        try (var body = uri.toURL().openStream())
        {
            return new String(body.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
