package dev.quorate.core.store;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * A random log of entries: puts, deletions, both of one key in one entry, compactions, system rows, entries that do
 * nothing. The same entry does the same to a store and to the model.
 */
final class StoreHistory
{
    enum Kind
    {
        PUT, DELETE, COMPACT, SYSTEM_PUT, SYSTEM_DELETE
    }

    record Op(Kind kind, byte[] key, byte[] value, long number)
    {
    }

    record Entry(long term, List<Op> ops)
    {
        boolean isCompaction()
        {
            return !ops.isEmpty() && ops.get(0).kind == Kind.COMPACT;
        }
    }

    private final Random random;
    private final int keyCount;
    final List<Entry> entries = new ArrayList<>();
    private long term = 1;

    StoreHistory(final Random random, final int keyCount)
    {
        this.random = random;
        this.keyCount = keyCount;
    }

    Entry next(final StoreModel model)
    {
        final List<Op> ops = new ArrayList<>();
        if (random.nextInt(40) == 0)
        {
            term++;
        }
        final int dice = random.nextInt(100);
        if (dice < 6 && model.revision > Math.max(model.compactRevision, 0))
        {
            final long low = Math.max(model.compactRevision, 0) + 1;
            ops.add(new Op(Kind.COMPACT, null, null, low + random.nextInt((int)(model.revision - low + 1))));
        }
        else if (dice < 14)
        {
            final Kind kind = random.nextInt(3) == 0 ? Kind.SYSTEM_DELETE : Kind.SYSTEM_PUT;
            ops.add(new Op(kind, key(), value(), RecordDescriptor.LEASE + random.nextInt(3)));
        }
        else if (dice < 96)
        {
            final int count = random.nextInt(3) == 0 ? 1 + random.nextInt(6) : 1;
            for (int i = 0; i < count; i++)
            {
                addWrite(ops);
            }
        }
        final Entry entry = new Entry(term, ops);
        entries.add(entry);
        return entry;
    }

    /** Applies an entry to the model; compactions take what it says. */
    static void apply(final Entry entry, final StoreModel model)
    {
        model.begin();
        for (final Op op : entry.ops)
        {
            switch (op.kind)
            {
                case PUT -> model.put(op.key, op.value, op.number);
                case DELETE -> model.delete(op.key);
                case COMPACT -> model.compact(op.number);
                default ->
                {
                }
            }
        }
        model.end();
    }

    static void apply(final Entry entry, final StoreWorld world)
    {
        world.term = entry.term;
        world.begin();
        for (final Op op : entry.ops)
        {
            switch (op.kind)
            {
                case PUT -> world.put(op.key, op.value, op.number);
                case DELETE -> world.delete(op.key);
                case COMPACT -> world.store.compact(op.number);
                case SYSTEM_PUT -> world.putSystem((byte)op.number, op.key, op.value);
                default -> world.deleteSystem((byte)op.number, op.key);
            }
        }
        world.end();
    }

    byte[] key()
    {
        final int number = random.nextInt(keyCount);
        return StoreWorld.bytes((number % 3 == 0 ? "/registry/pods/" : number % 3 == 1 ? "/registry/" : "k") + number);
    }

    private void addWrite(final List<Op> ops)
    {
        final byte[] key = key();
        final int dice = random.nextInt(10);
        if (dice < 6)
        {
            ops.add(new Op(Kind.PUT, key, value(), lease()));
        }
        else if (dice < 9)
        {
            ops.add(new Op(Kind.DELETE, key, null, 0));
        }
        else
        {
            ops.add(new Op(Kind.DELETE, key, null, 0));
            ops.add(new Op(Kind.PUT, key, value(), lease()));
        }
    }

    private long lease()
    {
        return random.nextInt(3) == 0 ? 1 + random.nextInt(3) : 0;
    }

    private byte[] value()
    {
        final byte[] value = new byte[random.nextInt(20) == 0 ? random.nextInt(3000) : random.nextInt(60)];
        random.nextBytes(value);
        return value;
    }
}
