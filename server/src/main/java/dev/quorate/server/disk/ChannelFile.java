package dev.quorate.server.disk;

import dev.quorate.core.seam.DiskFile;
import dev.quorate.core.seam.DiskFullException;
import dev.quorate.core.seam.StorageFault;
import org.agrona.BufferUtil;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/**
 * A file for positional reads and writes by cold agents. Bytes pass through a direct buffer of 64 KiB of its own, so
 * that no large temporary buffer is cached per thread.
 */
final class ChannelFile implements DiskFile
{
    private static final int BLOCK_LENGTH = 64 * 1024;

    private final String path;
    private final FileChannel channel;
    private final boolean isSynced;
    private final ByteBuffer block = ByteBuffer.allocateDirect(BLOCK_LENGTH);

    ChannelFile(final String path, final FileChannel channel, final boolean isSynced)
    {
        this.path = path;
        this.channel = channel;
        this.isSynced = isSynced;
    }

    @Override
    public void write(final long position, final DirectBuffer source, final int offset, final int length)
        throws DiskFullException
    {
        int done = 0;
        try
        {
            while (done < length)
            {
                block.clear();
                final int count = Math.min(BLOCK_LENGTH, length - done);
                source.getBytes(offset + done, block, count);
                block.flip();
                while (block.hasRemaining())
                {
                    done += channel.write(block, position + done);
                }
            }
        }
        catch (final IOException ex)
        {
            if (FileDisk.isDiskFull(ex))
            {
                throw new DiskFullException("no room for " + (length - done) + " bytes of " + path);
            }
            throw fault("write", position + done, ex);
        }
    }

    @Override
    public int read(final long position, final MutableDirectBuffer destination, final int offset, final int length)
    {
        int done = 0;
        try
        {
            while (done < length)
            {
                block.clear().limit(Math.min(BLOCK_LENGTH, length - done));
                final int count = channel.read(block, position + done);
                if (count < 0)
                {
                    break;
                }
                block.flip();
                destination.putBytes(offset + done, block, count);
                done += count;
            }
        }
        catch (final IOException ex)
        {
            throw fault("read", position + done, ex);
        }
        return done;
    }

    @Override
    public void force()
    {
        if (isSynced)
        {
            try
            {
                channel.force(false);
            }
            catch (final IOException ex)
            {
                throw fault("sync", 0, ex);
            }
        }
    }

    @Override
    public void truncate(final long length)
    {
        try
        {
            channel.truncate(length);
        }
        catch (final IOException ex)
        {
            throw fault("truncate", length, ex);
        }
    }

    @Override
    public long length()
    {
        try
        {
            return channel.size();
        }
        catch (final IOException ex)
        {
            throw fault("measure", 0, ex);
        }
    }

    @Override
    public UnsafeBuffer map(final long position, final int length)
    {
        try
        {
            return new UnsafeBuffer(channel.map(FileChannel.MapMode.READ_ONLY, position, length));
        }
        catch (final IOException ex)
        {
            throw fault("map", position, ex);
        }
    }

    @Override
    public void unmap(final UnsafeBuffer mapped)
    {
        BufferUtil.free(mapped);
    }

    @Override
    public void close()
    {
        try
        {
            channel.close();
        }
        catch (final IOException ex)
        {
            throw fault("close", 0, ex);
        }
    }

    @Override
    public String toString()
    {
        return "ChannelFile{path='" + path + "'}";
    }

    private StorageFault fault(final String action, final long position, final IOException ex)
    {
        return new StorageFault(
            "cannot " + action + " '" + path + "' at " + position + ": " + ex + "; check the disk", ex);
    }
}
