package dev.quorate.core.machine;

import dev.quorate.core.store.RecordDescriptor;
import dev.quorate.core.store.Store;
import dev.quorate.core.store.SystemScan;
import org.agrona.ExpandableArrayBuffer;
import org.agrona.collections.LongArrayList;
import org.agrona.concurrent.UnsafeBuffer;

import java.util.List;

/**
 * Makes a store that was copied from a member the first state of a new cluster: the members of the old cluster, and the
 * memory of those that it removed, give way to the members of the new one. Keys, revisions, leases, alarms and the
 * cluster version stay as they are.
 * <p>
 * Owner: the thread that opens the member, before any agent runs.
 */
public final class ClusterFounding
{
    private ClusterFounding()
    {
    }

    /**
     * Writes the change as the entry after the last one that the store holds, and publishes it.
     *
     * @param store   recovered, nothing applied since.
     * @param members of the new cluster, not started yet.
     */
    public static void found(final Store store, final List<Member> members)
    {
        final long index = store.raftIndex() + 1;
        store.begin(index, store.term());
        final UnsafeBuffer key = new UnsafeBuffer(new byte[SystemRows.ID_KEY_LENGTH]);
        final LongArrayList old = new LongArrayList();
        final SystemScan scan = store.scanSystem(RecordDescriptor.MEMBER);
        while (scan.next())
        {
            old.addLong(SystemRows.id(scan.key(), scan.keyOffset(), scan.keyLength()));
        }
        for (int i = 0; i < old.size(); i++)
        {
            SystemRows.putId(key, old.getLong(i));
            store.deleteSystem(RecordDescriptor.MEMBER, key, 0, SystemRows.ID_KEY_LENGTH);
        }
        final ExpandableArrayBuffer body = new ExpandableArrayBuffer();
        for (final Member member : members)
        {
            SystemRows.putId(key, member.id());
            store.putSystem(
                RecordDescriptor.MEMBER, key, 0, SystemRows.ID_KEY_LENGTH,
                body, 0, SystemRows.putMember(body, member, index));
        }
        store.end();
        store.publish();
    }
}
