package dev.quorate.server.member;

import dev.quorate.core.machine.Member;
import dev.quorate.server.flags.FlagException;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

import java.math.BigInteger;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;

/**
 * The members of an existing cluster, as one of them tells over HTTP on its peer URL.
 *
 * @param clusterId of the cluster.
 * @param ids       of the members.
 * @param names     of the members, empty if one never started.
 * @param peerUrls  of the members.
 */
record PeerMembers(long clusterId, List<Long> ids, List<String> names, List<List<String>> peerUrls)
{
    private static final Duration TIMEOUT = Duration.ofSeconds(3);
    private static final int MAX_LENGTH = 1 << 20;

    /**
     * @param urls peer URLs of members, asked in order.
     * @return the first answer.
     * @throws FlagException if none answers.
     */
    static PeerMembers ask(final List<String> urls) throws FlagException
    {
        String reason = "no other member is named in --initial-cluster";
        try (HttpClient client = HttpClient.newBuilder().connectTimeout(TIMEOUT).build())
        {
            for (final String url : urls)
            {
                try
                {
                    final HttpResponse<String> response = client.send(
                        HttpRequest.newBuilder(URI.create(url + "/members")).timeout(TIMEOUT).build(),
                        HttpResponse.BodyHandlers.ofString());
                    final String clusterId = response.headers().firstValue("X-Etcd-Cluster-ID").orElse("");
                    if (200 == response.statusCode() && !clusterId.isEmpty() && response.body().length() < MAX_LENGTH)
                    {
                        return parse(Long.parseUnsignedLong(clusterId, 16), response.body());
                    }
                    reason = url + " answered " + response.statusCode();
                }
                catch (final InterruptedException ex)
                {
                    Thread.currentThread().interrupt();
                    reason = "interrupted";
                }
                catch (final Exception ex)
                {
                    reason = url + ": " + ex;
                }
            }
        }
        throw new FlagException(1, "cannot fetch cluster info from peer urls: could not retrieve cluster information " +
            "from the given URLs (" + reason + ")");
    }

    /**
     * @param urls of a member, in any order.
     * @return its place, -1 if nobody has exactly these.
     */
    int indexOf(final List<String> urls)
    {
        for (int i = 0; i < peerUrls.size(); i++)
        {
            if (new HashSet<>(peerUrls.get(i)).equals(new HashSet<>(urls)))
            {
                return i;
            }
        }
        return -1;
    }

    /**
     * @return the members as far as they are known.
     */
    List<Member> members()
    {
        final List<Member> members = new ArrayList<>();
        for (int i = 0; i < ids.size(); i++)
        {
            members.add(Member.ofUrls(ids.get(i), false, peerUrls.get(i).toArray(new String[0])));
        }
        return members;
    }

    private static PeerMembers parse(final long clusterId, final String json)
    {
        final PeerMembers members = new PeerMembers(
            clusterId, new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        final List<?> list = new Yaml(new SafeConstructor(new LoaderOptions())).load(json);
        for (final Object item : list)
        {
            final Map<?, ?> member = (Map<?, ?>)item;
            members.ids.add(new BigInteger(String.valueOf(member.get("id"))).longValue());
            final Object name = member.get("name");
            members.names.add(null == name ? "" : String.valueOf(name));
            final List<String> urls = new ArrayList<>();
            for (final Object url : (List<?>)member.get("peerURLs"))
            {
                urls.add(String.valueOf(url));
            }
            members.peerUrls.add(urls);
        }
        return members;
    }
}
