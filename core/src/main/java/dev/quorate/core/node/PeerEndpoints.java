package dev.quorate.core.node;

import dev.quorate.core.log.LogEntryReader;
import dev.quorate.core.machine.Member;
import dev.quorate.core.machine.MemberDirectory;
import dev.quorate.core.peer.PeerRegistry;
import dev.quorate.core.raft.ConfigEntryReader;
import dev.quorate.core.raft.Configuration;
import dev.quorate.core.raft.RaftLogAccess;
import org.agrona.collections.Long2ObjectHashMap;
import org.agrona.collections.LongArrayList;

import java.util.List;

/**
 * Where each member is reached: from the directory as applied, overlaid by the configuration entries of the log that
 * are not applied yet, since a configuration is in force as soon as it is appended. A joining member listens to
 * the members that were told to it until it finds itself in the configuration, or it would never hear of one.
 * <p>
 * The URLs of a member are whatever a client has said they are. A member whose URL names no host and port has no link.
 * <p>
 * Owned by the consensus thread. Membership changes are rare: allocation is of no concern here.
 */
final class PeerEndpoints
{
    private static final int MAX_ENDPOINT_LENGTH = 300;
    private static final int MAX_PORT = 65_535;

    private final long memberId;
    private final List<Member> knownPeers;
    private final PeerRegistry registry;
    private final RaftLogAccess log;
    private final LogConfigReader reader;
    private final Long2ObjectHashMap<String> endpoints = new Long2ObjectHashMap<>();
    private final Long2ObjectHashMap<String> connected = new Long2ObjectHashMap<>();

    PeerEndpoints(
        final NodeContext context,
        final PeerRegistry registry,
        final RaftLogAccess log,
        final LogEntryReader entry)
    {
        this.memberId = context.memberId();
        this.knownPeers = context.knownPeers();
        this.registry = registry;
        this.log = log;
        this.reader = new LogConfigReader(entry);
    }

    /**
     * The configuration in force changed, or the directory did: links follow.
     *
     * @param configuration in force.
     * @param directory     as applied.
     * @param appliedIndex  of the directory.
     */
    void update(final Configuration configuration, final MemberDirectory directory, final long appliedIndex)
    {
        endpoints.clear();
        for (final Member member : directory.members())
        {
            if (!member.peerUrls().isEmpty())
            {
                reachedAt(member.id(), member.peerUrls().get(0));
            }
        }
        for (long index = Math.max(appliedIndex, log.baseIndex()) + 1; index <= configuration.index(); index++)
        {
            if (RaftLogAccess.CONFIG == log.typeAt(index) && reader.read(index) &&
                ConfigEntryReader.REMOVE != reader.kind() && ConfigEntryReader.PROMOTE != reader.kind())
            {
                final String urls = reader.peerUrls();
                final int end = urls.indexOf('\n');
                reachedAt(reader.memberId(), end < 0 ? urls : urls.substring(0, end));
            }
        }
        connect(configuration.voters());
        connect(configuration.learners());
        if (Configuration.ABSENT == configuration.standing(memberId))
        {
            // The log that brings this member its configuration may begin long before it joined.
            connectKnownPeers();
        }
        else
        {
            disconnectOthers(configuration, directory);
        }
    }

    private void reachedAt(final long member, final String url)
    {
        final String endpoint = endpointOf(url);
        if (null == endpoint)
        {
            endpoints.remove(member);
        }
        else
        {
            endpoints.put(member, endpoint);
        }
    }

    private void connectKnownPeers()
    {
        for (final Member member : knownPeers)
        {
            if (member.id() != memberId && !member.peerUrls().isEmpty() && !connected.containsKey(member.id()))
            {
                connect(member.id(), endpointOf(member.peerUrls().get(0)));
            }
        }
    }

    private void connect(final LongArrayList members)
    {
        for (int i = 0; i < members.size(); i++)
        {
            if (members.getLong(i) != memberId)
            {
                connect(members.getLong(i), endpoints.get(members.getLong(i)));
            }
        }
    }

    private void connect(final long peer, final String endpoint)
    {
        final String present = connected.get(peer);
        if (null == endpoint)
        {
            if (null != present)
            {
                registry.removePeer(peer);
                connected.remove(peer);
            }
        }
        else if (!endpoint.equals(present))
        {
            registry.addPeer(peer, endpoint);
            connected.put(peer, endpoint);
        }
    }

    /**
     * A removal that is not committed may be cut, and who it would remove may lead without it: the link stays until the
     * removal is applied.
     */
    private void disconnectOthers(final Configuration configuration, final MemberDirectory directory)
    {
        final LongArrayList gone = new LongArrayList();
        connected.keySet().forEach((final Long peer) ->
        {
            if (Configuration.ABSENT == configuration.standing(peer) && null == directory.member(peer))
            {
                gone.addLong(peer);
            }
        });
        for (int i = 0; i < gone.size(); i++)
        {
            registry.removePeer(gone.getLong(i));
            connected.remove(gone.getLong(i));
        }
    }

    /**
     * @param url such as {@code http://host:port}.
     * @return {@code host:port}, null if the URL names none.
     */
    static String endpointOf(final String url)
    {
        final int scheme = url.indexOf("://");
        final String rest = scheme < 0 ? url : url.substring(scheme + 3);
        final int path = rest.indexOf('/');
        final String endpoint = path < 0 ? rest : rest.substring(0, path);
        return isHostAndPort(endpoint) ? endpoint : null;
    }

    /** The transport writes an endpoint into its own kind of URL: nothing may pass that has a meaning there. */
    private static boolean isHostAndPort(final String endpoint)
    {
        final int colon = endpoint.lastIndexOf(':');
        if (colon < 1 || endpoint.length() > MAX_ENDPOINT_LENGTH || endpoint.length() - colon > 6)
        {
            return false;
        }
        int port = 0;
        for (int i = colon + 1; i < endpoint.length(); i++)
        {
            final char digit = endpoint.charAt(i);
            if (digit < '0' || digit > '9')
            {
                return false;
            }
            port = port * 10 + digit - '0';
        }
        final boolean isBracketed = '[' == endpoint.charAt(0) && ']' == endpoint.charAt(colon - 1);
        for (int i = isBracketed ? 1 : 0, end = isBracketed ? colon - 1 : colon; i < end; i++)
        {
            final char c = endpoint.charAt(i);
            final boolean isName = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' ||
                '.' == c || '-' == c || '_' == c;
            if (!isName && !(isBracketed && (':' == c || '%' == c)))
            {
                return false;
            }
        }
        return port > 0 && port <= MAX_PORT;
    }
}
