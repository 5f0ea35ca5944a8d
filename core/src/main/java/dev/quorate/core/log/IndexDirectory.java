package dev.quorate.core.log;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;

/**
 * Position of the frame of each live entry. The consensus thread writes; any thread reads an index at or below one that
 * was published to it (appended position, commit index: released after the position was stored, acquired by the
 * reader). Chunks of dropped indices are used again, so a reader checks the index in the frame that it finds.
 */
final class IndexDirectory
{
    private static final VarHandle TABLE;
    private static final VarHandle ELEMENT = MethodHandles.arrayElementVarHandle(long[].class);
    private static final int CHUNK_SHIFT = 13;
    private static final int CHUNK_LENGTH = 1 << CHUNK_SHIFT;
    private static final int CHUNK_MASK = CHUNK_LENGTH - 1;
    private static final int INITIAL_CHUNKS = 16;
    /** What a retention gives back at once is taken again by the entries that follow: 1 MiB. */
    private static final int FREE_CHUNKS = 16;

    static
    {
        try
        {
            TABLE = MethodHandles.lookup().findVarHandle(IndexDirectory.class, "table", long[][].class);
        }
        catch (final ReflectiveOperationException ex)
        {
            throw new ExceptionInInitializerError(ex);
        }
    }

    private final long[][] free = new long[FREE_CHUNKS][];
    private int freeCount;
    private long firstChunk;
    private long endChunk;
    @SuppressWarnings("FieldMayBeFinal")
    private volatile long[][] table = new long[INITIAL_CHUNKS][];

    /**
     * Forgets everything and expects {@code firstIndex} next.
     */
    void reset(final long firstIndex)
    {
        final long[][] chunks = table;
        while (endChunk > firstChunk)
        {
            release(chunks, firstChunk++);
        }
        firstChunk = firstIndex >>> CHUNK_SHIFT;
        endChunk = firstChunk;
    }

    /**
     * Stores the position of an index that is next, was cut, or lies one chunk before the first.
     */
    void put(final long index, final long position)
    {
        final long number = index >>> CHUNK_SHIFT;
        if (number >= endChunk || number < firstChunk)
        {
            add(number);
        }
        final long[][] chunks = table;
        ELEMENT.setOpaque(chunks[(int)number & chunks.length - 1], (int)index & CHUNK_MASK, position);
    }

    /**
     * Forgets the chunks wholly below an index.
     */
    void dropBelow(final long index)
    {
        final long number = Math.min(index >>> CHUNK_SHIFT, endChunk);
        final long[][] chunks = table;
        while (firstChunk < number)
        {
            release(chunks, firstChunk++);
        }
    }

    /**
     * @return the position; -1 if the index was dropped meanwhile. Pairs with the release of the index by the writer.
     */
    long position(final long index)
    {
        final long number = index >>> CHUNK_SHIFT;
        final long[][] chunks = (long[][])TABLE.getAcquire(this);
        final long[] chunk = chunks[(int)number & chunks.length - 1];

        return chunk == null ? -1 : (long)ELEMENT.getOpaque(chunk, (int)index & CHUNK_MASK);
    }

    private void add(final long number)
    {
        if (number > endChunk || number < firstChunk - 1)
        {
            throw new IllegalStateException("chunk " + number + " does not follow " + firstChunk + " to " + endChunk);
        }
        long[][] chunks = table;
        if (endChunk - firstChunk == chunks.length)
        {
            chunks = grow(chunks);
        }
        final long[] chunk = freeCount > 0 ? free[--freeCount] : new long[CHUNK_LENGTH];
        chunks[(int)number & chunks.length - 1] = chunk;
        firstChunk = Math.min(firstChunk, number);
        endChunk = Math.max(endChunk, number + 1);
        // pairs with the acquire in position()
        TABLE.setRelease(this, chunks);
    }

    private long[][] grow(final long[][] chunks)
    {
        final long[][] larger = new long[chunks.length * 2][];
        for (long number = firstChunk; number < endChunk; number++)
        {
            larger[(int)number & larger.length - 1] = chunks[(int)number & chunks.length - 1];
        }

        return larger;
    }

    private void release(final long[][] chunks, final long number)
    {
        final int slot = (int)number & chunks.length - 1;
        if (freeCount < free.length)
        {
            Arrays.fill(chunks[slot], -1L);
            free[freeCount++] = chunks[slot];
        }
        chunks[slot] = null;
    }
}
