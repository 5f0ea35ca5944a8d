package dev.quorate.core.machine;

import org.agrona.collections.LongArrayList;

import java.util.List;

/**
 * Publishes directories in tests of other rooms.
 */
public final class TestDirectories
{
    private TestDirectories()
    {
    }

    /**
     * Publishes members.
     */
    public static void members(final Directories directories, final Member... members)
    {
        directories.members(MemberDirectory.ofMembers(List.of(members)));
    }

    /**
     * Publishes that members were removed, and that none is left.
     */
    public static void removed(final Directories directories, final long... ids)
    {
        final LongArrayList removed = new LongArrayList();
        for (final long id : ids)
        {
            removed.addLong(id);
        }
        directories.members(new MemberDirectory(List.of(), removed, 0, 0, 0));
    }

    /**
     * Publishes one alarm.
     */
    public static void alarm(final Directories directories, final long memberId, final int alarm)
    {
        final LongArrayList pair = new LongArrayList();
        pair.addLong(memberId);
        pair.addLong(alarm);
        directories.alarms(new AlarmTable(pair));
    }
}
