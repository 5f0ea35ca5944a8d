package dev.quorate.core.raft;

import org.agrona.collections.LongArrayList;

import java.util.ArrayList;

/**
 * The peers of a leader, and what a quorum of voters has reached. The own member counts only while it is a voter.
 */
final class Peers
{
    /** The own log is never this far behind: a voter of whom nothing is known. */
    private static final long NEVER = Long.MIN_VALUE;

    private final ArrayList<Progress> list = new ArrayList<>();
    private final RaftState state;
    private final int maxInFlightMessages;
    private final long maxInFlightBytes;
    private long[] reached = new long[8];
    private int reachedCount;

    Peers(final RaftContext context, final RaftState state)
    {
        this.state = state;
        maxInFlightMessages = context.maxInFlightMessages();
        maxInFlightBytes = context.maxInFlightBytes();
    }

    void lead()
    {
        list.clear();
        onConfigurationChanged();
    }

    void clear()
    {
        list.clear();
    }

    int size()
    {
        return list.size();
    }

    Progress get(final int position)
    {
        return list.get(position);
    }

    Progress find(final long memberId)
    {
        for (int i = 0; i < list.size(); i++)
        {
            if (list.get(i).memberId == memberId)
            {
                return list.get(i);
            }
        }
        return null;
    }

    void remove(final int position)
    {
        list.remove(position);
    }

    /**
     * New members get a progress. Removed ones keep theirs until they know, or can no longer be told.
     */
    void onConfigurationChanged()
    {
        final Configuration configuration = state.configuration();
        addMissing(configuration.voters());
        addMissing(configuration.learners());
        for (int i = 0; i < list.size(); i++)
        {
            final Progress peer = list.get(i);
            final boolean isAbsent = configuration.standing(peer.memberId) == Configuration.ABSENT;
            if (isAbsent && peer.leavingIndex() == 0)
            {
                peer.leaving(configuration.index(), state.nowNs());
            }
            else if (!isAbsent && peer.leavingIndex() != 0)
            {
                peer.leaving(0, 0);
            }
        }
    }

    /**
     * @return largest index that a quorum holds durably; this member by its own sync alone.
     */
    long quorumMatch()
    {
        final LongArrayList voters = begin();
        for (int i = 0; i < voters.size(); i++)
        {
            final long memberId = voters.getLong(i);
            final Progress peer = find(memberId);
            add(memberId == state.memberId ? state.durableIndex() : peer == null ? 0 : peer.matchIndex());
        }
        return reachedByQuorum();
    }

    /**
     * @param newestRound begun by this member.
     * @return newest round that a quorum answered.
     */
    long quorumRound(final long newestRound)
    {
        final LongArrayList voters = begin();
        for (int i = 0; i < voters.size(); i++)
        {
            final long memberId = voters.getLong(i);
            final Progress peer = find(memberId);
            add(memberId == state.memberId ? newestRound : peer == null ? 0 : peer.ackedRound());
        }
        return reachedByQuorum();
    }

    /**
     * @return how long ago a quorum was in touch, nanoseconds; {@link Long#MAX_VALUE} if it never was.
     */
    long quorumAgeNs()
    {
        final LongArrayList voters = begin();
        for (int i = 0; i < voters.size(); i++)
        {
            final long memberId = voters.getLong(i);
            final Progress peer = find(memberId);
            add(memberId == state.memberId ? 0 :
                peer == null || !peer.isHeard() ? NEVER : peer.heardNs() - state.nowNs());
        }
        final long age = reachedByQuorum();
        return age == NEVER ? Long.MAX_VALUE : -age;
    }

    /**
     * @param graceNs since when answers may be expected.
     * @return for how long a quorum has been silent, nanoseconds.
     */
    long quorumSilenceNs(final long graceNs)
    {
        final long nowNs = state.nowNs();
        final LongArrayList voters = begin();
        for (int i = 0; i < voters.size(); i++)
        {
            final long memberId = voters.getLong(i);
            final Progress peer = find(memberId);
            add(memberId == state.memberId ? 0 : peer == null ? graceNs - nowNs :
                Math.max(graceNs - nowNs, Math.max(peer.heardNs() - nowNs, peer.memberSinceNs() - nowNs)));
        }
        return -reachedByQuorum();
    }

    /**
     * @return the voter, other than this member, that holds most of the log; null if there is none.
     */
    Progress mostAdvancedVoter()
    {
        Progress best = null;
        for (int i = 0; i < list.size(); i++)
        {
            final Progress peer = list.get(i);
            if (state.configuration().isVoter(peer.memberId) &&
                (best == null || peer.matchIndex() > best.matchIndex()))
            {
                best = peer;
            }
        }
        return best;
    }

    private void addMissing(final LongArrayList members)
    {
        for (int i = 0; i < members.size(); i++)
        {
            final long memberId = members.getLong(i);
            if (memberId != state.memberId && find(memberId) == null)
            {
                list.add(new Progress(memberId, new InFlight(maxInFlightMessages, maxInFlightBytes),
                    state.log.lastIndex() + 1, state.nowNs()));
            }
        }
    }

    private LongArrayList begin()
    {
        final LongArrayList voters = state.configuration().voters();
        reachedCount = 0;
        if (reached.length < voters.size())
        {
            reached = new long[voters.size() * 2];
        }
        return voters;
    }

    /** Keeps the values in descending order. */
    private void add(final long value)
    {
        int at = reachedCount++;
        while (at > 0 && reached[at - 1] < value)
        {
            reached[at] = reached[at - 1];
            at--;
        }
        reached[at] = value;
    }

    private long reachedByQuorum()
    {
        return reached[state.configuration().quorum() - 1];
    }

    @Override
    public String toString()
    {
        return "Peers" + list;
    }
}
