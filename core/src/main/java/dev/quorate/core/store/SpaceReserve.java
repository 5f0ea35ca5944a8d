package dev.quorate.core.store;

import dev.quorate.core.seam.Clock;
import dev.quorate.core.seam.Disk;
import dev.quorate.core.seam.DiskFullException;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Room on the disk that the store holds back: a file for the tail and one for rewriting, which are deleted when the
 * disk is full and made again when there is room. While one of them is missing the store is short of space: what is
 * applied still finds its place, and only commands that free space should be admitted.
 * <p>
 * Owner: housekeeping. Any thread may ask how much room there is.
 */
final class SpaceReserve
{
    /** Held back for records that are applied already. */
    static final int TAIL = 0;
    /** Held back for the survivors of files that are rewritten. */
    static final int REWRITE = 1;
    /** After a full disk the next attempt is made so much later. */
    static final long RETRY_NS = 500_000_000L;

    private static final String[] NAMES = {"/reserve-tail", "/reserve-rewrite"};
    private static final long ROOM = 0;
    private static final long SHORT = 1;
    private static final long OUT = 2;

    private final Disk disk;
    private final Clock clock;
    private final String directory;
    private final int length;
    private final boolean[] isHeld = new boolean[NAMES.length];
    private final AtomicLong level = new AtomicLong(ROOM);
    private long dueNs;

    SpaceReserve(final StoreContext context)
    {
        disk = context.disk();
        clock = context.clock();
        directory = context.directory();
        length = context.reserveLength();
        // a start has more urgent things to write
        dueNs = clock.nanoTime() + RETRY_NS;
    }

    /** Any thread: true from the first time that the disk was full until both files are there again. */
    boolean isShort()
    {
        return level.getAcquire() != ROOM;
    }

    /** Any thread: true while what is applied cannot be written, because the reserve for it is used up. */
    boolean isOut()
    {
        return level.getAcquire() == OUT;
    }

    /** How many bytes one file holds back. */
    int length()
    {
        return length;
    }

    /** Makes one file that is missing. @return 0 if there is nothing to do or no room. */
    int doWork()
    {
        final int missing = isHeld[TAIL] ? REWRITE : TAIL;
        if (isHeld[missing] || clock.nanoTime() - dueNs < 0)
        {
            return 0;
        }
        try
        {
            disk.createRegion(directory + NAMES[missing], length).close();
            disk.syncDirectory(directory);
        }
        catch (final DiskFullException ex)
        {
            dueNs = clock.nanoTime() + RETRY_NS;
            raise(SHORT);
            return 0;
        }
        isHeld[missing] = true;
        if (isHeld[TAIL] && isHeld[REWRITE])
        {
            publish(ROOM);
        }
        return 1;
    }

    /** The disk is full. @return true if there is room now: what failed is tried again. */
    boolean release(final int kind)
    {
        dueNs = clock.nanoTime() + RETRY_NS;
        if (isHeld[kind])
        {
            isHeld[kind] = false;
            raise(SHORT);
            disk.delete(directory + NAMES[kind]);
            disk.syncDirectory(directory);
            return true;
        }
        raise(TAIL == kind ? OUT : SHORT);
        return false;
    }

    /** What is applied found room. */
    void tailWritten()
    {
        if (OUT == level.getPlain())
        {
            publish(SHORT);
        }
    }

    private void raise(final long to)
    {
        if (level.getPlain() < to)
        {
            publish(to);
        }
    }

    private void publish(final long value)
    {
        // pairs with the loads in isShort and isOut
        level.setRelease(value);
    }
}
