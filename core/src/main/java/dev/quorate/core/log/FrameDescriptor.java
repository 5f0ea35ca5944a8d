package dev.quorate.core.log;

import dev.quorate.core.entry.EntryDescriptor;
import org.agrona.BitUtil;

/**
 * Layout of a frame. Little endian, 8-byte aligned, never across segments.
 * <pre>
 *   local part, written by each member for itself
 *     0  int32  frame length, local part and payload included; 0 or less: nothing here; stored last, with release
 *     4  int32  local CRC over sequence of the segment, offset, store id, frame length and the rest of the local part
 *     8  int64  watermark: position up to which the log was synced when the frame was written
 *    16  int64  commit index known when the frame was written
 *    24  int32  chain CRC over the chain CRC of the frame before and the entry CRC
 *    28  int32  reserved, 0
 *   entry part, equal on every member: {@link EntryDescriptor}
 *    32  int64  index
 *    40  int64  term
 *    48  int32  type
 *    52  int32  payload length
 *    56  int32  entry CRC over index, term, type, payload length and payload
 *    60  int32  reserved, 0
 *    64  payload, padded to 8 bytes
 * </pre>
 * All CRCs are CRC32C. The local CRC binds the frame to its place, so that it can be judged without the frame before it
 * and so that what a recycled segment still holds is never taken for a frame.
 */
public final class FrameDescriptor
{
    /** Frames begin at multiples of this, bytes. */
    public static final int ALIGNMENT = 8;
    /** Offset of the frame length. */
    public static final int LENGTH_OFFSET = 0;
    /** Offset of the CRC of the local part. */
    public static final int LOCAL_CRC_OFFSET = 4;
    /** Offset of the watermark. */
    public static final int WATERMARK_OFFSET = 8;
    /** Offset of the commit index. */
    public static final int COMMIT_INDEX_OFFSET = 16;
    /** Offset of the chain CRC. */
    public static final int CHAIN_CRC_OFFSET = 24;
    /** Offset of the entry part, which begins with the index. */
    public static final int ENTRY_OFFSET = 32;
    /** Offset of the index. */
    public static final int INDEX_OFFSET = ENTRY_OFFSET;
    /** Offset of the term. */
    public static final int TERM_OFFSET = ENTRY_OFFSET + EntryDescriptor.TERM_OFFSET;
    /** Offset of the type. */
    public static final int TYPE_OFFSET = ENTRY_OFFSET + EntryDescriptor.TYPE_OFFSET;
    /** Offset of the payload length. */
    public static final int PAYLOAD_LENGTH_OFFSET = ENTRY_OFFSET + EntryDescriptor.PAYLOAD_LENGTH_OFFSET;
    /** Offset of the CRC of the entry. */
    public static final int ENTRY_CRC_OFFSET = ENTRY_OFFSET + EntryDescriptor.CHECKSUM_OFFSET;
    /** Offset of the payload. */
    public static final int PAYLOAD_OFFSET = ENTRY_OFFSET + EntryDescriptor.PAYLOAD_OFFSET;
    /** Length of all before the payload. */
    public static final int HEADER_LENGTH = PAYLOAD_OFFSET;
    /** Length of the entry part without its payload. */
    public static final int ENTRY_HEADER_LENGTH = PAYLOAD_OFFSET - ENTRY_OFFSET;

    /** A suffix was dropped: index and after; the payload is the term of the entry before (int64). */
    public static final int TYPE_CUT = 16;
    /** The log starts again, empty, behind index and term of the frame. */
    public static final int TYPE_RESET = 17;
    /** Payload length of a cut. */
    public static final int CUT_PAYLOAD_LENGTH = 8;

    private FrameDescriptor()
    {
    }

    /**
     * @param payloadLength bytes.
     * @return bytes that the frame takes in the segment, padding included.
     */
    public static int alignedLength(final int payloadLength)
    {
        return BitUtil.align(HEADER_LENGTH + payloadLength, ALIGNMENT);
    }

    /**
     * @param type of a frame.
     * @return true if the frame is an entry of the log, false for cuts and resets.
     */
    public static boolean isEntry(final int type)
    {
        return type < TYPE_CUT;
    }
}
