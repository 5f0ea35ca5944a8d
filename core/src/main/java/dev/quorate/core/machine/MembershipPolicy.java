package dev.quorate.core.machine;

import dev.quorate.core.api.EtcdError;
import dev.quorate.core.codec.command.ConfigChangeDecoder;
import dev.quorate.core.codec.command.ProposalDecoder;
import org.agrona.DirectBuffer;

import java.util.List;

/**
 * Whether a leader may propose a change of the members: etcd's checks, in etcd's order. The directory must contain
 * every change that was proposed before, so the leader asks only once it has applied its newest configuration entry.
 * Without side effects; owned by the consensus thread.
 */
public final class MembershipPolicy
{
    /** A voter counts as connected once it has been heard for longer than this, nanoseconds. */
    public static final long HEALTH_INTERVAL_NS = 5_000_000_000L;
    /** Match of a member that the leader does not know. */
    public static final long UNKNOWN_MATCH = -1;

    private static final double READY_SHARE = 0.9;

    private final long selfId;
    private final boolean strictReconfigCheck;
    private final int maxLearners;
    private final CommandReader reader = new CommandReader();
    private final ConfigChangeDecoder change = new ConfigChangeDecoder();

    /**
     * @param selfId              id of this member.
     * @param strictReconfigCheck false leaves out the checks of started and connected members.
     * @param maxLearners         most learners at a time.
     */
    public MembershipPolicy(final long selfId, final boolean strictReconfigCheck, final int maxLearners)
    {
        this.selfId = selfId;
        this.strictReconfigCheck = strictReconfigCheck;
        this.maxLearners = maxLearners;
    }

    /**
     * Checks the change that the payload of an entry of type CONFIG would bring.
     *
     * @param payload     of the entry.
     * @param offset      of the payload.
     * @param length      of the payload, bytes.
     * @param directory   of the members, with all earlier changes.
     * @param activity    of the peers.
     * @param nowNs       time, nanoseconds of the monotonic clock.
     * @param targetMatch for a promotion: index up to which the member's log is known to equal the leader's,
     *                    {@link #UNKNOWN_MATCH} if the leader replicates to no such member.
     * @param leaderMatch for a promotion: the same of the leader itself.
     * @return {@link EtcdError#NONE} if it may be proposed.
     * @throws IllegalStateException if the payload is malformed.
     */
    public EtcdError check(
        final DirectBuffer payload,
        final int offset,
        final int length,
        final MemberDirectory directory,
        final PeerActivity activity,
        final long nowNs,
        final long targetMatch,
        final long leaderMatch)
    {
        reader.wrap(payload, offset, length);
        reader.expect(ProposalDecoder.TEMPLATE_ID);
        reader.moveTo(reader.position() + reader.blockLength());
        reader.expect(ConfigChangeDecoder.TEMPLATE_ID);
        change.wrap(payload, reader.position(), reader.blockLength(), reader.version());
        final long id = change.targetMemberId();
        final int kind = change.kind();
        return switch (kind)
        {
            case ConfigChangeKind.ADD_VOTER, ConfigChangeKind.ADD_LEARNER ->
                checkAdd(id, peerUrls(), kind == ConfigChangeKind.ADD_LEARNER, directory, activity, nowNs);
            case ConfigChangeKind.PROMOTE -> checkPromote(id, directory, targetMatch, leaderMatch);
            case ConfigChangeKind.REMOVE -> checkRemove(id, directory, activity, nowNs);
            case ConfigChangeKind.UPDATE -> checkUpdate(id, peerUrls(), directory);
            default -> throw reader.malformed("kind of configuration change " + kind);
        };
    }

    /**
     * @param id        of the new member.
     * @param peerUrls  of the new member.
     * @param isLearner true to add it without a vote.
     * @param directory of the members.
     * @param activity  of the peers.
     * @param nowNs     time, nanoseconds.
     * @return {@link EtcdError#NONE} if the member may be added.
     */
    public EtcdError checkAdd(
        final long id,
        final List<String> peerUrls,
        final boolean isLearner,
        final MemberDirectory directory,
        final PeerActivity activity,
        final long nowNs)
    {
        if (strictReconfigCheck)
        {
            final int voters = directory.voterCount();
            final int started = startedVotersBut(0, directory);
            if (!isLearner && started < quorum(voters + 1) && !(1 == started && 1 == voters))
            {
                return EtcdError.NOT_ENOUGH_STARTED_MEMBERS;
            }
            // a single voter must be able to grow, although it is no quorum of two
            if (voters > 1 && connectedVoters(directory, activity, nowNs) < quorum(voters + 1))
            {
                return EtcdError.UNHEALTHY;
            }
        }
        final EtcdError error = directory.checkAdd(id, peerUrls);
        if (EtcdError.NONE == error && isLearner && directory.members().size() - directory.voterCount() >= maxLearners)
        {
            return EtcdError.TOO_MANY_LEARNERS;
        }
        return error;
    }

    /**
     * @param id          of the learner.
     * @param directory   of the members.
     * @param targetMatch index up to which its log is known to equal the leader's, {@link #UNKNOWN_MATCH} if unknown.
     * @param leaderMatch the same of the leader itself.
     * @return {@link EtcdError#NONE} if the learner may be given a vote.
     */
    public EtcdError checkPromote(
        final long id, final MemberDirectory directory, final long targetMatch, final long leaderMatch)
    {
        if (UNKNOWN_MATCH == targetMatch)
        {
            return EtcdError.MEMBER_NOT_FOUND;
        }
        if (targetMatch < leaderMatch * READY_SHARE)
        {
            return EtcdError.LEARNER_NOT_READY;
        }
        if (strictReconfigCheck && startedVotersBut(0, directory) + 1 < quorum(directory.voterCount() + 1))
        {
            return EtcdError.NOT_ENOUGH_STARTED_MEMBERS;
        }
        return directory.checkPromote(id);
    }

    /**
     * @param id        of the member.
     * @param directory of the members.
     * @param activity  of the peers.
     * @param nowNs     time, nanoseconds.
     * @return {@link EtcdError#NONE} if the member may be removed.
     */
    public EtcdError checkRemove(
        final long id, final MemberDirectory directory, final PeerActivity activity, final long nowNs)
    {
        final Member member = directory.member(id);
        final boolean isLearner = null != member && member.isLearner();
        if (strictReconfigCheck && !isLearner)
        {
            final int voters = directory.voterCount();
            final int remaining = null == member ? voters : voters - 1;
            if (startedVotersBut(id, directory) < quorum(remaining))
            {
                return EtcdError.NOT_ENOUGH_STARTED_MEMBERS;
            }
            final boolean isActive = id == selfId || PeerActivity.INACTIVE != activity.activeSinceNs(id);
            if (isActive && connectedVoters(directory, activity, nowNs) - 1 < quorum(voters - 1))
            {
                return EtcdError.UNHEALTHY;
            }
        }
        return directory.checkExists(id);
    }

    /**
     * @param id        of the member.
     * @param peerUrls  it shall have.
     * @param directory of the members.
     * @return {@link EtcdError#NONE} if the member may get these URLs.
     */
    public EtcdError checkUpdate(final long id, final List<String> peerUrls, final MemberDirectory directory)
    {
        return directory.checkUpdate(id, peerUrls);
    }

    private List<String> peerUrls()
    {
        return Urls.read(change.buffer(), change.limit() + ConfigChangeDecoder.peerUrlsHeaderLength(),
            change.peerUrlsLength(), reader);
    }

    private int connectedVoters(final MemberDirectory directory, final PeerActivity activity, final long nowNs)
    {
        int connected = 0;
        for (final Member member : directory.members())
        {
            if (!member.isLearner() && (member.id() == selfId || isHealthy(activity.activeSinceNs(member.id()), nowNs)))
            {
                connected++;
            }
        }
        return connected;
    }

    private static boolean isHealthy(final long activeSinceNs, final long nowNs)
    {
        return PeerActivity.INACTIVE != activeSinceNs && nowNs - activeSinceNs > HEALTH_INTERVAL_NS;
    }

    private static int startedVotersBut(final long exceptId, final MemberDirectory directory)
    {
        int started = 0;
        for (final Member member : directory.members())
        {
            if (!member.isLearner() && member.isStarted() && member.id() != exceptId)
            {
                started++;
            }
        }
        return started;
    }

    private static int quorum(final int voters)
    {
        return voters / 2 + 1;
    }

    @Override
    public String toString()
    {
        return "MembershipPolicy{selfId=" + Long.toHexString(selfId) + ", strictReconfigCheck=" + strictReconfigCheck +
            ", maxLearners=" + maxLearners + '}';
    }
}
