package dev.quorate.core.raft;

import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The leader's duties in its term: proposals, replication, commit, read rounds, transfer. Idle while the member does
 * not lead.
 */
final class Leader
{
    private final UnsafeBuffer nothing = new UnsafeBuffer(new byte[0]);
    private final RaftState state;
    private final RaftLogAccess log;
    private final Peers peers;
    private final QuorumContact contact;
    private final Replication replication;
    private final ReadRounds reads;
    private final Transfer transfer;
    private long termStartIndex;

    Leader(final RaftContext context, final RaftState state)
    {
        this.state = state;
        log = state.log;
        peers = new Peers(context, state);
        contact = new QuorumContact(state, peers);
        replication = new Replication(context, state, peers, contact);
        reads = new ReadRounds(state.output, context.maxPendingReads());
        transfer = new Transfer(state);
    }

    /**
     * The term of this member begins.
     */
    void begin()
    {
        peers.lead();
        contact.restart();
        contact.beginRound();
        termStartIndex = 0;
        openTerm();
    }

    /**
     * The term of this member ended.
     */
    void end()
    {
        termStartIndex = 0;
        transfer.onLeadershipEnded();
        reads.failAll();
        peers.clear();
    }

    /**
     * @param wasPaused true if this member did nothing for longer than an election time-out.
     * @return false if the quorum was silent for so long that this member must step down.
     */
    boolean tick(final boolean wasPaused)
    {
        if (wasPaused)
        {
            contact.restart();
        }
        transfer.tick();
        contact.tick();
        return !contact.isQuorumLost();
    }

    /**
     * @return false if this member was removed by a change that is committed and told to the others: it must step down.
     */
    boolean flush()
    {
        openTerm();
        serveReads();
        replication.flush(transfer);
        if (state.isVoter() || state.configs.pendingIndex() != 0)
        {
            return true;
        }
        final Progress heir = peers.mostAdvancedVoter();
        if (heir != null)
        {
            state.output.sendTimeoutNow(heir.memberId, state.term());
        }
        return false;
    }

    long propose(final int type, final DirectBuffer payload, final int offset, final int length)
    {
        final long refusal = refusal();
        return refusal != RaftCore.OK ? refusal : append(type, payload, offset, length);
    }

    long proposeConfig(
        final int kind, final long memberId, final DirectBuffer payload, final int offset, final int length)
    {
        final long refusal = configRefusal(kind, memberId);
        if (refusal != RaftCore.OK)
        {
            return refusal;
        }
        final long index = append(RaftLogAccess.CONFIG, payload, offset, length);
        if (index > 0)
        {
            state.configs.onAppended(index);
            peers.onConfigurationChanged();
            state.output.configurationChanged(state.configuration());
            advanceCommit();
        }
        return index;
    }

    int readIndex(final long requestId, final long from)
    {
        if (!reads.add(requestId, from))
        {
            return RaftCore.READS_FULL;
        }
        if (state.isVoter() && state.configuration().voters().size() == 1)
        {
            serveReads();
        }
        return RaftCore.OK;
    }

    int transferTo(final long target)
    {
        if (!state.configuration().isVoter(target))
        {
            return RaftCore.BAD_TRANSFEREE;
        }
        if (target != state.memberId && target != transfer.target())
        {
            transfer.begin(target);
        }
        return RaftCore.OK;
    }

    /**
     * Commits what a quorum holds durably.
     */
    void advanceCommit()
    {
        state.commitTo(replication.committable());
    }

    void onAppendResponse(
        final long from, final boolean success, final long index, final long hintIndex, final long hintTerm)
    {
        final Progress peer = peers.find(from);
        if (peer != null && replication.onAppendResponse(peer, success, index, hintIndex, hintTerm))
        {
            advanceCommit();
        }
    }

    void onHeartbeatResponse(final long from, final long round)
    {
        final Progress peer = peers.find(from);
        if (peer != null)
        {
            contact.onRoundAnswered(peer, round);
            reads.onQuorum(peers.quorumRound(contact.round()));
        }
    }

    void onSnapshotStatus(final long peer, final boolean success, final long snapshotIndex)
    {
        final Progress progress = peers.find(peer);
        if (progress != null)
        {
            replication.onSnapshotStatus(progress, success, snapshotIndex);
        }
    }

    void onPeerSession(final long peer)
    {
        final Progress progress = peers.find(peer);
        if (progress != null)
        {
            progress.probeFrom(progress.nextIndex());
        }
    }

    boolean isCommittedInTerm()
    {
        return termStartIndex != 0 && state.commitIndex() >= termStartIndex;
    }

    /**
     * @return true if nobody else is needed or told: an entry of the term is committed, this member is the only voter,
     * no change of that is under way, and entries go to no peer, be it a learner or one that is leaving.
     */
    boolean isAlone()
    {
        return isCommittedInTerm() && peers.size() == 0 && state.configs.pendingIndex() == 0 && state.isVoter() &&
            state.configuration().voters().size() == 1;
    }

    Progress progress(final long peer)
    {
        return peers.find(peer);
    }

    boolean isRecentlyActive(final long peer)
    {
        final Progress progress = peers.find(peer);
        return progress != null && contact.isRecent(progress);
    }

    boolean isQuorumFresh()
    {
        return contact.isQuorumFresh();
    }

    long quorumAgeNs()
    {
        return peers.quorumAgeNs();
    }

    int transferState()
    {
        return transfer.outcome();
    }

    private long refusal()
    {
        if (transfer.isPending())
        {
            return RaftCore.TRANSFERRING;
        }
        openTerm();
        return termStartIndex == 0 ? RaftCore.NO_SPACE : RaftCore.OK;
    }

    private long configRefusal(final int kind, final long memberId)
    {
        final long refusal = refusal();
        if (refusal != RaftCore.OK)
        {
            return refusal;
        }
        if (!isCommittedInTerm())
        {
            return RaftCore.NOT_READY;
        }
        if (state.configs.pendingIndex() != 0)
        {
            return RaftCore.CONFIG_PENDING;
        }
        return state.configuration().admits(kind, memberId) ? RaftCore.OK : RaftCore.BAD_CHANGE;
    }

    private long append(final int type, final DirectBuffer payload, final int offset, final int length)
    {
        final long index = log.lastIndex() + 1;
        return log.append(index, state.term(), type, payload, offset, length) < 0 ? RaftCore.NO_SPACE : index;
    }

    /** Every leader opens its term with an empty entry, as soon as there is room for it. */
    private void openTerm()
    {
        if (termStartIndex == 0)
        {
            termStartIndex = Math.max(append(RaftLogAccess.NOOP, nothing, 0, 0), 0);
        }
    }

    private void serveReads()
    {
        if (!isCommittedInTerm())
        {
            return;
        }
        final boolean mayBegin = !reads.isOpen() ||
            contact.round() - peers.quorumRound(contact.round()) < ReadRounds.MAX_OPEN_ROUNDS;
        if (reads.hasWaiting() && mayBegin)
        {
            reads.begin(contact.beginRound(), state.commitIndex());
        }
        reads.onQuorum(peers.quorumRound(contact.round()));
    }

    @Override
    public String toString()
    {
        return "Leader{termStartIndex=" + termStartIndex + ", " + peers + ", " + contact + ", " + reads + ", " +
            transfer + '}';
    }
}
