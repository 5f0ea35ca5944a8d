package dev.quorate.core.entry;

/**
 * Layout of an entry. Little endian.
 * <pre>
 *     0  int64  index
 *     8  int64  term
 *    16  int32  type
 *    20  int32  payload length
 *    24  int32  CRC32C over index, term, type, payload length and payload
 *    28  int32  reserved, 0
 *    32  payload
 * </pre>
 */
public final class EntryDescriptor
{
    /** Offset of the index. */
    public static final int INDEX_OFFSET = 0;
    /** Offset of the term. */
    public static final int TERM_OFFSET = 8;
    /** Offset of the type, one of {@code RaftLogAccess}. */
    public static final int TYPE_OFFSET = 16;
    /** Offset of the length of the payload, bytes. */
    public static final int PAYLOAD_LENGTH_OFFSET = 20;
    /** Offset of the checksum, which covers what is before it and the payload. */
    public static final int CHECKSUM_OFFSET = 24;
    /** Offset of four bytes that are zero. */
    public static final int RESERVED_OFFSET = 28;
    /** Offset of the payload. */
    public static final int PAYLOAD_OFFSET = 32;
    /** Length of all before the payload. */
    public static final int HEADER_LENGTH = PAYLOAD_OFFSET;

    private EntryDescriptor()
    {
    }
}
