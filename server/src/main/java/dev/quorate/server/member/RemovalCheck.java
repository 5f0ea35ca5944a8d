package dev.quorate.server.member;

import dev.quorate.core.machine.Member;
import dev.quorate.core.seam.Clock;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A member that was removed while it did not run, or could not be told, is left alone by all others: it asks them now
 * and then whether it was removed, as long as it knows no leader. Removals are for ever, so one answer is enough.
 * <p>
 * Owner: the main thread.
 */
final class RemovalCheck
{
    /** Header with the id of the member that asks. */
    static final String FROM = "X-Server-From";
    /** Header with the id of the cluster, of both sides. */
    static final String CLUSTER = "X-Etcd-Cluster-ID";
    /** The member that asks was removed. */
    static final int GONE = 410;

    private static final long INTERVAL_NS = TimeUnit.SECONDS.toNanos(5);
    private static final Duration TIMEOUT = Duration.ofSeconds(2);

    private final String clusterId;
    private final String memberId;
    private final Clock clock;
    private long dueNs;
    private int next;

    RemovalCheck(final long clusterId, final long memberId, final Clock clock)
    {
        this.clusterId = Long.toHexString(clusterId);
        this.memberId = Long.toHexString(memberId);
        this.clock = clock;
        this.dueNs = clock.nanoTime() + INTERVAL_NS;
    }

    /**
     * Asks one other member when it is time. Blocks for two seconds at most.
     *
     * @param leaderId 0 if no leader is known.
     * @param members  of the cluster, as far as this member knows.
     * @return true if that member says that this one was removed.
     */
    boolean isRemoved(final long leaderId, final List<Member> members)
    {
        final long nowNs = clock.nanoTime();
        if (0 != leaderId)
        {
            dueNs = nowNs + INTERVAL_NS;
            return false;
        }
        if (nowNs - dueNs < 0 || members.isEmpty())
        {
            return false;
        }
        dueNs = nowNs + INTERVAL_NS / Math.max(1, members.size() - 1);
        next = (next + 1) % members.size();
        final Member asked = members.get(next);
        return !memberId.equals(Long.toHexString(asked.id())) && !asked.peerUrls().isEmpty() &&
            isRemoved(asked.peerUrls().get(0));
    }

    boolean isRemoved(final String url)
    {
        try (HttpClient client = HttpClient.newBuilder().connectTimeout(TIMEOUT).build())
        {
            final HttpResponse<Void> response = client.send(
                HttpRequest.newBuilder(URI.create(url + "/members")).timeout(TIMEOUT)
                    .header(FROM, memberId).header(CLUSTER, clusterId).build(),
                HttpResponse.BodyHandlers.discarding());
            return GONE == response.statusCode() &&
                clusterId.equals(response.headers().firstValue(CLUSTER).orElse(""));
        }
        catch (final InterruptedException ex)
        {
            Thread.currentThread().interrupt();
            return false;
        }
        catch (final Exception ex)
        {
            // Whoever does not answer now is asked again.
            return false;
        }
    }
}
