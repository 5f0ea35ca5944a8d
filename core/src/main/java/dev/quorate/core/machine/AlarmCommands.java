package dev.quorate.core.machine;

import dev.quorate.core.ring.NodeState;
import dev.quorate.core.store.RecordDescriptor;
import dev.quorate.core.store.Store;
import dev.quorate.core.store.SystemScan;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Raises, clears and lists alarms.
 */
final class AlarmCommands
{
    private static final int GET = 0;
    private static final int ACTIVATE = 1;
    private static final int DEACTIVATE = 2;

    private final Store store;
    private final Directories directories;
    private final NodeState state;
    private final UnsafeBuffer key = new UnsafeBuffer(new byte[SystemRows.ALARM_KEY_LENGTH]);
    private AlarmTable table = AlarmTable.EMPTY;

    AlarmCommands(final MachineContext context)
    {
        this.store = context.store();
        this.directories = context.directories();
        this.state = context.nodeState();
    }

    void recover()
    {
        AlarmTable recovered = AlarmTable.EMPTY;
        final SystemScan scan = store.scanSystem(RecordDescriptor.ALARM);
        while (scan.next())
        {
            final long memberId = SystemRows.alarmMemberId(scan.key(), scan.keyOffset(), scan.keyLength());
            recovered = recovered.with(memberId, SystemRows.alarm(scan.key(), scan.keyOffset()));
        }
        publish(recovered);
    }

    boolean isRaised(final int alarm)
    {
        return table.isRaised(alarm);
    }

    void apply(final int action, final long memberId, final int alarm, final ResultBuilder result)
    {
        switch (action)
        {
            case GET -> list(alarm, result);
            case ACTIVATE -> activate(memberId, alarm, result);
            case DEACTIVATE -> deactivate(memberId, alarm, result);
            // etcd answers an unknown action with an empty list
            default ->
            {
            }
        }
    }

    private void list(final int alarm, final ResultBuilder result)
    {
        for (int i = 0; i < table.size(); i++)
        {
            if (AlarmTable.NONE == alarm || table.alarm(i) == alarm)
            {
                result.add(table.memberId(i));
                result.add(table.alarm(i));
            }
        }
    }

    private void activate(final long memberId, final int alarm, final ResultBuilder result)
    {
        // none is meant, or one that nobody knows
        if (AlarmTable.NOSPACE != alarm && AlarmTable.CORRUPT != alarm)
        {
            return;
        }
        if (!table.isRaised(memberId, alarm))
        {
            SystemRows.putAlarmKey(key, memberId, alarm);
            store.putSystem(RecordDescriptor.ALARM, key, 0, key.capacity(), key, 0, 0);
            publish(table.with(memberId, alarm));
        }
        result.add(memberId);
        result.add(alarm);
    }

    private void deactivate(final long memberId, final int alarm, final ResultBuilder result)
    {
        if (!table.isRaised(memberId, alarm))
        {
            return;
        }
        SystemRows.putAlarmKey(key, memberId, alarm);
        if (!store.deleteSystem(RecordDescriptor.ALARM, key, 0, key.capacity()))
        {
            throw new IllegalStateException("alarm has no row: member=" + Long.toHexString(memberId));
        }
        publish(table.without(memberId, alarm));
        result.add(memberId);
        result.add(alarm);
    }

    private void publish(final AlarmTable changed)
    {
        table = changed;
        directories.alarms(changed);
        state.set(NodeState.Value.ALARM_NOSPACE, changed.isRaised(AlarmTable.NOSPACE) ? 1 : 0);
        state.set(NodeState.Value.ALARM_CORRUPT, changed.isRaised(AlarmTable.CORRUPT) ? 1 : 0);
    }

    @Override
    public String toString()
    {
        return "AlarmCommands{table=" + table + '}';
    }
}
