package dev.quorate.core.raft;

/**
 * How far a peer is, as its leader sees it.
 */
final class Progress
{
    /**
     * How entries are sent.
     */
    enum Mode
    {
        /** One append at a time, to find where the logs meet. */
        PROBE,
        /** A window of appends. */
        REPLICATE,
        /** None: a snapshot is on the way. */
        SNAPSHOT
    }

    final long memberId;
    final InFlight inFlight;
    private final long memberSinceNs;
    private Mode mode = Mode.PROBE;
    private long matchIndex;
    private long nextIndex;
    private long toldCommitIndex;
    private long ackedRound;
    private long heardNs;
    private long progressNs;
    private long probeDueNs;
    private long leavingIndex;
    private long leavingSinceNs;
    private boolean isHeard;
    private boolean isProbeOutstanding;

    Progress(final long memberId, final InFlight inFlight, final long nextIndex, final long nowNs)
    {
        this.memberId = memberId;
        this.inFlight = inFlight;
        this.nextIndex = nextIndex;
        memberSinceNs = nowNs;
        heardNs = nowNs;
    }

    Mode mode()
    {
        return mode;
    }

    /**
     * @return index up to which the peer's durable log equals the leader's.
     */
    long matchIndex()
    {
        return matchIndex;
    }

    long nextIndex()
    {
        return nextIndex;
    }

    long toldCommitIndex()
    {
        return toldCommitIndex;
    }

    void toldCommitIndex(final long value)
    {
        toldCommitIndex = value;
    }

    long ackedRound()
    {
        return ackedRound;
    }

    void ackRound(final long round)
    {
        ackedRound = Math.max(ackedRound, round);
    }

    boolean isHeard()
    {
        return isHeard;
    }

    /**
     * @return when the peer was heard last; when it became a peer if it never was.
     */
    long heardNs()
    {
        return heardNs;
    }

    long memberSinceNs()
    {
        return memberSinceNs;
    }

    void heard(final long nowNs)
    {
        heardNs = nowNs;
        isHeard = true;
    }

    /**
     * @return index of the entry that removes the peer, 0 if it stays.
     */
    long leavingIndex()
    {
        return leavingIndex;
    }

    long leavingSinceNs()
    {
        return leavingSinceNs;
    }

    void leaving(final long index, final long nowNs)
    {
        leavingIndex = index;
        leavingSinceNs = nowNs;
    }

    void probeFrom(final long index)
    {
        mode = Mode.PROBE;
        nextIndex = Math.max(index, matchIndex + 1);
        inFlight.clear();
        isProbeOutstanding = false;
        toldCommitIndex = 0;
    }

    boolean isProbeDue(final long nowNs)
    {
        return !isProbeOutstanding || nowNs - probeDueNs >= 0;
    }

    void probeSent(final long dueNs)
    {
        isProbeOutstanding = true;
        probeDueNs = dueNs;
    }

    void sent(final long lastIndex, final long lengthBytes, final long nowNs)
    {
        if (inFlight.isEmpty())
        {
            progressNs = nowNs;
        }
        inFlight.add(lastIndex, lengthBytes);
        nextIndex = lastIndex + 1;
    }

    void snapshot()
    {
        mode = Mode.SNAPSHOT;
        inFlight.clear();
    }

    void replicate()
    {
        mode = Mode.REPLICATE;
        nextIndex = matchIndex + 1;
        inFlight.clear();
    }

    void acknowledge(final long index, final long nowNs)
    {
        if (index > matchIndex)
        {
            matchIndex = index;
            progressNs = nowNs;
        }
        nextIndex = Math.max(nextIndex, matchIndex + 1);
        inFlight.acknowledge(index);
    }

    /**
     * @return true if appends are on the way and none was acknowledged for so long that they must be lost.
     */
    boolean isStalled(final long nowNs, final long limitNs)
    {
        return mode == Mode.REPLICATE && !inFlight.isEmpty() && nowNs - progressNs >= limitNs;
    }

    @Override
    public String toString()
    {
        return "Progress{memberId=" + Long.toHexString(memberId) + ", mode=" + mode + ", matchIndex=" + matchIndex +
            ", nextIndex=" + nextIndex + ", " + inFlight + '}';
    }
}
