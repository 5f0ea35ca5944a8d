package dev.quorate.core.machine;

import dev.quorate.core.codec.command.CompareDecoder;

/**
 * Flyweight over a Compare: where its fields lie in the reader's buffer.
 */
final class CompareOp
{
    static final int EQUAL = 0;
    static final int GREATER = 1;
    static final int LESS = 2;
    static final int NOT_EQUAL = 3;

    static final int VERSION = 0;
    static final int CREATE = 1;
    static final int MOD = 2;
    static final int VALUE = 3;
    static final int LEASE = 4;

    private final CompareDecoder decoder = new CompareDecoder();
    private long number;
    private int result;
    private int target;
    private int keyOffset;
    private int keyLength;
    private int endOffset;
    private int endLength;
    private int valueOffset;
    private int valueLength;

    /**
     * Reads the message whose header was read and moves the reader behind it.
     */
    void read(final CommandReader reader)
    {
        decoder.wrap(reader.buffer(), reader.position(), reader.blockLength(), reader.version());
        number = decoder.number();
        result = decoder.result();
        target = decoder.target();
        keyLength = decoder.keyLength();
        keyOffset = decoder.limit() + CompareDecoder.keyHeaderLength();
        reader.checkBytes(keyOffset, keyLength);
        decoder.skipKey();
        endLength = decoder.rangeEndLength();
        endOffset = decoder.limit() + CompareDecoder.rangeEndHeaderLength();
        reader.checkBytes(endOffset, endLength);
        decoder.skipRangeEnd();
        valueLength = decoder.valueLength();
        valueOffset = decoder.limit() + CompareDecoder.valueHeaderLength();
        reader.checkBytes(valueOffset, valueLength);
        decoder.skipValue();
        reader.moveTo(decoder.limit());
    }

    long number()
    {
        return number;
    }

    int target()
    {
        return target;
    }

    /**
     * @param order negative, 0 or positive: what is there, compared to the operand.
     * @return true if this order is the one asked for; a result that etcd does not know always holds.
     */
    boolean holdsFor(final int order)
    {
        return switch (result)
        {
            case EQUAL -> 0 == order;
            case NOT_EQUAL -> 0 != order;
            case GREATER -> order > 0;
            case LESS -> order < 0;
            default -> true;
        };
    }

    int keyOffset()
    {
        return keyOffset;
    }

    int keyLength()
    {
        return keyLength;
    }

    int endOffset()
    {
        return endOffset;
    }

    int endLength()
    {
        return endLength;
    }

    int valueOffset()
    {
        return valueOffset;
    }

    int valueLength()
    {
        return valueLength;
    }

    @Override
    public String toString()
    {
        return "CompareOp{target=" + target + ", result=" + result + ", number=" + number +
            ", keyLength=" + keyLength + ", endLength=" + endLength + '}';
    }
}
