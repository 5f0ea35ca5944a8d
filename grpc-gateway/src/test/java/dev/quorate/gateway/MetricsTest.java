package dev.quorate.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quorate.core.api.EtcdError;
import dev.quorate.core.api.Method;
import dev.quorate.core.ring.NodeState.Value;
import dev.quorate.gateway.metrics.HistogramSource;
import io.grpc.StatusRuntimeException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.io.IOException;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

@Timeout(30)
class MetricsTest
{
    private static final Pattern SAMPLE = Pattern.compile(
        "([a-zA-Z_:][a-zA-Z0-9_:]*)(\\{[a-zA-Z_]+=\"[^\"]*\"(?:,[a-zA-Z_]+=\"[^\"]*\")*\\})? (\\S+)");

    @Test
    void pageParsesAndFamiliesStandTogether() throws Exception
    {
        try (GatewayFixture fixture = new GatewayFixture((context) -> context.extensiveMetrics(true)
            .histograms(List.of(new Fsync("")))
            .metricSources(List.of((text) -> text.counter("etcd_network_peer_sent_bytes_total", "Bytes.", 5)))).start())
        {
            final Page page = page(fixture);

            assertEquals(0, page.value("grpc_server_started_total", "Range"));
            assertEquals(5, page.samples.get("etcd_network_peer_sent_bytes_total"));
            assertEquals(1, page.samples.get("etcd_disk_wal_fsync_duration_seconds_bucket{le=\"0.001\"}"));
            assertEquals(3, page.samples.get("etcd_disk_wal_fsync_duration_seconds_bucket{le=\"0.002\"}"));
            assertEquals(6, page.samples.get("etcd_disk_wal_fsync_duration_seconds_bucket{le=\"+Inf\"}"));
            assertEquals(6, page.samples.get("etcd_disk_wal_fsync_duration_seconds_count"));
            assertEquals(0.25, page.samples.get("etcd_disk_wal_fsync_duration_seconds_sum"));
            assertEquals("histogram", page.types.get("grpc_server_handling_seconds"));
        }
    }

    @Test
    void gaugesNamedLikeCountersStayGauges() throws Exception
    {
        try (GatewayFixture fixture = new GatewayFixture().start())
        {
            fixture.state.set(Value.COMMIT_INDEX, 44);
            fixture.state.set(Value.APPLIED_INDEX, 43);
            final Page page = page(fixture);

            assertEquals("gauge", page.types.get("etcd_server_proposals_committed_total"));
            assertEquals("gauge", page.types.get("etcd_server_proposals_applied_total"));
            assertEquals(44, page.samples.get("etcd_server_proposals_committed_total"));
            assertEquals(43, page.samples.get("etcd_server_proposals_applied_total"));
            assertEquals(1, page.samples.get("etcd_server_has_leader"));
            assertEquals(1, page.samples.get("etcd_server_is_leader"));
            assertEquals(12345, page.samples.get("etcd_mvcc_db_total_size_in_bytes"));
            assertEquals(1, page.samples.get("etcd_server_id{server_id=\"8e9e05c52164694d\"}"));
            assertEquals(1, page.samples.get("etcd_cluster_version{cluster_version=\"3.7\"}"));
        }
    }

    @Test
    void callsAreCountedByMethodAndCode() throws Exception
    {
        try (GatewayFixture fixture = new GatewayFixture().start())
        {
            fixture.port.answer(Method.KV_PUT, (call) -> call.reply(new byte[7]));
            fixture.port.answer(Method.KV_TXN, (call) -> call.answer.fail(EtcdError.NOT_LEADER));
            fixture.unary(Method.KV_PUT, new byte[11]);
            fixture.unary(Method.KV_PUT, new byte[11]);
            try
            {
                fixture.unary(Method.KV_TXN, new byte[1]);
            }
            catch (final StatusRuntimeException ignored)
            {
                // The failure is what is counted.
            }

            final Page page = page(fixture);
            assertEquals(2, page.value("grpc_server_started_total", "Put"));
            assertEquals(2, page.value("grpc_server_handled_total", "grpc_code=\"OK\",grpc_method=\"Put\""));
            assertEquals(
                1, page.value("grpc_server_handled_total", "grpc_code=\"FailedPrecondition\",grpc_method=\"Txn\""));
            assertEquals(2, page.value("grpc_server_msg_received_total", "Put"));
            assertEquals(2, page.value("grpc_server_msg_sent_total", "Put"));
            assertEquals(23, page.samples.get("etcd_network_client_grpc_received_bytes_total"));
            assertEquals(14, page.samples.get("etcd_network_client_grpc_sent_bytes_total"));
            final String requests = "etcd_server_client_requests_total";
            assertEquals(
                3, page.samples.get(requests + "{client_api_version=\"unknown\",type=\"unary\"}"));
            assertNull(page.samples.get("grpc_server_handling_seconds_count"));
        }
    }

    @Test
    void processFiguresAreThoseOfThisProcess() throws Exception
    {
        try (GatewayFixture fixture = new GatewayFixture().start())
        {
            final Page page = page(fixture);

            assertTrue(page.samples.get("process_resident_memory_bytes") > 1 << 20);
            assertTrue(page.samples.get("process_open_fds") > 3);
            assertTrue(page.samples.get("process_cpu_seconds_total") > 0);
            assertTrue(Math.abs(
                page.samples.get("process_start_time_seconds") * 1000 -
                ProcessHandle.current().info().startInstant().orElseThrow().toEpochMilli()) < 2_000);
        }
    }

    private static Page page(final GatewayFixture fixture) throws IOException
    {
        return new Page(HttpEndpointsTest.get(fixture.clientPort(), "/metrics").body());
    }

    /** A page read as strictly as Prometheus reads it. */
    private static final class Page
    {
        final Map<String, String> types = new LinkedHashMap<>();
        final Map<String, Double> samples = new LinkedHashMap<>();

        Page(final String text)
        {
            assertTrue(text.endsWith("\n"));
            final Set<String> finished = new HashSet<>();
            String family = "";

            for (final String line : text.split("\n"))
            {
                if (line.startsWith("# TYPE "))
                {
                    final String[] words = line.split(" ");
                    family = words[2];
                    assertNull(types.put(family, words[3]), line);
                    assertTrue(finished.add(family), line);
                }
                else if (!line.startsWith("# HELP "))
                {
                    final Matcher sample = SAMPLE.matcher(line);
                    assertTrue(sample.matches(), line);
                    final boolean histogram = "histogram".equals(types.get(family));
                    final String name =
                        histogram ? sample.group(1).replaceFirst("_(bucket|sum|count)$", "") : sample.group(1);
                    assertEquals(family, name);
                    final String key = line.substring(0, line.lastIndexOf(' '));
                    assertNull(samples.put(key, Double.parseDouble(sample.group(3))), line);
                }
            }
        }

        double value(final String family, final String part)
        {
            final String wanted = part.contains("=") ? part : "{grpc_method=\"" + part + "\"";
            Double found = null;

            for (final Map.Entry<String, Double> sample : samples.entrySet())
            {
                if (sample.getKey().startsWith(family + "{") && sample.getKey().contains(wanted))
                {
                    assertNull(found, () -> "two samples of " + family + " with " + part);
                    found = sample.getValue();
                }
            }

            assertNotNull(found, () -> "no sample of " + family + " with " + part);
            return found;
        }
    }

    private record Fsync(String labels) implements HistogramSource
    {
        @Override
        public String name()
        {
            return "etcd_disk_wal_fsync_duration_seconds";
        }

        @Override
        public String help()
        {
            return "Time of a sync of the log.";
        }

        @Override
        public int buckets()
        {
            return 2;
        }

        @Override
        public double bound(final int bucket)
        {
            return 0.001 * (1 << bucket);
        }

        @Override
        public long count(final int bucket)
        {
            return bucket + 1;
        }

        @Override
        public double sum()
        {
            return 0.25;
        }
    }
}
