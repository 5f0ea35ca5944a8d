package dev.quorate.gateway.metrics;

import dev.quorate.core.api.GrpcCode;
import dev.quorate.core.ring.NodeState;
import dev.quorate.core.ring.NodeState.Value;
import dev.quorate.gateway.MemberInfo;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Renders /metrics: names, types and labels are those of etcd, so that its dashboards and alerts work unchanged.
 */
public final class MetricsPage
{
    /** Names of the status codes as Go clients and dashboards spell them, by number. */
    private static final String[] CODE_NAMES =
    {
        "OK", "Canceled", "Unknown", "InvalidArgument", "DeadlineExceeded", "NotFound", "AlreadyExists",
        "PermissionDenied", "ResourceExhausted", "FailedPrecondition", "Aborted", "OutOfRange", "Unimplemented",
        "Internal", "Unavailable", "DataLoss", "Unauthenticated",
    };

    private final NodeState state;
    private final MemberInfo member;
    private final List<LoopCounters> loops;
    private final HealthCounters health;
    private final List<HistogramSource> histograms;
    private final List<MetricSource> sources;
    private final boolean extensive;

    /**
     * @param state      published by the member's agents.
     * @param member     asked for the rest.
     * @param loops      counters of all event loops.
     * @param health     counters of the health checks.
     * @param histograms shown after the counters, families kept together.
     * @param sources    of further families.
     * @param extensive  true to show how long calls took.
     */
    public MetricsPage(
        final NodeState state,
        final MemberInfo member,
        final List<LoopCounters> loops,
        final HealthCounters health,
        final List<HistogramSource> histograms,
        final List<MetricSource> sources,
        final boolean extensive)
    {
        this.state = state;
        this.member = member;
        this.loops = loops;
        this.health = health;
        this.histograms = histograms;
        this.sources = sources;
        this.extensive = extensive;

        if (CODE_NAMES.length != GrpcCode.values().length)
        {
            throw new IllegalStateException("status codes: " + Arrays.toString(GrpcCode.values()));
        }
    }

    /**
     * @return the page in the Prometheus text format.
     */
    public String render()
    {
        final MetricsText text = new MetricsText();

        server(text);
        store(text);
        health.collect(text);
        clients(text);
        calls(text);

        if (extensive)
        {
            handlingTimes(text);
        }

        for (int i = 0, length = histograms.size(); i < length; i++)
        {
            text.histogram(histograms.get(i));
        }

        for (int i = 0, length = sources.size(); i < length; i++)
        {
            sources.get(i).collect(text);
        }

        ProcessFigures.collect(text);

        return text.toString();
    }

    private void server(final MetricsText text)
    {
        final long leaderId = state.get(Value.LEADER_ID);
        final long clusterVersion = state.get(Value.CLUSTER_VERSION);

        text.gauge("etcd_server_has_leader", "1 while a leader is known.",
            leaderId == 0 ? 0 : 1);
        text.gauge("etcd_server_is_leader", "1 while this member leads.",
            leaderId != 0 && leaderId == member.memberId() ? 1 : 0);
        text.gauge("etcd_server_is_learner", "1 while this member learns.",
            state.get(Value.IS_LEARNER));
        text.counter("etcd_server_leader_changes_seen_total", "Times the leader changed.",
            state.get(Value.LEADER_CHANGES));
        // Gauges by type although named like counters: dashboards know them as such.
        text.gauge("etcd_server_proposals_committed_total", "Index of the newest entry committed.",
            state.get(Value.COMMIT_INDEX));
        text.gauge("etcd_server_proposals_applied_total", "Index of the newest entry applied.",
            state.get(Value.APPLIED_INDEX));
        text.gauge("etcd_server_proposals_pending", "Commands that wait for a leader or their commit.",
            state.get(Value.PROPOSALS_PENDING));
        text.gauge("etcd_server_quota_backend_bytes", "Quota of the store, bytes.",
            member.quotaBytes());

        text.gauge("etcd_server_version", "1 for the etcd version that this member behaves like.");
        text.sample("server_version=\"" + MetricsText.escape(member.serverVersion()) + '"', 1);
        text.gauge("etcd_server_id", "1 for the id of this member, in hexadecimal.");
        text.sample("server_id=\"" + Long.toHexString(member.memberId()) + '"', 1);

        if (clusterVersion != 0)
        {
            text.gauge("etcd_cluster_version", "1 for the version that the cluster agreed on.");
            text.sample("cluster_version=\"" + (clusterVersion >>> 32) + '.' + (int)clusterVersion + '"', 1);
        }

        text.gauge("etcd_debugging_server_alarms", "1 while the alarm is on.");
        alarm(text, "NOSPACE", Value.ALARM_NOSPACE);
        alarm(text, "CORRUPT", Value.ALARM_CORRUPT);
    }

    private void alarm(final MetricsText text, final String type, final Value value)
    {
        text.sample(
            "alarm_type=\"" + type + "\",server_id=\"" + Long.toHexString(member.memberId()) + '"', state.get(value));
    }

    private void store(final MetricsText text)
    {
        text.gauge("etcd_mvcc_db_total_size_in_bytes",
            "Size of the store on disk, bytes.", member.dbSizeBytes());
        text.gauge("etcd_mvcc_db_total_size_in_use_in_bytes",
            "Bytes of the store that hold live data.", member.dbSizeInUseBytes());
        text.counter("etcd_mvcc_put_total", "Puts applied.", state.get(Value.PUTS));
        text.counter("etcd_mvcc_delete_total", "Deletes applied.",
            state.get(Value.DELETES));
        text.counter("etcd_mvcc_txn_total", "Transactions applied.", state.get(Value.TXNS));
        text.gauge("etcd_disk_wal_write_bytes_total", "Bytes appended to the log.",
            state.get(Value.LOG_BYTES));
        text.gauge("etcd_debugging_mvcc_current_revision", "Revision of the store.", member.revision());
        text.gauge("etcd_debugging_mvcc_compact_revision", "Revision the store was compacted at.",
            member.compactRevision());
        text.gauge("etcd_debugging_mvcc_keys_total", "Live keys.", member.keys());
        text.gauge("etcd_debugging_mvcc_watcher_total", "Watchers registered.", state.get(Value.WATCHERS));
        text.gauge("etcd_debugging_mvcc_watch_stream_total", "Watch streams open.",
            state.get(Value.WATCH_STREAMS));
        text.gauge("etcd_debugging_mvcc_slow_watcher_total", "Watchers behind the present revision.",
            state.get(Value.SLOW_WATCHERS));
        text.counter("etcd_debugging_mvcc_events_total", "Events handed to watchers.",
            state.get(Value.WATCH_EVENTS));
        text.counter("etcd_debugging_lease_granted_total", "Leases granted.",
            state.get(Value.LEASES_GRANTED));
        text.counter("etcd_debugging_lease_revoked_total", "Leases revoked.",
            state.get(Value.LEASES_REVOKED));
        text.counter("etcd_debugging_lease_renewed_total", "Leases renewed while this member led.",
            state.get(Value.LEASES_RENEWED));
        text.counter("etcd_debugging_server_lease_expired_total", "Leases whose expiry was proposed.",
            state.get(Value.LEASES_EXPIRED));
    }

    private void clients(final MetricsText text)
    {
        long received = 0;
        long sent = 0;
        final Map<String, long[]> requests = new LinkedHashMap<>();

        for (final LoopCounters loop : loops)
        {
            received += loop.bytesReceived();
            sent += loop.bytesSent();

            final String[] versions = loop.versionLabels();
            for (int i = 0; i < versions.length; i++)
            {
                final long[] sums = requests.computeIfAbsent(versions[i], (ignored) -> new long[2]);
                sums[0] += loop.clientRequests(i, false);
                sums[1] += loop.clientRequests(i, true);
            }
        }

        text.counter("etcd_network_client_grpc_received_bytes_total",
            "Bytes of request messages.", received);
        text.counter("etcd_network_client_grpc_sent_bytes_total",
            "Bytes of response messages.", sent);
        text.counter("etcd_server_client_requests_total", "Calls by API version of the client.");

        for (final Map.Entry<String, long[]> request : requests.entrySet())
        {
            final String version = "client_api_version=\"" + request.getKey() + "\",type=\"";
            text.sample(version + "unary\"", request.getValue()[0]);
            text.sample(version + "stream\"", request.getValue()[1]);
        }
    }

    private void calls(final MetricsText text)
    {
        text.counter("grpc_server_started_total", "Calls begun.");
        for (int rpc = 0; rpc < Rpcs.COUNT; rpc++)
        {
            long sum = 0;
            for (final LoopCounters loop : loops)
            {
                sum += loop.started(rpc);
            }
            text.sample(Rpcs.labels(rpc), sum);
        }

        text.counter("grpc_server_handled_total",
            "Calls ended, by status code.");
        for (int rpc = 0; rpc < Rpcs.COUNT; rpc++)
        {
            handled(text, rpc);
        }

        text.counter("grpc_server_msg_received_total", "Request messages received.");
        for (int rpc = 0; rpc < Rpcs.COUNT; rpc++)
        {
            long sum = 0;
            for (final LoopCounters loop : loops)
            {
                sum += loop.received(rpc);
            }
            text.sample(Rpcs.labels(rpc), sum);
        }

        text.counter("grpc_server_msg_sent_total", "Response messages sent.");
        for (int rpc = 0; rpc < Rpcs.COUNT; rpc++)
        {
            long sum = 0;
            for (final LoopCounters loop : loops)
            {
                sum += loop.sent(rpc);
            }
            text.sample(Rpcs.labels(rpc), sum);
        }
    }

    private void handled(final MetricsText text, final int rpc)
    {
        for (int code = 0; code < CODE_NAMES.length; code++)
        {
            long sum = 0;
            for (final LoopCounters loop : loops)
            {
                sum += loop.handled(rpc, code);
            }
            text.sample("grpc_code=\"" + CODE_NAMES[code] + "\"," + Rpcs.labels(rpc), sum);
        }
    }

    private void handlingTimes(final MetricsText text)
    {
        for (int rpc = 0; rpc < Rpcs.COUNT; rpc++)
        {
            text.histogram(new HandlingTimes(loops, rpc));
        }
    }

    /** Handling times of one method, summed over the loops. */
    private record HandlingTimes(List<LoopCounters> loops, int rpc) implements HistogramSource
    {
        @Override
        public String name()
        {
            return "grpc_server_handling_seconds";
        }

        @Override
        public String help()
        {
            return "Time from the begin of a call to its end, seconds.";
        }

        @Override
        public String labels()
        {
            return Rpcs.labels(rpc);
        }

        @Override
        public int buckets()
        {
            return LoopCounters.HANDLING_BOUNDS.length;
        }

        @Override
        public double bound(final int bucket)
        {
            return LoopCounters.HANDLING_BOUNDS[bucket];
        }

        @Override
        public long count(final int bucket)
        {
            long sum = 0;
            for (final LoopCounters loop : loops)
            {
                sum += loop.handling(rpc, bucket);
            }

            return sum;
        }

        @Override
        public double sum()
        {
            long sumNs = 0;
            for (final LoopCounters loop : loops)
            {
                sumNs += loop.handlingNs(rpc);
            }

            return sumNs / 1e9;
        }
    }
}
