package dev.quorate.core.store;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * The baton with which a snapshot replaces the store of a running member. Each phase has one owner; only the owner
 * passes it on, and what it has done before is seen by the next one. Nobody waits: each looks at the phase in its own
 * turns.
 * <pre>
 * IDLE       housekeeping   a snapshot may be received, checked and indexed meanwhile
 * OFFERED    consensus      does the snapshot still help? Then it stops to hear peers, to tick and to commit
 * FROZEN     apply          ends the entry that is under way, delivers its results, applies nothing more
 * STOPPED    watch          ends its turn and publishes no more positions
 * QUIET      housekeeping   waits until loops have read what was published; one rename makes the snapshot the store
 * SWITCHED   consensus      the log begins anew after the snapshot
 * RESET      apply          swaps the view, recovers machine, leases and directories, publishes the applied index
 * INSTALLED  consensus      takes over configuration and commit index and goes on; back to IDLE
 * REFUSED    housekeeping   consensus needs no snapshot any more; it is thrown away; back to IDLE
 * FAILED     consensus      housekeeping could not make it durable; everybody goes on as before; back to IDLE
 * </pre>
 * A crash before QUIET ends leaves the store as it was, one later a store ahead of its log, which the start resolves.
 * <p>
 * Owner: whoever the phase names.
 */
public final class Handover
{
    /** Who holds the baton, and why. */
    public enum Phase
    {
        /** Nothing to install. */
        IDLE,
        /** Consensus decides. */
        OFFERED,
        /** Apply stops. */
        FROZEN,
        /** Watch stops. */
        STOPPED,
        /** Housekeeping makes the snapshot durable. */
        QUIET,
        /** Consensus restarts the log. */
        SWITCHED,
        /** Apply swaps the view. */
        RESET,
        /** Consensus goes on in the snapshot. */
        INSTALLED,
        /** Housekeeping throws the snapshot away. */
        REFUSED,
        /** Consensus goes on without the snapshot. */
        FAILED
    }

    private static final Phase[] PHASES = Phase.values();

    private final AtomicInteger phase = new AtomicInteger();
    private SnapshotSink sink;
    private boolean hasWatch;

    Handover()
    {
    }

    /**
     * Any thread.
     *
     * @return the phase; what its predecessor did is visible to the caller.
     */
    public Phase phase()
    {
        // pairs with the release in pass()
        return PHASES[phase.getAcquire()];
    }

    /**
     * A watch agent will take part; before the agents run.
     */
    public void joinWatch()
    {
        hasWatch = true;
    }

    /**
     * Housekeeping: begins.
     *
     * @param snapshot ready to be installed.
     */
    public void offer(final SnapshotSink snapshot)
    {
        if (Phase.IDLE != phase())
        {
            throw new IllegalStateException("a snapshot is being installed: " + phase());
        }
        sink = snapshot;
        phase.setRelease(Phase.OFFERED.ordinal());
    }

    /**
     * @return the snapshot; for the owner of the phase.
     */
    public SnapshotSink sink()
    {
        return sink;
    }

    /**
     * Passes the baton on.
     *
     * @param from phase of the caller.
     * @param to   phase of the next owner.
     */
    public void pass(final Phase from, final Phase to)
    {
        if (from != phase())
        {
            throw new IllegalStateException("phase is " + phase() + ", not " + from);
        }
        final Phase next = Phase.STOPPED == to && !hasWatch ? Phase.QUIET : to;
        if (Phase.IDLE == next)
        {
            sink = null;
        }
        // pairs with the acquire in phase()
        phase.setRelease(next.ordinal());
    }

    /**
     * Watch: asked at the begin of each turn.
     *
     * @return true if the agent must rest; it has let everybody know by asking.
     */
    public boolean isWatchResting()
    {
        final Phase present = phase();
        if (Phase.STOPPED == present)
        {
            phase.setRelease(Phase.QUIET.ordinal());
            return true;
        }
        return Phase.QUIET == present || Phase.SWITCHED == present || Phase.RESET == present;
    }

    @Override
    public String toString()
    {
        return "Handover{phase=" + phase() + '}';
    }
}
