package dev.quorate.core.node;

import dev.quorate.core.log.LogSyncAgent;
import dev.quorate.core.log.RaftLog;
import dev.quorate.core.raft.RaftCore;
import dev.quorate.core.raft.Role;
import dev.quorate.core.ring.LoopRings;
import dev.quorate.core.seam.Clock;
import dev.quorate.core.seam.Signal;

/**
 * Syncs of the log within a turn of consensus: when this member is alone or follows, a single entry came and no command
 * waits behind it, nothing is gained by the log sync thread, and two hand-offs are saved. With more entries the next
 * batch is to be taken during the sync. A leader with peers never waits for its disk: they would miss its heartbeats
 * and its messages. A follower's disk that stalls holds up its answers once, for the next syncs are the log sync
 * thread's for a thousand times as long, at most a minute. Owner: the consensus thread.
 */
final class TurnSync
{
    /** After a sync that took longer the next ones are left to the log sync thread for a while. */
    private static final long SLOW_NS = 10_000_000L;
    private static final long PAUSE_FACTOR = 1_000;
    private static final long MAX_PAUSE_NS = 60_000_000_000L;

    private final RaftCore raft;
    private final RaftLog log;
    private final LogSyncAgent agent;
    private final LoopRings[] loops;
    private final Clock clock;
    private final Signal logSyncSignal;
    private long notBeforeNs;
    private long syncedNs;
    private long lastIndex;
    private boolean isLevel;
    private boolean isWatermarkDue;

    TurnSync(final NodeContext context, final RaftCore raft, final RaftLog log)
    {
        this.raft = raft;
        this.log = log;
        agent = log.syncAgent();
        loops = context.loops();
        clock = context.clock();
        logSyncSignal = context.logSyncSignal();
        notBeforeNs = clock.nanoTime();
    }

    /** Before anything of a turn is appended. */
    void beginTurn()
    {
        lastIndex = log.lastIndex();
        isLevel = log.durablePosition() == log.appendedPosition();
    }

    /**
     * Behind all that a turn appends.
     *
     * @param nowNs begin of the turn, nanoseconds.
     * @return true if what was appended was found durable.
     */
    boolean endTurn(final long nowNs)
    {
        if (log.lastIndex() != lastIndex + 1 || !isLevel || nowNs < notBeforeNs || !mayWait() || isMoreWaiting())
        {
            return false;
        }
        final long beginNs = clock.nanoTime();
        final boolean isDurable = agent.syncInTurn();
        if (!isDurable)
        {
            logSyncSignal.signal();
        }
        syncedNs = clock.nanoTime();
        isWatermarkDue = true;
        final long tookNs = syncedNs - beginNs;
        if (tookNs > SLOW_NS)
        {
            notBeforeNs = syncedNs + Math.min(PAUSE_FACTOR * tookNs, MAX_PAUSE_NS);
        }
        return isDurable;
    }

    /** The log sync thread was not woken, but notes how far the log is durable when nothing follows. */
    void noticeIdle(final long nowNs)
    {
        if (isWatermarkDue && nowNs - syncedNs > LogSyncAgent.IDLE_WATERMARK_NS)
        {
            isWatermarkDue = false;
            logSyncSignal.signal();
        }
    }

    private boolean mayWait()
    {
        return Role.FOLLOWER == raft.role() || raft.isAlone();
    }

    private boolean isMoreWaiting()
    {
        for (int i = 0; i < loops.length; i++)
        {
            if (loops[i].toConsensus().size() > 0)
            {
                return true;
            }
        }
        return false;
    }

    @Override
    public String toString()
    {
        return "TurnSync{lastIndex=" + lastIndex + ", isLevel=" + isLevel + ", isWatermarkDue=" + isWatermarkDue + '}';
    }
}
