package dev.quorate.core.session;

import dev.quorate.core.store.RecordView;
import org.agrona.DirectBuffer;

/**
 * What this room asks of {@link dev.quorate.core.store.StoreReader}, with the same meaning: wait-free reads of the
 * state at one revision or logical position. Owned by one thread. Tests put a model in its place.
 */
public interface StateReader
{
    /** The pin holds. */
    int OK = 0;
    /** The revision is compacted. */
    int COMPACTED = 1;
    /** The revision is not there yet. */
    int FUTURE = 2;

    /**
     * @return the newest visible revision, pinned now.
     */
    long pinLatest();

    /**
     * @param revision to pin.
     * @return {@link #OK}, {@link #COMPACTED} or {@link #FUTURE}; pinned only if OK.
     */
    int pinAt(long revision);

    /**
     * Pins the state at a bound of an applied entry whose answer is not drained.
     *
     * @param bound LP.
     */
    void pinAnswer(long bound);

    /**
     * Moves to another bound of the same entry.
     *
     * @param bound LP.
     */
    void moveTo(long bound);

    /**
     * Lets memory be reclaimed between slices; the revision stays pinned, a running scan ends.
     */
    void yieldEpoch();

    /**
     * Ends the pin.
     */
    void unpin();

    /**
     * To be asked before anything that was read under a pin of a revision is answered. A read of the newest state
     * starts again, one at a revision fails as compacted. Answers of applied entries need not ask: apply holds a
     * compaction until they are built.
     *
     * @return true if a compaction above the pinned revision may have hidden keys from what was read.
     */
    boolean isOvertaken();

    /**
     * @return newest visible revision when the pin was taken.
     */
    long currentRevision();

    /**
     * @param key    buffer that holds the key.
     * @param offset of it.
     * @param length of it, bytes.
     * @param view   to fill.
     * @return false if the key is not alive.
     */
    boolean get(DirectBuffer key, int offset, int length, RecordView view);

    /**
     * @param buffer    that holds key and range end.
     * @param keyOffset of the first key.
     * @param keyLength of it, bytes.
     * @param endOffset of the range end.
     * @param endLength of it, bytes.
     * @return number of keys alive.
     */
    long count(DirectBuffer buffer, int keyOffset, int keyLength, int endOffset, int endLength);

    /**
     * Starts a scan of keys alive, ascending.
     *
     * @param key       buffer that holds the first key.
     * @param keyOffset of it.
     * @param keyLength of it, bytes.
     * @param end       buffer that holds the range end.
     * @param endOffset of it.
     * @param endLength of it, bytes.
     */
    void scan(DirectBuffer key, int keyOffset, int keyLength, DirectBuffer end, int endOffset, int endLength);

    /**
     * @return false at the end of the scan.
     */
    boolean next();

    /**
     * @return key of the scan, at offset 0, valid until {@link #next()}.
     */
    DirectBuffer key();

    /**
     * @return length of {@link #key()}, bytes.
     */
    int keyLength();

    /**
     * @return LP of the version of the scan.
     */
    long lp();

    /**
     * @param view to fill with the record of the scan.
     */
    void record(RecordView view);

    /**
     * @param lp   of a record that the pin protects.
     * @param view to fill.
     */
    void recordAt(long lp, RecordView view);

    /**
     * Starts a scan of the keys attached to a lease now.
     *
     * @param leaseId of the lease.
     */
    void scanLease(long leaseId);

    /**
     * @return false at the end of the scan.
     */
    boolean nextLeaseKey();

    /**
     * @return buffer with the key of the lease scan.
     */
    DirectBuffer leaseKey();

    /**
     * @return where that key begins.
     */
    int leaseKeyOffset();

    /**
     * @return length of that key, bytes.
     */
    int leaseKeyLength();
}
