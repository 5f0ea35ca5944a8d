package dev.quorate.core.store;

import dev.quorate.core.seam.DiskFullException;
import dev.quorate.core.seam.StorageFault;
import org.agrona.DirectBuffer;
import org.agrona.ExpandableArrayBuffer;
import org.agrona.concurrent.UnsafeBuffer;

import java.util.ArrayList;
import java.util.List;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

/**
 * Takes a snapshot from a peer: stages its files under numbers of their own beside those of the store in force, gives
 * them headers of this store, checks every record, builds the index, writes it out as a checkpoint, and at last makes
 * all of it the store with one rename of the manifest. Until then nothing names the files, so a crash leaves the store
 * as it was, and the next start removes them; afterwards it leaves the snapshot, which is the legal case of a store
 * ahead of its log.
 * <p>
 * Owner: housekeeping; apply takes the parts over when it installs them.
 */
public final class SnapshotSink
{
    private enum State
    {
        RECEIVING, SEALING, INDEXING, IMAGING, READY, DURABLE, ABANDONED
    }

    private final StoreContext context;
    private final FileTable live;
    private final StoreParts parts;
    private final StoreRecovery recovery;
    private final ExpandableArrayBuffer prologue = new ExpandableArrayBuffer(4096);
    private final UnsafeBuffer page = new UnsafeBuffer(new byte[SegmentFile.HEADER_LENGTH]);
    private final List<StoreFile> files = new ArrayList<>();
    private final long length;
    private RollForward roll;
    private CheckpointWriter images;
    private State state = State.RECEIVING;
    private long received;
    private int prologueLength;
    private int current;
    private long currentReceived;
    private int deadAt;

    SnapshotSink(
        final StoreContext context,
        final FileTable live,
        final MarkFile markFile,
        final long number,
        final long length)
    {
        this.context = context;
        this.live = live;
        this.length = length;
        parts = new StoreParts(context, number);
        parts.markFile = markFile;
        recovery = new StoreRecovery(parts);
    }

    /**
     * @return bytes taken so far: the position that is expected next.
     */
    public long received()
    {
        return received;
    }

    /**
     * @return true once all bytes are there.
     */
    public boolean isWhole()
    {
        return received == length;
    }

    /**
     * @return index of the last entry that the snapshot holds; known once it is ready.
     */
    public long raftIndex()
    {
        return parts.mark.raftIndex;
    }

    /**
     * @return term of that entry.
     */
    public long term()
    {
        return parts.mark.term;
    }

    /**
     * Takes the next bytes.
     *
     * @param buffer holding them.
     * @param offset of the first.
     * @param count  of bytes.
     * @return false if the bytes are not those of a snapshot of this cluster; the sink is then to be abandoned.
     * @throws DiskFullException if there is no room.
     */
    public boolean write(final DirectBuffer buffer, final int offset, final int count) throws DiskFullException
    {
        if (State.RECEIVING != state || count > length - received)
        {
            return false;
        }
        int at = offset;
        final int end = offset + count;
        while (at < end)
        {
            final int taken = received < SnapshotPrologue.HEADER_LENGTH || received < prologueLength ?
                takePrologue(buffer, at, end - at) : takeFile(buffer, at, end - at);
            if (taken < 0)
            {
                return false;
            }
            at += taken;
            received += taken;
        }
        return true;
    }

    /**
     * Works on what was received: seals one file, indexes a slice of records, or writes a slice of the index.
     *
     * @param sliceBytes most bytes to go over.
     * @return true once the snapshot is ready to be installed.
     * @throws DiskFullException if there is no room.
     * @throws StorageFault      if a record is damaged although its chunk was not.
     */
    public boolean prepare(final long sliceBytes) throws DiskFullException
    {
        switch (state)
        {
            case RECEIVING:
                if (!isWhole() || current < files.size())
                {
                    throw new IllegalStateException("only " + received + " of " + length + " bytes are there");
                }
                current = 0;
                state = State.SEALING;
                return false;
            case SEALING:
                seal();
                return false;
            case INDEXING:
                if (roll.slice(sliceBytes))
                {
                    parts.files.publishSizes();
                    state = State.IMAGING;
                }
                return false;
            case IMAGING:
                image((int)Math.min(sliceBytes, Integer.MAX_VALUE));
                return State.READY == state;
            default:
                return State.READY == state;
        }
    }

    /**
     * Makes the snapshot the store of this directory. Whoever writes the store in force has stopped.
     *
     * @param liveSequence of the newest mark of the store in force.
     * @throws DiskFullException if there is no room; nothing has changed.
     */
    void makeDurable(final long liveSequence) throws DiskFullException
    {
        if (State.READY != state)
        {
            throw new IllegalStateException("snapshot is not ready but " + state);
        }
        final Manifest manifest = parts.files.manifest;
        manifest.nextFileId = live.manifest.nextFileId;
        for (int i = 0; i < files.size(); i++)
        {
            if (0 != files.get(i).deadCount)
            {
                manifest.writeDead(parts.files.sealed);
                break;
            }
        }
        // The mark of the snapshot outranks those of the store before it, in the manifest itself: one rename switches
        // both.
        parts.mark.sequence = liveSequence + 1;
        manifest.installed.set(parts.mark);
        final boolean hasImages = images.isRunning();
        manifest.checkpointId = hasImages ? images.id() : 0;
        parts.files.writeManifest();
        state = State.DURABLE;
        if (hasImages)
        {
            parts.files.checkpointLp = images.foot().lp;
            parts.files.checkpointLength = images.length();
            images.complete();
        }
        if (0 != live.manifest.deadFileId)
        {
            live.disk.delete(live.manifest.deadPath(live.manifest.deadFileId));
        }
        if (live.hasCheckpoint())
        {
            live.disk.delete(live.manifest.checkpointPath(live.manifest.checkpointId));
        }
    }

    /**
     * Removes what was staged. Harmless once the snapshot is durable.
     */
    public void abandon()
    {
        if (State.DURABLE == state || State.ABANDONED == state)
        {
            return;
        }
        state = State.ABANDONED;
        if (null != images)
        {
            images.abandon();
        }
        for (int i = 0; i < files.size(); i++)
        {
            final StoreFile file = files.get(i);
            if (null != file.mapped)
            {
                file.file.unmap(file.mapped);
            }
            if (null != file.file)
            {
                file.file.close();
                context.disk().delete(parts.files.path(file));
            }
        }
        parts.trees.arena.close();
    }

    StoreParts parts()
    {
        if (State.DURABLE != state)
        {
            throw new IllegalStateException("snapshot is not durable but " + state);
        }
        return parts;
    }

    private int takePrologue(final DirectBuffer buffer, final int offset, final int available)
    {
        final int wanted = 0 == prologueLength ? SnapshotPrologue.HEADER_LENGTH : prologueLength;
        final int taken = Math.min(available, wanted - (int)received);
        prologue.putBytes((int)received, buffer, offset, taken);
        if (received + taken < wanted)
        {
            return taken;
        }
        if (0 == prologueLength)
        {
            final long announced = prologue.getLong(SnapshotPrologue.LENGTH_OFFSET, LITTLE_ENDIAN);
            if (SnapshotPrologue.MAGIC != prologue.getLong(0, LITTLE_ENDIAN) ||
                announced <= SnapshotPrologue.HEADER_LENGTH || announced > SnapshotPrologue.LENGTH_MAX)
            {
                return -1;
            }
            prologueLength = (int)announced;
            return taken;
        }
        return decode() ? taken : -1;
    }

    private boolean decode()
    {
        final int end = prologueLength - 4;
        if (prologue.getInt(end, LITTLE_ENDIAN) != new FrameCrc().of(prologue, 0, end) ||
            prologue.getLong(SnapshotPrologue.CLUSTER_OFFSET, LITTLE_ENDIAN) != context.clusterId())
        {
            return false;
        }
        final DurableMark mark = parts.mark;
        mark.lp = prologue.getLong(SnapshotPrologue.LP_OFFSET, LITTLE_ENDIAN);
        mark.raftIndex = prologue.getLong(SnapshotPrologue.RAFT_INDEX_OFFSET, LITTLE_ENDIAN);
        mark.term = prologue.getLong(SnapshotPrologue.TERM_OFFSET, LITTLE_ENDIAN);
        mark.mainRevision = prologue.getLong(SnapshotPrologue.MAIN_OFFSET, LITTLE_ENDIAN);
        mark.compactRevision = prologue.getLong(SnapshotPrologue.COMPACT_REVISION_OFFSET, LITTLE_ENDIAN);
        mark.compactBound = prologue.getLong(SnapshotPrologue.COMPACT_BOUND_OFFSET, LITTLE_ENDIAN);
        mark.streamHash = prologue.getLong(SnapshotPrologue.STREAM_HASH_OFFSET, LITTLE_ENDIAN);
        recovery.position();
        final long count = prologue.getLong(SnapshotPrologue.COUNT_OFFSET, LITTLE_ENDIAN);
        long endLp = 0;
        long total = prologueLength;
        int at = SnapshotPrologue.HEADER_LENGTH;
        for (long i = 0; i < count; i++, at += SnapshotPrologue.ENTRY_LENGTH)
        {
            final long baseLp = prologue.getLong(at + SnapshotPrologue.BASE_LP, LITTLE_ENDIAN);
            if (baseLp != endLp)
            {
                return false;
            }
            final StoreFile file = new StoreFile(
                live.manifest.nextFileId++, baseLp,
                0 != prologue.getLong(at + SnapshotPrologue.FLAGS, LITTLE_ENDIAN));
            final long fileEnd = prologue.getLong(at + SnapshotPrologue.END_LP, LITTLE_ENDIAN);
            file.isSealed = fileEnd >= 0;
            endLp = file.isSealed ? fileEnd : mark.lp;
            file.endLp = endLp;
            file.length = prologue.getLong(at + SnapshotPrologue.LENGTH, LITTLE_ENDIAN);
            total += file.length;
            files.add(file);
        }
        deadAt = at;
        return endLp == mark.lp && total == length;
    }

    private int takeFile(final DirectBuffer buffer, final int offset, final int available) throws DiskFullException
    {
        final StoreFile file = files.get(current);
        if (null == file.file)
        {
            file.file = context.disk().createFile(parts.files.path(file));
        }
        final int taken = (int)Math.min(available, file.length - currentReceived);
        file.file.write(currentReceived, buffer, offset, taken);
        currentReceived += taken;
        if (currentReceived == file.length)
        {
            current++;
            currentReceived = 0;
        }
        return taken;
    }

    /** Gives the next file a header of this store, and a footer if it has none; maps it. */
    private void seal() throws DiskFullException
    {
        if (current == files.size())
        {
            context.disk().syncDirectory(context.directory());
            parts.files.publish();
            roll = new RollForward(parts, null);
            state = State.INDEXING;
            return;
        }
        final StoreFile file = files.get(current);
        if (file.isSealed)
        {
            file.file.read(0, page, 0, SegmentFile.HEADER_LENGTH);
            if (!parts.files.format.isHeader(page))
            {
                throw new StorageFault("a snapshot came with a damaged header of its file at LP " + file.baseLp);
            }
            SegmentFile.readStatistics(file, page);
            parts.files.format.writeHeader(file, file.file);
            file.file.force();
        }
        else
        {
            recovery.cut(file, parts.mark.lp);
        }
        recovery.mapChecked(file);
        restoreDead(file);
        parts.files.sealed.add(file);
        current++;
    }

    /** A checkpoint of the index as it is staged. It only spares the next start work: without room it is left out. */
    private void image(final int sliceBytes)
    {
        try
        {
            if (null == images)
            {
                beginImages();
            }
            else if (!images.isWritten())
            {
                images.slice(sliceBytes);
            }
            else
            {
                images.force();
                state = State.READY;
            }
        }
        catch (final DiskFullException ex)
        {
            images.abandon();
            state = State.READY;
        }
    }

    private void beginImages() throws DiskFullException
    {
        images = new CheckpointWriter(parts);
        final long main = parts.position.main;
        final RevisionLocator locator = new RevisionLocator(
            parts.directory, parts.ring, parts.published, new RecordReader(parts.directory));
        // the number of its file is one that no file of the store in force has
        parts.files.manifest.nextFileId = live.manifest.nextFileId++;
        images.start(parts.position, locator.boundOf(main, main));
    }

    private void restoreDead(final StoreFile file)
    {
        final int entry = SnapshotPrologue.HEADER_LENGTH + current * SnapshotPrologue.ENTRY_LENGTH;
        final int words = (int)prologue.getLong(entry + SnapshotPrologue.DEAD_WORDS, LITTLE_ENDIAN);
        Manifest.restoreDead(prologue, deadAt, words, file);
        deadAt += words << 3;
    }
}
