package dev.quorate.core.store;

import org.agrona.concurrent.UnsafeBuffer;

/**
 * From a revision to places in the stream: the ring for recent ones, the sparse main revisions of the segments for
 * others. Owned by one thread, which is pinned while it uses it.
 */
final class RevisionLocator
{
    private final SegmentDirectory directory;
    private final RevisionRing ring;
    private final Published published;
    private final FrameWalk walk;
    private final Segment[][] snapshot = new Segment[2][];

    RevisionLocator(
        final SegmentDirectory directory, final RevisionRing ring, final Published published, final RecordReader reader)
    {
        this.directory = directory;
        this.ring = ring;
        this.published = published;
        this.walk = new FrameWalk(directory, reader);
    }

    /** Bound of a revision from C to the newest that has ended: the end of its last key record. */
    long boundOf(final long revision, final long newest)
    {
        if (revision <= 1)
        {
            return 0;
        }
        if (newest - revision < ring.reach() && ring.knows(revision))
        {
            final long bound = ring.get(revision);
            if (published.visible.getAcquire() - revision < ring.reach())
            {
                return bound;
            }
        }
        final CompactPoint compact = published.compactPoint.getAcquire();
        if (revision == compact.revision())
        {
            return compact.bound();
        }
        return search(revision);
    }

    /** LP of the first record whose main revision is not below one, or the end. */
    long startOf(final long revision, final long end)
    {
        final long from = sparseStart(revision, Long.MAX_VALUE);
        walk.seek(from < 0 ? 0 : from, end);
        while (walk.next())
        {
            if (RecordDescriptor.mainRevision(walk.buffer(), walk.offset()) >= revision)
            {
                return walk.lp();
            }
        }
        return end;
    }

    private long search(final long revision)
    {
        final long end = published.appendedLp.getAcquire();
        long below = Long.MAX_VALUE;
        while (true)
        {
            final long from = sparseStart(revision + 1, below);
            final long bound = lastKeyEnd(from < 0 ? 0 : from, revision, end);
            if (bound >= 0)
            {
                return bound;
            }
            if (from < 0)
            {
                throw new IllegalStateException("revision " + revision + " has no record although it is not compacted");
            }
            below = from;
        }
    }

    private long lastKeyEnd(final long from, final long revision, final long end)
    {
        long bound = -1;
        walk.seek(from, end);
        while (walk.next())
        {
            final UnsafeBuffer buffer = walk.buffer();
            final int offset = walk.offset();
            final long main = RecordDescriptor.mainRevision(buffer, offset);
            if (main > revision)
            {
                break;
            }
            if (main == revision && RecordDescriptor.isKeyRecord(RecordDescriptor.kind(buffer, offset)))
            {
                bound = walk.lp() + RecordDescriptor.frameLength(buffer, offset);
            }
        }
        return bound;
    }

    /** LP of the last sparse record below an LP whose main revision is below one, -1 if there is none. */
    private long sparseStart(final long revision, final long belowLp)
    {
        snapshot[0] = directory.sealed();
        snapshot[1] = directory.tails();
        final long sealedEnd = SegmentDirectory.end(snapshot[0]);
        for (int kind = 1; kind >= 0; kind--)
        {
            final Segment[] segments = snapshot[kind];
            for (int i = segments.length - 1; i >= 0; i--)
            {
                final Segment segment = segments[i];
                if (1 == kind && segment.baseLp < sealedEnd || segment.baseLp >= belowLp)
                {
                    continue;
                }
                final int slot = lastSlot(segment, revision, belowLp);
                if (slot >= 0)
                {
                    return segment.sparseLp(slot);
                }
            }
        }
        return -1;
    }

    private static int lastSlot(final Segment segment, final long revision, final long belowLp)
    {
        int low = 0;
        int high = segment.sparseCount();
        while (low < high)
        {
            final int middle = (low + high) >>> 1;
            if (segment.sparseMain(middle) < revision && segment.sparseLp(middle) < belowLp)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }
        return low - 1;
    }
}
