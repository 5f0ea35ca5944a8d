package dev.quorate.core.raft;

/**
 * The leader's side of replication: sends entries to each peer within its window, learns from the answers, and finds
 * what is committed.
 */
final class Replication
{
    /** What an entry costs in a message beside its payload, bytes. */
    private static final int ENTRY_OVERHEAD = 32;

    private final RaftState state;
    private final RaftLogAccess log;
    private final RaftOutput output;
    private final Peers peers;
    private final QuorumContact contact;
    private final int maxAppendBytes;
    private long spanBytes;

    Replication(final RaftContext context, final RaftState state, final Peers peers, final QuorumContact contact)
    {
        this.state = state;
        this.peers = peers;
        this.contact = contact;
        log = state.log;
        output = state.output;
        maxAppendBytes = context.maxAppendBytes();
    }

    /**
     * Sends to every peer what it lacks, as far as its window goes; a commit index or round that no append carries goes
     * in a heartbeat.
     */
    void flush(final Transfer transfer)
    {
        final boolean isHeartbeatDue = contact.takeHeartbeatDue();
        for (int i = peers.size() - 1; i >= 0; i--)
        {
            final Progress peer = peers.get(i);
            if (hasLeft(peer))
            {
                peers.remove(i);
                continue;
            }
            replicate(peer);
            if (isHeartbeatDue || peer.toldCommitIndex() < state.commitIndex())
            {
                output.sendHeartbeat(peer.memberId, state.term(), state.commitIndex(), contact.round());
                peer.toldCommitIndex(state.commitIndex());
            }
            transfer.advance(peer);
        }
    }

    /**
     * @return true if a message of the current term from this peer is to be believed.
     */
    boolean onAppendResponse(
        final Progress peer, final boolean success, final long index, final long hintIndex, final long hintTerm)
    {
        if (index < 0 || index > log.lastIndex())
        {
            return false;
        }
        contact.onHeard(peer);
        if (success)
        {
            onAcknowledged(peer, index);
        }
        else
        {
            onRefused(peer, index, hintIndex, hintTerm);
        }
        return success;
    }

    void onSnapshotStatus(final Progress peer, final boolean success, final long snapshotIndex)
    {
        if (peer.mode() == Progress.Mode.SNAPSHOT)
        {
            peer.probeFrom(success ? snapshotIndex + 1 : peer.nextIndex());
            if (!success)
            {
                peer.probeSent(state.nowNs() + state.heartbeatIntervalNs);
            }
        }
    }

    /**
     * @return the index up to which a quorum holds the log durably, if an entry of the current term is there; else the
     * commit index as it is. Entries of older terms are never counted, only covered. An entry that admits a second
     * voter is committed by the first alone.
     */
    long committable()
    {
        final long growth = Math.min(state.configs.growthIndex(state.memberId), state.durableIndex());
        final long index = Math.max(peers.quorumMatch(), growth);
        return index > state.commitIndex() && log.termAt(index) == state.term() ? index : state.commitIndex();
    }

    private void onAcknowledged(final Progress peer, final long index)
    {
        // Only an answer that covers what was probed says that the logs meet there.
        final boolean isMet = peer.mode() == Progress.Mode.PROBE && index >= peer.nextIndex() - 1;
        peer.acknowledge(index, state.nowNs());
        final boolean isBack = peer.mode() == Progress.Mode.SNAPSHOT && peer.matchIndex() >= log.baseIndex();
        if (isMet || isBack)
        {
            peer.replicate();
        }
    }

    private void onRefused(final Progress peer, final long refusedIndex, final long hintIndex, final long hintTerm)
    {
        final boolean isStale = refusedIndex <= peer.matchIndex() || peer.mode() == Progress.Mode.SNAPSHOT ||
            peer.mode() == Progress.Mode.PROBE && refusedIndex != peer.nextIndex() - 1;
        if (!isStale)
        {
            peer.probeFrom(Math.min(meetingIndex(hintIndex, hintTerm) + 1, refusedIndex));
        }
    }

    /** The largest index of the own log, at or below the hint, whose term the follower may have there. */
    private long meetingIndex(final long hintIndex, final long hintTerm)
    {
        long index = Math.min(Math.max(hintIndex, 0), log.lastIndex());
        while (index > log.baseIndex() && log.termAt(index) > hintTerm)
        {
            index--;
        }
        return index;
    }

    private void replicate(final Progress peer)
    {
        if (peer.isStalled(state.nowNs(), state.electionTimeoutNs))
        {
            peer.probeFrom(peer.nextIndex());
        }
        if (peer.mode() == Progress.Mode.PROBE && peer.isProbeDue(state.nowNs()))
        {
            probe(peer);
        }
        else if (peer.mode() == Progress.Mode.REPLICATE)
        {
            fillWindow(peer);
        }
    }

    private void probe(final Progress peer)
    {
        final long prevIndex = peer.nextIndex() - 1;
        final long prevTerm = log.termAt(prevIndex);
        if (prevTerm < 0)
        {
            snapshot(peer);
            return;
        }
        final long lastIndex = spanWithin(peer.nextIndex(), maxAppendBytes);
        final long sent = output.sendAppend(
            peer.memberId, state.term(), prevIndex, prevTerm, state.commitIndex(), peer.nextIndex(), lastIndex);
        if (sent >= prevIndex)
        {
            peer.probeSent(state.nowNs() + state.heartbeatIntervalNs);
            peer.toldCommitIndex(state.commitIndex());
        }
    }

    private void fillWindow(final Progress peer)
    {
        while (peer.nextIndex() <= log.lastIndex() && !peer.inFlight.isFull())
        {
            final long firstIndex = peer.nextIndex();
            final long prevTerm = log.termAt(firstIndex - 1);
            if (prevTerm < 0)
            {
                snapshot(peer);
                return;
            }
            final long lastIndex = spanWithin(firstIndex, Math.min(maxAppendBytes, peer.inFlight.roomBytes()));
            final long sent = output.sendAppend(
                peer.memberId, state.term(), firstIndex - 1, prevTerm, state.commitIndex(), firstIndex, lastIndex);
            if (sent < firstIndex)
            {
                return;
            }
            if (sent > lastIndex)
            {
                throw new IllegalStateException("sent more than asked for: sent=" + sent + " lastIndex=" + lastIndex);
            }
            if (sent < lastIndex)
            {
                measure(firstIndex, sent);
            }
            peer.sent(sent, spanBytes, state.nowNs());
            peer.toldCommitIndex(state.commitIndex());
        }
    }

    private void snapshot(final Progress peer)
    {
        // Only a peer that answers: a snapshot pins files for as long as it is being sent.
        if (contact.isRecent(peer))
        {
            peer.snapshot();
            output.sendSnapshot(peer.memberId);
        }
    }

    /** Last index of a span of whole entries within a number of bytes; at least one entry, if there is any. */
    private long spanWithin(final long firstIndex, final long limitBytes)
    {
        final long lastIndex = log.lastIndex();
        long index = firstIndex - 1;
        spanBytes = 0;
        while (index < lastIndex)
        {
            final long length = log.payloadLength(index + 1) + ENTRY_OVERHEAD;
            if (index >= firstIndex && spanBytes + length > limitBytes)
            {
                break;
            }
            spanBytes += length;
            index++;
        }
        return index;
    }

    private void measure(final long firstIndex, final long lastIndex)
    {
        spanBytes = 0;
        for (long i = firstIndex; i <= lastIndex; i++)
        {
            spanBytes += log.payloadLength(i) + ENTRY_OVERHEAD;
        }
    }

    /** A removed peer is served until it was told that its removal is committed, or does not answer any more. */
    private boolean hasLeft(final Progress peer)
    {
        final long leavingIndex = peer.leavingIndex();
        if (leavingIndex == 0 || state.commitIndex() < leavingIndex)
        {
            return false;
        }
        final boolean isTold = peer.matchIndex() >= leavingIndex && peer.toldCommitIndex() >= leavingIndex;
        return isTold || state.nowNs() - peer.leavingSinceNs() >= 2 * state.electionTimeoutNs;
    }

    @Override
    public String toString()
    {
        return "Replication{" + peers + ", " + contact + '}';
    }
}
