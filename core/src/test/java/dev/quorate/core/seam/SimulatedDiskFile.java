package dev.quorate.core.seam;

import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

final class SimulatedDiskFile implements DiskFile
{
    private final SimulatedDisk disk;
    private final SimulatedInode inode;
    private final String path;
    private boolean isOpen = true;

    SimulatedDiskFile(final SimulatedDisk disk, final SimulatedInode inode, final String path)
    {
        this.disk = disk;
        this.inode = inode;
        this.path = path;
        inode.open();
    }

    @Override
    public void write(final long position, final DirectBuffer source, final int offset, final int length)
        throws DiskFullException
    {
        synchronized (disk)
        {
            checkOpen();
            disk.call();
            final long growth = Math.max(0, position + length - inode.length());
            final long room = disk.room(growth);
            final int writable = (int)Math.max(0, length - (growth - room));

            inode.growTo(position + writable);
            inode.write(position, source, offset, writable, null);
            disk.maybeCapture(inode, position);
            if (writable < length)
            {
                throw new DiskFullException(
                    "no room for " + length + " bytes at position " + position + " of " + path);
            }
        }
    }

    @Override
    public int read(final long position, final MutableDirectBuffer destination, final int offset, final int length)
    {
        synchronized (disk)
        {
            checkOpen();
            final int readable = (int)Math.max(0, Math.min(length, inode.length() - position));
            inode.read(position, destination, offset, readable);

            return readable;
        }
    }

    @Override
    public void force()
    {
        synchronized (disk)
        {
            checkOpen();
            disk.call();
            if (disk.isSyncFailing())
            {
                throw SimulatedDisk.syncFault(path);
            }
            inode.syncAll();
        }
    }

    @Override
    public void truncate(final long length)
    {
        synchronized (disk)
        {
            checkOpen();
            disk.call();
            if (length < 0 || length > inode.length())
            {
                throw new IllegalArgumentException(path + " has " + inode.length() + " bytes, not " + length);
            }
            inode.truncate(length);
        }
    }

    @Override
    public long length()
    {
        synchronized (disk)
        {
            checkOpen();

            return inode.length();
        }
    }

    @Override
    public UnsafeBuffer map(final long position, final int length)
    {
        synchronized (disk)
        {
            checkOpen();
            if (position < 0 || position % SimulatedInode.PAGE != 0)
            {
                throw new IllegalArgumentException(path + ": cannot map from " + position);
            }
            final UnsafeBuffer memory = SimulatedDisk.memory(length);
            inode.view(memory, position, length);

            return memory;
        }
    }

    @Override
    public void unmap(final UnsafeBuffer mapped)
    {
        synchronized (disk)
        {
            if (!disk.isDead())
            {
                inode.drop(inode.viewOf(mapped));
            }
        }
    }

    @Override
    public void close()
    {
        synchronized (disk)
        {
            if (isOpen && !disk.isDead())
            {
                isOpen = false;
                inode.close();
            }
        }
    }

    private void checkOpen()
    {
        disk.checkAlive();
        if (!isOpen)
        {
            throw new IllegalStateException(path + " is closed");
        }
    }
}
