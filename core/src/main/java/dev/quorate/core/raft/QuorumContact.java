package dev.quorate.core.raft;

/**
 * A leader's touch with its quorum: heartbeat rounds, and what their answers prove. Each round has an id that this
 * member never uses again in the term; an answer proves contact only if its round began after the last pause of this
 * member, for what waited in a queue meanwhile says nothing about now.
 */
final class QuorumContact
{
    private final RaftState state;
    private final Peers peers;
    private long round;
    private long freshFromRound;
    private long graceNs;
    private long heartbeatDueNs;
    private boolean isHeartbeatDue;

    QuorumContact(final RaftState state, final Peers peers)
    {
        this.state = state;
        this.peers = peers;
    }

    /**
     * Contact begins anew: a term begins, or this member was paused.
     */
    void restart()
    {
        freshFromRound = round + 1;
        graceNs = state.nowNs();
        heartbeatDueNs = state.nowNs();
    }

    void tick()
    {
        if (state.nowNs() - heartbeatDueNs >= 0)
        {
            beginRound();
        }
    }

    /**
     * @return id of a round that begins now and goes to every peer with the next flush.
     */
    long beginRound()
    {
        round++;
        isHeartbeatDue = true;
        heartbeatDueNs = state.nowNs() + state.heartbeatIntervalNs;
        return round;
    }

    /**
     * @return id of the newest round.
     */
    long round()
    {
        return round;
    }

    boolean takeHeartbeatDue()
    {
        final boolean isDue = isHeartbeatDue;
        isHeartbeatDue = false;
        return isDue;
    }

    void onRoundAnswered(final Progress peer, final long answeredRound)
    {
        if (answeredRound <= round)
        {
            peer.ackRound(answeredRound);
            onHeard(peer);
        }
    }

    void onHeard(final Progress peer)
    {
        if (peer.ackedRound() >= freshFromRound)
        {
            peer.heard(state.nowNs());
        }
    }

    boolean isRecent(final Progress peer)
    {
        return peer.ackedRound() >= freshFromRound && state.nowNs() - peer.heardNs() < state.electionTimeoutNs;
    }

    boolean isQuorumLost()
    {
        return peers.quorumSilenceNs(graceNs) >= state.electionTimeoutNs;
    }

    /**
     * @return true if a quorum answered a round that began after the last pause.
     */
    boolean isQuorumFresh()
    {
        return peers.quorumRound(round) >= freshFromRound;
    }

    @Override
    public String toString()
    {
        return "QuorumContact{round=" + round + ", freshFromRound=" + freshFromRound + '}';
    }
}
