package dev.quorate.core.store;

import org.agrona.BitUtil;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

/**
 * Layout of one frame of the record stream: little-endian, 8-byte aligned, 48 bytes of header.
 * <pre>
 *  0 u32 frameLength (header, body, padding)    4 u32 crc32c over bytes 8..frameLength
 *  8 i64 lp      16 i64 mainRevision            24 i64 prevLp (-1: none)
 * 32 u32 subRevision                            36 u32 prevFrameLength / 8
 * 40 u8 kind    41 u8 flags    42 u8 chainOrdinal (0..63)    43 u8 paddingBytes    44 u32 reserved, 0
 * 48 i64 skipLp, only with FLAG_LONG_CHAIN; then the body
 * </pre>
 * Bodies: PUT is {@code mvccpb.KeyValue}, TOMBSTONE a {@code KeyValue} with nothing but the key; system kinds are a u32
 * key length, the key and the payload; MARK and COMPACT are described at {@code StreamWriter}.
 */
public final class RecordDescriptor
{
    /** Length of the header, bytes. */
    public static final int HEADER_LENGTH = 48;
    /** Frames begin at multiples of this, bytes. */
    public static final int ALIGNMENT = 8;
    /** No version before this one. */
    public static final long NULL_LP = -1;
    /** Longest frame, bytes. */
    public static final int MAX_FRAME_LENGTH = 32 * 1024 * 1024 - 8;

    /** A version of a key with its value. */
    public static final byte PUT = 1;
    /** A deletion of a key. */
    public static final byte TOMBSTONE = 2;
    /** Where the stream stood after an entry, for comparing members. */
    public static final byte MARK = 3;
    /** A compaction took logical effect. */
    public static final byte COMPACT = 4;
    /** System row: a lease. */
    public static final byte LEASE = 5;
    /** System row: users, roles, the auth switch and revision. */
    public static final byte AUTH = 6;
    /** System row: a raised alarm. */
    public static final byte ALARM = 7;
    /** System row: a member of the directory. */
    public static final byte MEMBER = 8;
    /** System row: cluster version, downgrade and the like. */
    public static final byte CLUSTER = 9;

    /** The previous version was a tombstone. */
    public static final byte FLAG_PREV_WAS_TOMBSTONE = 1;
    /** The version is attached to a lease. */
    public static final byte FLAG_LEASED = 2;
    /** The header is followed by a skip link. */
    public static final byte FLAG_LONG_CHAIN = 4;
    /** A system row was deleted. */
    public static final byte FLAG_SYSTEM_DELETED = 8;

    static final int FRAME_LENGTH_OFFSET = 0;
    static final int CRC_OFFSET = 4;
    static final int LP_OFFSET = 8;
    static final int MAIN_REVISION_OFFSET = 16;
    static final int PREV_LP_OFFSET = 24;
    static final int SUB_REVISION_OFFSET = 32;
    static final int PREV_FRAME_LENGTH_OFFSET = 36;
    static final int KIND_OFFSET = 40;
    static final int FLAGS_OFFSET = 41;
    static final int CHAIN_ORDINAL_OFFSET = 42;
    static final int PADDING_OFFSET = 43;
    static final int RESERVED_OFFSET = 44;
    static final int SKIP_LP_OFFSET = 48;


    private RecordDescriptor()
    {
    }

    /**
     * @param bodyLength of a record, bytes.
     * @param hasSkip    true if it carries a skip link.
     * @return length of its frame, bytes.
     */
    public static int frameLength(final int bodyLength, final boolean hasSkip)
    {
        return BitUtil.align(HEADER_LENGTH + (hasSkip ? 8 : 0) + bodyLength, ALIGNMENT);
    }

    static int frameLength(final DirectBuffer frame, final int offset)
    {
        return frame.getInt(offset + FRAME_LENGTH_OFFSET, LITTLE_ENDIAN);
    }

    static int crc(final DirectBuffer frame, final int offset)
    {
        return frame.getInt(offset + CRC_OFFSET, LITTLE_ENDIAN);
    }

    static long lp(final DirectBuffer frame, final int offset)
    {
        return frame.getLong(offset + LP_OFFSET, LITTLE_ENDIAN);
    }

    static long mainRevision(final DirectBuffer frame, final int offset)
    {
        return frame.getLong(offset + MAIN_REVISION_OFFSET, LITTLE_ENDIAN);
    }

    static long prevLp(final DirectBuffer frame, final int offset)
    {
        return frame.getLong(offset + PREV_LP_OFFSET, LITTLE_ENDIAN);
    }

    static int subRevision(final DirectBuffer frame, final int offset)
    {
        return frame.getInt(offset + SUB_REVISION_OFFSET, LITTLE_ENDIAN);
    }

    static int prevFrameLength(final DirectBuffer frame, final int offset)
    {
        return frame.getInt(offset + PREV_FRAME_LENGTH_OFFSET, LITTLE_ENDIAN) << 3;
    }

    static byte kind(final DirectBuffer frame, final int offset)
    {
        return frame.getByte(offset + KIND_OFFSET);
    }

    static byte flags(final DirectBuffer frame, final int offset)
    {
        return frame.getByte(offset + FLAGS_OFFSET);
    }

    static int chainOrdinal(final DirectBuffer frame, final int offset)
    {
        return frame.getByte(offset + CHAIN_ORDINAL_OFFSET);
    }

    static long skipLp(final DirectBuffer frame, final int offset)
    {
        return 0 == (flags(frame, offset) & FLAG_LONG_CHAIN) ?
            NULL_LP : frame.getLong(offset + SKIP_LP_OFFSET, LITTLE_ENDIAN);
    }

    static int bodyOffset(final DirectBuffer frame, final int offset)
    {
        return offset + (0 == (flags(frame, offset) & FLAG_LONG_CHAIN) ? HEADER_LENGTH : HEADER_LENGTH + 8);
    }

    static int bodyLength(final DirectBuffer frame, final int offset)
    {
        return offset + frameLength(frame, offset) - frame.getByte(offset + PADDING_OFFSET) - bodyOffset(frame, offset);
    }

    static boolean isKeyRecord(final byte kind)
    {
        return PUT == kind || TOMBSTONE == kind;
    }

    static boolean isSystem(final byte kind)
    {
        return kind >= LEASE && kind <= CLUSTER;
    }

    /** True for what takes a key or a system row away. */
    static boolean isDeletion(final DirectBuffer frame, final int offset)
    {
        return TOMBSTONE == kind(frame, offset) || 0 != (flags(frame, offset) & FLAG_SYSTEM_DELETED);
    }

    static void encodeHeader(
        final MutableDirectBuffer frame,
        final int offset,
        final int frameLength,
        final long lp,
        final long main,
        final int sub,
        final long prevLp,
        final int prevFrameLength,
        final byte kind,
        final byte flags,
        final int chainOrdinal,
        final int bodyLength,
        final long skipLp)
    {
        final int skipLength = 0 == (flags & FLAG_LONG_CHAIN) ? 0 : 8;
        final int padding = frameLength - HEADER_LENGTH - skipLength - bodyLength;
        frame.putInt(offset + FRAME_LENGTH_OFFSET, frameLength, LITTLE_ENDIAN);
        frame.putLong(offset + LP_OFFSET, lp, LITTLE_ENDIAN);
        frame.putLong(offset + MAIN_REVISION_OFFSET, main, LITTLE_ENDIAN);
        frame.putLong(offset + PREV_LP_OFFSET, prevLp, LITTLE_ENDIAN);
        frame.putInt(offset + SUB_REVISION_OFFSET, sub, LITTLE_ENDIAN);
        frame.putInt(offset + PREV_FRAME_LENGTH_OFFSET, prevFrameLength >>> 3, LITTLE_ENDIAN);
        frame.putByte(offset + KIND_OFFSET, kind);
        frame.putByte(offset + FLAGS_OFFSET, flags);
        frame.putByte(offset + CHAIN_ORDINAL_OFFSET, (byte)chainOrdinal);
        frame.putByte(offset + PADDING_OFFSET, (byte)padding);
        frame.putInt(offset + RESERVED_OFFSET, 0, LITTLE_ENDIAN);
        if (0 != skipLength)
        {
            frame.putLong(offset + SKIP_LP_OFFSET, skipLp, LITTLE_ENDIAN);
        }
        for (int i = offset + frameLength - padding; i < offset + frameLength; i++)
        {
            frame.putByte(i, (byte)0);
        }
    }

    static void putCrc(final MutableDirectBuffer frame, final int offset, final int crc)
    {
        frame.putInt(offset + CRC_OFFSET, crc, LITTLE_ENDIAN);
    }

    /** The running hash of the stream after one more record. */
    static long streamHash(final long hash, final long lp, final int crc)
    {
        final long mixed = hash ^ (lp * 0x9E3779B97F4A7C15L + (crc & 0xFFFF_FFFFL));
        return Long.rotateLeft(mixed, 27) * 0xBF58476D1CE4E5B9L + 0x94D049BB133111EBL;
    }
}
