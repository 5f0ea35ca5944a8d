package dev.quorate.core.session;

import dev.quorate.core.store.RecordView;
import dev.quorate.core.store.RecordViews;
import dev.quorate.core.wire.WireWriter;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.TreeMap;

/**
 * A small model of the revision store: every record is kept for ever, a state is what lies before a bound.
 */
final class ModelState implements StateSource
{
    final List<Rec> records = new ArrayList<>();
    final TreeMap<Long, TreeMap<String, byte[]>> leaseKeys = new TreeMap<>();
    long revision = 1;
    long compacted = -1;
    long dbSize = 4096;
    int pins;
    /** How often a range was counted. */
    int counts;
    /** How many of the next reads a compaction overtakes. */
    int overtaken;
    private final TreeMap<byte[], Rec> newest = new TreeMap<>(Arrays::compareUnsigned);
    private final TreeMap<Long, Long> bounds = new TreeMap<>();
    private int sub;

    record Rec(
        long lp, long main, int sub, byte[] key, byte[] body, long prevLp, boolean prevTombstone, boolean tombstone,
        long create, long version)
    {
    }

    ModelState()
    {
        bounds.put(1L, bound());
    }

    long bound()
    {
        return 8L * (records.size() + 1);
    }

    /** Ends the entry: what was written since the last end is one revision. */
    long end()
    {
        if (sub > 0)
        {
            revision++;
            sub = 0;
            bounds.put(revision, bound());
        }
        return revision;
    }

    /** @return LP of the previous live version, -1 if none. */
    long put(final String key, final String value, final long lease)
    {
        final byte[] bytes = bytes(key);
        final Rec prev = newest.get(bytes);
        final boolean isAlive = prev != null && !prev.tombstone;
        final long create = isAlive ? prev.create : revision + 1;
        final long version = isAlive ? prev.version + 1 : 1;
        final byte[] body = kv(key, create, revision + 1, version, value, lease);
        add(new Rec(bound(), revision + 1, sub, bytes, body, prev == null ? -1 : prev.lp,
            prev != null && prev.tombstone, false, create, version));
        return isAlive ? prev.lp : -1;
    }

    void delete(final String key)
    {
        final byte[] bytes = bytes(key);
        final Rec prev = newest.get(bytes);
        final WireWriter writer = new WireWriter(64, 1 << 20);
        writer.bytes(1, new UnsafeBuffer(bytes), 0, bytes.length);
        add(new Rec(bound(), revision + 1, sub, bytes, World.bytes(writer), prev.lp, false, true, 0, 0));
    }

    static byte[] kv(
        final String key, final long create, final long mod, final long version, final String value, final long lease)
    {
        final WireWriter writer = new WireWriter(64, 1 << 24);
        final byte[] bytes = bytes(key);
        writer.bytes(1, new UnsafeBuffer(bytes), 0, bytes.length);
        writer.varint(2, create);
        writer.varint(3, mod);
        writer.varint(4, version);
        writer.string(5, value);
        writer.varint(6, lease);
        return World.bytes(writer);
    }

    @Override
    public StateReader newReader()
    {
        return new Reader();
    }

    @Override
    public long visibleRevision()
    {
        return revision;
    }

    @Override
    public long compactedRevision()
    {
        return compacted;
    }

    @Override
    public long dbSize()
    {
        return dbSize;
    }

    @Override
    public long dbSizeInUse()
    {
        return dbSize / 2;
    }

    static byte[] bytes(final String text)
    {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private void add(final Rec rec)
    {
        records.add(rec);
        newest.put(rec.key, rec);
        sub++;
    }

    private final class Reader implements StateReader
    {
        private long bound = -1;
        private Iterator<Rec> scan;
        private Rec current;
        private Iterator<byte[]> leaseScan;
        private byte[] leaseKey;

        @Override
        public long pinLatest()
        {
            pin(bounds.get(revision));
            return revision;
        }

        @Override
        public int pinAt(final long at)
        {
            if (at > revision)
            {
                return FUTURE;
            }
            if (at < compacted)
            {
                return COMPACTED;
            }
            pin(bounds.get(at));
            return OK;
        }

        @Override
        public void pinAnswer(final long at)
        {
            pin(at);
        }

        @Override
        public void moveTo(final long at)
        {
            requirePinned();
            bound = at;
        }

        @Override
        public void yieldEpoch()
        {
            requirePinned();
            scan = null;
        }

        @Override
        public void unpin()
        {
            requirePinned();
            bound = -1;
            scan = null;
            pins--;
        }

        @Override
        public boolean isOvertaken()
        {
            requirePinned();
            final boolean isOvertaken = overtaken > 0;
            overtaken -= isOvertaken ? 1 : 0;
            return isOvertaken;
        }

        @Override
        public long currentRevision()
        {
            return revision;
        }

        @Override
        public boolean get(final DirectBuffer key, final int offset, final int length, final RecordView view)
        {
            final Rec rec = state().get(copy(key, offset, length));
            if (rec != null)
            {
                fill(rec, view);
            }
            return rec != null;
        }

        @Override
        public long count(
            final DirectBuffer buffer,
            final int keyOffset,
            final int keyLength,
            final int endOffset,
            final int endLength)
        {
            counts++;
            return select(copy(buffer, keyOffset, keyLength), copy(buffer, endOffset, endLength)).size();
        }

        @Override
        public void scan(
            final DirectBuffer key,
            final int keyOffset,
            final int keyLength,
            final DirectBuffer end,
            final int endOffset,
            final int endLength)
        {
            scan = select(copy(key, keyOffset, keyLength), copy(end, endOffset, endLength)).iterator();
        }

        @Override
        public boolean next()
        {
            if (!scan.hasNext())
            {
                return false;
            }
            current = scan.next();
            return true;
        }

        @Override
        public DirectBuffer key()
        {
            return new UnsafeBuffer(current.key);
        }

        @Override
        public int keyLength()
        {
            return current.key.length;
        }

        @Override
        public long lp()
        {
            return current.lp;
        }

        @Override
        public void record(final RecordView view)
        {
            fill(current, view);
        }

        @Override
        public void recordAt(final long lp, final RecordView view)
        {
            requirePinned();
            fill(records.get((int)(lp / 8) - 1), view);
        }

        @Override
        public void scanLease(final long leaseId)
        {
            leaseScan = leaseKeys.getOrDefault(leaseId, new TreeMap<>()).values().iterator();
        }

        @Override
        public boolean nextLeaseKey()
        {
            if (leaseScan.hasNext())
            {
                leaseKey = leaseScan.next();
                return true;
            }
            return false;
        }

        @Override
        public DirectBuffer leaseKey()
        {
            return new UnsafeBuffer(leaseKey);
        }

        @Override
        public int leaseKeyOffset()
        {
            return 0;
        }

        @Override
        public int leaseKeyLength()
        {
            return leaseKey.length;
        }

        private void pin(final long at)
        {
            if (bound >= 0)
            {
                throw new IllegalStateException("pinned twice");
            }
            bound = at;
            pins++;
        }

        private void requirePinned()
        {
            if (bound < 0)
            {
                throw new IllegalStateException("not pinned");
            }
        }

        private TreeMap<byte[], Rec> state()
        {
            requirePinned();
            final TreeMap<byte[], Rec> state = new TreeMap<>(Arrays::compareUnsigned);
            for (final Rec rec : records)
            {
                if (rec.lp < bound)
                {
                    if (rec.tombstone)
                    {
                        state.remove(rec.key);
                    }
                    else
                    {
                        state.put(rec.key, rec);
                    }
                }
            }
            return state;
        }

        private List<Rec> select(final byte[] key, final byte[] end)
        {
            final List<Rec> selected = new ArrayList<>();
            for (final Rec rec : state().values())
            {
                final boolean isIn = end.length == 0 ? Arrays.equals(rec.key, key) :
                    Arrays.compareUnsigned(rec.key, key) >= 0 &&
                    (end.length == 1 && end[0] == 0 || Arrays.compareUnsigned(rec.key, end) < 0);
                if (isIn)
                {
                    selected.add(rec);
                }
            }
            return selected;
        }

        private byte[] copy(final DirectBuffer buffer, final int offset, final int length)
        {
            final byte[] copy = new byte[length];
            buffer.getBytes(offset, copy);
            return copy;
        }

        private void fill(final Rec rec, final RecordView view)
        {
            RecordViews.fill(view, new UnsafeBuffer(rec.body), rec.body.length, rec.lp, rec.main, rec.sub, rec.prevLp,
                rec.tombstone, rec.prevTombstone);
        }
    }
}
