package dev.quorate.core.store.index;

/**
 * The values of one entry, and how they are packed. The word is {@code (LP / 8) << 8 | flags}; {@code verLen} holds the
 * version in 36 bits, the frame length in units of 8 bytes in 22 and the chain ordinal in 6.
 * <p>
 * Owner: the writer.
 */
final class Row
{
    private static final int ORDINAL_BITS = 6;
    private static final int FRAME_BITS = 22;
    private static final int VERSION_BITS = 36;
    private static final long LP_MAX = (1L << 59) - 8;

    long word;
    long create;
    long mod;
    long verLen;
    long lease;
    long skipLp;

    static long word(final long lp, final int flags)
    {
        if ((lp & 7) != 0 || lp < 0 || lp > LP_MAX || (flags & ~0xFF) != 0)
        {
            throw new IllegalStateException("no word can hold position " + lp + " and flags " + flags);
        }

        return lp << 5 | flags;
    }

    static long lp(final long word)
    {
        return word >>> 8 << 3;
    }

    static long verLen(final long version, final int frameLength, final int ordinal)
    {
        if (version < 0 || version >>> VERSION_BITS != 0 || (frameLength & 7) != 0 || frameLength < 0 ||
            frameLength >>> FRAME_BITS + 3 != 0 || ordinal < 0 || ordinal >>> ORDINAL_BITS != 0)
        {
            throw new IllegalStateException("no entry can hold version " + version + ", frame length " + frameLength +
                " and chain ordinal " + ordinal);
        }

        return version << FRAME_BITS + ORDINAL_BITS | (long)(frameLength >>> 3) << ORDINAL_BITS | ordinal;
    }

    static long version(final long verLen)
    {
        return verLen >>> FRAME_BITS + ORDINAL_BITS;
    }

    static int frameLength(final long verLen)
    {
        return (int)(verLen >>> ORDINAL_BITS & (1 << FRAME_BITS) - 1) << 3;
    }

    static int ordinal(final long verLen)
    {
        return (int)verLen & (1 << ORDINAL_BITS) - 1;
    }
}
