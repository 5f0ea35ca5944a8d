package dev.quorate.core.machine;

import dev.quorate.core.store.KeyScan;
import dev.quorate.core.store.Store;
import org.agrona.DirectBuffer;
import org.agrona.ExpandableArrayBuffer;

/**
 * Walks the keys of an interval that are alive in the writer's view, ascending, over as many turns as it takes. Between
 * turns the store may end its scans, so each turn begins behind the key at which the turn before it stopped.
 */
final class IntervalScan
{
    private final Store store;
    private final ExpandableArrayBuffer from = new ExpandableArrayBuffer();
    private KeyScan scan;
    private DirectBuffer buffer;
    private int keyOffset;
    private int keyLength;
    private int endOffset;
    private int endLength;
    private int fromLength;
    private boolean isStarted;

    IntervalScan(final Store store)
    {
        this.store = store;
    }

    void begin(
        final DirectBuffer ofBuffer, final int atKey, final int ofKeyLength, final int atEnd, final int ofEndLength)
    {
        buffer = ofBuffer;
        keyOffset = atKey;
        keyLength = ofKeyLength;
        endOffset = atEnd;
        endLength = ofEndLength;
        scan = null;
        isStarted = false;
    }

    /**
     * A turn begins: the store may have ended the scan.
     */
    void resume()
    {
        scan = isStarted ?
            store.scan(from, 0, fromLength, buffer, endOffset, endLength) :
            store.scan(buffer, keyOffset, keyLength, buffer, endOffset, endLength);
        isStarted = true;
    }

    /**
     * The turn is over: notes where the next one begins, which is the smallest key above the one it stands on.
     */
    void pause()
    {
        fromLength = scan.keyLength() + 1;
        from.putBytes(0, scan.key(), 0, scan.keyLength());
        from.putByte(scan.keyLength(), (byte)0);
        scan = null;
    }

    boolean next()
    {
        return scan.next();
    }

    DirectBuffer key()
    {
        return scan.key();
    }

    int keyLength()
    {
        return scan.keyLength();
    }

    @Override
    public String toString()
    {
        return "IntervalScan{isStarted=" + isStarted + ", fromLength=" + fromLength + '}';
    }
}
