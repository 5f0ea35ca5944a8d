package dev.quorate.core.machine;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Where apply publishes directory and alarms for other threads. A change is published before the applied index passes
 * its entry and before its result is delivered, so who has seen either finds the change here.
 * <p>
 * Writer: the apply thread. Readers: any.
 */
public final class Directories
{
    private static final VarHandle MEMBERS;
    private static final VarHandle ALARMS;

    static
    {
        try
        {
            final MethodHandles.Lookup lookup = MethodHandles.lookup();
            MEMBERS = lookup.findVarHandle(Directories.class, "members", MemberDirectory.class);
            ALARMS = lookup.findVarHandle(Directories.class, "alarms", AlarmTable.class);
        }
        catch (final ReflectiveOperationException ex)
        {
            throw new ExceptionInInitializerError(ex);
        }
    }

    private MemberDirectory members = MemberDirectory.EMPTY;
    private AlarmTable alarms = AlarmTable.EMPTY;

    /**
     * @return the newest member directory.
     */
    public MemberDirectory members()
    {
        // pairs with the release in members(MemberDirectory)
        return (MemberDirectory)MEMBERS.getAcquire(this);
    }

    /**
     * @return the alarms that are raised.
     */
    public AlarmTable alarms()
    {
        // pairs with the release in alarms(AlarmTable)
        return (AlarmTable)ALARMS.getAcquire(this);
    }

    void members(final MemberDirectory directory)
    {
        // pairs with the acquire in members()
        MEMBERS.setRelease(this, directory);
    }

    void alarms(final AlarmTable table)
    {
        // pairs with the acquire in alarms()
        ALARMS.setRelease(this, table);
    }

    @Override
    public String toString()
    {
        return "Directories{members=" + members() + ", alarms=" + alarms() + '}';
    }
}
