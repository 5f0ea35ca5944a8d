package dev.quorate.core.sim;

import dev.quorate.core.api.EtcdError;
import dev.quorate.core.log.LogEntryView;
import dev.quorate.core.machine.Command;
import dev.quorate.core.machine.EtcdModel;
import dev.quorate.core.raft.RaftLogAccess;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * What the cluster has committed, as the first member that knew it held it, and what etcd's rules make of it.
 */
final class CommittedLog
{
    /** One committed entry and what it did. */
    record Entry(
        long index,
        long term,
        int crc,
        Command command,
        EtcdModel.Reply reply,
        boolean isMutation,
        long atNs,
        long originMemberId)
    {
    }

    private final EtcdModel model = new EtcdModel();
    private final CommandDecoder decoder = new CommandDecoder();
    private final List<Entry> entries = new ArrayList<>();
    private final Map<String, Entry> byValue = new HashMap<>();
    private final TreeMap<Long, Entry> byRevision = new TreeMap<>();
    private final TreeMap<Long, NavigableMap<String, EtcdModel.KeyValue>> states = new TreeMap<>();
    private final Map<Long, TreeMap<Long, Entry>> leaseEntries = new HashMap<>();

    CommittedLog()
    {
        states.put(1L, new TreeMap<>());
    }

    long size()
    {
        return entries.size();
    }

    Entry entry(final long index)
    {
        return entries.get((int)index - 1);
    }

    void add(final LogEntryView view, final long index, final int crc, final long nowNs)
    {
        if (!view.wrap(index))
        {
            throw new Violation("R5", "a committed entry is not held: index=" + index);
        }
        final Command command = RaftLogAccess.NOOP == view.type() ? new Command.Noop() :
            decoder.decode(view.buffer(), view.payloadOffset(), view.payloadLength());
        final long before = model.revision();
        final EtcdModel.Reply reply = model.apply(command, view.term());
        final boolean isMutation = model.revision() != before;
        final Entry entry = new Entry(
            index, view.term(), crc, command, reply, isMutation, nowNs, decoder.originMemberId());
        entries.add(entry);
        if (isMutation)
        {
            byRevision.put(model.revision(), entry);
            states.put(model.revision(), model.stateAt(model.revision()));
        }
        keepValues(command, entry);
        if (command instanceof Command.Revoke revoke && EtcdError.NONE == reply.error())
        {
            leaseEntries.computeIfAbsent(revoke.id(), (id) -> new TreeMap<>()).put(index, entry);
        }
        if (command instanceof Command.Grant grant && EtcdError.NONE == reply.error())
        {
            leaseEntries.computeIfAbsent(grant.id(), (id) -> new TreeMap<>()).put(index, entry);
        }
    }

    long revision()
    {
        return model.revision();
    }

    long compactRevision()
    {
        return model.compactRevision();
    }

    /** @return all keys at a revision, however old. */
    NavigableMap<String, EtcdModel.KeyValue> stateAt(final long revision)
    {
        return states.get(revision);
    }

    /** @return the entry that made a revision, null for none. */
    Entry madeRevision(final long revision)
    {
        return byRevision.get(revision);
    }

    /** @return the entry that carries a value, null if none does. */
    Entry carrying(final String value)
    {
        return byValue.get(value);
    }

    /** @return grants and revocations of a lease that took effect, by index. */
    TreeMap<Long, Entry> ofLease(final long leaseId)
    {
        return leaseEntries.getOrDefault(leaseId, new TreeMap<>());
    }

    private void keepValues(final Command command, final Entry entry)
    {
        switch (command)
        {
            case Command.Put put ->
            {
                if (!put.value().isEmpty())
                {
                    final Entry other = byValue.put(put.value(), entry);
                    if (other != null && other != entry)
                    {
                        throw new Violation("K5", "a write was appended twice: value=" + put.value() + " index=" +
                            other.index() + " and " + entry.index());
                    }
                }
            }
            case Command.Txn txn ->
            {
                txn.success().forEach((op) -> keepValues(op, entry));
                txn.failure().forEach((op) -> keepValues(op, entry));
            }
            default ->
            {
                // Nothing unique to find it by.
            }
        }
    }
}
