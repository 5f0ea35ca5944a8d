package dev.quorate.core.machine;

import dev.quorate.core.codec.command.PutDecoder;

/**
 * Flyweight over a Put: where its fields lie in the reader's buffer.
 */
final class PutOp
{
    private static final int FLAG_IGNORE_VALUE = 2;
    private static final int FLAG_IGNORE_LEASE = 4;

    private final PutDecoder decoder = new PutDecoder();
    private long lease;
    private int flags;
    private int keyOffset;
    private int keyLength;
    private int valueOffset;
    private int valueLength;

    /**
     * Reads the message whose header was read and moves the reader behind it.
     */
    void read(final CommandReader reader)
    {
        decoder.wrap(reader.buffer(), reader.position(), reader.blockLength(), reader.version());
        lease = decoder.lease();
        flags = decoder.flags();
        keyLength = decoder.keyLength();
        keyOffset = decoder.limit() + PutDecoder.keyHeaderLength();
        reader.checkBytes(keyOffset, keyLength);
        decoder.skipKey();
        valueLength = decoder.valueLength();
        valueOffset = decoder.limit() + PutDecoder.valueHeaderLength();
        reader.checkBytes(valueOffset, valueLength);
        decoder.skipValue();
        reader.moveTo(decoder.limit());
    }

    long lease()
    {
        return lease;
    }

    boolean ignoresValue()
    {
        return 0 != (flags & FLAG_IGNORE_VALUE);
    }

    boolean ignoresLease()
    {
        return 0 != (flags & FLAG_IGNORE_LEASE);
    }

    boolean needsPrevious()
    {
        return 0 != (flags & (FLAG_IGNORE_VALUE | FLAG_IGNORE_LEASE));
    }

    int keyOffset()
    {
        return keyOffset;
    }

    int keyLength()
    {
        return keyLength;
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
        return "PutOp{lease=" + lease + ", flags=" + flags + ", keyLength=" + keyLength +
            ", valueLength=" + valueLength + '}';
    }
}
