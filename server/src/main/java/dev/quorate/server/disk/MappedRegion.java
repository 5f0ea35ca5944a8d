package dev.quorate.server.disk;

import dev.quorate.core.seam.Region;
import dev.quorate.core.seam.StorageFault;
import org.agrona.BufferUtil;
import org.agrona.concurrent.UnsafeBuffer;

import java.io.UncheckedIOException;
import java.nio.MappedByteBuffer;

/**
 * A file mapped for reading and writing. {@link #startSync(int, int)} does the whole work, so it blocks whoever runs
 * the log sync agent: its thread, or for a single sync that of consensus.
 */
final class MappedRegion implements Region
{
    private final String path;
    private final MappedByteBuffer mapped;
    private final UnsafeBuffer buffer;
    private final boolean isSynced;

    MappedRegion(final String path, final MappedByteBuffer mapped, final boolean isSynced)
    {
        this.path = path;
        this.mapped = mapped;
        this.buffer = new UnsafeBuffer(mapped);
        this.isSynced = isSynced;
    }

    @Override
    public UnsafeBuffer buffer()
    {
        return buffer;
    }

    @Override
    public int length()
    {
        return mapped.capacity();
    }

    @Override
    public void wrote(final int offset, final int length)
    {
        // The kernel sees stores to the mapping by itself.
    }

    @Override
    public void startSync(final int offset, final int length)
    {
        if (isSynced)
        {
            try
            {
                mapped.force(offset, length);
            }
            catch (final UncheckedIOException ex)
            {
                throw new StorageFault("cannot sync '" + path + "' at " + offset + ": " + ex +
                    "; what was not yet acknowledged may be lost, check the disk before a restart", ex);
            }
        }
    }

    @Override
    public boolean pollSync()
    {
        return true;
    }

    @Override
    public void close()
    {
        BufferUtil.free(mapped);
    }

    @Override
    public String toString()
    {
        return "MappedRegion{path='" + path + "', length=" + length() + '}';
    }
}
