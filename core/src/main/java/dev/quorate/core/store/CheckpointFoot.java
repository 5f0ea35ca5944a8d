package dev.quorate.core.store;

import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

/**
 * What the last block of an index checkpoint tells, thirteen i64 in the order of the fields. Plain holder.
 */
final class CheckpointFoot
{
    static final int LENGTH = 13 * 8;

    /** Whoever loads the images goes over all records from here on: where the stream stood when the walk began. */
    long lp;
    long raftIndex;
    long term;
    long main;
    /** Bound of that main revision. */
    long mainBound;
    long compactRevision;
    /** The highest LP that an image names; a durable mark above it is older than the checkpoint. */
    long highestLp;
    final CompactionMark marked = new CompactionMark();
    long keys;
    long systemRows;
    long blocks;

    void encode(final MutableDirectBuffer buffer, final int offset)
    {
        buffer.putLong(offset, lp, LITTLE_ENDIAN);
        buffer.putLong(offset + 8, raftIndex, LITTLE_ENDIAN);
        buffer.putLong(offset + 16, term, LITTLE_ENDIAN);
        buffer.putLong(offset + 24, main, LITTLE_ENDIAN);
        buffer.putLong(offset + 32, mainBound, LITTLE_ENDIAN);
        buffer.putLong(offset + 40, compactRevision, LITTLE_ENDIAN);
        buffer.putLong(offset + 48, highestLp, LITTLE_ENDIAN);
        buffer.putLong(offset + 56, marked.revision, LITTLE_ENDIAN);
        buffer.putLong(offset + 64, marked.bound, LITTLE_ENDIAN);
        buffer.putLong(offset + 72, marked.startLp, LITTLE_ENDIAN);
        buffer.putLong(offset + 80, keys, LITTLE_ENDIAN);
        buffer.putLong(offset + 88, systemRows, LITTLE_ENDIAN);
        buffer.putLong(offset + 96, blocks, LITTLE_ENDIAN);
    }

    void decode(final DirectBuffer buffer, final int offset)
    {
        lp = buffer.getLong(offset, LITTLE_ENDIAN);
        raftIndex = buffer.getLong(offset + 8, LITTLE_ENDIAN);
        term = buffer.getLong(offset + 16, LITTLE_ENDIAN);
        main = buffer.getLong(offset + 24, LITTLE_ENDIAN);
        mainBound = buffer.getLong(offset + 32, LITTLE_ENDIAN);
        compactRevision = buffer.getLong(offset + 40, LITTLE_ENDIAN);
        highestLp = buffer.getLong(offset + 48, LITTLE_ENDIAN);
        marked.revision = buffer.getLong(offset + 56, LITTLE_ENDIAN);
        marked.bound = buffer.getLong(offset + 64, LITTLE_ENDIAN);
        marked.startLp = buffer.getLong(offset + 72, LITTLE_ENDIAN);
        keys = buffer.getLong(offset + 80, LITTLE_ENDIAN);
        systemRows = buffer.getLong(offset + 88, LITTLE_ENDIAN);
        blocks = buffer.getLong(offset + 96, LITTLE_ENDIAN);
    }

    /** True if a store that ends at this mark can be reached from the checkpoint. */
    boolean fits(final DurableMark mark)
    {
        return lp >= 0 && lp <= mark.lp && highestLp < mark.lp && raftIndex <= mark.raftIndex &&
            term <= mark.term && main <= mark.mainRevision && compactRevision <= mark.compactRevision &&
            marked.revision <= mark.compactRevision && marked.bound <= mark.compactBound;
    }
}
