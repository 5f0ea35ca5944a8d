package dev.quorate.core.raft;

import org.agrona.collections.LongArrayList;

/**
 * Voters and learners. Owned by the consensus thread.
 */
public final class Configuration
{
    /** Standing of a member that is not part of the configuration. */
    public static final int ABSENT = 0;
    /** Standing of a member that votes and counts. */
    public static final int VOTER = 1;
    /** Standing of a member that only receives the log. */
    public static final int LEARNER = 2;

    private final LongArrayList voters = new LongArrayList();
    private final LongArrayList learners = new LongArrayList();
    private long index;

    /**
     * @return ids of the voters, ascending as unsigned numbers.
     */
    public LongArrayList voters()
    {
        return voters;
    }

    /**
     * @return ids of the learners, ascending as unsigned numbers.
     */
    public LongArrayList learners()
    {
        return learners;
    }

    /**
     * @return index of the entry that brought this configuration into force, 0 for the first.
     */
    public long index()
    {
        return index;
    }

    /**
     * @param value index of the entry that brought this configuration into force.
     */
    public void index(final long value)
    {
        index = value;
    }

    /**
     * @return how many voters decide.
     */
    public int quorum()
    {
        return voters.size() / 2 + 1;
    }

    /**
     * @param memberId of a member.
     * @return true if it votes.
     */
    public boolean isVoter(final long memberId)
    {
        return voters.containsLong(memberId);
    }

    /**
     * @param memberId of a member.
     * @return {@link #ABSENT}, {@link #VOTER} or {@link #LEARNER}.
     */
    public int standing(final long memberId)
    {
        if (voters.containsLong(memberId))
        {
            return VOTER;
        }
        return learners.containsLong(memberId) ? LEARNER : ABSENT;
    }

    /**
     * Gives a member a standing, whatever it had.
     *
     * @param memberId of the member.
     * @param standing {@link #ABSENT}, {@link #VOTER} or {@link #LEARNER}.
     */
    public void standing(final long memberId, final int standing)
    {
        voters.removeLong(memberId);
        learners.removeLong(memberId);
        if (standing == VOTER)
        {
            insert(voters, memberId);
        }
        else if (standing == LEARNER)
        {
            insert(learners, memberId);
        }
    }

    /**
     * @param kind     of a change, as {@link ConfigEntryReader} names them.
     * @param memberId that it is about.
     * @return true if the change makes sense here: nobody is added twice, only a learner is promoted, only a member is
     * removed or updated, and a voter remains.
     */
    public boolean admits(final int kind, final long memberId)
    {
        final int standing = standing(memberId);
        return switch (kind)
        {
            case ConfigEntryReader.ADD_VOTER, ConfigEntryReader.ADD_LEARNER -> memberId != 0 && standing == ABSENT;
            case ConfigEntryReader.PROMOTE -> standing == LEARNER;
            case ConfigEntryReader.REMOVE -> standing == LEARNER || standing == VOTER && voters.size() > 1;
            case ConfigEntryReader.UPDATE -> standing != ABSENT;
            default -> false;
        };
    }

    /**
     * Follows an entry of the log. A change that makes no sense here leaves voters and learners as they are.
     *
     * @param kind       of the change, as {@link ConfigEntryReader} names them.
     * @param memberId   that it is about.
     * @param entryIndex of the entry.
     */
    public void follow(final int kind, final long memberId, final long entryIndex)
    {
        if (admits(kind, memberId))
        {
            standing(memberId, standingAfter(kind, standing(memberId)));
        }
        index = entryIndex;
    }

    /**
     * Becomes a copy.
     *
     * @param other to copy.
     */
    public void copyFrom(final Configuration other)
    {
        voters.clear();
        learners.clear();
        voters.addAll(other.voters);
        learners.addAll(other.learners);
        index = other.index;
    }

    private static int standingAfter(final int kind, final int before)
    {
        return switch (kind)
        {
            case ConfigEntryReader.ADD_VOTER, ConfigEntryReader.PROMOTE -> VOTER;
            case ConfigEntryReader.ADD_LEARNER -> LEARNER;
            case ConfigEntryReader.REMOVE -> ABSENT;
            default -> before;
        };
    }

    private static void insert(final LongArrayList list, final long memberId)
    {
        int at = 0;
        while (at < list.size() && Long.compareUnsigned(list.getLong(at), memberId) < 0)
        {
            at++;
        }
        list.addLong(at, memberId);
    }

    @Override
    public String toString()
    {
        return "Configuration{voters=" + voters + ", learners=" + learners + ", index=" + index + '}';
    }
}
