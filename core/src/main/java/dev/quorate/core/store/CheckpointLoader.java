package dev.quorate.core.store;

import dev.quorate.core.seam.DiskFile;
import dev.quorate.core.store.index.Loader;
import org.agrona.concurrent.UnsafeBuffer;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

/**
 * Loads the index from the checkpoint that the manifest names, block by block. Nothing but the empty trees is changed
 * before all of it was found whole; what then remains is to go over the records from where the checkpoint began.
 * <p>
 * Owner: the thread that opens the store.
 */
final class CheckpointLoader
{
    private final StoreParts parts;
    private final FileTable files;
    private final CheckpointBlock block = new CheckpointBlock();
    private final CheckpointFoot foot = new CheckpointFoot();
    private final Loader keys;
    private final Loader system;
    private final long id;
    private DiskFile file;
    private long length;
    private long deadPosition;
    private int deadNumber;
    private int deadBlocks;

    CheckpointLoader(final StoreParts parts)
    {
        this.parts = parts;
        files = parts.files;
        keys = parts.trees.keys.newLoader();
        system = parts.trees.system.newLoader();
        id = files.manifest.checkpointId;
    }

    /** @return where to go on from, null if the file is missing, damaged or not one of this stream. */
    CheckpointFoot load()
    {
        final String path = files.manifest.checkpointPath(id);
        if (!files.disk.exists(path))
        {
            return null;
        }
        try (DiskFile opened = files.disk.openFile(path))
        {
            file = opened;
            length = opened.length();
            if (!read())
            {
                return null;
            }
            keys.finish();
            system.finish();
            adoptDead();
        }
        files.checkpointLp = foot.lp;
        files.checkpointLength = length;
        return foot;
    }

    private boolean read()
    {
        long position = 0;
        int kind = CheckpointBlock.KEYS;
        int number = 0;
        while (CheckpointBlock.FOOT != kind)
        {
            if (!block.read(file, position, length, parts.context.storeId(), id, number) ||
                block.kind() < kind || !take(position, number, block.kind() == kind && 0 != number))
            {
                return false;
            }
            kind = block.kind();
            number++;
            position += block.length();
        }
        return position == length && foot.blocks == number && foot.keys == keys.size() &&
            foot.systemRows == system.size() && foot.fits(parts.mark);
    }

    private boolean take(final long position, final int number, final boolean isFollowing)
    {
        switch (block.kind())
        {
            case CheckpointBlock.KEYS:
                return takeLeaves(keys, isFollowing);
            case CheckpointBlock.SYSTEM:
                return takeLeaves(system, isFollowing);
            case CheckpointBlock.DEAD:
                deadPosition = 0 == deadBlocks ? position : deadPosition;
                deadNumber = 0 == deadBlocks ? number : deadNumber;
                deadBlocks++;
                return true;
            case CheckpointBlock.FOOT:
                if (1 != block.items() || block.length() != block.firstItem() + CheckpointFoot.LENGTH)
                {
                    return false;
                }
                foot.decode(block.buffer(), block.firstItem());
                return true;
            default:
                return false;
        }
    }

    private boolean takeLeaves(final Loader loader, final boolean isFollowing)
    {
        final UnsafeBuffer buffer = block.buffer();
        if (isFollowing && !loader.endsWith(buffer, block.fenceOffset(), block.fenceLength()))
        {
            return false;
        }
        int at = block.firstItem();
        for (int i = block.items(); i > 0; i--)
        {
            if (at + 8 > block.length())
            {
                return false;
            }
            final int imageLength = buffer.getInt(at, LITTLE_ENDIAN);
            if (imageLength < 0 || imageLength > block.length() - at - 8 ||
                !loader.add(buffer, at + 8, imageLength, buffer.getInt(at + 4, LITTLE_ENDIAN)))
            {
                return false;
            }
            at += CheckpointBlock.align(8 + imageLength);
        }
        return at == block.length();
    }

    /** Only now: bits of several files tell the truth together or not at all. */
    private void adoptDead()
    {
        long position = deadPosition;
        for (int i = 0; i < deadBlocks; i++)
        {
            if (!block.read(file, position, length, parts.context.storeId(), id, deadNumber + i))
            {
                throw new IllegalStateException("a block of " + files.manifest.checkpointPath(id) + " changed");
            }
            position += block.length();
            final UnsafeBuffer buffer = block.buffer();
            int at = block.firstItem();
            for (int item = block.items(); item > 0; item--)
            {
                final int words = (int)buffer.getLong(at + 16, LITTLE_ENDIAN);
                adopt(buffer.getLong(at, LITTLE_ENDIAN), buffer.getLong(at + 8, LITTLE_ENDIAN), at + 24, words);
                at += 24 + (words << 3);
            }
        }
    }

    /** A file that was replaced since then has its bits with the manifest. */
    private void adopt(final long fileId, final long deadBytes, final int at, final int words)
    {
        for (int i = 0; i < files.sealed.size(); i++)
        {
            if (files.sealed.get(i).fileId == fileId)
            {
                files.sealed.get(i).adoptDead(block.buffer(), at, words, deadBytes);
            }
        }
    }
}
