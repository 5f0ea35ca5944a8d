package dev.quorate.core.peer;

/**
 * Layout of an entry within an append, little-endian, one behind the other without gaps.
 * <pre>
 *   0                   8          12     13     16
 *   +-------------------+----------+------+------+----------
 *   | i64 term          | u32      | u8   | zero | payload
 *   |                   | length   | type |      |
 *   +-------------------+----------+------+------+----------
 * </pre>
 */
final class EntryPartDescriptor
{
    /** Offset of the entry's term. */
    static final int TERM_OFFSET = 0;
    /** Offset of the payload's length, bytes. */
    static final int LENGTH_OFFSET = 8;
    /** Offset of the type with the three zero bytes behind it, read and written as one i32. */
    static final int TYPE_OFFSET = 12;
    /** Length before the payload, bytes. */
    static final int HEADER_LENGTH = 16;

    private EntryPartDescriptor()
    {
    }
}
