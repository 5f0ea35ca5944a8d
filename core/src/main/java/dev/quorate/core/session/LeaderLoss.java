package dev.quorate.core.session;

import dev.quorate.core.ring.NodeState;

import java.util.ArrayList;

/**
 * Ends streams that asked for a leader once there has been none for three election time-outs.
 */
final class LeaderLoss
{
    private static final int ELECTION_TIMEOUTS = 3;

    private final NodeState nodeState;
    private final long electionTimeoutNs;
    private final ArrayList<Bound> streams = new ArrayList<>();
    private long checkNs = Long.MAX_VALUE;

    /**
     * A stream that does not live without a leader.
     */
    interface Bound
    {
        /** Ends the stream; it takes itself off the list. */
        void onNoLeader();
    }

    LeaderLoss(final SessionContext context)
    {
        nodeState = context.nodeState();
        electionTimeoutNs = context.electionTimeoutNs();
    }

    void add(final Bound stream, final long nowNs)
    {
        if (streams.isEmpty())
        {
            checkNs = nowNs + electionTimeoutNs;
        }
        streams.add(stream);
    }

    void remove(final Bound stream)
    {
        streams.remove(stream);
        if (streams.isEmpty())
        {
            checkNs = Long.MAX_VALUE;
        }
    }

    int poll(final long nowNs)
    {
        if (nowNs < checkNs)
        {
            return 0;
        }
        checkNs = nowNs + electionTimeoutNs;
        final long lostNs = nodeState.get(NodeState.Value.LEADER_LOST_NS);
        if (lostNs == 0 || nodeState.get(NodeState.Value.LEADER_ID) != 0 ||
            nowNs - lostNs < ELECTION_TIMEOUTS * electionTimeoutNs)
        {
            return 0;
        }
        int ended = 0;
        for (int i = streams.size() - 1; i >= 0; i--)
        {
            streams.get(i).onNoLeader();
            ended++;
        }
        return ended;
    }

    long nextDeadlineNs()
    {
        return checkNs;
    }
}
