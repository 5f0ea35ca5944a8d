package dev.quorate.core.store;

import dev.quorate.core.store.index.IndexCursor;
import org.agrona.DirectBuffer;
import org.agrona.ExpandableArrayBuffer;

/**
 * The writer's scan over an interval of a tree. After a write it searches its place anew, behind the last key, so that
 * leaves may be replaced under it. Owned by apply.
 */
final class TreeScan
{
    private final Store store;
    private final IndexCursor cursor;
    private final ExpandableArrayBuffer place = new ExpandableArrayBuffer(256);
    private final ExpandableArrayBuffer end = new ExpandableArrayBuffer(256);
    private int placeLength;
    private int endLength;
    private long writes;
    private boolean isRunning;
    private boolean isExhausted;

    TreeScan(final Store store, final IndexCursor cursor)
    {
        this.store = store;
        this.cursor = cursor;
    }

    void start(
        final DirectBuffer key,
        final int keyOffset,
        final int keyLength,
        final DirectBuffer endKey,
        final int endOffset,
        final int endKeyLength)
    {
        place.putBytes(0, key, keyOffset, keyLength);
        placeLength = keyLength;
        if (endKeyLength > 0)
        {
            end.putBytes(0, endKey, endOffset, endKeyLength);
        }
        endLength = endKeyLength;
        isRunning = true;
        isExhausted = false;
        seek();
    }

    void stop()
    {
        isRunning = false;
    }

    boolean next()
    {
        if (!isRunning)
        {
            throw new IllegalStateException("the scan has ended");
        }
        if (isExhausted)
        {
            return false;
        }
        if (writes != store.writes())
        {
            seek();
        }
        isExhausted = !cursor.next();
        if (isExhausted)
        {
            return false;
        }
        isExhausted = 0 == endLength;
        final int length = cursor.keyLength();
        place.putBytes(0, cursor.key(), 0, length);
        place.putByte(length, (byte)0);
        placeLength = length + 1;
        return true;
    }

    IndexCursor cursor()
    {
        return cursor;
    }

    DirectBuffer key()
    {
        return place;
    }

    int keyLength()
    {
        return placeLength - 1;
    }

    private void seek()
    {
        writes = store.writes();
        cursor.seek(place, 0, placeLength, end, 0, endLength);
    }
}
