package dev.quorate.core.wire;

/**
 * Wire types of protobuf: the lower three bits of a tag.
 */
public final class WireType
{
    /** Variable length integer. */
    public static final int VARINT = 0;
    /** Eight bytes. */
    public static final int FIXED64 = 1;
    /** Length and so many bytes. */
    public static final int BYTES = 2;
    /** Begin of a group; only skipped. */
    public static final int START_GROUP = 3;
    /** End of a group. */
    public static final int END_GROUP = 4;
    /** Four bytes. */
    public static final int FIXED32 = 5;

    private WireType()
    {
    }
}
