package dev.quorate.server.member;

import dev.quorate.core.machine.AlarmTable;
import dev.quorate.core.machine.Directories;
import dev.quorate.core.machine.Member;
import dev.quorate.core.machine.MemberDirectory;
import dev.quorate.core.session.ClusterView;

import java.util.List;

/**
 * Members and alarms as one consistent picture for a call.
 */
final class DirectoryView implements ClusterView
{
    private static final String[] NONE = new String[0];

    private final List<Member> members;
    private final AlarmTable alarms;
    private final LeaseIds leases;

    /**
     * Lists leases when a call asks for them.
     */
    @FunctionalInterface
    interface LeaseIds
    {
        /**
         * @return ids of all leases, by remaining time as far as this member knows.
         */
        long[] list();
    }

    DirectoryView(final MemberDirectory directory, final AlarmTable alarms, final LeaseIds leases)
    {
        this.members = directory.members();
        this.alarms = alarms;
        this.leases = leases;
    }

    /**
     * @param directories published by apply.
     * @param leases      lister of leases.
     * @return a source of pictures.
     */
    static Source source(final Directories directories, final LeaseIds leases)
    {
        return () -> new DirectoryView(directories.members(), directories.alarms(), leases);
    }

    @Override
    public int size()
    {
        return members.size();
    }

    @Override
    public long id(final int i)
    {
        return members.get(i).id();
    }

    @Override
    public String name(final int i)
    {
        return members.get(i).name();
    }

    @Override
    public String[] peerUrls(final int i)
    {
        return members.get(i).peerUrls().toArray(NONE);
    }

    @Override
    public String[] clientUrls(final int i)
    {
        return members.get(i).clientUrls().toArray(NONE);
    }

    @Override
    public boolean isLearner(final int i)
    {
        return members.get(i).isLearner();
    }

    @Override
    public int alarmCount()
    {
        return alarms.size();
    }

    @Override
    public long alarmMemberId(final int i)
    {
        return alarms.memberId(i);
    }

    @Override
    public int alarmType(final int i)
    {
        return alarms.alarm(i);
    }

    @Override
    public long[] leaseIds()
    {
        return leases.list();
    }
}
