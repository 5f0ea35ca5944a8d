package dev.quorate.core.seam;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A disk in memory that loses what a real one may lose. {@link Region#wrote} marks 4 KiB pages; any dirty page may be
 * captured as written back at any time; {@link #crash(Rng)} gives the disk after a power cut: each unsynced 512-byte
 * sector is old, captured, being synced or newest, and creations, renames and deletions whose directory was not synced
 * are lost or kept. Everything follows from the seed. Stores into a region that were not told by {@code wrote} are
 * lost for certain.
 */
public final class SimulatedDisk implements Disk
{
    private static final int LAZY_LENGTH = 1024 * 1024;

    private record Change(String directory, String removed, String added, SimulatedInode inode)
    {
    }

    private final TreeMap<String, SimulatedInode> files = new TreeMap<>();
    private final TreeMap<String, SimulatedInode> durableFiles = new TreeMap<>();
    private final TreeSet<String> directories = new TreeSet<>();
    private final List<Change> changes = new ArrayList<>();
    private final List<SimulatedInode> orphans = new ArrayList<>();
    private final List<SimulatedRegion> syncing = new ArrayList<>();
    private final Rng rng;
    private LongSupplier nanoTime = () -> 0;
    private LongConsumer syncListener = (endNs) -> {};
    private long minSyncNs;
    private long maxSyncNs;
    private int syncAtOnceOneIn;
    private boolean isSyncByHand;
    private boolean isPlain;
    private boolean isDead;
    private long quota = Long.MAX_VALUE;
    private long calls;
    private long crashAtCall = Long.MAX_VALUE;
    private long failSyncAt = Long.MAX_VALUE;
    private long syncs;
    private long lostPages;
    private int captureOneIn = 8;

    /**
     * @param rng of the disk: which pages are written back early, how long syncs take.
     */
    public SimulatedDisk(final Rng rng)
    {
        this.rng = rng;
        directories.add("");
    }

    // ---- what the test sets ----

    /**
     * Syncs of regions finish only by {@link #finishSyncs()}.
     *
     * @return this.
     */
    public SimulatedDisk syncByHand()
    {
        isSyncByHand = true;
        return this;
    }

    /**
     * Syncs of regions take a time of the virtual clock.
     *
     * @return this.
     */
    public SimulatedDisk syncTakes(final LongSupplier clockNs, final long minNs, final long maxNs)
    {
        nanoTime = clockNs;
        minSyncNs = minNs;
        maxSyncNs = maxNs;
        return this;
    }

    /**
     * One of so many syncs is done at once, as on a disk that holds its caller until then. 0: none.
     *
     * @return this.
     */
    public SimulatedDisk syncAtOnceOneIn(final int syncs)
    {
        syncAtOnceOneIn = syncs;
        return this;
    }

    /**
     * Tells when a sync of a region that starts will end, so that who polls can sleep until then.
     *
     * @return this.
     */
    public SimulatedDisk syncListener(final LongConsumer listener)
    {
        syncListener = listener;
        return this;
    }

    /**
     * How often a page is written back early: after one of so many stores. 0: never.
     *
     * @return this.
     */
    public SimulatedDisk captureOneIn(final int stores)
    {
        captureOneIn = stores;
        return this;
    }

    /**
     * Makes it plain memory: nothing is remembered for a crash and stores and syncs allocate nothing.
     *
     * @return this.
     */
    public SimulatedDisk plain()
    {
        isPlain = true;
        return this;
    }

    /**
     * @param bytes which all files together may take.
     */
    public void quota(final long bytes)
    {
        quota = bytes;
    }

    /**
     * The given sync from now on (1: the next), of any kind, and all later ones fail.
     *
     * @param number of it.
     */
    public void failSync(final int number)
    {
        failSyncAt = syncs + number;
    }

    /**
     * @param call before which {@link SimulatedCrash} is thrown, and before every later one; see {@link #calls()}.
     */
    public void crashAtCall(final long call)
    {
        crashAtCall = call;
    }

    /**
     * @return how many calls that change something the disk has had.
     */
    public long calls()
    {
        return calls;
    }

    /**
     * @return bytes that the files take, deleted ones which are still open included.
     */
    public long usedBytes()
    {
        long sum = 0;
        for (final SimulatedInode inode : files.values())
        {
            sum += inode.length();
        }
        orphans.removeIf((inode) -> !inode.isOpen());
        for (final SimulatedInode inode : orphans)
        {
            sum += inode.length();
        }

        return sum;
    }

    /**
     * @return the length of a file.
     */
    public long length(final String path)
    {
        return inode(path).length();
    }

    /**
     * Flips a bit of a file at rest, and in what is mapped of it.
     */
    public synchronized void flipBit(final String path, final long bit)
    {
        inode(path).flipBit(bit);
    }

    /**
     * Overwrites bytes of a file at rest.
     */
    public synchronized void overwrite(final String path, final long position, final byte[] bytes)
    {
        final SimulatedInode inode = inode(path);
        inode.write(position, new UnsafeBuffer(bytes), 0, bytes.length, null);
        inode.startSync(position, bytes.length);
        inode.finishSync(position, bytes.length);
    }

    /**
     * Reads what a power cut now would certainly leave of a file, zeros where that is nothing.
     *
     * @param path     of the file; its name need not be durable.
     * @param position of the first byte.
     * @param into     filled.
     */
    public synchronized void readDurable(final String path, final long position, final byte[] into)
    {
        inode(path).readDurable(position, into);
    }

    /**
     * @return true if a power cut leaves the file of this name, as it is now, under this name.
     */
    public synchronized boolean isNameDurable(final String path)
    {
        return files.get(path) != null && files.get(path) == durableFiles.get(path);
    }

    /**
     * @return how many dirty pages the power cut that made this disk took back, wholly or in part.
     */
    public long lostPages()
    {
        return lostPages;
    }

    /**
     * Cuts a file at rest.
     */
    public synchronized void truncate(final String path, final long length)
    {
        inode(path).truncate(length);
        inode(path).syncAll();
    }

    /**
     * Writes some dirty pages back as a kernel may do at any time.
     */
    public synchronized void capture(final Rng chooser)
    {
        for (final SimulatedInode inode : files.values())
        {
            if (chooser.nextInt(2) == 0)
            {
                inode.capture(chooser);
            }
        }
    }

    /**
     * Ends all outstanding syncs of regions.
     */
    public synchronized void finishSyncs()
    {
        for (final SimulatedRegion region : syncing)
        {
            region.finish();
        }
        syncing.clear();
    }

    // ---- crashes ----

    /**
     * A power cut. This disk answers no more.
     *
     * @param chooser of what survives.
     * @return the disk as it is found afterwards, with the same settings but no fault pending.
     */
    public synchronized SimulatedDisk crash(final Rng chooser)
    {
        final TreeMap<String, SimulatedInode> survivors = new TreeMap<>(durableFiles);
        final int mode = chooser.nextInt(3);
        final int prefix = chooser.nextInt(changes.size() + 1);
        for (int i = 0; i < changes.size(); i++)
        {
            if (mode == 0 ? i < prefix : mode == 1 || chooser.nextInt(2) == 0)
            {
                apply(survivors, changes.get(i));
            }
        }

        final SimulatedDisk after = successor();
        survivors.forEach((path, inode) ->
        {
            final SimulatedInode survivor = inode.afterCrash(chooser);
            after.lostPages += survivor.lostPages();
            after.files.put(path, survivor);
            after.durableFiles.put(path, survivor);
        });

        return after;
    }

    /**
     * The process ends, the machine stays up: what was written is kept, what was not synced still is not.
     *
     * @return the disk of the next process. This one answers no more.
     */
    public synchronized SimulatedDisk processExit()
    {
        final SimulatedDisk after = successor();
        for (final SimulatedInode inode : files.values())
        {
            inode.forgetProcess();
        }
        after.files.putAll(files);
        after.durableFiles.putAll(durableFiles);
        after.changes.addAll(changes);

        return after;
    }

    // ---- Disk ----

    @Override
    public synchronized boolean exists(final String path)
    {
        return files.containsKey(path) || directories.contains(path);
    }

    @Override
    public synchronized List<String> list(final String directory)
    {
        final TreeSet<String> names = new TreeSet<>();
        collect(names, directory, files.keySet());
        collect(names, directory, directories);

        return new ArrayList<>(names);
    }

    @Override
    public synchronized void createDirectory(final String directory)
    {
        call();
        for (int slash = directory.indexOf('/'); slash >= 0; slash = directory.indexOf('/', slash + 1))
        {
            directories.add(directory.substring(0, slash));
        }
        directories.add(directory);
    }

    @Override
    public synchronized Region createRegion(final String path, final int length) throws DiskFullException
    {
        if (length <= 0 || length % SimulatedInode.PAGE != 0)
        {
            throw new IllegalArgumentException("length of " + path + ": " + length);
        }
        call();
        final SimulatedInode inode = link(path);
        call();
        if (usedBytes() + length > quota)
        {
            delete(path);
            throw new DiskFullException("no room for " + path + ", " + length + " bytes");
        }
        inode.allocate(length);

        return new SimulatedRegion(this, inode, path, memory(length));
    }

    @Override
    public synchronized Region openRegion(final String path)
    {
        final SimulatedInode inode = inode(path);

        return new SimulatedRegion(this, inode, path, memory((int)inode.length()));
    }

    @Override
    public synchronized DiskFile createFile(final String path) throws DiskFullException
    {
        call();
        if (usedBytes() >= quota)
        {
            throw new DiskFullException("no room for " + path);
        }

        return new SimulatedDiskFile(this, link(path), path);
    }

    @Override
    public synchronized DiskFile openFile(final String path)
    {
        return new SimulatedDiskFile(this, inode(path), path);
    }

    @Override
    public synchronized void rename(final String from, final String to)
    {
        call();
        final SimulatedInode inode = inode(from);
        final Change change = new Change(parent(to), from, to, inode);
        orphan(to);
        apply(files, change);
        changes.add(change);
    }

    @Override
    public synchronized void delete(final String path)
    {
        call();
        final SimulatedInode inode = files.get(path);
        if (inode != null)
        {
            final Change change = new Change(parent(path), path, null, inode);
            orphan(path);
            apply(files, change);
            changes.add(change);
        }
    }

    @Override
    public synchronized void syncDirectory(final String directory)
    {
        call();
        if (isSyncFailing())
        {
            throw syncFault(directory);
        }
        for (int i = 0; i < changes.size(); )
        {
            final Change change = changes.get(i);
            if (change.directory.equals(directory))
            {
                apply(durableFiles, change);
                changes.remove(i);
            }
            else
            {
                i++;
            }
        }
    }

    // ---- for regions and files of this disk ----

    boolean isPlain()
    {
        return isPlain;
    }

    void call()
    {
        checkAlive();
        if (++calls >= crashAtCall)
        {
            throw new SimulatedCrash(calls);
        }
    }

    boolean isDead()
    {
        return isDead;
    }

    void checkAlive()
    {
        if (isDead)
        {
            throw new IllegalStateException("the process that used this disk has ended");
        }
    }

    boolean isSyncFailing()
    {
        return ++syncs >= failSyncAt;
    }

    static StorageFault syncFault(final String path)
    {
        return new StorageFault("sync of " + path + " failed: simulated I/O error");
    }

    void maybeCapture(final SimulatedInode inode, final long position)
    {
        if (captureOneIn > 0 && rng.nextInt(captureOneIn) == 0)
        {
            if (rng.nextInt(2) == 0)
            {
                inode.captureAt(position);
            }
            else
            {
                inode.capture(rng);
            }
        }
    }

    /**
     * @return when a sync that starts now ends; the smallest value for at once.
     */
    long syncEndNs()
    {
        if (isSyncByHand)
        {
            return Long.MAX_VALUE;
        }
        if (maxSyncNs == 0 || syncAtOnceOneIn > 0 && 0 == rng.nextInt(syncAtOnceOneIn))
        {
            return Long.MIN_VALUE;
        }

        final long endNs = nanoTime.getAsLong() + minSyncNs + rng.nextInt((int)(maxSyncNs - minSyncNs) + 1);
        syncListener.accept(endNs);

        return endNs;
    }

    long nanoTime()
    {
        return nanoTime.getAsLong();
    }

    void addSyncing(final SimulatedRegion region)
    {
        syncing.add(region);
    }

    void removeSyncing(final SimulatedRegion region)
    {
        syncing.remove(region);
    }

    /**
     * @return how many of these bytes may still be added.
     */
    long room(final long bytes)
    {
        return Math.max(0, Math.min(bytes, quota - usedBytes()));
    }

    /**
     * Zeroed memory. Large pieces come from an unlinked sparse file, so that only touched pages take room.
     */
    static UnsafeBuffer memory(final int length)
    {
        if (length < LAZY_LENGTH)
        {
            return new UnsafeBuffer(ByteBuffer.allocateDirect(Math.max(length, 8)), 0, length);
        }
        try
        {
            final Path path = Files.createTempFile("simulated", ".disk");
            try (FileChannel channel = FileChannel.open(
                path, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.DELETE_ON_CLOSE))
            {
                return new UnsafeBuffer(channel.map(FileChannel.MapMode.READ_WRITE, 0, length));
            }
        }
        catch (final IOException ex)
        {
            throw new UncheckedIOException(ex);
        }
    }

    private SimulatedInode link(final String path)
    {
        if (!directories.contains(parent(path)))
        {
            throw new StorageFault("no directory for " + path);
        }
        final SimulatedInode inode = new SimulatedInode();
        final Change change = new Change(parent(path), null, path, inode);
        orphan(path);
        apply(files, change);
        changes.add(change);

        return inode;
    }

    private SimulatedInode inode(final String path)
    {
        final SimulatedInode inode = files.get(path);
        if (inode == null)
        {
            throw new StorageFault("no such file: " + path);
        }

        return inode;
    }

    /** A file that is open takes room until it is closed, whatever becomes of its name. */
    private void orphan(final String path)
    {
        final SimulatedInode inode = files.get(path);
        if (inode != null && inode.isOpen())
        {
            orphans.add(inode);
        }
    }

    private SimulatedDisk successor()
    {
        isDead = true;
        final SimulatedDisk after = new SimulatedDisk(rng);
        after.directories.addAll(directories);
        after.nanoTime = nanoTime;
        after.syncListener = syncListener;
        after.minSyncNs = minSyncNs;
        after.maxSyncNs = maxSyncNs;
        after.syncAtOnceOneIn = syncAtOnceOneIn;
        after.isSyncByHand = isSyncByHand;
        after.isPlain = isPlain;
        after.captureOneIn = captureOneIn;
        after.quota = quota;

        return after;
    }

    private static void apply(final TreeMap<String, SimulatedInode> names, final Change change)
    {
        if (change.added == null)
        {
            names.remove(change.removed, change.inode);
        }
        else
        {
            names.values().remove(change.inode);
            names.put(change.added, change.inode);
        }
    }

    private static void collect(final TreeSet<String> names, final String directory, final Iterable<String> paths)
    {
        for (final String path : paths)
        {
            if (!path.isEmpty() && parent(path).equals(directory))
            {
                names.add(path.substring(path.lastIndexOf('/') + 1));
            }
        }
    }

    private static String parent(final String path)
    {
        final int slash = path.lastIndexOf('/');

        return slash < 0 ? "" : path.substring(0, slash);
    }
}
