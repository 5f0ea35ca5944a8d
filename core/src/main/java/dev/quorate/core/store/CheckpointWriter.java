package dev.quorate.core.store;

import dev.quorate.core.seam.DiskFile;
import dev.quorate.core.seam.DiskFullException;
import dev.quorate.core.store.index.EpochRegistry;
import dev.quorate.core.store.index.LeafWalker;
import dev.quorate.core.store.index.ReaderSlot;
import org.agrona.concurrent.UnsafeBuffer;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

/**
 * Writes one checkpoint of the index while apply goes on: leaves in key order as a reader finds them, the dead bits of
 * all files, and at last where the stream stood when the walk began. Nothing waits for it; memory is one block.
 * <p>
 * Owner: housekeeping.
 */
final class CheckpointWriter
{
    private enum State
    {
        IDLE, KEYS, SYSTEM, DEAD, FOOT, WRITTEN
    }

    private static final byte[] NO_FENCE = {};

    private final StoreContext context;
    private final FileTable files;
    private final CompactionMark marked;
    private final ReaderSlot slot;
    private final LeafWalker keys;
    private final LeafWalker system;
    private final CheckpointFoot foot = new CheckpointFoot();
    private CheckpointBlock block;
    private State state = State.IDLE;
    private DiskFile file;
    private long id;
    private long written;
    private long forced;
    private long deadBelowLp;
    private int blocks;

    CheckpointWriter(final StoreParts parts)
    {
        context = parts.context;
        files = parts.files;
        marked = parts.marked;
        slot = parts.trees.epochs.newSlot();
        keys = parts.trees.keys.newLeafWalker(slot);
        system = parts.trees.system.newLeafWalker(slot);
    }

    boolean isRunning()
    {
        return State.IDLE != state;
    }

    /** True once everything is written; nothing is forced yet. */
    boolean isWritten()
    {
        return State.WRITTEN == state;
    }

    CheckpointFoot foot()
    {
        return foot;
    }

    long id()
    {
        return id;
    }

    /** Bytes of the file so far. */
    long length()
    {
        return written;
    }

    /** Begins at an entry that is applied as far as the index goes. */
    void start(final EntryPosition from, final long mainBound) throws DiskFullException
    {
        id = files.manifest.nextFileId++;
        file = files.disk.createFile(files.manifest.checkpointPath(id));
        foot.lp = from.lp;
        foot.raftIndex = from.raftIndex;
        foot.term = from.term;
        foot.main = from.main;
        foot.mainBound = mainBound;
        foot.compactRevision = from.compactRevision;
        foot.highestLp = -1;
        foot.keys = 0;
        foot.systemRows = 0;
        written = 0;
        forced = 0;
        blocks = 0;
        block = new CheckpointBlock();
        keys.restart();
        system.restart();
        block.begin(CheckpointBlock.KEYS, NO_FENCE, 0);
        state = State.KEYS;
    }

    /** Writes one slice. @return bytes gone over. */
    int slice(final int sliceBytes) throws DiskFullException
    {
        switch (state)
        {
            case KEYS:
                return leaves(keys, CheckpointBlock.KEYS, sliceBytes);
            case SYSTEM:
                return leaves(system, CheckpointBlock.SYSTEM, sliceBytes);
            case DEAD:
                return deadBits(sliceBytes);
            case FOOT:
                return foot(sliceBytes);
            default:
                return 0;
        }
    }

    /** Forces what was written, its name included. */
    void force()
    {
        file.force();
        files.disk.syncDirectory(files.directory);
    }

    /** The checkpoint is in force. */
    void complete()
    {
        file.close();
        reset();
    }

    /** Gives up and removes the file. */
    void abandon()
    {
        if (isRunning())
        {
            file.close();
            files.disk.delete(files.manifest.checkpointPath(id));
            reset();
        }
    }

    private void reset()
    {
        file = null;
        block = null;
        state = State.IDLE;
    }

    private int leaves(final LeafWalker walker, final int kind, final int sliceBytes) throws DiskFullException
    {
        int bytes = 0;
        boolean isFull = false;
        boolean isEnd = false;
        slot.pin(EpochRegistry.IDLE);
        walker.resume();
        while (bytes < sliceBytes && !isFull && !isEnd)
        {
            if (!walker.next())
            {
                isEnd = true;
            }
            else if (hasRoom(8 + walker.length()))
            {
                bytes += append(walker, kind);
            }
            else
            {
                isFull = true;
            }
        }
        slot.unpin();
        if (isFull)
        {
            flush();
            block.begin(kind, walker.lastKey(), walker.lastKeyLength());
        }
        else if (isEnd)
        {
            flush();
            next();
        }
        return bytes + 1;
    }

    private int append(final LeafWalker walker, final int kind)
    {
        final int skip = walker.skip();
        final int length = walker.length();
        final int at = block.item(8 + length);
        final UnsafeBuffer buffer = block.buffer();
        buffer.putInt(at, length, LITTLE_ENDIAN);
        buffer.putInt(at + 4, skip, LITTLE_ENDIAN);
        foot.highestLp = Math.max(foot.highestLp, walker.copy(buffer, at + 8));
        final int rows = walker.rows() - skip;
        if (CheckpointBlock.KEYS == kind)
        {
            foot.keys += rows;
        }
        else
        {
            foot.systemRows += rows;
        }
        return length;
    }

    private void next()
    {
        if (State.KEYS == state)
        {
            block.begin(CheckpointBlock.SYSTEM, NO_FENCE, 0);
            state = State.SYSTEM;
            return;
        }
        // Before the bits: they may then tell more than the mark, which the next marking finds again, but never less.
        foot.marked.set(marked);
        deadBelowLp = 0;
        block.begin(CheckpointBlock.DEAD, NO_FENCE, 0);
        state = State.DEAD;
    }

    /** Files in LP order; one that was replaced meanwhile by another has its bits with the manifest. */
    private int deadBits(final int sliceBytes) throws DiskFullException
    {
        int bytes = 1;
        for (int i = 0; i <= files.sealed.size() && bytes < sliceBytes; i++)
        {
            final StoreFile of = i < files.sealed.size() ? files.sealed.get(i) : files.active;
            if (null != of && of.baseLp >= deadBelowLp && 0 != of.deadCount)
            {
                final int length = 24 + (of.deadWords() << 3);
                if (!hasRoom(length))
                {
                    flush();
                    block.begin(CheckpointBlock.DEAD, NO_FENCE, 0);
                }
                append(of, length);
                deadBelowLp = of.baseLp + 1;
                bytes += length;
            }
        }
        if (bytes < sliceBytes)
        {
            flush();
            block.begin(CheckpointBlock.FOOT, NO_FENCE, 0);
            state = State.FOOT;
        }
        return bytes;
    }

    private void append(final StoreFile of, final int length)
    {
        final int at = block.item(length);
        final UnsafeBuffer buffer = block.buffer();
        buffer.putLong(at, of.fileId, LITTLE_ENDIAN);
        buffer.putLong(at + 8, of.deadBytes, LITTLE_ENDIAN);
        buffer.putLong(at + 16, of.deadWords(), LITTLE_ENDIAN);
        for (int i = 0; i < of.deadWords(); i++)
        {
            buffer.putLong(at + 24 + (i << 3), of.deadWord(i), LITTLE_ENDIAN);
        }
    }

    private int foot(final int sliceBytes) throws DiskFullException
    {
        foot.blocks = blocks + 1;
        foot.encode(block.buffer(), block.item(CheckpointFoot.LENGTH));
        flush();
        state = State.WRITTEN;
        return Math.min(sliceBytes, CheckpointFoot.LENGTH);
    }

    private boolean hasRoom(final int itemLength)
    {
        return 0 == block.items() || block.length() + itemLength <= context.checkpointBlockLength();
    }

    private void flush() throws DiskFullException
    {
        if (block.items() > 0)
        {
            written += block.write(file, written, context.storeId(), id, blocks++);
            if (written - forced >= context.forceLength())
            {
                // so that the last force, and others on this disk, never wait for much
                forced = written;
                file.force();
            }
        }
    }
}
