package dev.quorate.core.raft;

/**
 * A leader's handing over to a chosen voter. Meanwhile it takes no proposals, so that the target can catch up; if the
 * target has not taken over within an election time-out the leader goes on.
 */
final class Transfer
{
    private final RaftState state;
    private long target;
    private long deadlineNs;
    private long askDueNs;
    private int outcome = RaftCore.TRANSFER_NONE;

    Transfer(final RaftState state)
    {
        this.state = state;
    }

    void begin(final long newTarget)
    {
        target = newTarget;
        deadlineNs = state.nowNs() + state.electionTimeoutNs;
        askDueNs = state.nowNs();
        outcome = RaftCore.TRANSFER_PENDING;
    }

    boolean isPending()
    {
        return target != 0;
    }

    long target()
    {
        return target;
    }

    int outcome()
    {
        return outcome;
    }

    void tick()
    {
        if (isPending() && state.nowNs() - deadlineNs >= 0)
        {
            target = 0;
            outcome = RaftCore.TRANSFER_TIMED_OUT;
        }
    }

    /**
     * Asks the target to campaign as soon as it holds the whole log, and again if it does not.
     */
    void advance(final Progress peer)
    {
        if (isPending() && peer != null && peer.memberId == target &&
            peer.matchIndex() == state.log.lastIndex() && state.nowNs() - askDueNs >= 0)
        {
            askDueNs = state.nowNs() + state.heartbeatIntervalNs;
            state.output.sendTimeoutNow(target, state.term());
        }
    }

    void onLeadershipEnded()
    {
        if (isPending())
        {
            target = 0;
            outcome = RaftCore.TRANSFER_DONE;
        }
    }

    @Override
    public String toString()
    {
        return "Transfer{target=" + Long.toHexString(target) + ", outcome=" + outcome + '}';
    }
}
