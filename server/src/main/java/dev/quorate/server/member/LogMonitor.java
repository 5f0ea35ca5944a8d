package dev.quorate.server.member;

import dev.quorate.core.node.NodeMonitor;
import dev.quorate.core.peer.PeerDrop;
import dev.quorate.core.peer.PeerMonitor;
import dev.quorate.core.raft.Role;
import dev.quorate.transport.TransportMonitor;
import org.agrona.collections.LongArrayList;
import org.slf4j.Logger;

import java.util.StringJoiner;
import java.util.concurrent.TimeUnit;

/**
 * Writes rare events of consensus, peers and transport into the member's log.
 */
final class LogMonitor implements NodeMonitor, PeerMonitor, TransportMonitor
{
    private final Logger log;
    private final String memberId;
    private Role role = Role.FOLLOWER;
    private long leaderId;

    LogMonitor(final Logger log, final long memberId)
    {
        this.log = log;
        this.memberId = Long.toHexString(memberId);
    }

    @Override
    public void onAlone(final LongArrayList removed)
    {
        final StringJoiner ids = new StringJoiner(",");
        for (int i = 0; i < removed.size(); i++)
        {
            ids.add(Long.toHexString(removed.getLong(i)));
        }
        log.atWarn()
            .addKeyValue("local-member-id", memberId)
            .addKeyValue("removed-member-ids", ids)
            .log("going on alone: --force-new-cluster removes all other members");
    }

    @Override
    public void onSpaceChanged(final boolean isShort, final String lack)
    {
        if (isShort)
        {
            log.atWarn()
                .addKeyValue("lack", lack)
                .log("no space left: raising alarm NOSPACE; only commands that free space are admitted");
        }
        else
        {
            log.atInfo().log("there is space again; writes go on once alarm NOSPACE is disarmed");
        }
    }

    @Override
    public void onSnapshotNeeded(final long peer)
    {
        log.atInfo().addKeyValue("remote-peer-id", Long.toHexString(peer)).log("sending a snapshot");
    }

    @Override
    public void onSnapshotSent(final long peer, final long index, final boolean isInstalled)
    {
        log.atInfo()
            .addKeyValue("remote-peer-id", Long.toHexString(peer))
            .addKeyValue("snapshot-index", index)
            .log(isInstalled ? "the peer installed a snapshot" : "sending a snapshot ended without success");
    }

    @Override
    public void onSnapshotInstalled(final long index)
    {
        log.atInfo().addKeyValue("snapshot-index", index).log("installed a snapshot of the leader");
    }

    @Override
    public void onRoleChanged(final Role newRole, final long term, final long newLeaderId)
    {
        if (newLeaderId != leaderId)
        {
            leaderId = newLeaderId;
            log.atInfo()
                .addKeyValue("local-member-id", memberId)
                .addKeyValue("leader-id", Long.toHexString(newLeaderId))
                .addKeyValue("term", term)
                .log(0 == newLeaderId ? "lost leader" : "elected leader");
        }
        if (newRole != role)
        {
            role = newRole;
            log.atInfo()
                .addKeyValue("local-member-id", memberId)
                .addKeyValue("role", newRole.name().toLowerCase(java.util.Locale.ROOT))
                .addKeyValue("term", term)
                .log("role changed");
        }
    }

    @Override
    public void onPeerUnheard(final long peer, final String endpoint, final long unheardNs)
    {
        log.atWarn()
            .addKeyValue("remote-peer-id", Long.toHexString(peer))
            .addKeyValue("endpoint", endpoint)
            .addKeyValue("seconds", TimeUnit.NANOSECONDS.toSeconds(unheardNs))
            .log("peer is not heard; it must run, and UDP on its peer port must be open");
    }

    @Override
    public void onPeerHeard(final long peer, final long unheardNs)
    {
        log.atInfo()
            .addKeyValue("remote-peer-id", Long.toHexString(peer))
            .addKeyValue("seconds", TimeUnit.NANOSECONDS.toSeconds(unheardNs))
            .log("peer is heard again");
    }

    @Override
    public void onSessionRefused(final long peer, final PeerDrop cause)
    {
        log.atWarn()
            .addKeyValue("remote-peer-id", Long.toHexString(peer))
            .addKeyValue("cause", cause)
            .log("refused a peer's session");
    }

    @Override
    public void onError(final Throwable error)
    {
        log.atWarn().addKeyValue("error", error).log("transport error");
    }

    @Override
    public void onRebuild(final String reason)
    {
        log.atWarn().addKeyValue("reason", reason).log("rebuilding the peer transport");
    }

    @Override
    public void onRefusedByPeer(final String reason)
    {
        log.atWarn().addKeyValue("reason", reason).log("a peer refused a session of this member");
    }
}
