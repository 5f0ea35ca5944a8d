package dev.quorate.core.store;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.zip.CRC32C;

/**
 * What the store must answer, computed the slow way: every version of every key, compaction by the book, and etcd's
 * hash
 * by its own rules over generations.
 */
final class StoreModel
{
    record Version(
        byte[] key, long main, int sub, boolean isTombstone, long create, long version, byte[] value, long lease)
    {
        byte[] body()
        {
            final ByteArrayOutputStream out = new ByteArrayOutputStream();
            bytes(out, 0x0A, key);
            if (!isTombstone)
            {
                number(out, 0x10, create);
                number(out, 0x18, main);
                number(out, 0x20, version);
                bytes(out, 0x2A, value);
                number(out, 0x30, lease);
            }
            return out.toByteArray();
        }
    }

    final TreeMap<byte[], List<Version>> keys = new TreeMap<>(Arrays::compareUnsigned);
    final List<Version> backend = new ArrayList<>();
    long revision = 1;
    long compactRevision = -1;
    private long entryMain;
    private int sub;

    void begin()
    {
        entryMain = revision + 1;
        sub = 0;
    }

    void put(final byte[] key, final byte[] value, final long lease)
    {
        final Version last = newest(key, Long.MAX_VALUE);
        final boolean isAlive = last != null && !last.isTombstone;
        add(new Version(key, entryMain, sub++, false, isAlive ? last.create : entryMain,
            isAlive ? last.version + 1 : 1, value, lease));
    }

    boolean delete(final byte[] key)
    {
        final Version last = newest(key, Long.MAX_VALUE);
        if (last == null || last.isTombstone)
        {
            return false;
        }
        add(new Version(key, entryMain, sub++, true, 0, 0, new byte[0], 0));
        return true;
    }

    void end()
    {
        revision = sub > 0 ? entryMain : revision;
    }

    void compact(final long at)
    {
        compactRevision = at;
        backend.removeIf((record) -> record.main <= at && !isRetained(record, at));
    }

    boolean isRetained(final Version record, final long at)
    {
        return newest(record.key, at) == record && !(record.isTombstone && record.main < at);
    }

    Version newest(final byte[] key, final long at)
    {
        Version found = null;
        for (final Version version : keys.getOrDefault(key, List.of()))
        {
            found = version.main <= at ? version : found;
        }
        return found;
    }

    Version alive(final byte[] key, final long at)
    {
        final Version found = newest(key, at);
        return found == null || found.isTombstone ? null : found;
    }

    List<Version> range(final byte[] from, final byte[] end, final long at)
    {
        final List<Version> range = new ArrayList<>();
        for (final byte[] key : keys.tailMap(from, true).keySet())
        {
            final boolean isIn = end.length == 0 ? Arrays.equals(key, from) :
                end.length == 1 && end[0] == 0 || Arrays.compareUnsigned(key, end) < 0;
            final Version version = isIn ? alive(key, at) : null;
            if (version != null)
            {
                range.add(version);
            }
        }
        return range;
    }

    List<Version> events(final long from)
    {
        final List<Version> events = new ArrayList<>();
        for (final Version version : backend)
        {
            if (version.main >= from)
            {
                events.add(version);
            }
        }
        return events;
    }

    TreeSet<byte[]> leaseKeys(final long lease)
    {
        final TreeSet<byte[]> attached = new TreeSet<>(Arrays::compareUnsigned);
        for (final byte[] key : keys.keySet())
        {
            final Version version = alive(key, Long.MAX_VALUE);
            if (version != null && version.lease == lease)
            {
                attached.add(key);
            }
        }
        return attached;
    }

    /** The hash at a revision on top of what is compacted now. */
    int hashKv(final long at)
    {
        final TreeSet<String> keep = new TreeSet<>();
        final TreeSet<String> recreatedAtCompaction = new TreeSet<>();
        for (final List<Version> versions : keys.values())
        {
            final Version kept = keptByGenerations(versions, at);
            if (kept != null)
            {
                keep.add(id(kept));
            }
            final Version last = newest(versions.get(0).key, at);
            if (at == compactRevision && last != null && !last.isTombstone && last != kept)
            {
                // etcd itself breaks here; the newest version stays
                recreatedAtCompaction.add(id(last));
            }
        }
        return hash(at, compactRevision, keep, recreatedAtCompaction);
    }

    /** The hash that the compaction stores, to be asked before it is made. */
    int hashOfCompaction(final long at)
    {
        final TreeSet<String> keep = new TreeSet<>();
        for (final Version record : backend)
        {
            if (record.main <= at && isRetained(record, at))
            {
                keep.add(id(record));
            }
        }
        return hash(at, compactRevision, keep, new TreeSet<>());
    }

    private int hash(final long at, final long compact, final TreeSet<String> keep, final TreeSet<String> alsoKept)
    {
        final CRC32C crc = new CRC32C();
        crc.update(new byte[]{'k', 'e', 'y'});
        for (final Version record : backend)
        {
            final boolean isFiltered = record.main <= compact && !keep.isEmpty() && !keep.contains(id(record)) &&
                !alsoKept.contains(id(record));
            if (record.main > at || isFiltered || record.main == compact && record.isTombstone)
            {
                continue;
            }
            final ByteBuffer key = ByteBuffer.allocate(record.isTombstone ? 18 : 17);
            key.putLong(record.main).put((byte)'_').putLong(record.sub);
            if (record.isTombstone)
            {
                key.put((byte)'t');
            }
            crc.update(key.array());
            crc.update(record.body());
        }
        return (int)crc.getValue();
    }

    private static Version keptByGenerations(final List<Version> versions, final long at)
    {
        Version kept = null;
        for (final Version version : versions)
        {
            kept = version.main <= at ? version : kept;
            if (version.isTombstone)
            {
                if (version.main >= at)
                {
                    return kept == version ? null : kept;
                }
                kept = null;
            }
        }
        return kept;
    }

    private static String id(final Version version)
    {
        return version.main + "_" + version.sub;
    }

    private void add(final Version version)
    {
        keys.computeIfAbsent(version.key, (key) -> new ArrayList<>()).add(version);
        backend.add(version);
    }

    private static void bytes(final ByteArrayOutputStream out, final int tag, final byte[] bytes)
    {
        if (bytes.length > 0)
        {
            number(out, tag, bytes.length);
            out.writeBytes(bytes);
        }
    }

    private static void number(final ByteArrayOutputStream out, final int tag, final long number)
    {
        if (number == 0)
        {
            return;
        }
        out.write(tag);
        long rest = number;
        while ((rest & ~0x7FL) != 0)
        {
            out.write((int)(rest & 0x7F | 0x80));
            rest >>>= 7;
        }
        out.write((int)rest);
    }
}
