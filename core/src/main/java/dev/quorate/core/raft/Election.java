package dev.quorate.core.raft;

import dev.quorate.core.seam.Rng;

import org.agrona.collections.LongArrayList;

/**
 * Time-outs, candidacies and votes. A vote leaves, and the own one counts, only when it is durable; requests leave only
 * then as well, so that a candidate that crashed cannot ask again in the same term with a shorter log.
 */
final class Election
{
    private final RaftState state;
    private final RaftOutput output;
    private final TermAndVote termAndVote;
    private final Rng rng;
    private final boolean isPreVoteOn;
    private final LongArrayList granted = new LongArrayList();
    private long deadlineNs;
    private long leaderContactNs;
    private long voteOwedTo;
    private boolean isAskingOwed;
    private boolean isTransfer;

    Election(final RaftContext context, final RaftState state)
    {
        this.state = state;
        output = state.output;
        termAndVote = state.termAndVote;
        rng = context.rng();
        isPreVoteOn = context.preVote();
    }

    /**
     * The next candidacy is a random time away, between one and two election time-outs.
     */
    void resetDeadline()
    {
        final long jitterNs = (rng.nextLong() >>> 1) % state.electionTimeoutNs;
        deadlineNs = state.nowNs() + state.electionTimeoutNs + jitterNs;
    }

    /**
     * The only voter need not wait for anybody.
     */
    void expireIfAlone()
    {
        if (state.isVoter() && state.configuration().voters().size() == 1)
        {
            deadlineNs = state.nowNs();
        }
    }

    void onLeaderContact()
    {
        leaderContactNs = state.nowNs();
        resetDeadline();
    }

    /**
     * @return true if a candidacy is due. While the own vote is on its way to the disk another one would not help.
     */
    boolean isDue()
    {
        return state.nowNs() - deadlineNs >= 0 && state.isVoter() && !isAskingOwed;
    }

    /**
     * @return true if a leader is alive as far as this member knows, so that candidates must wait.
     */
    boolean isSticky()
    {
        return state.role() == Role.LEADER ||
            state.leaderId() != 0 && state.nowNs() - leaderContactNs < state.electionTimeoutNs;
    }

    /**
     * Ends a candidacy, and what was owed in the term before.
     */
    void reset()
    {
        granted.clear();
        isAskingOwed = false;
        isTransfer = false;
        voteOwedTo = 0;
    }

    boolean isPreVoteOn()
    {
        return isPreVoteOn;
    }

    /**
     * @return true if the own vote alone decides.
     */
    boolean preCampaign()
    {
        reset();
        resetDeadline();
        granted.addLong(state.memberId);
        ask(true);
        return isWon();
    }

    /**
     * The term was raised and the vote given to this member; the rest follows when that is durable.
     */
    void campaign(final boolean onTransfer)
    {
        reset();
        resetDeadline();
        isTransfer = onTransfer;
        isAskingOwed = true;
    }

    /**
     * @return true if the candidacy of this member is won.
     */
    boolean onDurable()
    {
        if (!termAndVote.isVoteDurable())
        {
            return false;
        }
        if (voteOwedTo != 0)
        {
            final long candidate = voteOwedTo;
            voteOwedTo = 0;
            output.sendVoteResponse(candidate, state.term(), false, true);
        }
        if (!isAskingOwed)
        {
            return false;
        }
        isAskingOwed = false;
        granted.addLong(state.memberId);
        resetDeadline();
        ask(false);
        return isWon();
    }

    void answerPreVote(final long candidate, final long term, final long lastLogIndex, final long lastLogTerm)
    {
        if (term > state.term() && state.isUpToDate(lastLogIndex, lastLogTerm))
        {
            output.sendVoteResponse(candidate, term, true, true);
        }
        else
        {
            refuse(candidate, true);
        }
    }

    /**
     * Answers a request of the current term.
     */
    void answerVote(final long candidate, final long lastLogIndex, final long lastLogTerm)
    {
        final long votedFor = termAndVote.votedFor();
        final boolean isFree = votedFor == candidate || votedFor == 0 && state.leaderId() == 0;
        if (state.role() == Role.LEADER || !isFree || !state.isUpToDate(lastLogIndex, lastLogTerm))
        {
            refuse(candidate, false);
            return;
        }
        termAndVote.vote(candidate);
        resetDeadline();
        voteOwedTo = candidate;
        onDurable();
    }

    /** A refusal that cannot leave yet is lost: the candidate asks again, or somebody else does. */
    void refuse(final long candidate, final boolean preVote)
    {
        if (termAndVote.isTermDurable())
        {
            output.sendVoteResponse(candidate, state.term(), preVote, false);
        }
    }

    /**
     * @return true if the candidacy, or the trial of one, is won.
     */
    boolean onGranted(final long voter)
    {
        if (!granted.containsLong(voter))
        {
            granted.addLong(voter);
        }
        return isWon();
    }

    private boolean isWon()
    {
        final LongArrayList voters = state.configuration().voters();
        int count = 0;
        for (int i = 0; i < granted.size(); i++)
        {
            if (voters.containsLong(granted.getLong(i)))
            {
                count++;
            }
        }
        return granted.containsLong(state.memberId) && count >= state.configuration().quorum();
    }

    private void ask(final boolean preVote)
    {
        final long term = preVote ? state.term() + 1 : state.term();
        final LongArrayList voters = state.configuration().voters();
        for (int i = 0; i < voters.size(); i++)
        {
            final long voter = voters.getLong(i);
            if (voter != state.memberId)
            {
                output.sendVoteRequest(
                    voter, term, preVote, isTransfer, state.log.lastIndex(), state.log.lastTerm());
            }
        }
    }

    @Override
    public String toString()
    {
        return "Election{granted=" + granted + ", voteOwedTo=" + Long.toHexString(voteOwedTo) + '}';
    }
}
