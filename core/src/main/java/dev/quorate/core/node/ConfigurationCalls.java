package dev.quorate.core.node;

import dev.quorate.core.api.EtcdError;
import dev.quorate.core.codec.command.ConfigChangeDecoder;
import dev.quorate.core.codec.command.MessageHeaderDecoder;
import dev.quorate.core.codec.command.ProposalDecoder;
import dev.quorate.core.log.RaftLog;
import dev.quorate.core.machine.Directories;
import dev.quorate.core.machine.MemberDirectory;
import dev.quorate.core.machine.MembershipPolicy;
import dev.quorate.core.machine.PeerActivity;
import dev.quorate.core.raft.ConfigEntryReader;
import dev.quorate.core.raft.RaftCore;
import dev.quorate.core.ring.NodeState;
import org.agrona.DirectBuffer;

/**
 * Changes of the members on the leader: etcd's checks against the directory, then the proposal. A change waits until
 * the one before it is applied, since the checks need its effect.
 * <p>
 * Owned by the consensus thread.
 */
final class ConfigurationCalls
{
    private static final int PROPOSAL_LENGTH = MessageHeaderDecoder.ENCODED_LENGTH + ProposalDecoder.BLOCK_LENGTH;

    private final RaftCore raft;
    private final RaftLog log;
    private final NodeState state;
    private final Directories directories;
    private final MembershipPolicy policy;
    private final PeerActivity activity;
    private final MessageHeaderDecoder header = new MessageHeaderDecoder();
    private final ConfigChangeDecoder change = new ConfigChangeDecoder();

    ConfigurationCalls(
        final NodeContext context,
        final RaftCore raft,
        final RaftLog log,
        final Directories directories,
        final PeerActivity activity)
    {
        this.raft = raft;
        this.log = log;
        this.state = context.state();
        this.directories = directories;
        this.activity = activity;
        this.policy = new MembershipPolicy(
            context.memberId(), context.isStrictReconfigCheck(), context.maxLearners());
    }

    /**
     * Proposes a change.
     *
     * @param nowNs  time.
     * @param buffer holding the payload of the entry: Proposal, then ConfigChange.
     * @param offset of the payload.
     * @param length of the payload, bytes.
     * @return {@link EtcdError#NONE} if it was appended.
     */
    EtcdError propose(final long nowNs, final DirectBuffer buffer, final int offset, final int length)
    {
        header.wrap(buffer, offset + PROPOSAL_LENGTH);
        if (length < PROPOSAL_LENGTH + MessageHeaderDecoder.ENCODED_LENGTH + ConfigChangeDecoder.BLOCK_LENGTH ||
            ConfigChangeDecoder.TEMPLATE_ID != header.templateId())
        {
            return EtcdError.MEMBER_NOT_FOUND;
        }
        change.wrap(
            buffer,
            offset + PROPOSAL_LENGTH + MessageHeaderDecoder.ENCODED_LENGTH,
            header.blockLength(),
            header.version());
        final long target = change.targetMemberId();
        final int kind = change.kind();
        final MemberDirectory directory = directories.members();
        if (directory.lastChangeIndex() < raft.configuration().index() &&
            state.get(NodeState.Value.APPLIED_INDEX) < raft.configuration().index())
        {
            return EtcdError.UNHEALTHY;
        }
        final long targetMatch = ConfigEntryReader.PROMOTE == kind ? matchOf(target) : MembershipPolicy.UNKNOWN_MATCH;
        final EtcdError error = policy.check(
            buffer, offset, length, directory, activity, nowNs, targetMatch, log.lastIndex());
        if (EtcdError.NONE != error)
        {
            return error;
        }
        return CommandIntake.errorOf(raft.proposeConfig(kind, target, buffer, offset, length));
    }

    /** A voter is past the question whether it has caught up: it is refused because it is a voter. */
    private long matchOf(final long target)
    {
        if (raft.configuration().learners().containsLong(target))
        {
            return raft.matchIndex(target);
        }
        return raft.configuration().voters().containsLong(target) ? log.lastIndex() : MembershipPolicy.UNKNOWN_MATCH;
    }
}
