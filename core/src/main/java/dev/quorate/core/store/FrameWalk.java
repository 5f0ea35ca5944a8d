package dev.quorate.core.store;

import org.agrona.concurrent.UnsafeBuffer;

/**
 * Walks all records between two logical positions in LP order, whatever the order in their files. Every record is
 * checked. Owned by one thread, which is pinned while it uses it.
 */
final class FrameWalk
{
    private final SegmentDirectory directory;
    private final RecordReader reader;
    private Segment segment;
    private int ordinal;
    private long nextLp;
    private long endLp;
    private long lp;
    private int offset;

    FrameWalk(final SegmentDirectory directory, final RecordReader reader)
    {
        this.directory = directory;
        this.reader = reader;
    }

    /** Goes before the first record at or above an LP. Where nothing was rewritten the LP must be that of a record. */
    void seek(final long fromLp, final long toLp)
    {
        segment = null;
        nextLp = fromLp;
        endLp = toLp;
    }

    /** Lets go of the segment, to be called when the pin ends; the walk goes on from the same place. */
    void pause()
    {
        segment = null;
    }

    boolean next()
    {
        while (nextLp < endLp)
        {
            if (null == segment || nextLp >= segment.endLp())
            {
                enter();
            }
            if (!segment.isRewritten)
            {
                return at(nextLp, segment.locate(nextLp));
            }
            if (ordinal < segment.recordCount() && segment.lpOf(ordinal) < endLp)
            {
                return at(segment.lpOf(ordinal), segment.offsetOf(ordinal++));
            }
            nextLp = segment.endLp();
        }
        return false;
    }

    /** False if the end is reached; true may still be followed by no record. */
    boolean hasNext()
    {
        return nextLp < endLp;
    }

    UnsafeBuffer buffer()
    {
        return segment.buffer;
    }

    int offset()
    {
        return offset;
    }

    long lp()
    {
        return lp;
    }

    private void enter()
    {
        segment = directory.find(nextLp);
        if (null == segment)
        {
            throw new IllegalStateException("no segment at LP " + nextLp);
        }
        ordinal = segment.isRewritten ? segment.lowerBound(nextLp) : 0;
    }

    private boolean at(final long recordLp, final int recordOffset)
    {
        reader.check(segment.buffer, recordOffset, recordLp, segment.fileId);
        lp = recordLp;
        offset = recordOffset;
        nextLp = recordLp + RecordDescriptor.frameLength(segment.buffer, recordOffset);
        return true;
    }
}
