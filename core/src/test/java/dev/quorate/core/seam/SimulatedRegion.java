package dev.quorate.core.seam;

import org.agrona.concurrent.UnsafeBuffer;

final class SimulatedRegion implements Region
{
    private final SimulatedDisk disk;
    private final SimulatedInode inode;
    private final String path;
    private final SimulatedInode.View view;
    private boolean isSyncing;
    private boolean isFailing;
    private boolean isOpen = true;
    private int syncOffset;
    private int syncLength;
    private long syncEndNs;

    SimulatedRegion(
        final SimulatedDisk disk, final SimulatedInode inode, final String path, final UnsafeBuffer memory)
    {
        this.disk = disk;
        this.inode = inode;
        this.path = path;
        view = inode.view(memory, 0, memory.capacity());
        inode.open();
    }

    @Override
    public UnsafeBuffer buffer()
    {
        return view.buffer;
    }

    @Override
    public int length()
    {
        return view.length;
    }

    @Override
    public void wrote(final int offset, final int length)
    {
        if (disk.isPlain())
        {
            return;
        }
        synchronized (disk)
        {
            checkOpen();
            disk.call();
            if (offset < 0 || length < 0 || offset + length > view.length)
            {
                throw new IllegalArgumentException(path + ": " + offset + " + " + length);
            }
            inode.write(offset, view.buffer, offset, length, view);
            disk.maybeCapture(inode, offset);
        }
    }

    @Override
    public void startSync(final int offset, final int length)
    {
        synchronized (disk)
        {
            checkOpen();
            disk.call();
            if (isSyncing)
            {
                throw new IllegalStateException("a sync of " + path + " is outstanding");
            }
            isSyncing = true;
            isFailing = disk.isSyncFailing();
            if (disk.isPlain())
            {
                syncEndNs = Long.MIN_VALUE;
                return;
            }
            syncOffset = offset;
            syncLength = length;
            syncEndNs = disk.syncEndNs();
            inode.startSync(offset, length);
            if (isFailing)
            {
                syncEndNs = Long.MIN_VALUE;
            }
            else if (syncEndNs == Long.MIN_VALUE)
            {
                finish();
            }
            else
            {
                disk.addSyncing(this);
            }
        }
    }

    @Override
    public boolean pollSync()
    {
        synchronized (disk)
        {
            checkOpen();
            disk.call();
            if (!isSyncing)
            {
                throw new IllegalStateException("no sync of " + path + " was started");
            }
            if (syncEndNs == Long.MAX_VALUE || syncEndNs > disk.nanoTime())
            {
                return false;
            }
            if (isFailing)
            {
                throw SimulatedDisk.syncFault(path);
            }
            if (syncEndNs != Long.MIN_VALUE)
            {
                finish();
                disk.removeSyncing(this);
            }
            isSyncing = false;

            return true;
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
                inode.drop(view);
                inode.close();
            }
        }
    }

    void finish()
    {
        inode.finishSync(syncOffset, syncLength);
        syncEndNs = Long.MIN_VALUE;
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
