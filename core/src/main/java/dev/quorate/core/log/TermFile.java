package dev.quorate.core.log;

import dev.quorate.core.seam.Disk;
import dev.quorate.core.seam.DiskFile;
import dev.quorate.core.seam.DiskFullException;
import dev.quorate.core.seam.Region;
import dev.quorate.core.seam.Signal;
import dev.quorate.core.seam.StorageFault;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.zip.CRC32C;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Term, vote, identity and idle watermark, in two slots of which each alone is enough: damage to one takes nothing back
 * that was told. Consensus asks for a term and vote to be persisted and polls a counter; the
 * log sync thread alone writes the file ({@link #doWork()}).
 */
public final class TermFile
{
    private static final VarHandle VERSION;
    private static final VarHandle DURABLE_SEQUENCE;
    private static final VarHandle REQUEST;
    private static final int REQUEST_SEQUENCE = 0;
    private static final int REQUEST_TERM = 1;
    private static final int REQUEST_VOTE = 2;
    private static final int REQUEST_LENGTH = 3;

    static
    {
        try
        {
            final MethodHandles.Lookup lookup = MethodHandles.lookup();
            VERSION = lookup.findVarHandle(TermFile.class, "requestVersion", long.class);
            DURABLE_SEQUENCE = lookup.findVarHandle(TermFile.class, "durableSequence", long.class);
            REQUEST = MethodHandles.arrayElementVarHandle(long[].class);
        }
        catch (final ReflectiveOperationException ex)
        {
            throw new ExceptionInInitializerError(ex);
        }
    }

    private final CRC32C crc = new CRC32C();
    private final byte[] scratch = new byte[TermSlotDescriptor.LENGTH];
    private final long[] request = new long[REQUEST_LENGTH];
    /** The request that each slot holds durably. */
    private final long[] slotSequences = new long[TermSlotDescriptor.SLOT_COUNT];
    private final Region region;
    private final String path;
    private final Signal consensusSignal;
    private final boolean isUnsafeNoFsync;
    private final long clusterId;
    private final long storeId;
    private final long bootId;
    @SuppressWarnings("unused")
    private volatile long requestVersion;
    @SuppressWarnings("unused")
    private volatile long durableSequence;
    private long versionTaken;
    private long requestSequence;
    private long sequence;
    private long term;
    private long votedFor;
    private long commitIndex;
    private long watermark;
    private int chainCrc;
    private int newestSlot;
    private int syncingSlot;
    private boolean isSyncing;
    private boolean isMirrorDue;
    private boolean isRecordDue;

    private TermFile(final LogContext context, final Region region, final UnsafeBuffer slot, final int newestSlot)
    {
        this.region = region;
        path = context.termPath();
        consensusSignal = context.consensusSignal();
        isUnsafeNoFsync = context.isUnsafeNoFsync();
        this.newestSlot = newestSlot;
        clusterId = context.clusterId();
        storeId = slot.getLong(TermSlotDescriptor.STORE_ID_OFFSET);
        bootId = slot.getLong(TermSlotDescriptor.BOOT_ID_OFFSET) + 1;
        sequence = slot.getLong(TermSlotDescriptor.SEQUENCE_OFFSET);
        term = slot.getLong(TermSlotDescriptor.TERM_OFFSET);
        votedFor = slot.getLong(TermSlotDescriptor.VOTED_FOR_OFFSET);
        commitIndex = slot.getLong(TermSlotDescriptor.COMMIT_INDEX_OFFSET);
        watermark = slot.getLong(TermSlotDescriptor.WATERMARK_OFFSET);
        chainCrc = slot.getInt(TermSlotDescriptor.CHAIN_CRC_OFFSET);
    }

    /**
     * Opens the file, or makes it with a new store id. Nothing is written to an existing one before {@link #boot}.
     */
    static TermFile open(final LogContext context, final boolean hasSegments) throws DiskFullException
    {
        final Disk disk = context.disk();
        final String path = context.termPath();
        if (!disk.exists(path))
        {
            if (hasSegments)
            {
                throw new StorageFault("the term file " + path + " is missing but " + context.directory() +
                    " holds log segments: the vote is unknown; remove this member and add it again with an empty " +
                    "directory");
            }
            create(context);
        }
        final Region region = disk.openRegion(path);
        if (region.length() < TermSlotDescriptor.FILE_LENGTH)
        {
            throw new StorageFault("the term file " + path + " has " + region.length() + " bytes instead of " +
                TermSlotDescriptor.FILE_LENGTH + ": remove this member and add it again with an empty directory");
        }
        final UnsafeBuffer buffer = region.buffer();
        final UnsafeBuffer[] slots = new UnsafeBuffer[TermSlotDescriptor.SLOT_COUNT];
        int newest = -1;
        for (int i = 0; i < slots.length; i++)
        {
            // judged and used on a copy, as the mapping may change under us on a failing device
            slots[i] = new UnsafeBuffer(new byte[TermSlotDescriptor.LENGTH]);
            slots[i].putBytes(0, buffer, i * TermSlotDescriptor.SLOT_LENGTH, TermSlotDescriptor.LENGTH);
            if (isValid(slots[i]) && (newest < 0 || sequenceOf(slots[i]) > sequenceOf(slots[newest])))
            {
                newest = i;
            }
        }
        for (final UnsafeBuffer slot : slots)
        {
            // a valid slot does not count beside a newer one that this program cannot judge
            final boolean isNewest = newest < 0 || isIntact(slot) && sequenceOf(slot) > sequenceOf(slots[newest]);
            if (isNewest && isOfOtherVersion(slot))
            {
                throw StorageFault.ofVersion("the term file " + path,
                    slot.getInt(TermSlotDescriptor.VERSION_OFFSET), TermSlotDescriptor.VERSION);
            }
        }
        if (newest < 0)
        {
            throw new StorageFault("both slots of the term file " + path + " are damaged (offsets 0 and " +
                TermSlotDescriptor.SLOT_LENGTH + "): the vote is unknown; remove this member and add it again with " +
                "an empty directory");
        }
        final long foundCluster = slots[newest].getLong(TermSlotDescriptor.CLUSTER_ID_OFFSET);
        if (foundCluster != context.clusterId())
        {
            throw new StorageFault("the term file " + path + " belongs to cluster " + Long.toHexString(foundCluster) +
                ", this member to " + Long.toHexString(context.clusterId()) + ": use the directory of this cluster");
        }

        return new TermFile(context, region, slots[newest], newest);
    }

    /**
     * @return the newest term recovered or asked for; belongs to start-up and the log sync thread.
     */
    public long term()
    {
        return term;
    }

    /**
     * @return the member voted for in that term, 0 for none; belongs to start-up and the log sync thread.
     */
    public long votedFor()
    {
        return votedFor;
    }

    /**
     * @return random id of this directory.
     */
    public long storeId()
    {
        return storeId;
    }

    /**
     * @return how often the directory was opened, this time included.
     */
    public long bootId()
    {
        return bootId;
    }

    /**
     * Asks for a term and vote to be persisted. Owner: consensus. A newer request replaces one that was not taken yet.
     *
     * @param newSequence of the request, growing.
     * @param newTerm     to persist.
     * @param newVotedFor member voted for, 0 for none.
     */
    public void request(final long newSequence, final long newTerm, final long newVotedFor)
    {
        final long version = (long)VERSION.getOpaque(this);
        VERSION.setOpaque(this, version + 1);
        VarHandle.storeStoreFence();
        REQUEST.setOpaque(request, REQUEST_SEQUENCE, newSequence);
        REQUEST.setOpaque(request, REQUEST_TERM, newTerm);
        REQUEST.setOpaque(request, REQUEST_VOTE, newVotedFor);
        // pairs with the acquire in takeRequest()
        VERSION.setRelease(this, version + 2);
    }

    /**
     * Any thread may call this.
     *
     * @return newest sequence whose term and vote, or newer ones, are durable in both slots; a load with acquire.
     */
    public long durableSequence()
    {
        return (long)DURABLE_SEQUENCE.getAcquire(this);
    }

    /**
     * @return true if requests or records wait to be written; log sync thread.
     */
    boolean isBusy()
    {
        return isSyncing || isMirrorDue || isRecordDue || (long)VERSION.getAcquire(this) != versionTaken;
    }

    /** The log was found idle after a sync; log sync thread. */
    void watermark(final long position, final int chainCrcThere, final long newCommitIndex)
    {
        watermark = position;
        chainCrc = chainCrcThere;
        commitIndex = Math.max(commitIndex, newCommitIndex);
        isRecordDue = true;
    }

    long watermark()
    {
        return watermark;
    }

    int chainCrc()
    {
        return chainCrc;
    }

    long commitIndex()
    {
        return commitIndex;
    }

    /** Recovery: raises the boot id and stores the watermark, in both slots, and returns when that is durable. */
    void boot(final Disk disk, final long position, final int chainCrcThere, final long newCommitIndex)
    {
        watermark = position;
        chainCrc = chainCrcThere;
        commitIndex = newCommitIndex;
        sequence++;
        for (int i = 0; i < TermSlotDescriptor.SLOT_COUNT; i++)
        {
            newestSlot = TermSlotDescriptor.SLOT_COUNT - 1 - newestSlot;
            write(newestSlot);
            force(disk, path);
        }
    }

    /**
     * Writes what was asked for; log sync thread.
     *
     * @return work done.
     */
    int doWork()
    {
        int work = 0;
        if (isSyncing && poll())
        {
            work++;
        }
        // started and polled, as a disk that blocks is done at once; the mirror waits for the next turn
        if (!isSyncing && start())
        {
            work++;
            poll();
        }

        return work;
    }

    void close()
    {
        region.close();
    }

    private boolean start()
    {
        if (takeRequest() || isRecordDue)
        {
            isRecordDue = false;
            isMirrorDue = false;
            sequence++;
        }
        else if (!isMirrorDue)
        {
            return false;
        }
        syncingSlot = TermSlotDescriptor.SLOT_COUNT - 1 - newestSlot;
        write(syncingSlot);
        if (!isUnsafeNoFsync)
        {
            region.startSync(syncingSlot * TermSlotDescriptor.SLOT_LENGTH, TermSlotDescriptor.SLOT_LENGTH);
        }
        isSyncing = true;

        return true;
    }

    private boolean poll()
    {
        if (!isUnsafeNoFsync && !region.pollSync())
        {
            return false;
        }
        isSyncing = false;
        newestSlot = syncingSlot;
        isMirrorDue = !isMirrorDue;
        slotSequences[newestSlot] = requestSequence;
        // a vote that only one slot holds would be taken back by damage to that slot
        final long inBoth = Math.min(requestSequence, slotSequences[TermSlotDescriptor.SLOT_COUNT - 1 - newestSlot]);
        if (inBoth > (long)DURABLE_SEQUENCE.getOpaque(this))
        {
            // pairs with the acquire in durableSequence()
            DURABLE_SEQUENCE.setRelease(this, inBoth);
            consensusSignal.signal();
        }

        return true;
    }

    private boolean takeRequest()
    {
        final long version = (long)VERSION.getAcquire(this);
        if (version == versionTaken || (version & 1) != 0)
        {
            return false;
        }
        final long newSequence = (long)REQUEST.getOpaque(request, REQUEST_SEQUENCE);
        final long newTerm = (long)REQUEST.getOpaque(request, REQUEST_TERM);
        final long newVotedFor = (long)REQUEST.getOpaque(request, REQUEST_VOTE);
        VarHandle.loadLoadFence();
        if ((long)VERSION.getOpaque(this) != version)
        {
            return false;
        }
        if (newTerm < term || newTerm == term && votedFor != 0 && newVotedFor != votedFor)
        {
            throw new IllegalStateException("term " + newTerm + " with a vote for " + newVotedFor + " after term " +
                term + " with a vote for " + votedFor);
        }
        versionTaken = version;
        requestSequence = newSequence;
        term = newTerm;
        votedFor = newVotedFor;

        return true;
    }

    private void write(final int slot)
    {
        final UnsafeBuffer buffer = region.buffer();
        final int base = slot * TermSlotDescriptor.SLOT_LENGTH;
        buffer.setMemory(base, TermSlotDescriptor.LENGTH, (byte)0);
        buffer.putLong(base + TermSlotDescriptor.MAGIC_OFFSET, TermSlotDescriptor.MAGIC);
        buffer.putInt(base + TermSlotDescriptor.VERSION_OFFSET, TermSlotDescriptor.VERSION);
        buffer.putLong(base + TermSlotDescriptor.CLUSTER_ID_OFFSET, clusterId);
        buffer.putLong(base + TermSlotDescriptor.STORE_ID_OFFSET, storeId);
        buffer.putLong(base + TermSlotDescriptor.BOOT_ID_OFFSET, bootId);
        buffer.putLong(base + TermSlotDescriptor.SEQUENCE_OFFSET, sequence);
        buffer.putLong(base + TermSlotDescriptor.TERM_OFFSET, term);
        buffer.putLong(base + TermSlotDescriptor.VOTED_FOR_OFFSET, votedFor);
        buffer.putLong(base + TermSlotDescriptor.COMMIT_INDEX_OFFSET, commitIndex);
        buffer.putLong(base + TermSlotDescriptor.WATERMARK_OFFSET, watermark);
        buffer.putInt(base + TermSlotDescriptor.CHAIN_CRC_OFFSET, chainCrc);
        buffer.getBytes(base, scratch);
        buffer.putInt(base + TermSlotDescriptor.CRC_OFFSET, checksum(crc, scratch));
        region.wrote(base, TermSlotDescriptor.LENGTH);
    }

    /** A complete file appears under its name or none does. */
    private static void create(final LogContext context) throws DiskFullException
    {
        final Disk disk = context.disk();
        final String path = context.termPath();
        final String newPath = path + ".tmp";
        final Region region = disk.createRegion(newPath, TermSlotDescriptor.FILE_LENGTH);
        final UnsafeBuffer slot = new UnsafeBuffer(new byte[TermSlotDescriptor.LENGTH]);
        slot.putLong(TermSlotDescriptor.STORE_ID_OFFSET, mint(context));
        slot.putLong(TermSlotDescriptor.BOOT_ID_OFFSET, -1);
        final TermFile first = new TermFile(context, region, slot, 0);
        first.write(0);
        first.write(1);
        force(disk, newPath);
        region.close();
        disk.rename(newPath, path);
        disk.syncDirectory(path.indexOf('/') < 0 ? "" : path.substring(0, path.lastIndexOf('/')));
    }

    private static long mint(final LogContext context)
    {
        long id = context.rng().nextLong();
        while (id == 0)
        {
            id = context.rng().nextLong();
        }

        return id;
    }

    private static void force(final Disk disk, final String path)
    {
        try (DiskFile file = disk.openFile(path))
        {
            file.force();
        }
    }

    private static long sequenceOf(final UnsafeBuffer slot)
    {
        return slot.getLong(TermSlotDescriptor.SEQUENCE_OFFSET);
    }

    private static boolean isValid(final UnsafeBuffer slot)
    {
        if (slot.getLong(TermSlotDescriptor.MAGIC_OFFSET) != TermSlotDescriptor.MAGIC ||
            slot.getInt(TermSlotDescriptor.VERSION_OFFSET) != TermSlotDescriptor.VERSION)
        {
            return false;
        }

        return isIntact(slot);
    }

    private static boolean isIntact(final UnsafeBuffer slot)
    {
        return slot.getInt(TermSlotDescriptor.CRC_OFFSET) == checksum(new CRC32C(), slot.byteArray());
    }

    private static boolean isOfOtherVersion(final UnsafeBuffer slot)
    {
        return slot.getLong(TermSlotDescriptor.MAGIC_OFFSET) == TermSlotDescriptor.MAGIC &&
            slot.getInt(TermSlotDescriptor.VERSION_OFFSET) != TermSlotDescriptor.VERSION;
    }


    private static int checksum(final CRC32C crc, final byte[] slot)
    {
        crc.reset();
        crc.update(
            slot,
            TermSlotDescriptor.CLUSTER_ID_OFFSET,
            TermSlotDescriptor.LENGTH - TermSlotDescriptor.CLUSTER_ID_OFFSET);

        return (int)crc.getValue();
    }
}
