package dev.quorate.core.node;

import dev.quorate.core.codec.command.AlarmEncoder;
import dev.quorate.core.codec.command.ClusterVersionEncoder;
import dev.quorate.core.codec.command.CompactEncoder;
import dev.quorate.core.codec.command.LeaseRevokeEncoder;
import dev.quorate.core.codec.command.MemberPublishEncoder;
import dev.quorate.core.codec.command.MessageHeaderEncoder;
import dev.quorate.core.codec.command.ProposalEncoder;
import dev.quorate.core.machine.AlarmTable;
import dev.quorate.core.machine.Directories;
import dev.quorate.core.machine.Member;
import dev.quorate.core.machine.MemberDirectory;
import dev.quorate.core.raft.RaftCore;
import dev.quorate.core.raft.Role;
import dev.quorate.core.ring.NodeState;
import org.agrona.ExpandableArrayBuffer;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Commands that a member proposes by itself: its own publication until it shows in the directory, the cluster version,
 * expired leases, automatic compactions, the alarm that its space is exhausted. They have no origin, so that
 * their results reach nobody.
 * <p>
 * Owned by the consensus thread.
 */
final class InternalProposals
{
    /** Major version of etcd that the cluster speaks. */
    static final int VERSION_MAJOR = 3;
    /** Minor version of etcd that the cluster speaks. */
    static final int VERSION_MINOR = 7;

    private static final short ALARM_ACTIVATE = 1;
    private static final long RETRY_NS = TimeUnit.MILLISECONDS.toNanos(500);

    private final long memberId;
    private final long storeId;
    private final String name;
    private final List<String> clientUrls;
    private final RaftCore raft;
    private final CommandIntake intake;
    private final Directories directories;
    private final SpaceGate space;
    private final NodeState state;
    private final ExpandableArrayBuffer buffer = new ExpandableArrayBuffer(1024);
    private final MessageHeaderEncoder header = new MessageHeaderEncoder();
    private final ProposalEncoder proposal = new ProposalEncoder();
    private final LeaseRevokeEncoder revoke = new LeaseRevokeEncoder();
    private long nextPublishNs = Long.MIN_VALUE;
    private long nextVersionNs = Long.MIN_VALUE;
    private long nextAlarmNs = Long.MIN_VALUE;
    private long alarmedExcess;

    InternalProposals(
        final NodeContext context,
        final long storeId,
        final RaftCore raft,
        final CommandIntake intake,
        final Directories directories,
        final SpaceGate space)
    {
        this.memberId = context.memberId();
        this.storeId = storeId;
        this.name = context.name();
        this.clientUrls = context.clientUrls();
        this.raft = raft;
        this.intake = intake;
        this.directories = directories;
        this.space = space;
        this.state = context.state();
    }

    /**
     * Proposes what is due.
     *
     * @param nowNs time.
     * @return how many commands were proposed.
     */
    int doWork(final long nowNs)
    {
        int work = 0;
        if (nowNs >= nextPublishNs && 0 != raft.leaderId())
        {
            nextPublishNs = nowNs + RETRY_NS;
            final Member self = directories.members().member(memberId);
            if (null != self && !isPublished(self) && publish())
            {
                work++;
            }
        }
        if (nowNs >= nextVersionNs && Role.LEADER == raft.role() && raft.isCommittedInTerm())
        {
            nextVersionNs = nowNs + RETRY_NS;
            final MemberDirectory members = directories.members();
            if (!members.hasClusterVersion() && proposeVersion())
            {
                work++;
            }
        }
        final long excess = excess();
        final boolean isAlarmDue = excess != alarmedExcess ||
            space.isShort() && !directories.alarms().isRaised(memberId, AlarmTable.NOSPACE);
        if (isAlarmDue && nowNs >= nextAlarmNs && raiseNoSpace())
        {
            // if this is lost, the next command beyond the quota raises it, and a lack of space again and again
            nextAlarmNs = nowNs + RETRY_NS;
            alarmedExcess = excess;
            work++;
        }
        return work;
    }

    /**
     * A lease expired on this leader.
     *
     * @param leaseId of the lease.
     * @return true if its revocation was proposed.
     */
    boolean revoke(final long leaseId)
    {
        if (Role.LEADER != raft.role())
        {
            return false;
        }
        final int offset = begin();
        revoke.wrapAndApplyHeader(buffer, offset, header).leaseId(leaseId).leaderTerm(raft.term());
        return intake.submitOwn(buffer, 0, revoke.limit());
    }

    /**
     * Proposes a compaction.
     *
     * @param revision to compact at.
     * @return true if it was proposed.
     */
    boolean compact(final long revision)
    {
        final CompactEncoder compact = new CompactEncoder();
        compact.wrapAndApplyHeader(buffer, begin(), header).revision(revision);
        return intake.submitOwn(buffer, 0, compact.limit());
    }

    /** Commands beyond the quota; those from before the alarm came on have been heard. */
    private long excess()
    {
        final long excess = state.get(NodeState.Value.QUOTA_EXCEEDED);
        if (excess != alarmedExcess && directories.alarms().isRaised(memberId, AlarmTable.NOSPACE))
        {
            alarmedExcess = excess;
        }
        return excess;
    }

    private boolean raiseNoSpace()
    {
        final AlarmEncoder alarm = new AlarmEncoder();
        alarm.wrapAndApplyHeader(buffer, begin(), header)
            .targetMemberId(memberId)
            .action(ALARM_ACTIVATE)
            .alarm((short)AlarmTable.NOSPACE);
        return intake.submitOwn(buffer, 0, alarm.limit());
    }

    private boolean isPublished(final Member self)
    {
        return name.equals(self.name()) && clientUrls.equals(self.clientUrls()) && storeId == self.storeId();
    }

    private boolean publish()
    {
        final MemberPublishEncoder publish = new MemberPublishEncoder();
        final byte[] nameBytes = name.getBytes(StandardCharsets.UTF_8);
        final byte[] urlBytes = String.join("\n", clientUrls).getBytes(StandardCharsets.UTF_8);
        publish.wrapAndApplyHeader(buffer, begin(), header)
            .targetMemberId(memberId)
            .storeId(storeId)
            .putName(nameBytes, 0, nameBytes.length)
            .putClientUrls(urlBytes, 0, urlBytes.length);
        return intake.submitOwn(buffer, 0, publish.limit());
    }

    private boolean proposeVersion()
    {
        final ClusterVersionEncoder version = new ClusterVersionEncoder();
        version.wrapAndApplyHeader(buffer, begin(), header).major(VERSION_MAJOR).minor(VERSION_MINOR);
        return intake.submitOwn(buffer, 0, version.limit());
    }

    private int begin()
    {
        proposal.wrapAndApplyHeader(buffer, 0, header).memberId(0).bootId(0).correlationId(0);
        return proposal.limit();
    }
}
