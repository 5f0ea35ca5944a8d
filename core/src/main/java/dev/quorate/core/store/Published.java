package dev.quorate.core.store;

import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/**
 * What the threads of the store tell each other. Each value has one writer, which stores with release; everybody else
 * loads with acquire.
 */
final class Published
{
    /** Apply: newest revision that readers may see. */
    final AtomicLong visible = new AtomicLong(1);
    /** Apply: the compaction that readers go by. */
    final AtomicReference<CompactPoint> compactPoint = new AtomicReference<>(CompactPoint.NONE);
    /**
     * Apply: newest compaction in the writer's view and the LP of its record, stored before any later version: from
     * then
     * on a version may have no link to a tombstone older than the compaction.
     */
    final AtomicLong cutRevision = new AtomicLong(-1);
    final AtomicLong cutLp = new AtomicLong(-1);
    /** Apply: end of whole frames in the tail, also of entries that have not ended. */
    final AtomicLong appendedLp = new AtomicLong();
    /** Housekeeping: newest durable mark. */
    final AtomicLong durableLp = new AtomicLong();
    final AtomicLong durableRaftIndex = new AtomicLong();
    /** Housekeeping: newest compaction that is finished physically. */
    final AtomicLong finishedCompaction = new AtomicLong(-1);
    /** Housekeeping: bytes of all files minus the LP up to which they are accounted. */
    final AtomicLong fileBytesBeyondLp = new AtomicLong();
    final AtomicLong deadBytes = new AtomicLong();
    /** Apply: bytes by which the index may grow. */
    final AtomicLong indexRoomBytes = new AtomicLong();
    /** Anybody: asks for a force; counts up. */
    final AtomicLong forceRequests = new AtomicLong();
    /** Anybody: asks for defragmentation; counts up. Housekeeping answers. */
    final AtomicLong defragmentRequests = new AtomicLong();
    final AtomicLong defragmentsDone = new AtomicLong();
    /** Housekeeping: the newest that found room for everything, stored before it is done. */
    final AtomicLong defragmentsWhole = new AtomicLong();
    /** Housekeeping asks apply to go on to another tail buffer; apply answers with the base it rolled at. */
    final AtomicLong rollRequests = new AtomicLong();
    final AtomicLong rollsDone = new AtomicLong();
    /** Housekeeping asks apply for a new epoch. */
    final AtomicLong epochRequests = new AtomicLong();
    /** Purge batch: 0 housekeeping fills it, 1 apply works it off. */
    final AtomicLong purgeTurn = new AtomicLong();

    private final AtomicLong entryVersion = new AtomicLong();
    private final EntryPosition entry = new EntryPosition();
    private final AtomicLong markVersion = new AtomicLong();
    private final DurableMark mark = new DurableMark();

    long compactRevision()
    {
        return compactPoint.getAcquire().revision();
    }

    /** Apply. */
    void publishEntry(final EntryPosition position)
    {
        final long version = entryVersion.getPlain();
        // odd while it is written; the fence keeps the stores behind it, pairs with the one in readEntry
        entryVersion.setOpaque(version + 1);
        VarHandle.releaseFence();
        entry.set(position);
        // pairs with the first load in readEntry
        entryVersion.setRelease(version + 2);
    }

    /** Any thread: false if the writer was at it; then ask again later. */
    boolean readEntry(final EntryPosition into)
    {
        final long version = entryVersion.getAcquire();
        if (0 != (version & 1))
        {
            return false;
        }
        into.set(entry);
        // keeps the loads before it, pairs with the fence in publishEntry
        VarHandle.acquireFence();
        return entryVersion.getOpaque() == version;
    }

    /** Housekeeping. */
    void publishMark(final DurableMark newest)
    {
        final long version = markVersion.getPlain();
        markVersion.setOpaque(version + 1);
        VarHandle.releaseFence();
        mark.set(newest);
        markVersion.setRelease(version + 2);
        durableLp.setRelease(newest.lp);
        durableRaftIndex.setRelease(newest.raftIndex);
    }

    /** Any thread. */
    boolean readMark(final DurableMark into)
    {
        final long version = markVersion.getAcquire();
        if (0 != (version & 1))
        {
            return false;
        }
        into.set(mark);
        VarHandle.acquireFence();
        return markVersion.getOpaque() == version;
    }
}
