package dev.quorate.core.machine;

import dev.quorate.core.ring.NodeState;
import dev.quorate.core.store.Store;

/**
 * Configuration of a {@link StateMachine}: set, concluded once by its constructor, never changed later.
 */
public final class MachineContext
{
    /** Default of {@link #sliceUnits(int)}. */
    public static final int SLICE_UNITS_DEFAULT = 128;

    private Store store;
    private long memberId;
    private long bootId;
    private ResultSink resultSink;
    private LeaseListener leaseListener;
    private Directories directories = new Directories();
    private NodeState nodeState;
    private ApplyQuota quota = ApplyQuota.UNLIMITED;
    private MemberDirectory bootstrap = MemberDirectory.EMPTY;
    private int sliceUnits = SLICE_UNITS_DEFAULT;
    private boolean isConcluded;

    /**
     * Checks the configuration and freezes it.
     *
     * @return this.
     * @throws IllegalStateException if it is incomplete, out of range or concluded already.
     */
    public MachineContext conclude()
    {
        checkOpen();
        check(null != store, "store is missing");
        check(0 != memberId, "memberId is missing");
        check(null != resultSink, "resultSink is missing");
        check(null != leaseListener, "leaseListener is missing");
        check(null != directories, "directories are missing");
        check(null != nodeState, "nodeState is missing");
        check(null != quota, "quota is missing");
        check(null != bootstrap, "bootstrap is missing");
        check(sliceUnits > 0, "sliceUnits must be positive");
        isConcluded = true;
        return this;
    }

    /**
     * @param value recovered store, owned by the apply thread.
     * @return this.
     */
    public MachineContext store(final Store value)
    {
        checkOpen();
        store = value;
        return this;
    }

    /**
     * @return the store.
     */
    public Store store()
    {
        return store;
    }

    /**
     * @param value id of this member, not 0.
     * @return this.
     */
    public MachineContext memberId(final long value)
    {
        checkOpen();
        memberId = value;
        return this;
    }

    /**
     * @return id of this member.
     */
    public long memberId()
    {
        return memberId;
    }

    /**
     * @param value id of this boot: results of other boots are dropped.
     * @return this.
     */
    public MachineContext bootId(final long value)
    {
        checkOpen();
        bootId = value;
        return this;
    }

    /**
     * @return id of this boot.
     */
    public long bootId()
    {
        return bootId;
    }

    /**
     * @param value taker of results.
     * @return this.
     */
    public MachineContext resultSink(final ResultSink value)
    {
        checkOpen();
        resultSink = value;
        return this;
    }

    /**
     * @return taker of results.
     */
    public ResultSink resultSink()
    {
        return resultSink;
    }

    /**
     * @param value who hears of leases.
     * @return this.
     */
    public MachineContext leaseListener(final LeaseListener value)
    {
        checkOpen();
        leaseListener = value;
        return this;
    }

    /**
     * @return who hears of leases.
     */
    public LeaseListener leaseListener()
    {
        return leaseListener;
    }

    /**
     * @param value where members and alarms are published.
     * @return this.
     */
    public MachineContext directories(final Directories value)
    {
        checkOpen();
        directories = value;
        return this;
    }

    /**
     * @return where members and alarms are published.
     */
    public Directories directories()
    {
        return directories;
    }

    /**
     * @param value where counters are published.
     * @return this.
     */
    public MachineContext nodeState(final NodeState value)
    {
        checkOpen();
        nodeState = value;
        return this;
    }

    /**
     * @return where counters are published.
     */
    public NodeState nodeState()
    {
        return nodeState;
    }

    /**
     * @param value the second look at the space quota, for answers alone.
     * @return this.
     */
    public MachineContext quota(final ApplyQuota value)
    {
        checkOpen();
        quota = value;
        return this;
    }

    /**
     * @return the second look at the space quota.
     */
    public ApplyQuota quota()
    {
        return quota;
    }

    /**
     * @param value members of the cluster before its first entry. All members that apply the log from its first entry
     *              must begin with the same; ignored once the store holds an entry.
     * @return this.
     */
    public MachineContext bootstrap(final MemberDirectory value)
    {
        checkOpen();
        bootstrap = value;
        return this;
    }

    /**
     * @return members of the cluster before its first entry.
     */
    public MemberDirectory bootstrap()
    {
        return bootstrap;
    }

    /**
     * @param value how many units of work (keys looked up, written or deleted) a turn may do before a long entry is
     *              continued in the next turn. It shapes turns, never state.
     * @return this.
     */
    public MachineContext sliceUnits(final int value)
    {
        checkOpen();
        sliceUnits = value;
        return this;
    }

    /**
     * @return units of work per turn.
     */
    public int sliceUnits()
    {
        return sliceUnits;
    }

    private void checkOpen()
    {
        check(!isConcluded, "concluded already");
    }

    private static void check(final boolean holds, final String message)
    {
        if (!holds)
        {
            throw new IllegalStateException("machine configuration: " + message);
        }
    }

    @Override
    public String toString()
    {
        return "MachineContext{memberId=" + Long.toHexString(memberId) + ", bootId=" + bootId +
            ", sliceUnits=" + sliceUnits + ", bootstrap=" + bootstrap + '}';
    }
}
