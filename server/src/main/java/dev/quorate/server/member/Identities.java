package dev.quorate.server.member;

import dev.quorate.core.machine.Member;
import dev.quorate.core.machine.MemberIds;
import dev.quorate.core.node.IdentityFile;
import dev.quorate.core.seam.Disk;
import dev.quorate.core.seam.DiskFullException;
import dev.quorate.core.seam.StorageFault;
import dev.quorate.server.flags.FlagException;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;

/**
 * Finds out who this member is: from its data directory if that is initialised, whatever the flags say; else from the
 * flags of a new cluster; else by asking the members of an existing one.
 *
 * @param identity         of the member.
 * @param isNew            true if the data directory is being made.
 * @param isFoundedOnStore true if a new cluster begins from the copy of a store that the directory holds.
 * @param isAlone          true if the other members are lost, and this one goes on with its data without them.
 * @param initialMembers   of a new cluster, empty otherwise.
 * @param knownPeers       members of an existing cluster, empty otherwise.
 */
record Identities(
    IdentityFile identity,
    boolean isNew,
    boolean isFoundedOnStore,
    boolean isAlone,
    List<Member> initialMembers,
    List<Member> knownPeers)
{
    /**
     * @param config of the member.
     * @param disk   of its data directory.
     * @return who it is.
     * @throws FlagException     if the flags do not fit together or to the cluster.
     * @throws DiskFullException if the identity cannot be written.
     */
    static Identities establish(final MemberConfig config, final Disk disk) throws FlagException, DiskFullException
    {
        final IdentityFile known = IdentityFile.read(disk);
        if (config.isForcedNewCluster())
        {
            return null == known ? ofStore(config, disk) :
                new Identities(known, false, false, true, List.of(), List.of());
        }
        if (null != known)
        {
            return new Identities(
                known, false, false, false, List.of(), config.isNewCluster() ? List.of() : knownPeers(config));
        }
        checkSelf(config);
        final Identities established = config.isNewCluster() ? ofNewCluster(config) : ofExistingCluster(config);
        established.identity.begin(disk, "log", "store");
        return established;
    }

    /**
     * A member that stopped before it heard of any configuration must ask again; one that has its own needs nobody.
     */
    private static List<Member> knownPeers(final MemberConfig config)
    {
        try
        {
            return PeerMembers.ask(others(config)).members();
        }
        catch (final FlagException ex)
        {
            return List.of();
        }
    }

    private static List<String> others(final MemberConfig config)
    {
        final List<String> others = new ArrayList<>();
        for (final Map.Entry<String, List<String>> entry : config.initialCluster().entrySet())
        {
            if (!entry.getKey().equals(config.name()))
            {
                others.addAll(entry.getValue());
            }
        }
        return others;
    }

    private static Identities ofNewCluster(final MemberConfig config)
    {
        final List<Member> members = initialMembers(config);
        final List<Long> ids = new ArrayList<>();
        for (final Member member : members)
        {
            ids.add(member.id());
        }
        final long memberId = MemberIds.memberId(
            config.initialCluster().get(config.name()), config.clusterToken());
        return new Identities(
            new IdentityFile(MemberIds.clusterId(ids), memberId), true, false, false, members, List.of());
    }

    /**
     * The directory holds a copy of a store, and nothing else of a member: a new cluster of this member alone begins
     * from it.
     */
    private static Identities ofStore(final MemberConfig config, final Disk disk)
        throws FlagException, DiskFullException
    {
        checkSelf(config);
        if (!config.isNewCluster() || 1 != config.initialCluster().size())
        {
            throw new FlagException(1, "--force-new-cluster begins a cluster of one member: --initial-cluster must " +
                "name this member alone, and --initial-cluster-state must be 'new'; add the others afterwards");
        }
        final Identities alone = ofNewCluster(config);
        try
        {
            alone.identity.beginOnStore(disk, "log", "store/manifest");
        }
        catch (final StorageFault ex)
        {
            throw new FlagException(1, ex.getMessage());
        }
        return new Identities(alone.identity, true, true, false, alone.initialMembers, List.of());
    }

    private static Identities ofExistingCluster(final MemberConfig config) throws FlagException
    {
        final PeerMembers members = PeerMembers.ask(others(config));
        if (members.ids().size() != config.initialCluster().size())
        {
            throw new FlagException(1, "error validating peerURLs: member count is unequal: the cluster has " +
                members.ids().size() + ", --initial-cluster has " + config.initialCluster().size());
        }
        final int self = members.indexOf(config.initialCluster().get(config.name()));
        if (self < 0)
        {
            throw new FlagException(1, "error validating peerURLs: no member of the cluster has the peer URLs " +
                config.initialCluster().get(config.name()) + "; add it first with 'etcdctl member add'");
        }
        if (!members.names().get(self).isEmpty())
        {
            throw new FlagException(1, "member " + Long.toHexString(members.ids().get(self)) +
                " has already been bootstrapped; remove it and add it again");
        }
        return new Identities(
            new IdentityFile(members.clusterId(), members.ids().get(self)), true, false, false, List.of(),
            members.members());
    }

    private static void checkSelf(final MemberConfig config) throws FlagException
    {
        final List<String> own = config.initialCluster().get(config.name());
        if (null == own)
        {
            throw new FlagException(1, "couldn't find local name \"" + config.name() +
                "\" in the initial cluster configuration");
        }
        if (!new HashSet<>(own).equals(new HashSet<>(config.advertisePeerUrls())))
        {
            throw new FlagException(1, "--initial-cluster has " + config.name() + "=" + String.join(",", own) +
                " but missing from --initial-advertise-peer-urls=" + String.join(",", config.advertisePeerUrls()));
        }
    }

    private static List<Member> initialMembers(final MemberConfig config)
    {
        final List<Member> members = new ArrayList<>();
        for (final List<String> urls : config.initialCluster().values())
        {
            members.add(Member.ofUrls(
                MemberIds.memberId(urls, config.clusterToken()), false, urls.toArray(new String[0])));
        }
        return members;
    }
}
