package dev.quorate.core.log;

/**
 * Layout of a segment file: one header page, then frames. The header fits one 512-byte sector; the rest of its page is
 * zero. An unused segment has a header of zeros.
 * <pre>
 *     0  int64  magic            8  int32  version          12  int32  CRC32C over bytes 16 to 88
 *    16  int64  cluster id      24  int64  store id         32  int64  sequence
 *    40  int64  base position   48  int64  base index       56  int64  base term
 *    64  int32  chain CRC of the frame before the first     68  int32  length of the file
 *    72  int64  watermark when the header was written       80  int64  commit index when the header was written
 * </pre>
 */
final class SegmentDescriptor
{
    /** "QUORLOG1" as bytes in file order. */
    static final long MAGIC = 0x31474F4C524F5551L;
    static final int VERSION = 1;
    static final int PAGE_LENGTH = 4096;
    /** The first frame. */
    static final int FIRST_FRAME_OFFSET = PAGE_LENGTH;

    static final int MAGIC_OFFSET = 0;
    static final int VERSION_OFFSET = 8;
    static final int CRC_OFFSET = 12;
    static final int CLUSTER_ID_OFFSET = 16;
    static final int STORE_ID_OFFSET = 24;
    static final int SEQUENCE_OFFSET = 32;
    static final int BASE_POSITION_OFFSET = 40;
    static final int BASE_INDEX_OFFSET = 48;
    static final int BASE_TERM_OFFSET = 56;
    static final int CHAIN_CRC_OFFSET = 64;
    static final int FILE_LENGTH_OFFSET = 68;
    static final int WATERMARK_OFFSET = 72;
    static final int COMMIT_INDEX_OFFSET = 80;
    static final int HEADER_LENGTH = 88;

    /** Name of the segment in reserve, unless that was used before and keeps its name. */
    static final String RESERVE_NAME = "reserve";

    private static final String SUFFIX = ".seg";
    private static final int DIGITS = 16;

    private SegmentDescriptor()
    {
    }

    static String fileName(final long sequence)
    {
        final StringBuilder name = new StringBuilder(DIGITS + SUFFIX.length());
        for (int shift = 60; shift >= 0; shift -= 4)
        {
            name.append(Character.forDigit((int)(sequence >>> shift) & 15, 16));
        }

        return name.append(SUFFIX).toString();
    }

    /**
     * @return the sequence in a file name; -1 if it is not the name of a segment.
     */
    static long sequenceOf(final String fileName)
    {
        if (fileName.length() != DIGITS + SUFFIX.length() || !fileName.endsWith(SUFFIX))
        {
            return -1;
        }
        long sequence = 0;
        for (int i = 0; i < DIGITS; i++)
        {
            final int digit = Character.digit(fileName.charAt(i), 16);
            if (digit < 0)
            {
                return -1;
            }
            sequence = sequence << 4 | digit;
        }

        return sequence;
    }
}
