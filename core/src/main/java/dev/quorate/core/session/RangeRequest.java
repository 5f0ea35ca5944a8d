package dev.quorate.core.session;

import dev.quorate.core.wire.WireReader;
import org.agrona.DirectBuffer;

/**
 * A parsed {@code RangeRequest}: numbers, and where key and range end lie in the request's buffer.
 */
final class RangeRequest
{
    static final int ORDER_NONE = 0;
    static final int ORDER_ASCEND = 1;
    static final int ORDER_DESCEND = 2;
    static final int TARGET_KEY = 0;
    static final int TARGET_VERSION = 1;
    static final int TARGET_CREATE = 2;
    static final int TARGET_MOD = 3;
    static final int TARGET_VALUE = 4;

    final WireReader reader = new WireReader();
    int keyOffset;
    int keyLength;
    int endOffset;
    int endLength;
    long limit;
    long revision;
    int sortOrder;
    int sortTarget;
    boolean isSerializable;
    boolean isKeysOnly;
    boolean isCountOnly;
    long minMod;
    long maxMod;
    long minCreate;
    long maxCreate;

    RangeRequest reset()
    {
        keyOffset = 0;
        keyLength = 0;
        endOffset = 0;
        endLength = 0;
        limit = 0;
        revision = 0;
        sortOrder = ORDER_NONE;
        sortTarget = TARGET_KEY;
        isSerializable = false;
        isKeysOnly = false;
        isCountOnly = false;
        minMod = 0;
        maxMod = 0;
        minCreate = 0;
        maxCreate = 0;
        return this;
    }

    /** Reads fields over what is set already: protobuf merges a message that comes twice. */
    RangeRequest merge(final DirectBuffer buffer, final int offset, final int length)
    {
        reader.wrap(buffer, offset, length);
        while (reader.next())
        {
            switch (reader.tag())
            {
                case (1 << 3) | 2 ->
                {
                    keyOffset = reader.valueOffset();
                    keyLength = reader.valueLength();
                }
                case (2 << 3) | 2 ->
                {
                    endOffset = reader.valueOffset();
                    endLength = reader.valueLength();
                }
                case 3 << 3 -> limit = reader.number();
                case 4 << 3 -> revision = reader.number();
                case 5 << 3 -> sortOrder = reader.enumeration();
                case 6 << 3 -> sortTarget = reader.enumeration();
                case 7 << 3 -> isSerializable = reader.bool();
                case 8 << 3 -> isKeysOnly = reader.bool();
                case 9 << 3 -> isCountOnly = reader.bool();
                case 10 << 3 -> minMod = reader.number();
                case 11 << 3 -> maxMod = reader.number();
                case 12 << 3 -> minCreate = reader.number();
                case 13 << 3 -> maxCreate = reader.number();
                default ->
                {
                }
            }
        }
        return this;
    }

    boolean hasFilter()
    {
        return (minMod | maxMod | minCreate | maxCreate) != 0;
    }

    /** @return true if the given version passes the filters; bounds are inclusive, 0 is off. */
    boolean admits(final long createRevision, final long modRevision)
    {
        return (maxMod == 0 || modRevision <= maxMod) && (minMod == 0 || modRevision >= minMod) &&
            (maxCreate == 0 || createRevision <= maxCreate) && (minCreate == 0 || createRevision >= minCreate);
    }

    /** @return true if results come in another order than that of the keys, so that all must be fetched first. */
    boolean isSorted()
    {
        return sortTarget != TARGET_KEY || sortOrder == ORDER_DESCEND;
    }
}
