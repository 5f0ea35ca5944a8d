package dev.quorate.core.store;

import dev.quorate.core.seam.StorageFault;
import org.agrona.BitUtil;
import org.agrona.ExpandableArrayBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

import java.util.ArrayList;
import java.util.List;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

/**
 * The store up to its newest durable mark as one run of bytes for a peer: prologue, then files. Files are held by
 * reference: compaction may replace them meanwhile, but they stay until this is closed. What lies below a durable mark
 * never changes, so any part may be read again.
 * <p>
 * Owner: housekeeping.
 */
public final class SnapshotSource implements AutoCloseable
{
    private static final int BLOCK_LENGTH = 64 * 1024;

    private final DurableMark mark = new DurableMark();
    private final List<StoreFile> files = new ArrayList<>();
    private final List<Long> lengths = new ArrayList<>();
    private final List<Long> recordEnds = new ArrayList<>();
    private final RecordReader reader = new RecordReader(null);
    private final UnsafeBuffer block = new UnsafeBuffer(new byte[BLOCK_LENGTH]);
    private final ExpandableArrayBuffer prologue = new ExpandableArrayBuffer(4096);
    private final int prologueLength;
    private final long length;
    private int checkedFile = -1;
    private long checkedTo;
    private long blockStart;
    private int blockLength;
    private boolean isClosed;

    SnapshotSource(final FileTable table, final DurableMark upTo, final long clusterId)
    {
        mark.set(upTo);
        for (int i = 0; i < table.sealed.size(); i++)
        {
            add(table.sealed.get(i));
        }
        if (null != table.active)
        {
            add(table.active);
        }
        prologueLength = encode(clusterId);
        long total = prologueLength;
        for (int i = 0; i < files.size(); i++)
        {
            files.get(i).holds++;
            total += lengths.get(i);
        }
        length = total;
    }

    /**
     * @return point of the stream and of the log at which the snapshot ends.
     */
    public DurableMark mark()
    {
        return mark;
    }

    /**
     * @return length in bytes.
     */
    public long length()
    {
        return length;
    }

    /**
     * Reads bytes of the snapshot. A record whose bytes are among them is checked before: one that rotted ends this
     * member, which has it, and not the one that would take it.
     *
     * @param position    of the first byte, below {@link #length()}.
     * @param destination of the bytes.
     * @param offset      in the destination.
     * @param limit       most bytes to read.
     * @return how many bytes were read, at least one.
     * @throws StorageFault if a record is damaged.
     */
    public int read(final long position, final MutableDirectBuffer destination, final int offset, final int limit)
    {
        if (isClosed || position < 0 || position >= length)
        {
            throw new IllegalStateException("snapshot of " + length + " bytes read at " + position);
        }
        if (position < prologueLength)
        {
            final int count = Math.min(limit, prologueLength - (int)position);
            destination.putBytes(offset, prologue, (int)position, count);
            return count;
        }
        long at = position - prologueLength;
        int i = 0;
        while (at >= lengths.get(i))
        {
            at -= lengths.get(i++);
        }
        final int count = (int)Math.min(limit, lengths.get(i) - at);
        check(i, at + count);
        final int read = files.get(i).file.read(at, destination, offset, count);
        if (read != count)
        {
            throw new StorageFault("store file " + files.get(i).fileId + " ends before its mark, at " + (at + read));
        }
        return count;
    }

    /**
     * Lets go of the files.
     */
    @Override
    public void close()
    {
        if (!isClosed)
        {
            isClosed = true;
            for (int i = 0; i < files.size(); i++)
            {
                files.get(i).holds--;
            }
        }
    }

    private void add(final StoreFile file)
    {
        if (file.baseLp < mark.lp)
        {
            files.add(file);
            lengths.add(isCut(file) ? SegmentFile.HEADER_LENGTH + mark.lp - file.baseLp : file.length);
            recordEnds.add(SegmentFile.HEADER_LENGTH + (isCut(file) ? mark.lp - file.baseLp : file.recordBytes));
        }
    }

    /** Frames lie one behind the other, in files that were rewritten too. */
    private void check(final int index, final long upTo)
    {
        if (index > checkedFile)
        {
            checkedFile = index;
            checkedTo = SegmentFile.HEADER_LENGTH;
            blockStart = 0;
            blockLength = 0;
        }
        final long end = recordEnds.get(index);
        final StoreFile file = files.get(index);
        while (index == checkedFile && checkedTo < Math.min(upTo, end))
        {
            long lp = file.baseLp + checkedTo - SegmentFile.HEADER_LENGTH;
            if (!isInBlock(file, RecordDescriptor.HEADER_LENGTH, end))
            {
                throw RecordReader.damaged(lp, file.fileId, checkedTo);
            }
            final int at = (int)(checkedTo - blockStart);
            lp = file.isRewritten ? RecordDescriptor.lp(block, at) : lp;
            final int length = RecordDescriptor.frameLength(block, at);
            if (length < RecordDescriptor.HEADER_LENGTH || length > RecordDescriptor.MAX_FRAME_LENGTH ||
                !isInBlock(file, length, end) || !reader.isIntact(block, (int)(checkedTo - blockStart), lp))
            {
                throw RecordReader.damaged(lp, file.fileId, checkedTo);
            }
            checkedTo += length;
        }
    }

    /** Reads on from the frame that is checked next unless so many bytes of it are there; false if the file ends. */
    private boolean isInBlock(final StoreFile file, final int length, final long end)
    {
        if (length > end - checkedTo)
        {
            return false;
        }
        if (length > blockStart + blockLength - checkedTo)
        {
            if (length > block.capacity())
            {
                block.wrap(new byte[BitUtil.findNextPositivePowerOfTwo(length)]);
            }
            blockStart = checkedTo;
            blockLength = file.file.read(blockStart, block, 0, (int)Math.min(block.capacity(), end - blockStart));
        }
        return length <= blockStart + blockLength - checkedTo;
    }

    private boolean isCut(final StoreFile file)
    {
        final boolean isCut = !file.isSealed || file.endLp > mark.lp;
        if (isCut && file.isRewritten)
        {
            throw new IllegalStateException("the durable mark lies inside a rewritten file");
        }
        return isCut;
    }

    private int encode(final long clusterId)
    {
        prologue.putLong(0, SnapshotPrologue.MAGIC, LITTLE_ENDIAN);
        prologue.putLong(SnapshotPrologue.CLUSTER_OFFSET, clusterId, LITTLE_ENDIAN);
        prologue.putLong(SnapshotPrologue.LP_OFFSET, mark.lp, LITTLE_ENDIAN);
        prologue.putLong(SnapshotPrologue.RAFT_INDEX_OFFSET, mark.raftIndex, LITTLE_ENDIAN);
        prologue.putLong(SnapshotPrologue.TERM_OFFSET, mark.term, LITTLE_ENDIAN);
        prologue.putLong(SnapshotPrologue.MAIN_OFFSET, mark.mainRevision, LITTLE_ENDIAN);
        prologue.putLong(SnapshotPrologue.COMPACT_REVISION_OFFSET, mark.compactRevision, LITTLE_ENDIAN);
        prologue.putLong(SnapshotPrologue.COMPACT_BOUND_OFFSET, mark.compactBound, LITTLE_ENDIAN);
        prologue.putLong(SnapshotPrologue.STREAM_HASH_OFFSET, mark.streamHash, LITTLE_ENDIAN);
        prologue.putLong(SnapshotPrologue.COUNT_OFFSET, files.size(), LITTLE_ENDIAN);
        int at = SnapshotPrologue.HEADER_LENGTH;
        for (int i = 0; i < files.size(); i++, at += SnapshotPrologue.ENTRY_LENGTH)
        {
            final StoreFile file = files.get(i);
            prologue.putLong(at + SnapshotPrologue.BASE_LP, file.baseLp, LITTLE_ENDIAN);
            prologue.putLong(at + SnapshotPrologue.END_LP, isCut(file) ? -1 : file.endLp, LITTLE_ENDIAN);
            prologue.putLong(at + SnapshotPrologue.FLAGS, file.isRewritten ? 1 : 0, LITTLE_ENDIAN);
            prologue.putLong(at + SnapshotPrologue.LENGTH, lengths.get(i), LITTLE_ENDIAN);
            prologue.putLong(
                at + SnapshotPrologue.DEAD_WORDS, 0 == file.deadCount ? 0 : file.deadWords(), LITTLE_ENDIAN);
        }
        for (int i = 0; i < files.size(); i++)
        {
            final StoreFile file = files.get(i);
            for (int word = 0; 0 != file.deadCount && word < file.deadWords(); word++, at += 8)
            {
                prologue.putLong(at, file.deadWord(word), LITTLE_ENDIAN);
            }
        }
        prologue.putLong(SnapshotPrologue.LENGTH_OFFSET, at + 4, LITTLE_ENDIAN);
        prologue.putInt(at, new FrameCrc().of(prologue, 0, at), LITTLE_ENDIAN);
        return at + 4;
    }
}
