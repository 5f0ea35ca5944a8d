package dev.quorate.core.store.index;

import java.util.SplittableRandom;
import org.agrona.concurrent.UnsafeBuffer;

/** Prints bytes per key and nanoseconds per operation for a million Kubernetes-shaped keys, on one thread. */
final class IndexThroughput
{
    private static final int KEYS = 1_000_000;
    private static final int HOT = 1000;
    private static final int ROUNDS = 3;

    private final UnsafeBuffer buffer = new UnsafeBuffer(0, 0);
    private final byte[] key = new byte[128];
    private long lp;
    private long sink;

    private IndexThroughput()
    {
    }

    public static void main(final String[] args)
    {
        final IndexThroughput throughput = new IndexThroughput();
        for (int i = 0; i < ROUNDS; i++)
        {
            throughput.round();
        }
    }

    private void round()
    {
        final EpochRegistry epochs = new EpochRegistry();
        final ReaderSlot slot = epochs.newSlot();
        try (IndexArena arena = new IndexArena(epochs, 1L << 30))
        {
            final KeyIndex index = new KeyIndex(arena, true);
            long keyBytes = 0;
            final long start = System.nanoTime();
            for (int i = 0; i < KEYS; i++)
            {
                final int length = key(i);
                keyBytes += length;
                put(index, length);
                if ((i & 63) == 0)
                {
                    arena.reclaim();
                }
            }
            report("insert, key made", start, KEYS);
            arena.reclaim();
            final TreeChecker shape = TreeChecker.check(index);
            System.out.printf(
                "keys %.1f B, nodes %.1f B/key, used %.1f, reserved %.1f, depth %d, %.1f keys/leaf%n",
                (double)keyBytes / KEYS, (double)shape.bytes() / KEYS, (double)arena.usedBytes() / KEYS,
                (double)arena.reservedBytes() / KEYS, shape.depth(), (double)KEYS / shape.leaves());

            points(index, slot);
            scans(index, slot);
            System.out.println("(" + (sink & 1) + ')');
        }
    }

    private void points(final KeyIndex index, final ReaderSlot slot)
    {
        final SplittableRandom random = new SplittableRandom(1);
        final IndexCursor cursor = index.newCursor(slot);
        long start = System.nanoTime();
        for (int i = 0; i < KEYS; i++)
        {
            sink += key(random.nextInt(KEYS));
        }
        report("making a key", start, KEYS);
        slot.pin(1);
        start = System.nanoTime();
        for (int i = 0; i < KEYS; i++)
        {
            sink += cursor.get(buffer, 0, key(random.nextInt(KEYS))) ? 1 : 0;
        }
        report("random get, key made", start, KEYS);
        start = System.nanoTime();
        for (int i = 0; i < KEYS; i++)
        {
            sink += cursor.get(buffer, 0, key(random.nextInt(HOT))) ? 1 : 0;
        }
        report("hot get, key made", start, KEYS);
        slot.unpin();
        start = System.nanoTime();
        for (int i = 0; i < KEYS; i++)
        {
            put(index, key(random.nextInt(KEYS)));
        }
        report("random update, key made", start, KEYS);
        start = System.nanoTime();
        for (int i = 0; i < KEYS; i++)
        {
            put(index, key(random.nextInt(HOT)));
        }
        report("hot update, key made", start, KEYS);
        start = System.nanoTime();
        for (int i = 0; i < KEYS; i++)
        {
            final int length = key(random.nextInt(HOT));
            sink += index.find(buffer, 0, length) ? index.modRevision() : 0;
            put(index, length);
        }
        report("hot find and update, key made", start, KEYS);
        start = System.nanoTime();
        for (int i = 0; i < KEYS; i++)
        {
            slot.pin(i);
            slot.unpin();
        }
        report("pin and unpin", start, KEYS);
    }

    private void scans(final KeyIndex index, final ReaderSlot slot)
    {
        final IndexCursor cursor = index.newCursor(slot);
        slot.pin(1);
        for (int i = 0; i < ROUNDS; i++)
        {
            final long start = System.nanoTime();
            cursor.seek(buffer, 0, 0);
            while (cursor.next())
            {
                sink += cursor.isTombstone() ? 0 : 1;
            }
            report("count scan", start, KEYS);
        }
        for (int i = 0; i < ROUNDS; i++)
        {
            final long start = System.nanoTime();
            cursor.seek(buffer, 0, 0);
            while (cursor.next())
            {
                sink += cursor.key().getByte(cursor.keyLength() - 1);
            }
            report("scan with key", start, KEYS);
        }
        slot.unpin();
    }

    private void put(final KeyIndex index, final int length)
    {
        lp += 64;
        index.put(buffer, 0, length, lp, 0, lp, lp, 1, 64, 0, 0, KeyIndex.NO_SKIP);
    }

    /** A key of about 64 bytes: registry path, one of 256 namespaces, one of 64 owners, two random parts. */
    private int key(final int number)
    {
        int mixed = number * 0x9E3779B1;
        mixed ^= mixed >>> 15;
        mixed *= 0x85EBCA6B;
        buffer.wrap(key);
        int at = buffer.putStringWithoutLengthAscii(0, "/registry/pods/namespace-");
        at += buffer.putNaturalIntAscii(at, mixed >>> 24);
        at += buffer.putStringWithoutLengthAscii(at, "/deployment-");
        at += buffer.putNaturalIntAscii(at, mixed >>> 18 & 63);
        buffer.putByte(at++, (byte)'-');
        at = hex(at, mixed * 0xC2B2AE35L);
        buffer.putByte(at++, (byte)'-');

        return hex(at, number) - 6;
    }

    private int hex(final int at, final long value)
    {
        for (int i = 0; i < 14; i++)
        {
            buffer.putByte(at + i, (byte)"0123456789abcdef".charAt((int)(value >>> (i << 2)) & 15));
        }

        return at + 14;
    }

    private static void report(final String what, final long start, final int times)
    {
        System.out.printf("%-32s %8.1f ns%n", what, (double)(System.nanoTime() - start) / times);
    }
}
