package dev.quorate.core.log;

import dev.quorate.core.seam.StorageFault;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Reads frames at recovery, replays them into the log and gathers the newest watermark and commit index. Owner:
 * start-up.
 */
final class FrameScanner
{
    private final RaftLog log;
    private final FrameChecksums checksums;
    private final long slotWatermark;
    private final int slotChainCrc;
    private long position;
    private int offset;
    private int chainCrc;
    private long watermark;
    private long commitIndex;

    FrameScanner(final RaftLog log, final FrameChecksums checksums, final TermFile termFile)
    {
        this.log = log;
        this.checksums = checksums;
        slotWatermark = termFile.watermark();
        slotChainCrc = termFile.chainCrc();
        watermark = slotWatermark;
        commitIndex = termFile.commitIndex();
    }

    /** Position behind the last whole frame. */
    long position()
    {
        return position;
    }

    /** Offset of that position in the segment that was scanned last. */
    int offset()
    {
        return offset;
    }

    int chainCrc()
    {
        return chainCrc;
    }

    long watermark()
    {
        return watermark;
    }

    long commitIndex()
    {
        return commitIndex;
    }

    /** @return true if bytes of the segment behind the last whole frame may have held another one. */
    boolean hasRemains(final LogSegment segment)
    {
        return segment.length() - offset >= FrameDescriptor.HEADER_LENGTH && segment.buffer().getInt(offset) != 0;
    }

    void begin(final LogSegment first)
    {
        position = first.basePosition();
        chainCrc = first.baseChainCrc();
        log.restarted(first.baseIndex(), first.baseTerm());
    }

    /**
     * Replays the frames of a segment.
     *
     * @param next segment; null for the last.
     * @return true if whole frames reach to the next segment.
     */
    boolean scan(final LogSegment segment, final LogSegment next)
    {
        checkBase(segment);
        readHeaderHints(segment);
        final long room = segment.length() - SegmentDescriptor.FIRST_FRAME_OFFSET;
        final long limit = next == null ? room : Math.min(room, next.basePosition() - segment.basePosition());
        final int end = SegmentDescriptor.FIRST_FRAME_OFFSET + (int)limit;
        offset = SegmentDescriptor.FIRST_FRAME_OFFSET;
        checkSlot(segment);
        while (isWhole(segment, offset, end))
        {
            final int payloadLength = segment.buffer().getInt(offset + FrameDescriptor.PAYLOAD_LENGTH_OFFSET);
            replay(segment);
            offset += FrameDescriptor.alignedLength(payloadLength);
            position = segment.positionOf(offset);
            checkSlot(segment);
        }

        return next != null && position == next.basePosition();
    }

    /** Learns what a whole header knew when its segment began. */
    void readHeaderHints(final LogSegment segment)
    {
        watermark = Math.max(watermark, segment.buffer().getLong(SegmentDescriptor.WATERMARK_OFFSET));
        commitIndex = Math.max(commitIndex, segment.buffer().getLong(SegmentDescriptor.COMMIT_INDEX_OFFSET));
    }

    /**
     * Looks for frames that prove themselves, wherever they are: what they say about the watermark was true.
     *
     * @param from offset; 0 for the whole segment.
     */
    void seekWatermarks(final LogSegment segment, final int from)
    {
        final UnsafeBuffer buffer = segment.buffer();
        final int last = segment.length() - FrameDescriptor.HEADER_LENGTH;
        for (int at = Math.max(from, SegmentDescriptor.FIRST_FRAME_OFFSET); at <= last; at += FrameDescriptor.ALIGNMENT)
        {
            final int frameLength = buffer.getInt(at);
            if (frameLength >= FrameDescriptor.HEADER_LENGTH && hasPlace(segment, at, segment.length()) &&
                buffer.getInt(at + FrameDescriptor.LOCAL_CRC_OFFSET) == checksums.local(segment, at, frameLength))
            {
                watermark = Math.max(watermark, buffer.getLong(at + FrameDescriptor.WATERMARK_OFFSET));
            }
        }
    }

    /** Computes what a copy of the tail begins with; the frames before it are known to be whole. */
    void setBase(final LogSegment copy, final LogSegment source, final long begin)
    {
        final UnsafeBuffer buffer = source.buffer();
        final int end = source.offsetOf(begin);
        long index = source.baseIndex();
        long term = source.baseTerm();
        int chain = source.baseChainCrc();
        int at = SegmentDescriptor.FIRST_FRAME_OFFSET;
        while (at < end)
        {
            final boolean isCut = buffer.getInt(at + FrameDescriptor.TYPE_OFFSET) == FrameDescriptor.TYPE_CUT;
            index = buffer.getLong(at + FrameDescriptor.INDEX_OFFSET) - (isCut ? 1 : 0);
            term = buffer.getLong(at + (isCut ? FrameDescriptor.PAYLOAD_OFFSET : FrameDescriptor.TERM_OFFSET));
            chain = buffer.getInt(at + FrameDescriptor.CHAIN_CRC_OFFSET);
            at += FrameDescriptor.alignedLength(buffer.getInt(at + FrameDescriptor.PAYLOAD_LENGTH_OFFSET));
        }
        if (at != end)
        {
            throw fault(source, at, "the watermark " + begin + " lies within a frame");
        }
        copy.base(begin, index, term, chain);
    }

    private boolean isWhole(final LogSegment segment, final int at, final int end)
    {
        final UnsafeBuffer buffer = segment.buffer();
        if (!hasPlace(segment, at, end))
        {
            return false;
        }
        final int frameLength = buffer.getInt(at);
        final int payloadLength = frameLength - FrameDescriptor.HEADER_LENGTH;
        final int entryCrc = buffer.getInt(at + FrameDescriptor.ENTRY_CRC_OFFSET);

        return buffer.getInt(at + FrameDescriptor.LOCAL_CRC_OFFSET) == checksums.local(segment, at, frameLength) &&
            entryCrc == checksums.entry(segment, at, payloadLength) &&
            buffer.getInt(at + FrameDescriptor.CHAIN_CRC_OFFSET) == checksums.chain(chainCrc, entryCrc);
    }

    private static boolean hasPlace(final LogSegment segment, final int at, final int end)
    {
        if (end - at < FrameDescriptor.HEADER_LENGTH)
        {
            return false;
        }
        final int frameLength = segment.buffer().getInt(at);
        final int payloadLength = segment.buffer().getInt(at + FrameDescriptor.PAYLOAD_LENGTH_OFFSET);

        return frameLength >= FrameDescriptor.HEADER_LENGTH && frameLength <= end - at &&
            payloadLength == frameLength - FrameDescriptor.HEADER_LENGTH &&
            FrameDescriptor.alignedLength(payloadLength) <= end - at;
    }

    private void replay(final LogSegment segment)
    {
        final UnsafeBuffer buffer = segment.buffer();
        final long index = buffer.getLong(offset + FrameDescriptor.INDEX_OFFSET);
        final long term = buffer.getLong(offset + FrameDescriptor.TERM_OFFSET);
        final int type = buffer.getInt(offset + FrameDescriptor.TYPE_OFFSET);
        final long frameWatermark = buffer.getLong(offset + FrameDescriptor.WATERMARK_OFFSET);
        if (frameWatermark > position)
        {
            throw fault(segment, offset, "a frame at position " + position + " claims to be behind " + frameWatermark);
        }
        watermark = Math.max(watermark, frameWatermark);
        commitIndex = Math.max(commitIndex, buffer.getLong(offset + FrameDescriptor.COMMIT_INDEX_OFFSET));
        chainCrc = buffer.getInt(offset + FrameDescriptor.CHAIN_CRC_OFFSET);
        if (FrameDescriptor.isEntry(type))
        {
            if (index != log.lastIndex() + 1 || term < log.lastTerm())
            {
                throw fault(segment, offset, "entry " + index + " of term " + term + " follows entry " +
                    log.lastIndex() +
                    " of term " + log.lastTerm());
            }
            log.entryAdded(index, term, position);
        }
        else if (type == FrameDescriptor.TYPE_CUT)
        {
            if (index > log.lastIndex())
            {
                throw fault(segment, offset, "a cut from " + index + " follows entry " + log.lastIndex());
            }
            log.suffixCut(index, buffer.getLong(offset + FrameDescriptor.PAYLOAD_OFFSET));
        }
        else if (type == FrameDescriptor.TYPE_RESET)
        {
            log.restarted(index, term);
        }
        else
        {
            throw fault(segment, offset, "a frame has the unknown type " + type);
        }
    }

    private void checkBase(final LogSegment segment)
    {
        if (segment.basePosition() != position || segment.baseChainCrc() != chainCrc ||
            segment.baseIndex() != log.lastIndex() || segment.baseTerm() != log.lastTerm())
        {
            throw fault(segment, 0, "the segment begins at position " + segment.basePosition() + " behind entry " +
                segment.baseIndex() + ", the log before it ends at " + position + " with entry " + log.lastIndex());
        }
    }

    private void checkSlot(final LogSegment segment)
    {
        if (position == slotWatermark && position > 0 && chainCrc != slotChainCrc)
        {
            throw fault(segment, offset, "the frames up to position " + position + " are not those that were synced");
        }
    }

    private static StorageFault fault(final LogSegment segment, final int offset, final String what)
    {
        return new StorageFault("log segment " + segment.path() + " contradicts itself at offset " + offset + ": " +
            what + "; restore the file, or remove this member and add it again with an empty directory");
    }
}
