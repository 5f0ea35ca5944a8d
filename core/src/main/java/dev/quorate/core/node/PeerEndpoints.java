package dev.quorate.core.node;

import dev.quorate.core.log.LogEntryView;
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
 * Owned by the consensus thread. Membership changes are rare: allocation is of no concern here.
 */
final class PeerEndpoints
{
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
        final LogEntryView entry)
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
                endpoints.put(member.id(), endpointOf(member.peerUrls().get(0)));
            }
        }
        for (long index = Math.max(appliedIndex, log.baseIndex()) + 1; index <= configuration.index(); index++)
        {
            if (RaftLogAccess.CONFIG == log.typeAt(index) && reader.read(index) &&
                ConfigEntryReader.REMOVE != reader.kind() && ConfigEntryReader.PROMOTE != reader.kind())
            {
                final String urls = reader.peerUrls();
                final int end = urls.indexOf('\n');
                endpoints.put(reader.memberId(), endpointOf(end < 0 ? urls : urls.substring(0, end)));
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

    private void connectKnownPeers()
    {
        for (final Member member : knownPeers)
        {
            if (member.id() != memberId && !member.peerUrls().isEmpty() && !connected.containsKey(member.id()))
            {
                final String endpoint = endpointOf(member.peerUrls().get(0));
                registry.addPeer(member.id(), endpoint);
                connected.put(member.id(), endpoint);
            }
        }
    }

    private void connect(final LongArrayList members)
    {
        for (int i = 0; i < members.size(); i++)
        {
            final long peer = members.getLong(i);
            final String endpoint = endpoints.get(peer);
            if (peer != memberId && null != endpoint && !endpoint.equals(connected.get(peer)))
            {
                registry.addPeer(peer, endpoint);
                connected.put(peer, endpoint);
            }
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
     * @return {@code host:port}.
     */
    static String endpointOf(final String url)
    {
        final int scheme = url.indexOf("://");
        final String rest = scheme < 0 ? url : url.substring(scheme + 3);
        final int path = rest.indexOf('/');
        return path < 0 ? rest : rest.substring(0, path);
    }
}
