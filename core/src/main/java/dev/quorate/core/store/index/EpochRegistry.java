package dev.quorate.core.store.index;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;

/**
 * Tells when nobody can still see what was taken out of a published structure. The writer tags what it unlinks with the
 * present epoch and advances; a reader announces in its slot the epoch it began in. What carries tag {@code t} is
 * unreachable once {@link #minEpoch()} is greater than {@code t}.
 * <p>
 * Why it holds: a reader whose slot shows an epoch above the tag loaded that epoch, which was stored with release after
 * the unlinking, so it sees the unlinking. A reader whose slot was still idle when the writer looked had not passed its
 * fence; the fence in {@link #minEpoch()} stands between unlinking and looking, so that reader also sees the unlinking.
 * <p>
 * Owner: the apply thread advances; any thread may ask or take a slot.
 */
public final class EpochRegistry
{
    /** What an idle slot shows. */
    public static final long IDLE = Long.MAX_VALUE;

    private static final VarHandle EPOCH;
    private static final VarHandle SLOTS;

    static
    {
        try
        {
            final MethodHandles.Lookup lookup = MethodHandles.lookup();
            EPOCH = lookup.findVarHandle(EpochRegistry.class, "epoch", long.class);
            SLOTS = lookup.findVarHandle(EpochRegistry.class, "slots", ReaderSlot[].class);
        }
        catch (final ReflectiveOperationException ex)
        {
            throw new ExceptionInInitializerError(ex);
        }
    }

    private volatile long epoch = 1;
    private volatile ReaderSlot[] slots = new ReaderSlot[0];

    /**
     * Registers a slot for good; cold.
     *
     * @return a slot for the use of one thread.
     */
    public ReaderSlot newSlot()
    {
        final ReaderSlot slot = new ReaderSlot(this);
        ReaderSlot[] present;
        ReaderSlot[] longer;
        do
        {
            present = slots;
            longer = Arrays.copyOf(present, present.length + 1);
            longer[present.length] = slot;
        }
        while (!SLOTS.compareAndSet(this, present, longer));

        return slot;
    }

    /**
     * @return the present epoch; it only grows.
     */
    public long epoch()
    {
        return (long)EPOCH.getAcquire(this);
    }

    /**
     * @return the lowest epoch that a slot shows, {@link #IDLE} if all are idle.
     */
    public long minEpoch()
    {
        // between the unlinking of nodes and the look at the slots; pairs with the fence in ReaderSlot.pin
        VarHandle.fullFence();
        long min = IDLE;
        for (final ReaderSlot slot : slots)
        {
            min = Math.min(min, slot.epoch());
        }

        return min;
    }

    /**
     * @return the lowest revision that a slot holds, {@link #IDLE} if none does.
     */
    public long minRevision()
    {
        VarHandle.fullFence();
        long min = IDLE;
        for (final ReaderSlot slot : slots)
        {
            min = Math.min(min, slot.revision());
        }

        return min;
    }

    /**
     * Begins the next epoch. Apply thread only, after what was tagged with the present one has been unlinked.
     */
    public void advance()
    {
        // makes all unlinking before it visible to readers of the new epoch; pairs with the load in epoch()
        EPOCH.setRelease(this, epoch + 1);
    }

    @Override
    public String toString()
    {
        return "EpochRegistry{epoch=" + epoch() + ", minEpoch=" + minEpoch() + ", minRevision=" + minRevision() + '}';
    }
}
