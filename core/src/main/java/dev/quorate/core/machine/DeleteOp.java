package dev.quorate.core.machine;

import dev.quorate.core.codec.command.DeleteRangeDecoder;

/**
 * Flyweight over a DeleteRange: where its fields lie in the reader's buffer.
 */
final class DeleteOp
{
    private final DeleteRangeDecoder decoder = new DeleteRangeDecoder();
    private int keyOffset;
    private int keyLength;
    private int endOffset;
    private int endLength;

    /**
     * Reads the message whose header was read and moves the reader behind it.
     */
    void read(final CommandReader reader)
    {
        decoder.wrap(reader.buffer(), reader.position(), reader.blockLength(), reader.version());
        keyLength = decoder.keyLength();
        keyOffset = decoder.limit() + DeleteRangeDecoder.keyHeaderLength();
        reader.checkBytes(keyOffset, keyLength);
        decoder.skipKey();
        endLength = decoder.rangeEndLength();
        endOffset = decoder.limit() + DeleteRangeDecoder.rangeEndHeaderLength();
        reader.checkBytes(endOffset, endLength);
        decoder.skipRangeEnd();
        reader.moveTo(decoder.limit());
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

    @Override
    public String toString()
    {
        return "DeleteOp{keyLength=" + keyLength + ", endLength=" + endLength + '}';
    }
}
