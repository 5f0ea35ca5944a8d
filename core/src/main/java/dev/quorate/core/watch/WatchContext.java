package dev.quorate.core.watch;

import dev.quorate.core.ring.LoopRings;
import dev.quorate.core.ring.NodeState;
import dev.quorate.core.seam.Clock;
import dev.quorate.core.seam.Rng;
import dev.quorate.core.store.Store;

/**
 * Configuration of a {@link WatchAgent}: set, concluded once, never changed later.
 */
public final class WatchContext
{
    private Store store;
    private LoopRings[] loops;
    private NodeState nodeState;
    private Clock clock;
    private Rng rng;
    private long progressNotifyIntervalNs = 10L * 60 * 1_000_000_000;
    private int initialCredit = 1024;
    private long maxOutstandingBytes = 4L * 1024 * 1024;
    private int recordsPerTurn = 2048;
    private int maxStagedEvents = 128 * 1024;
    private boolean isConcluded;

    /**
     * Checks the configuration and freezes it.
     *
     * @return this.
     * @throws IllegalStateException if it is incomplete, out of range or concluded already.
     */
    public WatchContext conclude()
    {
        checkOpen();
        require(null != store, "store is missing");
        require(null != loops, "loops are missing");
        require(null != nodeState, "nodeState is missing");
        require(null != clock, "clock is missing");
        require(null != rng, "rng is missing");
        require(progressNotifyIntervalNs > 0, "progressNotifyIntervalNs must be positive");
        require(initialCredit > 0, "initialCredit must be positive");
        require(maxOutstandingBytes > 0, "maxOutstandingBytes must be positive");
        require(recordsPerTurn > 0, "recordsPerTurn must be positive");
        require(maxStagedEvents >= EventStage.BLOCK_LENGTH, "maxStagedEvents below a block");
        for (int i = 0; i < loops.length; i++)
        {
            require(loops[i].loopId() == i, "loops are not in the order of their ids");
        }
        isConcluded = true;
        return this;
    }

    /**
     * @return store that is watched.
     */
    public Store store()
    {
        return store;
    }

    /**
     * @param value store that is watched.
     * @return this.
     */
    public WatchContext store(final Store value)
    {
        checkOpen();
        store = value;
        return this;
    }

    /**
     * @return rings of all event loops, in the order of their ids.
     */
    public LoopRings[] loops()
    {
        return loops;
    }

    /**
     * @param value rings of all event loops, in the order of their ids.
     * @return this.
     */
    public WatchContext loops(final LoopRings[] value)
    {
        checkOpen();
        loops = value;
        return this;
    }

    /**
     * @return where the counters are published.
     */
    public NodeState nodeState()
    {
        return nodeState;
    }

    /**
     * @param value where the counters are published.
     * @return this.
     */
    public WatchContext nodeState(final NodeState value)
    {
        checkOpen();
        nodeState = value;
        return this;
    }

    /**
     * @return time for periodic progress notifications.
     */
    public Clock clock()
    {
        return clock;
    }

    /**
     * @param value time for periodic progress notifications.
     * @return this.
     */
    public WatchContext clock(final Clock value)
    {
        checkOpen();
        clock = value;
        return this;
    }

    /**
     * @return spreads the periodic progress notifications of streams; belongs to the watch thread.
     */
    public Rng rng()
    {
        return rng;
    }

    /**
     * @param value spreads the periodic progress notifications of streams; belongs to the watch thread.
     * @return this.
     */
    public WatchContext rng(final Rng value)
    {
        checkOpen();
        rng = value;
        return this;
    }

    /**
     * @return least time between two periodic progress notifications of a watcher, nanoseconds, from 1; a stream's
     *         own is up to a tenth longer.
     */
    public long progressNotifyIntervalNs()
    {
        return progressNotifyIntervalNs;
    }

    /**
     * @param value least time between two periodic progress notifications of a watcher, nanoseconds, from 1; a
     *              stream's own is up to a tenth longer.
     * @return this.
     */
    public WatchContext progressNotifyIntervalNs(final long value)
    {
        checkOpen();
        progressNotifyIntervalNs = value;
        return this;
    }

    /**
     * @return most events of one stream that its loop has not given credit for, positive; only the last response
     *         may go beyond.
     */
    public int initialCredit()
    {
        return initialCredit;
    }

    /**
     * @param value most events of one stream that its loop has not given credit for, positive; only the last
     *              response may go beyond.
     * @return this.
     */
    public WatchContext initialCredit(final int value)
    {
        checkOpen();
        initialCredit = value;
        return this;
    }

    /**
     * @return most bytes of such events of one stream, positive; only the last response may go beyond.
     */
    public long maxOutstandingBytes()
    {
        return maxOutstandingBytes;
    }

    /**
     * @param value most bytes of such events of one stream, positive; only the last response may go beyond.
     * @return this.
     */
    public WatchContext maxOutstandingBytes(final long value)
    {
        checkOpen();
        maxOutstandingBytes = value;
        return this;
    }

    /**
     * @return most records that one turn reads for those in step, and again for those behind, positive.
     */
    public int recordsPerTurn()
    {
        return recordsPerTurn;
    }

    /**
     * @param value most records that one turn reads for those in step, and again for those behind, positive.
     * @return this.
     */
    public WatchContext recordsPerTurn(final int value)
    {
        checkOpen();
        recordsPerTurn = value;
        return this;
    }

    /**
     * @return most events that wait in memory to be put into a message, over all watchers, rounded down to blocks.
     */
    public int maxStagedEvents()
    {
        return maxStagedEvents;
    }

    /**
     * @param value most events that wait in memory to be put into a message, over all watchers, at least 16.
     * @return this.
     */
    public WatchContext maxStagedEvents(final int value)
    {
        checkOpen();
        maxStagedEvents = value;
        return this;
    }

    boolean isConcluded()
    {
        return isConcluded;
    }

    private void checkOpen()
    {
        require(!isConcluded, "concluded already");
    }

    private static void require(final boolean holds, final String message)
    {
        if (!holds)
        {
            throw new IllegalStateException("watch configuration: " + message);
        }
    }
}
