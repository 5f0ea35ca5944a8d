package dev.quorate.server.member;

import dev.quorate.core.peer.PeerCounters;
import dev.quorate.core.ring.DurationHistogram;
import dev.quorate.core.ring.LoopRings;
import dev.quorate.core.ring.NodeState;
import dev.quorate.gateway.metrics.HistogramSource;
import dev.quorate.gateway.metrics.MetricSource;
import dev.quorate.gateway.metrics.MetricsText;

import java.util.List;

/**
 * What the gateway does not know by itself and shows on its metrics page.
 */
final class MemberMetrics
{
    private MemberMetrics()
    {
    }

    /**
     * @param syncs  of the log.
     * @param forces of the store.
     * @return how long both took.
     */
    static List<HistogramSource> histograms(final DurationHistogram syncs, final DurationHistogram forces)
    {
        return List.of(
            new DurationSource(
                "etcd_disk_wal_fsync_duration_seconds",
                "Time to sync the log, seconds.",
                syncs),
            new DurationSource(
                "etcd_disk_backend_commit_duration_seconds",
                "Time to force the store and its mark, seconds.",
                forces));
    }

    /**
     * @param memberId of this member.
     * @param peers    counters of the peers.
     * @param loops    rings of all event loops.
     * @param state    published values.
     * @return figures of peers, reads, failed commands and space.
     */
    static List<MetricSource> sources(
        final long memberId, final PeerCounters peers, final LoopRings[] loops, final NodeState state)
    {
        return List.of(
            new PeerMetrics(memberId, peers),
            (text) -> ranges(text, loops),
            (text) -> failedProposals(text, loops, state),
            (text) -> text.gauge(
                "quorate_server_is_short_of_space",
                "Whether this member lacks space on its disk or in its index. 1 if so, 0 otherwise.",
                state.get(NodeState.Value.SHORT_OF_SPACE)));
    }

    private static void failedProposals(final MetricsText text, final LoopRings[] loops, final NodeState state)
    {
        long failed = state.get(NodeState.Value.PROPOSALS_FAILED);
        for (final LoopRings loop : loops)
        {
            failed += loop.failedProposals();
        }
        text.counter(
            "etcd_server_proposals_failed_total",
            "Commands refused, or whose calls ended before their results came.",
            failed);
    }

    private static void ranges(final MetricsText text, final LoopRings[] loops)
    {
        long ranges = 0;
        for (final LoopRings loop : loops)
        {
            ranges += loop.rangeCount();
        }
        text.counter("etcd_mvcc_range_total", "Ranges read, also within transactions.", ranges);
    }
}
