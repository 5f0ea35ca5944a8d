package dev.quorate.core.raft;

/**
 * What every role knows: term, role, leader, commit, what the own disk holds, time. The rules that hold whatever the
 * role are checked here.
 */
final class RaftState
{
    final long memberId;
    final long electionTimeoutNs;
    final long heartbeatIntervalNs;
    final RaftLogAccess log;
    final RaftOutput output;
    final TermAndVote termAndVote;
    final ConfigTracker configs;
    private Role role = Role.FOLLOWER;
    private long leaderId;
    private long commitIndex;
    private long durableIndex;
    private long nowNs;

    RaftState(final RaftContext context)
    {
        memberId = context.memberId();
        electionTimeoutNs = context.electionTimeoutNs();
        heartbeatIntervalNs = context.heartbeatIntervalNs();
        log = context.log();
        output = context.output();
        termAndVote = new TermAndVote(output, context.term(), context.votedFor());
        configs = new ConfigTracker(context);
        // what a sole voter held durably was committed, also if it crashed before it could note that
        commitIndex = Math.max(context.commitIndex(), configs.growthIndex(memberId));
        configs.onCommitted(commitIndex);
        durableIndex = log.lastIndex();
    }

    Role role()
    {
        return role;
    }

    long leaderId()
    {
        return leaderId;
    }

    void roleAndLeader(final Role newRole, final long newLeaderId)
    {
        role = newRole;
        leaderId = newLeaderId;
    }

    long term()
    {
        return termAndVote.term();
    }

    long commitIndex()
    {
        return commitIndex;
    }

    /**
     * @return last index of the own log that a crash cannot take back.
     */
    long durableIndex()
    {
        return durableIndex;
    }

    long nowNs()
    {
        return nowNs;
    }

    void nowNs(final long value)
    {
        nowNs = value;
    }

    Configuration configuration()
    {
        return configs.current();
    }

    boolean isVoter()
    {
        return configs.current().isVoter(memberId);
    }

    /**
     * @return true if the log with this end holds at least what this member's log holds.
     */
    boolean isUpToDate(final long lastLogIndex, final long lastLogTerm)
    {
        final long ownTerm = log.lastTerm();
        return lastLogTerm > ownTerm || lastLogTerm == ownTerm && lastLogIndex >= log.lastIndex();
    }

    void commitTo(final long index)
    {
        if (index < commitIndex || index > log.lastIndex())
        {
            throw new IllegalStateException("commit out of range: index=" + index + " commitIndex=" + commitIndex +
                " lastIndex=" + log.lastIndex() + " term=" + term());
        }
        if (index == commitIndex)
        {
            return;
        }
        commitIndex = index;
        configs.onCommitted(index);
        output.committed(index);
    }

    /**
     * Commits what a sole voter appended up to the entry that admits a second one, once it is durable, though it leads
     * no more: without that the second is not started, and without the second nobody leads.
     */
    void commitGrowth()
    {
        final long index = configs.growthIndex(memberId);
        if (index > commitIndex && index <= durableIndex)
        {
            commitTo(index);
        }
    }

    /**
     * Drops a suffix of the log.
     *
     * @return false if there was no room for it and nothing changed.
     */
    boolean cut(final long fromIndex)
    {
        if (fromIndex <= commitIndex)
        {
            throw new IllegalStateException(
                "cut at or below commit: from=" + fromIndex + " commitIndex=" + commitIndex + " term=" + term());
        }
        if (role == Role.LEADER)
        {
            throw new IllegalStateException("leader must only append: cut from=" + fromIndex + " term=" + term());
        }
        if (log.cut(fromIndex, term()) < 0)
        {
            return false;
        }
        durableIndex = Math.min(durableIndex, fromIndex - 1);
        if (configs.onCut(fromIndex))
        {
            output.configurationChanged(configs.current());
        }
        return true;
    }

    /**
     * A report of the disk. One that speaks of an entry which was cut meanwhile is void.
     */
    void onDurable(final long index, final long term)
    {
        if (index > durableIndex && log.termAt(index) == term)
        {
            durableIndex = index;
        }
    }

    void onSnapshotInstalled(final long index, final long term, final Configuration configuration)
    {
        if (role == Role.LEADER || index < commitIndex || log.baseIndex() != index || log.termAt(index) != term)
        {
            throw new IllegalStateException("snapshot does not fit: index=" + index + " term=" + term +
                " role=" + role + " commitIndex=" + commitIndex + " baseIndex=" + log.baseIndex() +
                " baseTerm=" + log.termAt(log.baseIndex()));
        }
        durableIndex = log.lastIndex() == index ? index : Math.max(index, Math.min(durableIndex, log.lastIndex()));
        configs.restore(configuration);
        output.configurationChanged(configs.current());
        commitTo(index);
    }

    @Override
    public String toString()
    {
        return "RaftState{memberId=" + Long.toHexString(memberId) + ", role=" + role + ", term=" + term() +
            ", leaderId=" + Long.toHexString(leaderId) + ", commitIndex=" + commitIndex +
            ", durableIndex=" + durableIndex + ", lastIndex=" + log.lastIndex() + '}';
    }
}
