package dev.quorate.core.log;

import dev.quorate.core.seam.Clock;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Keeps in memory what the log will be written to next. A segment is prepared long before it is used, so where memory
 * is short its pages have been given up by then, and the thread that appends would wait for each of them to be read
 * from the disk again. Touching them says that they are in use, and what is gone nevertheless is waited for here.
 * Owner: the cold thread, which alone unmaps segments.
 */
final class WarmWindow
{
    /** How far ahead of the end of the log, bytes: seconds of it, as the cold thread may be busy meanwhile. */
    static final int LENGTH = 32 * 1024 * 1024;
    /** All of it is touched so often, what has come within reach at once. */
    static final long INTERVAL_NS = 500_000_000L;

    private static final int PAGE = 4096;

    private final Clock clock;
    private final LogPositions positions;
    private LogSegment spare;
    private long warmPosition;
    private long touchedNs;
    private int spareTouched;
    private long touches;
    private int bytesSeen;

    WarmWindow(final Clock clock, final LogPositions positions)
    {
        this.clock = clock;
        this.positions = positions;
        touchedNs = clock.nanoTime() - INTERVAL_NS;
    }

    /** A segment was handed over. */
    void spare(final LogSegment segment)
    {
        spare = segment;
        spareTouched = 0;
    }

    /** A segment is about to be unmapped. */
    void unmapped(final LogSegment segment)
    {
        if (null != spare && spare.region() == segment.region())
        {
            spare = null;
        }
    }

    /** Touches what has come within reach, and now and then all. */
    void touch(final RaftLog log)
    {
        final long position = positions.appended();
        final LogSegment segment = log.segmentAt(position);
        if (null == segment)
        {
            return;
        }
        final long nowNs = clock.nanoTime();
        if (nowNs - touchedNs >= INTERVAL_NS || position < warmPosition - LENGTH)
        {
            touchedNs = nowNs;
            warmPosition = position;
            spareTouched = 0;
        }
        final long segmentEnd = segment.positionOf(segment.length());
        final long reach = position + LENGTH;
        final long from = Math.max(position, Math.max(warmPosition, segment.basePosition()));
        final long to = Math.min(reach, segmentEnd);
        if (from < to)
        {
            touch(segment, segment.offsetOf(from), segment.offsetOf(to));
        }
        warmPosition = Math.max(position, to);
        if (null != spare && spare.sequence() > segment.sequence() && segmentEnd < reach)
        {
            final int end = (int)Math.min(reach - segmentEnd, spare.length());
            touch(spare, spareTouched, end);
            spareTouched = Math.max(spareTouched, end);
        }
    }

    /** How many pages were touched so far. */
    long touches()
    {
        return touches;
    }

    private void touch(final LogSegment segment, final int from, final int to)
    {
        final UnsafeBuffer buffer = segment.buffer();
        for (int offset = from & -PAGE; offset < to; offset += PAGE)
        {
            bytesSeen += buffer.getByte(offset);
            touches++;
        }
    }

    @Override
    public String toString()
    {
        return "WarmWindow{warmPosition=" + warmPosition + ", touches=" + touches + ", bytesSeen=" + bytesSeen + '}';
    }
}
