package dev.quorate.core.session;

import dev.quorate.core.api.EtcdError;
import dev.quorate.core.ring.RingMessages;
import dev.quorate.core.wire.WireReader;
import org.agrona.DirectBuffer;

/**
 * A parsed {@code WatchCreateRequest}.
 */
final class WatchCreate
{
    static final String DUPLICATE_ID = "mvcc: duplicate watch ID provided on the WatchStream";

    private static final String EMPTY_RANGE = "mvcc: watcher range is empty";
    private static final int NO_PUT = 0;
    private static final int NO_DELETE = 1;

    final WireReader reader = new WireReader();
    private final WireReader packed = new WireReader();
    int keyOffset;
    int keyLength;
    int endOffset;
    int endLength;
    long startRevision;
    long watchId;
    boolean isPrevKv;
    boolean isFragmented;
    private boolean isProgressNotify;
    private int filters;

    WatchCreate reset()
    {
        keyOffset = 0;
        keyLength = 0;
        endOffset = 0;
        endLength = 0;
        startRevision = 0;
        watchId = 0;
        isPrevKv = false;
        isFragmented = false;
        isProgressNotify = false;
        filters = 0;
        return this;
    }

    WatchCreate merge(final DirectBuffer buffer, final int offset, final int length)
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
                case 3 << 3 -> startRevision = reader.number();
                case 4 << 3 -> isProgressNotify = reader.bool();
                case 5 << 3 -> filter(reader.enumeration());
                case (5 << 3) | 2 ->
                {
                    packed.wrap(buffer, reader.valueOffset(), reader.valueLength());
                    while (packed.nextPacked())
                    {
                        filter(packed.enumeration());
                    }
                }
                case 6 << 3 -> isPrevKv = reader.bool();
                case 7 << 3 -> watchId = reader.number();
                case 8 << 3 -> isFragmented = reader.bool();
                default ->
                {
                }
            }
        }
        return this;
    }

    /** @return why no watcher can be made of this, null if one can. */
    String refusal(final DirectBuffer buffer)
    {
        if (startRevision < 0)
        {
            return EtcdError.COMPACTED.message();
        }
        // The empty key stands for the first of all keys: no end that means anything else comes before it.
        if (keyLength != 0 && endLength != 0 && !Keys.isFromKey(buffer, endOffset, endLength) &&
            Keys.compare(buffer, keyOffset, keyLength, buffer, endOffset, endLength) >= 0)
        {
            return EMPTY_RANGE;
        }
        return null;
    }

    long flags()
    {
        return filters | (isProgressNotify ? RingMessages.WATCH_PROGRESS_NOTIFY : 0);
    }

    private void filter(final int type)
    {
        filters |= type == NO_PUT ? RingMessages.WATCH_NO_PUT : type == NO_DELETE ? RingMessages.WATCH_NO_DELETE : 0;
    }
}
