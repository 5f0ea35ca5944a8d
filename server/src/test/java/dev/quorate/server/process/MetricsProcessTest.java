package dev.quorate.server.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.quorate.gateway.proto.etcdserverpb.CompactionRequest;
import dev.quorate.gateway.proto.etcdserverpb.DeleteRangeRequest;
import dev.quorate.gateway.proto.etcdserverpb.KVGrpc;
import dev.quorate.gateway.proto.etcdserverpb.PutRequest;
import io.grpc.StatusRuntimeException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;

/**
 * Each figure that the official alerts and dashboards use moves when the thing happens that it tells of.
 */
class MetricsProcessTest
{
    private static final Duration DEADLINE = Duration.ofSeconds(120);
    private static final int PUTS = 20;
    private static final int VALUE_LENGTH = 64 * 1024;
    private static final long QUOTA = 3L << 30;
    private static final String PUT_LABELS =
        "grpc_method=\"Put\",grpc_service=\"etcdserverpb.KV\",grpc_type=\"unary\"}";

    @RegisterExtension
    final Processes processes = new Processes();

    private final List<MemberProcess> cluster = new ArrayList<>();
    private final List<String> metricsUrls = new ArrayList<>();

    @Test
    void figuresMoveWithWhatTheyTellOf() throws IOException
    {
        startCluster();
        final MemberProcess leader = Kv.leader(cluster);
        final List<MemberProcess> followers = cluster.stream().filter((each) -> each != leader).toList();
        final String url = metricsUrls.get(cluster.indexOf(leader));
        final List<String> peers = followers.stream()
            .map((each) -> Long.toHexString(Kv.status(each).getHeader().getMemberId())).toList();

        assertTypes(Metrics.of(url));
        assertServedWithoutClientPort(url);
        assertPutsAreSeen(leader, url, peers);
        assertSpaceIsSeen(leader, url);
        assertLossOfQuorumIsSeen(leader, followers, url);
        assertLossOfAPeerIsSeen();
    }

    private void startCluster()
    {
        for (int i = 1; i <= 3; i++)
        {
            cluster.add(processes.member(Program.quorate(), "m" + i));
        }
        final String initial = Processes.initialCluster(cluster);
        for (final MemberProcess member : cluster)
        {
            metricsUrls.add("http://127.0.0.1:" + Ports.free());
            member.flags(Processes.memberFlags(member, initial, "new",
                "--metrics", "extensive",
                "--quota-backend-bytes", Long.toString(QUOTA),
                "--listen-metrics-urls", metricsUrls.getLast())).start();
        }
        cluster.forEach(MemberProcess::awaitHealthy);
    }

    private static void assertTypes(final Metrics page)
    {
        final String[] counters = {
            "etcd_server_leader_changes_seen_total", "etcd_server_proposals_failed_total",
            "etcd_network_client_grpc_received_bytes_total", "etcd_network_client_grpc_sent_bytes_total",
            "etcd_network_peer_sent_bytes_total", "etcd_network_peer_received_bytes_total",
            "etcd_network_peer_sent_failures_total", "grpc_server_started_total", "grpc_server_handled_total"};
        final String[] gauges = {
            "etcd_server_has_leader", "etcd_server_proposals_committed_total", "etcd_server_proposals_applied_total",
            "etcd_server_proposals_pending", "etcd_server_quota_backend_bytes", "etcd_mvcc_db_total_size_in_bytes",
            "etcd_mvcc_db_total_size_in_use_in_bytes", "process_resident_memory_bytes"};
        final String[] histograms = {
            "etcd_disk_wal_fsync_duration_seconds", "etcd_disk_backend_commit_duration_seconds",
            "etcd_network_peer_round_trip_time_seconds", "grpc_server_handling_seconds"};
        for (final String name : counters)
        {
            assertEquals("counter", page.type(name), name);
        }
        for (final String name : gauges)
        {
            assertEquals("gauge", page.type(name), name);
        }
        for (final String name : histograms)
        {
            assertEquals("histogram", page.type(name), name);
        }
    }

    private static void assertServedWithoutClientPort(final String url) throws IOException
    {
        assertEquals(200, status(url + "/health"));
        assertEquals(200, status(url + "/livez?verbose"));
        assertEquals(200, status(url + "/readyz?verbose"));
        assertEquals(404, status(url + "/version"));
    }

    private static void assertPutsAreSeen(final MemberProcess leader, final String url, final List<String> peers)
    {
        final Metrics before = Metrics.of(url);
        assertEquals(1, before.value("etcd_server_has_leader"));
        assertTrue(before.value("etcd_server_leader_changes_seen_total") >= 1, before.toString());
        assertEquals(QUOTA, before.value("etcd_server_quota_backend_bytes"));
        assertTrue(before.value("process_resident_memory_bytes") > 1 << 24, before.toString());
        for (int i = 0; i < PUTS; i++)
        {
            put(leader, "a/" + i);
        }
        final double bytes = (double)PUTS * VALUE_LENGTH;
        grows(url, before, "etcd_server_proposals_committed_total", PUTS);
        grows(url, before, "etcd_server_proposals_applied_total", PUTS);
        grows(url, before, "etcd_mvcc_put_total", PUTS);
        grows(url, before, "etcd_mvcc_db_total_size_in_bytes", bytes);
        grows(url, before, "etcd_mvcc_db_total_size_in_use_in_bytes", bytes);
        grows(url, before, "etcd_disk_wal_fsync_duration_seconds_count", 1);
        grows(url, before, "etcd_disk_wal_fsync_duration_seconds_sum", 1e-6);
        grows(url, before, "etcd_disk_wal_fsync_duration_seconds_bucket{le=\"+Inf\"}", 1);
        grows(url, before, "etcd_disk_backend_commit_duration_seconds_count", 1);
        grows(url, before, "etcd_disk_backend_commit_duration_seconds_sum", 1e-6);
        grows(url, before, "etcd_network_client_grpc_received_bytes_total", bytes);
        grows(url, before, "etcd_network_client_grpc_sent_bytes_total", PUTS);
        grows(url, before, "grpc_server_started_total{" + PUT_LABELS, PUTS);
        grows(url, before, "grpc_server_handled_total{grpc_code=\"OK\"," + PUT_LABELS, PUTS);
        grows(url, before, "grpc_server_handling_seconds_count{" + PUT_LABELS, PUTS);
        grows(url, before, "grpc_server_handling_seconds_sum{" + PUT_LABELS, 1e-6);
        for (final String peer : peers)
        {
            grows(url, before, "etcd_network_peer_sent_bytes_total{To=\"" + peer + "\"}", bytes);
            grows(url, before, "etcd_network_peer_received_bytes_total{From=\"" + peer + "\"}", PUTS);
            grows(url, before, "etcd_network_peer_round_trip_time_seconds_count{To=\"" + peer + "\"}", 1);
            grows(url, before, "etcd_network_peer_round_trip_time_seconds_sum{To=\"" + peer + "\"}", 1e-6);
        }
    }

    private static void assertSpaceIsSeen(final MemberProcess leader, final String url)
    {
        final Metrics before = Metrics.of(url);
        Kv.stub(leader).deleteRange(DeleteRangeRequest.newBuilder()
            .setKey(ByteString.copyFromUtf8("a/")).setRangeEnd(ByteString.copyFromUtf8("a0")).build());
        put(leader, "b");
        Kv.stub(leader).compact(
            CompactionRequest.newBuilder().setRevision(Kv.revision(leader)).setPhysical(true).build());
        Await.until("what was deleted is not in use any more", DEADLINE, () ->
            Metrics.of(url).value("etcd_mvcc_db_total_size_in_use_in_bytes") <
            before.value("etcd_mvcc_db_total_size_in_use_in_bytes") - (double)(PUTS - 1) * VALUE_LENGTH);
    }

    /** The leader steps down, a command waits, and its call ends without a result. */
    private static void assertLossOfQuorumIsSeen(
        final MemberProcess leader, final List<MemberProcess> followers, final String url)
    {
        final Metrics before = Metrics.of(url);
        followers.forEach(MemberProcess::pause);
        Await.until("no leader is known", DEADLINE, () -> 0 == Metrics.of(url).value("etcd_server_has_leader"));
        final KVGrpc.KVFutureStub later =
            KVGrpc.newFutureStub(leader.channel()).withDeadlineAfter(60, TimeUnit.SECONDS);
        final var waiting = later.put(PutRequest.newBuilder().setKey(ByteString.copyFromUtf8("c")).build());
        Await.until("a command is pending", DEADLINE,
            () -> Metrics.of(url).value("etcd_server_proposals_pending") >= 1);
        assertThrows(StatusRuntimeException.class, () -> KVGrpc.newBlockingStub(leader.channel())
            .withDeadlineAfter(1, TimeUnit.SECONDS)
            .put(PutRequest.newBuilder().setKey(ByteString.copyFromUtf8("d")).build()));
        grows(url, before, "etcd_server_proposals_failed_total", 1);
        followers.forEach(MemberProcess::resume);
        Await.until("a leader is known", DEADLINE, () -> 1 == Metrics.of(url).value("etcd_server_has_leader"));
        grows(url, before, "etcd_server_leader_changes_seen_total", 1);
        Await.until("the command came to its end", DEADLINE, waiting::isDone);
        Await.until("nothing is pending", DEADLINE,
            () -> 0 == Metrics.of(url).value("etcd_server_proposals_pending"));
        final double failed = Metrics.of(url).sum("grpc_server_handled_total") -
            before.sum("grpc_server_handled_total");
        assertTrue(failed >= 2, "calls that failed are handled too: " + failed);
    }

    private void assertLossOfAPeerIsSeen()
    {
        // Not always the one of before.
        final MemberProcess leader = Kv.leader(cluster);
        final MemberProcess peer = cluster.stream().filter((each) -> each != leader).findFirst().orElseThrow();
        final String url = metricsUrls.get(cluster.indexOf(leader));
        final String id = Long.toHexString(Kv.status(peer).getHeader().getMemberId());
        final Metrics before = Metrics.of(url);
        peer.kill();
        grows(url, before, "etcd_network_peer_sent_failures_total{To=\"" + id + "\"}", 1);
        Await.until("the peer counts as not active", DEADLINE, () -> 0 == value(Metrics.of(url), id));
    }

    private static double value(final Metrics page, final String id)
    {
        final String text = page.toString();
        final int at = text.indexOf("Remote=\"" + id + "\"} ", text.indexOf("\netcd_network_active_peers{"));
        return Double.parseDouble(text.substring(text.indexOf(' ', at), text.indexOf('\n', at)));
    }

    private static void grows(final String url, final Metrics before, final String sample, final double by)
    {
        final ToDoubleFunction<Metrics> growth = (page) -> page.value(sample) - before.value(sample);
        Await.until(sample + " grows by " + by, DEADLINE, () -> growth.applyAsDouble(Metrics.of(url)) >= by);
    }

    private static void put(final MemberProcess member, final String key)
    {
        Kv.stub(member).put(PutRequest.newBuilder().setKey(ByteString.copyFromUtf8(key))
            .setValue(ByteString.copyFrom(new byte[VALUE_LENGTH])).build());
    }

    private static int status(final String url) throws IOException
    {
        return ((HttpURLConnection)URI.create(url).toURL().openConnection()).getResponseCode();
    }
}
