package dev.quorate.core.store.index;

import java.util.Arrays;

/**
 * Blocks of native memory cut from chunks of 4 MiB. A block is a multiple of 64 bytes up to 8 KiB and a power of two
 * above; above 1 MiB it has a chunk of its own. Freed neighbours grow together, so that a tree that shrank can grow
 * again in other block sizes. Chunks stay mapped until {@link #close()}.
 * <p>
 * A chunk is aligned to its size and begins with two bit maps over its 64-byte granules: where free blocks begin and
 * where they end. A free block holds its links and length at both ends; its first 16 bytes keep the mark of the dead.
 * <p>
 * Owner: one thread.
 */
final class BlockHeap
{
    /** Bytes of a chunk. */
    static final long CHUNK_BYTES = 4L << 20;
    /** What a freed block carries where a node has its magic. */
    static final int DEAD_MAGIC = 0xDEDE;

    private static final long REGION_CHUNKS = 8;
    private static final int GRANULE_SHIFT = 6;
    private static final int FINE_GRANULES = 128;
    private static final long BITMAP_BYTES = CHUNK_BYTES >>> (GRANULE_SHIFT + 3);
    private static final long FIRST_BLOCK = 2 * BITMAP_BYTES;
    private static final long LARGEST_IN_CHUNK = CHUNK_BYTES >>> 2;
    private static final int BINS = 192;

    private static final int MAGIC_OFFSET = 10;
    private static final int NEXT_OFFSET = 16;
    private static final int PREVIOUS_OFFSET = 24;
    private static final int LENGTH_OFFSET = 32;

    private final long maxBytes;
    private final boolean poison;
    private final long[] binHeads = new long[BINS];
    private final long[] binBits = new long[BINS / Long.SIZE];

    private long[] regions = new long[4];
    private int regionCount;
    private long nextChunk;
    private long chunksLeft;
    private long[] own = new long[0];
    private long[] ownBytes = new long[0];
    private boolean[] ownFree = new boolean[0];
    private long reservedBytes;
    private long usedBytes;

    BlockHeap(final long maxBytes, final boolean poison)
    {
        if (maxBytes < CHUNK_BYTES)
        {
            throw new IllegalArgumentException("an index arena needs at least " + CHUNK_BYTES + " bytes: " + maxBytes);
        }
        this.maxBytes = maxBytes;
        this.poison = poison;
    }

    void close()
    {
        for (int i = 0; i < regionCount; i++)
        {
            Memory.release(regions[i]);
        }
        regionCount = 0;
        chunksLeft = 0;
        Arrays.fill(binHeads, 0);
        Arrays.fill(binBits, 0);
        own = new long[0];
        ownFree = new boolean[0];
        reservedBytes = 0;
        usedBytes = 0;
    }

    long reservedBytes()
    {
        return reservedBytes;
    }

    long usedBytes()
    {
        return usedBytes;
    }

    /** @return the bytes of the block that holds so many. */
    static long blockBytes(final long bytes)
    {
        final long rounded = Math.max(64, bytes + 63 & -64L);
        return rounded <= FINE_GRANULES << GRANULE_SHIFT ? rounded : Long.highestOneBit(rounded - 1) << 1;
    }

    long allocate(final long bytes)
    {
        final long length = blockBytes(bytes);
        final long address = length > LARGEST_IN_CHUNK ? allocateOwn(length) : allocateInChunk(length);
        usedBytes += length;

        return address;
    }

    void free(final long address, final long bytes)
    {
        final long length = blockBytes(bytes);
        if (poison)
        {
            Memory.fill(address, length, 0xDE);
        }
        Memory.u16(address + MAGIC_OFFSET, DEAD_MAGIC);
        usedBytes -= length;
        if (length > LARGEST_IN_CHUNK)
        {
            freeOwn(address);
        }
        else
        {
            freeInChunk(address, length);
        }
    }

    private long allocateInChunk(final long length)
    {
        int bin = firstBin(binOf(length));
        if (bin < 0)
        {
            addChunk();
            bin = firstBin(binOf(length));
        }

        final long address = binHeads[bin];
        final long found = Memory.i64(address + LENGTH_OFFSET);
        if (found < length || Memory.u16(address + MAGIC_OFFSET) != DEAD_MAGIC)
        {
            throw new IllegalStateException("free block " + address + " was written to: length " + found);
        }
        unlink(address, found);
        if (found > length)
        {
            link(address + length, found - length);
        }

        return address;
    }

    private void freeInChunk(final long address, final long length)
    {
        final long chunk = address & -CHUNK_BYTES;
        long from = address;
        long total = length;
        if (from > chunk + FIRST_BLOCK && isSet(chunk + BITMAP_BYTES, from - 1))
        {
            final long left = Memory.i64(from - Long.BYTES);
            from -= left;
            total += left;
            unlink(from, left);
        }

        final long next = address + length;
        if (next < chunk + CHUNK_BYTES && isSet(chunk, next))
        {
            final long right = Memory.i64(next + LENGTH_OFFSET);
            total += right;
            unlink(next, right);
        }
        link(from, total);
    }

    private void link(final long address, final long length)
    {
        final int bin = binOf(length);
        final long head = binHeads[bin];
        Memory.u16(address + MAGIC_OFFSET, DEAD_MAGIC);
        Memory.i64(address + NEXT_OFFSET, head);
        Memory.i64(address + PREVIOUS_OFFSET, 0);
        Memory.i64(address + LENGTH_OFFSET, length);
        Memory.i64(address + length - Long.BYTES, length);
        if (head != 0)
        {
            Memory.i64(head + PREVIOUS_OFFSET, address);
        }
        binHeads[bin] = address;
        binBits[bin >>> 6] |= 1L << bin;

        final long chunk = address & -CHUNK_BYTES;
        flip(chunk, address);
        flip(chunk + BITMAP_BYTES, address + length - 1);
    }

    private void unlink(final long address, final long length)
    {
        final int bin = binOf(length);
        final long next = Memory.i64(address + NEXT_OFFSET);
        final long previous = Memory.i64(address + PREVIOUS_OFFSET);
        if (previous == 0)
        {
            binHeads[bin] = next;
            if (next == 0)
            {
                binBits[bin >>> 6] &= ~(1L << bin);
            }
        }
        else
        {
            Memory.i64(previous + NEXT_OFFSET, next);
        }
        if (next != 0)
        {
            Memory.i64(next + PREVIOUS_OFFSET, previous);
        }

        final long chunk = address & -CHUNK_BYTES;
        flip(chunk, address);
        flip(chunk + BITMAP_BYTES, address + length - 1);
    }

    /** One bin per block size up to 8 KiB, then one per power of two: every block of a bin serves the bin's least. */
    private static int binOf(final long length)
    {
        final int granules = (int)(length >>> GRANULE_SHIFT);
        return granules <= FINE_GRANULES ? granules : FINE_GRANULES - 6 + (31 - Integer.numberOfLeadingZeros(granules));
    }

    private int firstBin(final int from)
    {
        int word = from >>> 6;
        long bits = binBits[word] & (-1L << from);
        while (bits == 0)
        {
            if (++word == binBits.length)
            {
                return -1;
            }
            bits = binBits[word];
        }

        return (word << 6) + Long.numberOfTrailingZeros(bits);
    }

    private static boolean isSet(final long bitmap, final long address)
    {
        final int granule = (int)((address & CHUNK_BYTES - 1) >>> GRANULE_SHIFT);
        return (Memory.i64(bitmap + (granule >>> 6 << 3)) & 1L << granule) != 0;
    }

    private static void flip(final long bitmap, final long address)
    {
        final int granule = (int)((address & CHUNK_BYTES - 1) >>> GRANULE_SHIFT);
        final long place = bitmap + (granule >>> 6 << 3);
        Memory.i64(place, Memory.i64(place) ^ 1L << granule);
    }

    private void addChunk()
    {
        claim(CHUNK_BYTES);
        if (chunksLeft == 0)
        {
            final long region = reserveRegion((REGION_CHUNKS + 1) * CHUNK_BYTES);
            nextChunk = region + CHUNK_BYTES - 1 & -CHUNK_BYTES;
            chunksLeft = REGION_CHUNKS;
        }

        final long chunk = nextChunk;
        nextChunk += CHUNK_BYTES;
        chunksLeft--;
        Memory.fill(chunk, FIRST_BLOCK, 0);
        link(chunk + FIRST_BLOCK, CHUNK_BYTES - FIRST_BLOCK);
    }

    private long allocateOwn(final long length)
    {
        for (int i = 0; i < own.length; i++)
        {
            if (ownFree[i] && ownBytes[i] == length)
            {
                ownFree[i] = false;
                return own[i];
            }
        }

        claim(length);
        final long address = reserveRegion(length + 64) + 63 & -64L;
        own = Arrays.copyOf(own, own.length + 1);
        ownBytes = Arrays.copyOf(ownBytes, own.length);
        ownFree = Arrays.copyOf(ownFree, own.length);
        own[own.length - 1] = address;
        ownBytes[own.length - 1] = length;

        return address;
    }

    private void freeOwn(final long address)
    {
        for (int i = 0; i < own.length; i++)
        {
            if (own[i] == address && !ownFree[i])
            {
                ownFree[i] = true;
                return;
            }
        }
        throw new IllegalStateException("no block of its own chunk is in use at " + address);
    }

    private void claim(final long bytes)
    {
        if (reservedBytes + bytes > maxBytes)
        {
            throw new IllegalStateException("the index arena is full: " + reservedBytes + " bytes of " + maxBytes +
                " reserved, " + usedBytes + " in use; give it more memory");
        }
        reservedBytes += bytes;
    }

    private long reserveRegion(final long bytes)
    {
        if (regionCount == regions.length)
        {
            regions = Arrays.copyOf(regions, regionCount << 1);
        }
        final long address = Memory.reserve(bytes);
        regions[regionCount++] = address;

        return address;
    }
}
