package dev.quorate.core.store.index;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/** Keeps the values off the cache line of whatever lies before them. */
abstract class ReaderSlotLeftPad
{
    @SuppressWarnings("unused")
    private long pad00;
    @SuppressWarnings("unused")
    private long pad01;
    @SuppressWarnings("unused")
    private long pad02;
    @SuppressWarnings("unused")
    private long pad03;
    @SuppressWarnings("unused")
    private long pad04;
    @SuppressWarnings("unused")
    private long pad05;
    @SuppressWarnings("unused")
    private long pad06;
    @SuppressWarnings("unused")
    private long pad07;
    @SuppressWarnings("unused")
    private long pad08;
    @SuppressWarnings("unused")
    private long pad09;
    @SuppressWarnings("unused")
    private long pad10;
    @SuppressWarnings("unused")
    private long pad11;
    @SuppressWarnings("unused")
    private long pad12;
    @SuppressWarnings("unused")
    private long pad13;
    @SuppressWarnings("unused")
    private long pad14;
}

/** The two values that other threads look at. */
abstract class ReaderSlotValues extends ReaderSlotLeftPad
{
    static final VarHandle EPOCH;
    static final VarHandle REVISION;

    static
    {
        try
        {
            final MethodHandles.Lookup lookup = MethodHandles.lookup();
            EPOCH = lookup.findVarHandle(ReaderSlotValues.class, "epoch", long.class);
            REVISION = lookup.findVarHandle(ReaderSlotValues.class, "revision", long.class);
        }
        catch (final ReflectiveOperationException ex)
        {
            throw new ExceptionInInitializerError(ex);
        }
    }

    long epoch = EpochRegistry.IDLE;
    long revision = EpochRegistry.IDLE;
}

/**
 * What one reading thread holds: while the epoch is pinned, nodes and files it can reach stay; while the revision is
 * pinned, compaction drops nothing that a state at that revision needs.
 * <p>
 * Owner: one thread pins and unpins; apply and housekeeping look.
 */
public final class ReaderSlot extends ReaderSlotValues
{
    @SuppressWarnings("unused")
    private long pad00;
    @SuppressWarnings("unused")
    private long pad01;
    @SuppressWarnings("unused")
    private long pad02;
    @SuppressWarnings("unused")
    private long pad03;
    @SuppressWarnings("unused")
    private long pad04;
    @SuppressWarnings("unused")
    private long pad05;
    @SuppressWarnings("unused")
    private long pad06;
    @SuppressWarnings("unused")
    private long pad07;
    @SuppressWarnings("unused")
    private long pad08;
    @SuppressWarnings("unused")
    private long pad09;
    @SuppressWarnings("unused")
    private long pad10;
    @SuppressWarnings("unused")
    private long pad11;
    @SuppressWarnings("unused")
    private long pad12;
    @SuppressWarnings("unused")
    private long pad13;
    @SuppressWarnings("unused")
    private long pad14;

    private final EpochRegistry registry;

    ReaderSlot(final EpochRegistry registry)
    {
        this.registry = registry;
    }

    /**
     * Pins epoch and revision: two stores and a full fence. May be called again while pinned, which moves both pins;
     * cursors then begin anew.
     *
     * @param revision that must stay readable.
     */
    public void pin(final long revision)
    {
        REVISION.setOpaque(this, revision);
        pinEpoch();
    }

    /**
     * Pins the epoch anew for the next slice of a long read; the revision stays as it is.
     */
    public void pinEpoch()
    {
        EPOCH.setOpaque(this, registry.epoch());
        // between the announcement and the first load of a root; pairs with the fence in EpochRegistry.minEpoch
        VarHandle.fullFence();
    }

    /**
     * Lets go of the epoch between two slices. Every cursor has to seek again afterwards.
     */
    public void unpinEpoch()
    {
        // all reads under the pin are done before; pairs with epoch() of the reclaiming thread
        EPOCH.setRelease(this, EpochRegistry.IDLE);
    }

    /**
     * Lets go of both.
     */
    public void unpin()
    {
        // all reads under the pins are done before; pairs with epoch() and revision()
        EPOCH.setRelease(this, EpochRegistry.IDLE);
        REVISION.setRelease(this, EpochRegistry.IDLE);
    }

    /**
     * @return true while the epoch is pinned.
     */
    public boolean isPinned()
    {
        return (long)EPOCH.getOpaque(this) != EpochRegistry.IDLE;
    }

    /**
     * @return the pinned epoch or {@link EpochRegistry#IDLE}.
     */
    public long epoch()
    {
        return (long)EPOCH.getAcquire(this);
    }

    /**
     * @return the pinned revision or {@link EpochRegistry#IDLE}.
     */
    public long revision()
    {
        return (long)REVISION.getAcquire(this);
    }

    @Override
    public String toString()
    {
        return "ReaderSlot{epoch=" + epoch() + ", revision=" + revision() + '}';
    }
}
