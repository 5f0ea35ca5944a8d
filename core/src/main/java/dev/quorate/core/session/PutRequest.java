package dev.quorate.core.session;

import dev.quorate.core.wire.WireReader;
import org.agrona.DirectBuffer;

/**
 * A parsed {@code PutRequest}: numbers, and where key and value lie in the request's buffer.
 */
final class PutRequest
{
    private final WireReader reader = new WireReader();
    int keyOffset;
    int keyLength;
    int valueOffset;
    int valueLength;
    long lease;
    boolean isPrevKv;
    boolean isIgnoreValue;
    boolean isIgnoreLease;

    PutRequest reset()
    {
        keyOffset = 0;
        keyLength = 0;
        valueOffset = 0;
        valueLength = 0;
        lease = 0;
        isPrevKv = false;
        isIgnoreValue = false;
        isIgnoreLease = false;
        return this;
    }

    PutRequest merge(final DirectBuffer buffer, final int offset, final int length)
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
                    valueOffset = reader.valueOffset();
                    valueLength = reader.valueLength();
                }
                case 3 << 3 -> lease = reader.number();
                case 4 << 3 -> isPrevKv = reader.bool();
                case 5 << 3 -> isIgnoreValue = reader.bool();
                case 6 << 3 -> isIgnoreLease = reader.bool();
                default ->
                {
                }
            }
        }
        return this;
    }
}
