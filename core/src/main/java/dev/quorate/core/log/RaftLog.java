package dev.quorate.core.log;

import dev.quorate.core.raft.RaftLogAccess;
import dev.quorate.core.seam.DiskFullException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The log: frames appended to mapped segments. Owner: the consensus thread, which alone calls the methods here unless
 * they say that any thread may. A frame is published by its length word, stored last with release; the length word
 * behind it is cleared before.
 */
public final class RaftLog implements RaftLogAccess
{
    private static final VarHandle SEGMENTS;

    static
    {
        try
        {
            SEGMENTS = MethodHandles.lookup().findVarHandle(RaftLog.class, "segments", LogSegment[].class);
        }
        catch (final ReflectiveOperationException ex)
        {
            throw new ExceptionInInitializerError(ex);
        }
    }

    private final LogPositions positions;
    private final SegmentExchange exchange;
    private final IndexDirectory directory = new IndexDirectory();
    private final TermRuns terms = new TermRuns();
    private final FrameChecksums checksums;
    private final TermFile termFile;
    private final LogSyncAgent syncAgent;
    private final SegmentSupplier supplier;
    private final long clusterId;
    private final int maxPayloadLength;
    private final boolean isUnsafeNoFsync;
    @SuppressWarnings("FieldMayBeFinal")
    private volatile LogSegment[] segments = new LogSegment[0];
    private LogSegment active;
    private int activeOffset;
    private long appendedPosition;
    private long openedPosition;
    private int chainCrc;
    private long baseIndex;
    private long baseTerm;
    private long lastIndex;
    private long lastTerm;
    private long commitIndex;
    private boolean isClaimed;
    private int claimedPayloadLength;

    RaftLog(final LogContext context, final TermFile termFile, final LogPositions positions)
    {
        this.positions = positions;
        this.termFile = termFile;
        clusterId = context.clusterId();
        maxPayloadLength = context.maxPayloadLength();
        isUnsafeNoFsync = context.isUnsafeNoFsync();
        exchange = new SegmentExchange();
        checksums = new FrameChecksums(termFile.storeId());
        syncAgent = new LogSyncAgent(context, this, positions, termFile);
        supplier = new SegmentSupplier(context, this, exchange, positions);
        terms.reset(0, 0);
        directory.reset(1);
    }

    /**
     * Recovers the log, or begins one in an empty directory, raises the boot id and makes all of it durable.
     *
     * @param context concluded configuration.
     * @return the log, ready for appends.
     * @throws DiskFullException if there is no room for what recovery must write; nothing was lost.
     * @throws dev.quorate.core.seam.StorageFault if what was durable is damaged or belongs to another store or cluster.
     */
    public static RaftLog open(final LogContext context) throws DiskFullException
    {
        return new LogRecovery(context).recover();
    }

    /**
     * @return the file of term, vote and identity.
     */
    public TermFile termFile()
    {
        return termFile;
    }

    /**
     * @return agent of the log sync thread.
     */
    public LogSyncAgent syncAgent()
    {
        return syncAgent;
    }

    /**
     * @return agent of the cold thread.
     */
    public SegmentSupplier supplier()
    {
        return supplier;
    }

    /**
     * Unmaps everything. No thread may use the log, its agents or its views afterwards.
     */
    public void close()
    {
        for (final LogSegment segment : segments)
        {
            segment.region().close();
        }
        supplier.close();
        termFile.close();
    }

    @Override
    public long baseIndex()
    {
        return baseIndex;
    }

    @Override
    public long lastIndex()
    {
        return lastIndex;
    }

    @Override
    public long lastTerm()
    {
        return lastTerm;
    }

    @Override
    public long termAt(final long index)
    {
        return index < baseIndex || index > lastIndex ? -1 : terms.term(index);
    }

    @Override
    public int typeAt(final long index)
    {
        return field(index, FrameDescriptor.TYPE_OFFSET);
    }

    @Override
    public int payloadLength(final long index)
    {
        return field(index, FrameDescriptor.PAYLOAD_LENGTH_OFFSET);
    }

    @Override
    public long append(
        final long index,
        final long term,
        final int type,
        final DirectBuffer payload,
        final int offset,
        final int length)
    {
        final int payloadOffset = claim(index, term, type, length);
        if (payloadOffset == NO_SPACE)
        {
            return NO_SPACE;
        }
        if (length > 0)
        {
            active.buffer().putBytes(payloadOffset, payload, offset, length);
        }

        return commit();
    }

    /**
     * Makes room for an entry whose payload is written in place. Nothing is visible before {@link #commit()}.
     *
     * @param index         must be {@code lastIndex() + 1}.
     * @param term          at least {@link #lastTerm()}.
     * @param type          of the entry.
     * @param payloadLength bytes.
     * @return offset of the payload in {@link #claimedBuffer()}, or {@link #NO_SPACE} with nothing changed.
     */
    public int claim(final long index, final long term, final int type, final int payloadLength)
    {
        if (index != lastIndex + 1 || term < lastTerm || !FrameDescriptor.isEntry(type) || type <= 0)
        {
            throw new IllegalStateException("entry " + index + " of term " + term + " and type " + type +
                " cannot follow " + lastIndex + " of term " + lastTerm);
        }
        if (!claimFrame(index, term, type, payloadLength))
        {
            return (int)NO_SPACE;
        }

        return activeOffset + FrameDescriptor.PAYLOAD_OFFSET;
    }

    /**
     * @return the buffer into which a claimed payload is written.
     */
    public MutableDirectBuffer claimedBuffer()
    {
        return active.buffer();
    }

    /**
     * Publishes the entry claimed.
     *
     * @return position (bytes) behind the entry.
     */
    public long commit()
    {
        checkClaim();
        final long index = active.buffer().getLong(activeOffset + FrameDescriptor.INDEX_OFFSET);
        final long term = active.buffer().getLong(activeOffset + FrameDescriptor.TERM_OFFSET);
        final int entryCrc = checksums.entry(active, activeOffset, claimedPayloadLength);

        entryAdded(index, term, appendedPosition);

        return commitFrame(entryCrc);
    }

    /**
     * Gives up what was claimed.
     */
    public void abort()
    {
        checkClaim();
        isClaimed = false;
    }

    @Override
    public long cut(final long fromIndex, final long term)
    {
        if (fromIndex <= baseIndex || fromIndex > lastIndex || fromIndex <= commitIndex)
        {
            throw new IllegalStateException("cannot cut from " + fromIndex + ": the log holds " + baseIndex + " to " +
                lastIndex + ", " + commitIndex + " is committed");
        }
        if (!claimFrame(fromIndex, term, FrameDescriptor.TYPE_CUT, FrameDescriptor.CUT_PAYLOAD_LENGTH))
        {
            return NO_SPACE;
        }
        final long previousTerm = terms.term(fromIndex - 1);
        active.buffer().putLong(activeOffset + FrameDescriptor.PAYLOAD_OFFSET, previousTerm);
        final int entryCrc = checksums.entry(active, activeOffset, claimedPayloadLength);
        suffixCut(fromIndex, previousTerm);

        return commitFrame(entryCrc);
    }

    /**
     * Restarts the log, empty, at a snapshot. Durable once its position is; the old segments go with
     * {@link #retainFrom(long)}.
     *
     * @param index of the last entry that the snapshot covers, at least the commit index.
     * @param term  of that entry.
     * @return position (bytes) behind the restart, or {@link #NO_SPACE} with nothing changed.
     */
    public long resetTo(final long index, final long term)
    {
        if (index < commitIndex)
        {
            throw new IllegalStateException("cannot restart at " + index + ": " + commitIndex + " is committed");
        }
        if (!claimFrame(index, term, FrameDescriptor.TYPE_RESET, 0))
        {
            return NO_SPACE;
        }
        final int entryCrc = checksums.entry(active, activeOffset, 0);
        restarted(index, term);
        commitIndex(index);

        return commitFrame(entryCrc);
    }

    /**
     * Drops whole segments that hold nothing but entries below an index and are durable. They are recycled when no
     * {@link LogHold} needs them.
     *
     * @param index first entry to keep; at most the first that is not in the newest durable mark of the store.
     */
    public void retainFrom(final long index)
    {
        final long durablePosition = positions.durable();
        LogSegment[] table = segments;
        while (table.length > 1 && exchange.canDrop())
        {
            final long nextPosition = table[1].basePosition();
            final long firstKept = indexFrom(nextPosition);
            // strictly above: the header of the segment that becomes the first must be durable
            if (firstKept > index || durablePosition <= nextPosition)
            {
                return;
            }
            final LogSegment dropped = table[0];
            table = Arrays.copyOfRange(table, 1, table.length);
            if (firstKept - 1 > baseIndex)
            {
                baseTerm = terms.term(firstKept - 1);
                baseIndex = firstKept - 1;
                terms.dropBelow(baseIndex);
            }
            positions.baseIndex(baseIndex);
            publish(table);
            directory.dropBelow(firstKept);
            exchange.drop(dropped, firstKept - 1);
        }
    }

    /**
     * Tells how far the log is committed: a hint that is stored with every frame.
     *
     * @param index commit index, never falling.
     */
    public void commitIndex(final long index)
    {
        commitIndex = Math.max(commitIndex, index);
        positions.commitIndex(commitIndex);
    }

    /**
     * @return newest commit index known; after {@link #open} the one that was persisted.
     */
    public long commitIndex()
    {
        return commitIndex;
    }

    /**
     * Any thread may call this.
     *
     * @return position behind the newest frame; a load with acquire.
     */
    public long appendedPosition()
    {
        return positions.appended();
    }

    /**
     * Any thread may call this.
     *
     * @return position up to which the log is durable; a load with acquire.
     */
    public long durablePosition()
    {
        return positions.durable();
    }

    /**
     * Translates a durable position into the entry that it covers, so that a sync of entries that were cut since never
     * counts for those in their place.
     *
     * @param position that was published as durable.
     * @return the highest index held whose frame ends at or below it; the base if there is none. Its term is
     * {@link #termAt(long)}.
     */
    public long durableIndex(final long position)
    {
        return position >= appendedPosition ? lastIndex : indexFrom(position) - 1;
    }

    /**
     * Any thread may call this.
     *
     * @return true if a spare segment is ready.
     */
    public boolean hasSpare()
    {
        return exchange.hasSpare();
    }

    /**
     * Any thread may call this.
     *
     * @return true from the first segment that could not be made because the disk is full until a spare one and the
     * reserve are whole again.
     */
    public boolean isFull()
    {
        return exchange.level() != SegmentExchange.ROOM;
    }

    /**
     * Any thread may call this.
     *
     * @return true while the disk is full and no segment is left to go on in.
     */
    public boolean isOut()
    {
        return exchange.level() == SegmentExchange.OUT;
    }

    /**
     * @param index of an entry.
     * @return bytes of the entries behind it, 0 if there is none.
     */
    public long bytesBehind(final long index)
    {
        return index < baseIndex || index >= lastIndex ? 0 : appendedPosition - directory.position(index + 1);
    }

    /**
     * @return bytes of frames that fit the active segment.
     */
    public int remaining()
    {
        return active == null ? 0 : active.length() - activeOffset;
    }

    /**
     * @return a view for one reading thread.
     */
    public LogEntryView newView()
    {
        return new LogEntryView(this);
    }

    /**
     * @return a reader for one reading thread.
     */
    public LogEntryReader newReader()
    {
        return new LogEntryReader(this);
    }

    /**
     * Called while the node is assembled, before its threads start.
     *
     * @return a hold for one reading thread.
     */
    public LogHold newHold()
    {
        return new LogHold(positions);
    }

    // ---- for the room ----

    /** Any thread. */
    long position(final long index)
    {
        return directory.position(index);
    }

    int maxPayloadLength()
    {
        return maxPayloadLength;
    }

    /** Any thread: the segment that holds the frame beginning at a position; null if it was dropped. */
    LogSegment segmentAt(final long position)
    {
        // pairs with the release in publish()
        final LogSegment[] table = (LogSegment[])SEGMENTS.getAcquire(this);
        for (int i = table.length - 1; i >= 0; i--)
        {
            if (position >= table[i].basePosition())
            {
                return table[i];
            }
        }

        return null;
    }

    /** Any thread: the segment behind another one; null if there is none. */
    LogSegment segmentAfter(final LogSegment segment)
    {
        final LogSegment[] table = (LogSegment[])SEGMENTS.getAcquire(this);
        LogSegment next = null;
        for (int i = table.length - 1; i >= 0 && table[i].sequence() > segment.sequence(); i--)
        {
            next = table[i];
        }

        return next;
    }

    int segmentCount()
    {
        return segments.length;
    }

    SegmentExchange exchange()
    {
        return exchange;
    }

    /** Recovery: an entry was read, or one was appended. */
    void entryAdded(final long index, final long term, final long position)
    {
        directory.put(index, position);
        terms.append(index, term);
        lastIndex = index;
        lastTerm = term;
    }

    /** Recovery: a cut was read, or one was appended. */
    void suffixCut(final long fromIndex, final long previousTerm)
    {
        lastIndex = fromIndex - 1;
        lastTerm = previousTerm;
        if (lastIndex <= baseIndex)
        {
            restarted(lastIndex, lastTerm);
        }
        else
        {
            terms.cut(fromIndex);
        }
    }

    /** Recovery: a restart was read, or one was appended; the log is empty behind this base. */
    void restarted(final long index, final long term)
    {
        baseIndex = index;
        baseTerm = term;
        lastIndex = index;
        lastTerm = term;
        terms.reset(index, term);
        directory.reset(index + 1);
        positions.baseIndex(index);
    }

    /** Recovery ends: everything up to here is durable. */
    void recovered(
        final LogSegment[] table, final LogSegment tail, final long position, final int chain, final long commit)
    {
        publish(table);
        active = tail;
        activeOffset = tail == null ? 0 : tail.offsetOf(position);
        appendedPosition = position;
        openedPosition = position;
        chainCrc = chain;
        positions.durable(position);
        positions.appended(position);
        commitIndex(Math.min(Math.max(commit, baseIndex), lastIndex));
    }

    private boolean claimFrame(final long index, final long term, final int type, final int payloadLength)
    {
        if (isClaimed || payloadLength < 0 || payloadLength > maxPayloadLength)
        {
            throw new IllegalStateException("cannot claim " + payloadLength + " bytes of at most " + maxPayloadLength +
                (isClaimed ? ": another claim is open" : ""));
        }
        final int alignedLength = FrameDescriptor.alignedLength(payloadLength);
        if (alignedLength > remaining() && !roll())
        {
            return false;
        }
        final UnsafeBuffer buffer = active.buffer();
        buffer.putLong(activeOffset + FrameDescriptor.INDEX_OFFSET, index);
        buffer.putLong(activeOffset + FrameDescriptor.TERM_OFFSET, term);
        buffer.putInt(activeOffset + FrameDescriptor.TYPE_OFFSET, type);
        buffer.putInt(activeOffset + FrameDescriptor.PAYLOAD_LENGTH_OFFSET, payloadLength);
        isClaimed = true;
        claimedPayloadLength = payloadLength;

        return true;
    }

    private long commitFrame(final int entryCrc)
    {
        final UnsafeBuffer buffer = active.buffer();
        final int offset = activeOffset;
        final int frameLength = FrameDescriptor.HEADER_LENGTH + claimedPayloadLength;
        final int end = offset + FrameDescriptor.alignedLength(claimedPayloadLength);
        final int cleared = end < active.length() ? Integer.BYTES : 0;
        if (cleared > 0)
        {
            buffer.putInt(end, 0);
        }
        chainCrc = checksums.chain(chainCrc, entryCrc);
        buffer.putLong(offset + FrameDescriptor.WATERMARK_OFFSET, watermark());
        buffer.putLong(offset + FrameDescriptor.COMMIT_INDEX_OFFSET, commitIndex);
        buffer.putInt(offset + FrameDescriptor.CHAIN_CRC_OFFSET, chainCrc);
        buffer.putInt(offset + FrameDescriptor.CHAIN_CRC_OFFSET + Integer.BYTES, 0);
        buffer.putInt(offset + FrameDescriptor.ENTRY_CRC_OFFSET, entryCrc);
        buffer.putInt(offset + FrameDescriptor.ENTRY_CRC_OFFSET + Integer.BYTES, 0);
        buffer.putInt(
            offset + FrameDescriptor.LOCAL_CRC_OFFSET, checksums.local(active, offset, frameLength));
        active.region().wrote(offset + Integer.BYTES, end + cleared - offset - Integer.BYTES);

        // pairs with the acquire in LogEntryView.wrap()
        buffer.putIntRelease(offset + FrameDescriptor.LENGTH_OFFSET, frameLength);
        active.region().wrote(offset, Integer.BYTES);

        isClaimed = false;
        activeOffset = end;
        appendedPosition = active.positionOf(end);
        positions.appended(appendedPosition);

        return appendedPosition;
    }

    /** Without syncs nothing is known to be durable but what was recovered. */
    private long watermark()
    {
        return isUnsafeNoFsync ? openedPosition : positions.durable();
    }

    private boolean roll()
    {
        final LogSegment next = exchange.takeSpare();
        if (next == null)
        {
            return false;
        }
        next.base(appendedPosition, lastIndex, lastTerm, chainCrc);
        next.buffer().putInt(SegmentDescriptor.FIRST_FRAME_OFFSET, 0);
        next.region().wrote(SegmentDescriptor.FIRST_FRAME_OFFSET, Integer.BYTES);
        writeHeader(next, checksums, clusterId, termFile.storeId(), watermark(), commitIndex);
        final LogSegment[] table = Arrays.copyOf(segments, segments.length + 1);
        table[table.length - 1] = next;
        publish(table);
        active = next;
        activeOffset = SegmentDescriptor.FIRST_FRAME_OFFSET;

        return true;
    }

    /** Writes the header of a segment whose base is set. */
    static void writeHeader(
        final LogSegment segment,
        final FrameChecksums checksums,
        final long clusterId,
        final long storeId,
        final long watermark,
        final long commitIndex)
    {
        final UnsafeBuffer buffer = segment.buffer();
        buffer.putLong(SegmentDescriptor.MAGIC_OFFSET, SegmentDescriptor.MAGIC);
        buffer.putInt(SegmentDescriptor.VERSION_OFFSET, SegmentDescriptor.VERSION);
        buffer.putLong(SegmentDescriptor.CLUSTER_ID_OFFSET, clusterId);
        buffer.putLong(SegmentDescriptor.STORE_ID_OFFSET, storeId);
        buffer.putLong(SegmentDescriptor.SEQUENCE_OFFSET, segment.sequence());
        buffer.putLong(SegmentDescriptor.BASE_POSITION_OFFSET, segment.basePosition());
        buffer.putLong(SegmentDescriptor.BASE_INDEX_OFFSET, segment.baseIndex());
        buffer.putLong(SegmentDescriptor.BASE_TERM_OFFSET, segment.baseTerm());
        buffer.putInt(SegmentDescriptor.CHAIN_CRC_OFFSET, segment.baseChainCrc());
        buffer.putInt(SegmentDescriptor.FILE_LENGTH_OFFSET, segment.length());
        buffer.putLong(SegmentDescriptor.WATERMARK_OFFSET, watermark);
        buffer.putLong(SegmentDescriptor.COMMIT_INDEX_OFFSET, commitIndex);
        buffer.putInt(SegmentDescriptor.CRC_OFFSET, checksums.header(segment));
        segment.region().wrote(0, SegmentDescriptor.HEADER_LENGTH);
    }

    private void publish(final LogSegment[] table)
    {
        // pairs with the acquire in segmentAt() and segmentAfter()
        SEGMENTS.setRelease(this, table);
    }

    /** @return the lowest index held whose frame begins at or behind a position; last + 1 if there is none. */
    private long indexFrom(final long position)
    {
        long low = baseIndex + 1;
        long high = lastIndex + 1;
        while (low < high)
        {
            final long middle = (low + high) >>> 1;
            if (directory.position(middle) >= position)
            {
                high = middle;
            }
            else
            {
                low = middle + 1;
            }
        }

        return low;
    }

    private int field(final long index, final int fieldOffset)
    {
        if (index <= baseIndex || index > lastIndex)
        {
            throw new IllegalStateException(
                "entry " + index + " is not held: " + baseIndex + " to " + lastIndex);
        }
        final long position = directory.position(index);
        final LogSegment segment = segmentAt(position);

        return segment.buffer().getInt(segment.offsetOf(position) + fieldOffset);
    }

    private void checkClaim()
    {
        if (!isClaimed)
        {
            throw new IllegalStateException("nothing is claimed");
        }
    }
}
