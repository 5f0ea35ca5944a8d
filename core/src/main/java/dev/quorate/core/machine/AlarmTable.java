package dev.quorate.core.machine;

import org.agrona.collections.LongArrayList;

/**
 * The alarms that are raised, ascending by alarm, then by unsigned member id. Immutable.
 */
public final class AlarmTable
{
    /** No alarm; in a request: all. */
    public static final int NONE = 0;
    /** A member is out of space. */
    public static final int NOSPACE = 1;
    /** A member found corrupt data. */
    public static final int CORRUPT = 2;

    /** A table without alarms. */
    public static final AlarmTable EMPTY = new AlarmTable(new LongArrayList());

    private final long[] pairs;

    /**
     * @param pairs (member id, alarm), sorted.
     */
    AlarmTable(final LongArrayList pairs)
    {
        this.pairs = pairs.toLongArray();
    }

    /**
     * @return how many alarms are raised.
     */
    public int size()
    {
        return pairs.length / 2;
    }

    /**
     * @param i which alarm, from 0.
     * @return the member it is about.
     */
    public long memberId(final int i)
    {
        return pairs[i * 2];
    }

    /**
     * @param i which alarm, from 0.
     * @return its kind.
     */
    public int alarm(final int i)
    {
        return (int)pairs[i * 2 + 1];
    }

    /**
     * @param alarm kind of alarm.
     * @return true if it is raised for any member.
     */
    public boolean isRaised(final int alarm)
    {
        for (int i = 1; i < pairs.length; i += 2)
        {
            if (pairs[i] == alarm)
            {
                return true;
            }
        }
        return false;
    }

    /**
     * @param memberId of a member.
     * @param alarm    kind of alarm.
     * @return true if it is raised for this member.
     */
    public boolean isRaised(final long memberId, final int alarm)
    {
        for (int i = 0; i < pairs.length; i += 2)
        {
            if (pairs[i] == memberId && pairs[i + 1] == alarm)
            {
                return true;
            }
        }
        return false;
    }

    AlarmTable with(final long memberId, final int alarm)
    {
        final LongArrayList changed = new LongArrayList();
        int i = 0;
        while (i < pairs.length && isBefore(i, memberId, alarm))
        {
            changed.addLong(pairs[i]);
            changed.addLong(pairs[i + 1]);
            i += 2;
        }
        changed.addLong(memberId);
        changed.addLong(alarm);
        for (; i < pairs.length; i++)
        {
            changed.addLong(pairs[i]);
        }
        return new AlarmTable(changed);
    }

    AlarmTable without(final long memberId, final int alarm)
    {
        final LongArrayList changed = new LongArrayList();
        for (int i = 0; i < pairs.length; i += 2)
        {
            if (pairs[i] != memberId || pairs[i + 1] != alarm)
            {
                changed.addLong(pairs[i]);
                changed.addLong(pairs[i + 1]);
            }
        }
        return new AlarmTable(changed);
    }

    private boolean isBefore(final int i, final long memberId, final int alarm)
    {
        return pairs[i + 1] < alarm || pairs[i + 1] == alarm && Long.compareUnsigned(pairs[i], memberId) < 0;
    }

    @Override
    public String toString()
    {
        return "AlarmTable{size=" + size() + ", noSpace=" + isRaised(NOSPACE) + ", corrupt=" + isRaised(CORRUPT) + '}';
    }
}
