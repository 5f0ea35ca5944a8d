package dev.quorate.core.session;

import dev.quorate.core.wire.WireReader;
import org.agrona.DirectBuffer;

/**
 * A parsed {@code DeleteRangeRequest}: a flag, and where key and range end lie in the request's buffer.
 */
final class DeleteRequest
{
    private final WireReader reader = new WireReader();
    int keyOffset;
    int keyLength;
    int endOffset;
    int endLength;
    boolean isPrevKv;

    DeleteRequest reset()
    {
        keyOffset = 0;
        keyLength = 0;
        endOffset = 0;
        endLength = 0;
        isPrevKv = false;
        return this;
    }

    DeleteRequest merge(final DirectBuffer buffer, final int offset, final int length)
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
                case 3 << 3 -> isPrevKv = reader.bool();
                default ->
                {
                }
            }
        }
        return this;
    }
}
