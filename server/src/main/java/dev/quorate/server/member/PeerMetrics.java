package dev.quorate.server.member;

import dev.quorate.core.peer.PeerCounters;
import dev.quorate.core.peer.PeerCounters.Value;
import dev.quorate.gateway.metrics.HistogramSource;
import dev.quorate.gateway.metrics.MetricSource;
import dev.quorate.gateway.metrics.MetricsText;

/**
 * What is counted about peers, by the names and labels of etcd. Read by event loops.
 *
 * @param memberId of this member.
 * @param counters of the peers.
 */
record PeerMetrics(long memberId, PeerCounters counters) implements MetricSource
{
    private static final double NANOS = 1e9;

    @Override
    public void collect(final MetricsText text)
    {
        text.counter("etcd_network_peer_sent_bytes_total", "Bytes sent to the peer.");
        samples(text, "To", Value.SENT_BYTES);
        text.counter("etcd_network_peer_received_bytes_total", "Bytes received from the peer.");
        samples(text, "From", Value.RECEIVED_BYTES);
        text.counter("etcd_network_peer_sent_failures_total", "Messages that could not be sent to the peer.");
        samples(text, "To", Value.SEND_FAILURES);
        text.counter("etcd_network_peer_received_failures_total", "Messages of the peer that were dropped.");
        samples(text, "From", Value.RECEIVE_FAILURES);
        text.gauge("etcd_network_active_peers", "1 while the peer is connected.");
        between(text, Value.CONNECTED);
        text.gauge("etcd_network_known_peers", "1 for each peer known.");
        between(text, null);
        roundTrips(text);
    }

    private void samples(final MetricsText text, final String label, final Value value)
    {
        for (int slot = 0; slot < PeerCounters.MAX_PEERS; slot++)
        {
            final long peer = counters.memberId(slot);
            if (0 != peer)
            {
                text.sample(label(label, peer), counters.get(slot, value));
            }
        }
    }

    private void between(final MetricsText text, final Value value)
    {
        for (int slot = 0; slot < PeerCounters.MAX_PEERS; slot++)
        {
            final long peer = counters.memberId(slot);
            if (0 != peer)
            {
                text.sample(
                    label("Local", memberId) + ',' + label("Remote", peer),
                    null == value ? 1 : counters.get(slot, value));
            }
        }
    }

    private void roundTrips(final MetricsText text)
    {
        for (int slot = 0; slot < PeerCounters.MAX_PEERS; slot++)
        {
            final long peer = counters.memberId(slot);
            if (0 != peer)
            {
                text.histogram(new RoundTrips(counters, slot, label("To", peer)));
            }
        }
    }

    private static String label(final String name, final long memberId)
    {
        return name + "=\"" + Long.toHexString(memberId) + '"';
    }

    /** Round trips to one peer. */
    private record RoundTrips(PeerCounters counters, int slot, String labels) implements HistogramSource
    {
        @Override
        public String name()
        {
            return "etcd_network_peer_round_trip_time_seconds";
        }

        @Override
        public String help()
        {
            return "Round trips to the peer, seconds.";
        }

        @Override
        public int buckets()
        {
            return PeerCounters.ROUND_TRIP_BUCKETS - 1;
        }

        @Override
        public double bound(final int bucket)
        {
            return (PeerCounters.FIRST_BUCKET_NS << bucket) / NANOS;
        }

        @Override
        public long count(final int bucket)
        {
            return counters.roundTrips(slot, bucket);
        }

        @Override
        public double sum()
        {
            return counters.get(slot, Value.ROUND_TRIP_SUM_NS) / NANOS;
        }
    }
}
