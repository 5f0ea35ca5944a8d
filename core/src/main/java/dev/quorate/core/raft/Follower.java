package dev.quorate.core.raft;

import org.agrona.DirectBuffer;

/**
 * The follower's side of replication: takes entries that fit, drops what conflicts, and answers. An answer leaves only
 * when the term is durable, and acknowledges only entries that are durable here and known to be the leader's.
 */
final class Follower
{
    private static final long NONE = -1;

    private final RaftState state;
    private final RaftLogAccess log;
    private final RaftOutput output;
    private long matchedIndex;
    private long leaderCommitIndex;
    private long ackedIndex;
    private long tipIndex;
    private long tipTerm;
    private long appendTerm;
    private long owedRefusal;
    private long owedHintIndex;
    private long owedHintTerm;
    private long owedRound;
    private long answeredRound;
    private boolean isBegun;
    private boolean isAppending;
    private boolean isAnswerOwed;

    Follower(final RaftState state)
    {
        this.state = state;
        log = state.log;
        output = state.output;
        reset();
    }

    /**
     * A term or leader begins. What is committed here is in the log of every later leader.
     */
    void reset()
    {
        matchedIndex = state.commitIndex();
        leaderCommitIndex = 0;
        ackedIndex = acknowledgeable();
        owedRefusal = NONE;
        owedRound = NONE;
        answeredRound = NONE;
        isAnswerOwed = false;
        isAppending = false;
        isBegun = false;
    }

    /**
     * @return true if the entries that follow fit here.
     */
    boolean beginAppend(final long prevIndex, final long prevTerm, final long commitIndex)
    {
        isAppending = false;
        isBegun = false;
        final long ownTerm = log.termAt(prevIndex);
        if (prevIndex <= state.commitIndex())
        {
            if (ownTerm >= 0 && ownTerm != prevTerm)
            {
                throw conflictBelowCommit(prevIndex, prevTerm, ownTerm);
            }
        }
        else if (ownTerm != prevTerm)
        {
            refuse(prevIndex, prevTerm);
            return false;
        }
        else
        {
            matchedIndex = Math.max(matchedIndex, prevIndex);
        }
        leaderCommitIndex = Math.max(leaderCommitIndex, commitIndex);
        isAppending = true;
        isBegun = true;
        tipIndex = prevIndex;
        tipTerm = prevTerm;
        appendTerm = state.term();
        return true;
    }

    /**
     * @return false if the entry was not taken and those that follow it must not be delivered.
     */
    boolean appendEntry(
        final long index,
        final long term,
        final int type,
        final DirectBuffer payload,
        final int offset,
        final int length)
    {
        final boolean isInOrder = index == tipIndex + 1 && term >= tipTerm && term <= appendTerm;
        if (!isAppending || appendTerm != state.term() || !isInOrder)
        {
            isAppending = isAppending && isInOrder;
            return false;
        }
        final long ownTerm = log.termAt(index);
        if (index <= state.commitIndex())
        {
            if (ownTerm >= 0 && ownTerm != term)
            {
                throw conflictBelowCommit(index, term, ownTerm);
            }
        }
        else if (ownTerm != term && !replace(index, ownTerm >= 0, term, type, payload, offset, length))
        {
            isAppending = false;
            return false;
        }
        tipIndex = index;
        tipTerm = term;
        matchedIndex = Math.max(matchedIndex, index);
        return true;
    }

    void endAppend()
    {
        if (!isBegun || appendTerm != state.term())
        {
            return;
        }
        isBegun = false;
        isAppending = false;
        advanceCommit();
        // What is on the disk already is confirmed again, for the leader may not know; the rest when it is synced.
        isAnswerOwed |= tipIndex <= acknowledgeable();
        answer();
    }

    void onHeartbeat(final long commitIndex, final long readRound)
    {
        leaderCommitIndex = Math.max(leaderCommitIndex, commitIndex);
        advanceCommit();
        // A heartbeat of a round that was answered before only tells the commit index: its leader asks nothing.
        if (readRound > answeredRound)
        {
            owedRound = Math.max(owedRound, readRound);
        }
        answer();
    }

    void onSnapshotInstalled(final long index)
    {
        matchedIndex = Math.max(matchedIndex, index);
        isAnswerOwed = true;
        answer();
    }

    /**
     * Sends what is owed, as far as it is durable.
     */
    void answer()
    {
        final long leaderId = state.leaderId();
        if (leaderId == 0 || !state.termAndVote.isTermDurable())
        {
            return;
        }
        if (owedRound != NONE)
        {
            final long round = owedRound;
            owedRound = NONE;
            answeredRound = round;
            output.sendHeartbeatResponse(leaderId, state.term(), round);
        }
        if (owedRefusal != NONE)
        {
            final long refused = owedRefusal;
            owedRefusal = NONE;
            output.sendAppendResponse(leaderId, state.term(), false, refused, owedHintIndex, owedHintTerm);
        }
        final long ack = acknowledgeable();
        if (isAnswerOwed || ack > ackedIndex)
        {
            isAnswerOwed = false;
            ackedIndex = ack;
            output.sendAppendResponse(leaderId, state.term(), true, ack, 0, 0);
        }
    }

    private long acknowledgeable()
    {
        return Math.min(matchedIndex, state.durableIndex());
    }

    private void advanceCommit()
    {
        final long index = Math.min(leaderCommitIndex, matchedIndex);
        if (index > state.commitIndex())
        {
            state.commitTo(index);
        }
    }

    private void refuse(final long prevIndex, final long prevTerm)
    {
        long hint = Math.min(prevIndex, log.lastIndex());
        while (hint > state.commitIndex() && log.termAt(hint) > prevTerm)
        {
            hint--;
        }
        owedRefusal = prevIndex;
        owedHintIndex = hint;
        owedHintTerm = log.termAt(hint);
        answer();
    }

    private boolean replace(
        final long index,
        final boolean isConflict,
        final long term,
        final int type,
        final DirectBuffer payload,
        final int offset,
        final int length)
    {
        if (isConflict)
        {
            if (index <= matchedIndex)
            {
                throw new IllegalStateException("entry that matched the leader's would be cut: index=" + index +
                    " term=" + term + " matchedIndex=" + matchedIndex + " ownTerm=" + log.termAt(index));
            }
            if (!state.cut(index))
            {
                return false;
            }
        }
        if (log.append(index, term, type, payload, offset, length) < 0)
        {
            return false;
        }
        if (type == RaftLogAccess.CONFIG)
        {
            state.configs.onAppended(index);
            output.configurationChanged(state.configuration());
        }
        return true;
    }

    private IllegalStateException conflictBelowCommit(final long index, final long term, final long ownTerm)
    {
        return new IllegalStateException("leader lacks a committed entry: index=" + index + " term=" + term +
            " ownTerm=" + ownTerm + " commitIndex=" + state.commitIndex() + " leaderId=" +
            Long.toHexString(state.leaderId()) + " leaderTerm=" + state.term());
    }

    @Override
    public String toString()
    {
        return "Follower{matchedIndex=" + matchedIndex + ", ackedIndex=" + ackedIndex +
            ", leaderCommitIndex=" + leaderCommitIndex + '}';
    }
}
