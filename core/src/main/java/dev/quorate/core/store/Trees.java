package dev.quorate.core.store;

import dev.quorate.core.store.index.EpochRegistry;
import dev.quorate.core.store.index.IndexArena;
import dev.quorate.core.store.index.KeyIndex;
import dev.quorate.core.store.index.PurgeBatch;
import org.agrona.DirectBuffer;
import org.agrona.ExpandableArrayBuffer;

import java.nio.ByteOrder;

/**
 * The trees over the stream: keys, keys by lease ({@code leaseId} big-endian, then the key), and system rows (kind,
 * then
 * the key). Changed by apply and, before it starts, by recovery.
 */
final class Trees
{
    final EpochRegistry epochs = new EpochRegistry();
    final IndexArena arena;
    final KeyIndex keys;
    final KeyIndex leases;
    final KeyIndex system;
    long liveKeys;

    private final ExpandableArrayBuffer scratch = new ExpandableArrayBuffer(512);

    Trees(final long maxBytes)
    {
        arena = new IndexArena(epochs, maxBytes);
        keys = new KeyIndex(arena, true);
        leases = new KeyIndex(arena, false);
        system = new KeyIndex(arena, false);
    }

    /** @return flags of the word of a record. */
    static int flags(final boolean isTombstone, final long lease, final long skipLp)
    {
        return (isTombstone ? KeyIndex.FLAG_TOMBSTONE : 0) | (0 != lease ? KeyIndex.FLAG_LEASED : 0) |
            (RecordDescriptor.NULL_LP != skipLp ? KeyIndex.FLAG_LONG_CHAIN : 0);
    }

    /** The index has just looked the key up; stores its newest version or tombstone and moves its lease. */
    void store(
        final DirectBuffer key,
        final int offset,
        final int length,
        final long lp,
        final boolean isTombstone,
        final long create,
        final long mod,
        final long version,
        final int frameLength,
        final int chainOrdinal,
        final long lease,
        final long skipLp,
        final boolean wasAlive,
        final long oldLease)
    {
        keys.put(
            key, offset, length, lp, flags(isTombstone, lease, skipLp), create, mod, version, frameLength, chainOrdinal,
            lease, skipLp);
        if (wasAlive != !isTombstone)
        {
            liveKeys += isTombstone ? -1 : 1;
        }
        if (oldLease != lease)
        {
            if (0 != oldLease)
            {
                leases.remove(leaseKey(oldLease, key, offset, length), 0, length + 8);
            }
            if (0 != lease)
            {
                leases.put(leaseKey(lease, key, offset, length), 0, length + 8, 0, 0);
            }
        }
    }

    /** Recovery: takes out all tombstones of a batch and empties it. */
    void purge(final PurgeBatch batch)
    {
        batch.sort();
        while (!batch.isDone())
        {
            keys.purge(batch, Integer.MAX_VALUE);
        }
        batch.clear();
    }

    /** Recovery: a key that is alive belongs to a lease. */
    void attach(final long lease, final DirectBuffer key, final int offset, final int length)
    {
        leases.put(leaseKey(lease, key, offset, length), 0, length + 8, 0, 0);
    }

    boolean findSystem(final byte kind, final DirectBuffer key, final int offset, final int length)
    {
        return system.find(systemKey(kind, key, offset, length), 0, length + 1);
    }

    void putSystem(final byte kind, final DirectBuffer key, final int offset, final int length, final long lp)
    {
        system.put(systemKey(kind, key, offset, length), 0, length + 1, lp, 0);
    }

    void removeSystem(final byte kind, final DirectBuffer key, final int offset, final int length)
    {
        system.remove(systemKey(kind, key, offset, length), 0, length + 1);
    }

    private DirectBuffer leaseKey(final long lease, final DirectBuffer key, final int offset, final int length)
    {
        scratch.putLong(0, lease, ByteOrder.BIG_ENDIAN);
        scratch.putBytes(8, key, offset, length);
        return scratch;
    }

    private DirectBuffer systemKey(final byte kind, final DirectBuffer key, final int offset, final int length)
    {
        scratch.putByte(0, kind);
        scratch.putBytes(1, key, offset, length);
        return scratch;
    }
}
