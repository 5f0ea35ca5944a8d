package dev.quorate.server.member;

import dev.quorate.core.peer.PeerCounters;
import dev.quorate.core.peer.PeerIdentity;
import dev.quorate.core.peer.PeerMonitor;
import dev.quorate.core.peer.PeerRegistry;
import dev.quorate.core.ring.DurationHistogram;
import dev.quorate.core.ring.LoopRings;
import dev.quorate.core.ring.NodeState;
import dev.quorate.core.seam.PeerLink;
import dev.quorate.gateway.MemberInfo;
import dev.quorate.gateway.metrics.HealthCounters;
import dev.quorate.gateway.metrics.LoopCounters;
import dev.quorate.gateway.metrics.MetricsPage;
import org.junit.jupiter.api.Test;

import java.lang.reflect.Proxy;
import java.util.List;

import static org.junit.jupiter.api.Assertions.assertTrue;

class MemberMetricsTest
{
    /** What the official alerts and dashboards use, besides {@code up}, which Prometheus adds itself. */
    private static final String[] WATCHED_SAMPLES =
    {
        "etcd_server_has_leader ",
        "etcd_server_leader_changes_seen_total ",
        "etcd_server_proposals_committed_total ",
        "etcd_server_proposals_applied_total ",
        "etcd_server_proposals_pending ",
        "etcd_server_proposals_failed_total 5\n",
        "etcd_server_quota_backend_bytes ",
        "etcd_mvcc_db_total_size_in_bytes ",
        "etcd_mvcc_db_total_size_in_use_in_bytes ",
        "etcd_disk_wal_fsync_duration_seconds_bucket{le=\"0.001\"} 1\n",
        "etcd_disk_wal_fsync_duration_seconds_bucket{le=\"8.192\"} 1\n",
        "etcd_disk_wal_fsync_duration_seconds_sum 5.0E-4\n",
        "etcd_disk_backend_commit_duration_seconds_bucket{le=\"0.001\"} 0\n",
        "etcd_disk_backend_commit_duration_seconds_bucket{le=\"0.002\"} 1\n",
        "etcd_network_client_grpc_received_bytes_total ",
        "etcd_network_client_grpc_sent_bytes_total ",
        "etcd_network_peer_sent_bytes_total{To=\"1f\"} 0\n",
        "etcd_network_peer_received_bytes_total{From=\"1f\"} 0\n",
        "etcd_network_peer_sent_failures_total{To=\"1f\"} 0\n",
        "etcd_network_peer_round_trip_time_seconds_bucket{To=\"1f\",le=\"0.0001\"} 0\n",
        "etcd_network_peer_round_trip_time_seconds_bucket{To=\"1f\",le=\"3.2768\"} 0\n",
        "etcd_network_peer_round_trip_time_seconds_count{To=\"1f\"} 0\n",
        "grpc_server_started_total{",
        "grpc_server_handled_total{",
        "grpc_server_handling_seconds_bucket{",
        "process_resident_memory_bytes ",
        "quorate_server_is_short_of_space 0\n",
    };

    @Test
    void pageHasAllThatAlertsAndDashboardsUse()
    {
        final String page = page();
        for (final String sample : WATCHED_SAMPLES)
        {
            assertTrue(page.contains('\n' + sample), () -> sample + " is missing in\n" + page);
        }
    }

    @Test
    void pageHasFurtherFiguresOfThisMember()
    {
        final String page = page();
        assertTrue(page.contains("\netcd_mvcc_range_total 2\n"), page);
        assertTrue(page.contains("\netcd_network_active_peers{Local=\"b\",Remote=\"1f\"} 0\n"), page);
        assertTrue(page.contains("\netcd_network_known_peers{Local=\"b\",Remote=\"1f\"} 1\n"), page);
        assertTrue(page.contains("\netcd_network_peer_received_failures_total{From=\"1f\"} 0\n"), page);
    }

    private static String page()
    {
        final DurationHistogram syncs = new DurationHistogram();
        syncs.record(500_000);
        final DurationHistogram forces = new DurationHistogram();
        forces.record(1_500_000);
        final LoopRings[] loops = {new LoopRings(0, 4096, 4096), new LoopRings(1, 4096, 4096)};
        loops[0].countRange();
        loops[1].countRange();
        loops[1].countFailedProposal();
        final NodeState state = new NodeState();
        state.set(NodeState.Value.PROPOSALS_FAILED, 4);
        return new MetricsPage(
            new NodeState(),
            new Info(),
            List.of(new LoopCounters()),
            new HealthCounters(),
            MemberMetrics.histograms(syncs, forces),
            MemberMetrics.sources(11, peers(), loops, state),
            true).render();
    }

    private static PeerCounters peers()
    {
        final PeerCounters counters = new PeerCounters();
        final PeerLink link = (PeerLink)Proxy.newProxyInstance(
            PeerLink.class.getClassLoader(), new Class<?>[]{PeerLink.class}, (proxy, method, arguments) -> null);
        new PeerRegistry(
            link, ServerSeams.CLOCK, new PeerIdentity(7, 11, 5, 1), null, null, PeerMonitor.NONE, counters, 1024)
            .addPeer(31, "a:1");
        return counters;
    }

    private static final class Info implements MemberInfo
    {
        @Override
        public boolean isReady()
        {
            return true;
        }

        @Override
        public long memberId()
        {
            return 11;
        }

        @Override
        public String serverVersion()
        {
            return Version.ETCD;
        }

        @Override
        public String storageVersion()
        {
            return Version.STORAGE;
        }

        @Override
        public long quotaBytes()
        {
            return 1;
        }

        @Override
        public long dbSizeBytes()
        {
            return 1;
        }

        @Override
        public long dbSizeInUseBytes()
        {
            return 1;
        }

        @Override
        public long revision()
        {
            return 1;
        }

        @Override
        public long compactRevision()
        {
            return -1;
        }

        @Override
        public long keys()
        {
            return 0;
        }
    }
}
