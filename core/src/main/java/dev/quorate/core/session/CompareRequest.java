package dev.quorate.core.session;

import dev.quorate.core.wire.WireReader;
import org.agrona.DirectBuffer;

/**
 * A parsed {@code Compare}. A member of the union that does not belong to the target counts as not set.
 */
final class CompareRequest
{
    static final int EQUAL = 0;
    static final int GREATER = 1;
    static final int LESS = 2;
    static final int NOT_EQUAL = 3;
    static final int TARGET_VERSION = 0;
    static final int TARGET_CREATE = 1;
    static final int TARGET_MOD = 2;
    static final int TARGET_VALUE = 3;
    static final int TARGET_LEASE = 4;

    private static final int UNION_VALUE = 7;

    private final WireReader reader = new WireReader();
    int result;
    int target;
    int keyOffset;
    int keyLength;
    int endOffset;
    int endLength;
    private int unionField;
    private long unionNumber;
    private int unionOffset;
    private int unionLength;

    CompareRequest reset()
    {
        result = EQUAL;
        target = TARGET_VERSION;
        keyOffset = 0;
        keyLength = 0;
        endOffset = 0;
        endLength = 0;
        unionField = 0;
        unionNumber = 0;
        unionOffset = 0;
        unionLength = 0;
        return this;
    }

    CompareRequest merge(final DirectBuffer buffer, final int offset, final int length)
    {
        reader.wrap(buffer, offset, length);
        while (reader.next())
        {
            switch (reader.tag())
            {
                case 1 << 3 -> result = reader.enumeration();
                case 2 << 3 -> target = reader.enumeration();
                case (3 << 3) | 2 ->
                {
                    keyOffset = reader.valueOffset();
                    keyLength = reader.valueLength();
                }
                case 4 << 3, 5 << 3, 6 << 3, 8 << 3 ->
                {
                    unionField = reader.tag() >>> 3;
                    unionNumber = reader.number();
                }
                case (7 << 3) | 2 ->
                {
                    unionField = UNION_VALUE;
                    unionOffset = reader.valueOffset();
                    unionLength = reader.valueLength();
                }
                case (64 << 3) | 2 ->
                {
                    endOffset = reader.valueOffset();
                    endLength = reader.valueLength();
                }
                default ->
                {
                }
            }
        }
        return this;
    }

    /** @return operand of the targets that are numbers. */
    long number()
    {
        final boolean isSet = target >= TARGET_VERSION && target <= TARGET_LEASE && target != TARGET_VALUE &&
            unionField == target + 4;
        return isSet ? unionNumber : 0;
    }

    int valueOffset()
    {
        return unionField == UNION_VALUE ? unionOffset : 0;
    }

    int valueLength()
    {
        return unionField == UNION_VALUE && target == TARGET_VALUE ? unionLength : 0;
    }

    /** @return whether an order (negative, zero, positive) of actual to operand satisfies this compare. */
    boolean isSatisfiedBy(final int order)
    {
        return switch (result)
        {
            case EQUAL -> order == 0;
            case GREATER -> order > 0;
            case LESS -> order < 0;
            case NOT_EQUAL -> order != 0;
            default -> true;
        };
    }
}
