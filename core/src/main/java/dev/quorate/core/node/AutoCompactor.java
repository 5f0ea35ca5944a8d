package dev.quorate.core.node;

import org.agrona.collections.LongArrayQueue;

import java.util.concurrent.TimeUnit;

/**
 * Decides when the leader proposes a compaction of its own: by age ({@code periodic}) or by number of revisions
 * ({@code revision}), with etcd's intervals.
 * <p>
 * Owned by the consensus thread.
 */
final class AutoCompactor
{
    /** Nothing to compact now. */
    static final long NONE = -1;

    private static final long HOUR_NS = TimeUnit.HOURS.toNanos(1);
    private static final long REVISION_INTERVAL_NS = TimeUnit.MINUTES.toNanos(5);
    private static final int SAMPLES_PER_INTERVAL = 10;

    private final boolean isPeriodic;
    private final long retention;
    private final long intervalNs;
    private final long sampleNs;
    private final LongArrayQueue samples = new LongArrayQueue(Long.MIN_VALUE);
    private final int samplesKept;
    private long nextNs = Long.MIN_VALUE;
    private long nextCompactionNs = Long.MIN_VALUE;
    private long lastCompacted;

    /**
     * @param isPeriodic true for ages, false for numbers of revisions.
     * @param retention  age in ns, or number of revisions; 0 switches it off.
     */
    AutoCompactor(final boolean isPeriodic, final long retention)
    {
        this.isPeriodic = isPeriodic;
        this.retention = retention;
        this.intervalNs = isPeriodic ? Math.min(Math.max(retention, 1), HOUR_NS) : REVISION_INTERVAL_NS;
        this.sampleNs = isPeriodic ? Math.max(1, intervalNs / SAMPLES_PER_INTERVAL) : REVISION_INTERVAL_NS;
        this.samplesKept = isPeriodic ? (int)Math.min(Integer.MAX_VALUE, retention / sampleNs) : 0;
    }

    /**
     * Time passes.
     *
     * @param nowNs    time.
     * @param isLeader true if this member leads; others only sample.
     * @param revision current.
     * @return revision to compact at, or {@link #NONE}.
     */
    long poll(final long nowNs, final boolean isLeader, final long revision)
    {
        if (0 == retention || nowNs < nextNs)
        {
            return NONE;
        }
        final boolean isFirst = Long.MIN_VALUE == nextNs;
        nextNs = nowNs + sampleNs;
        if (isFirst)
        {
            nextCompactionNs = nowNs + (isPeriodic ? retention : REVISION_INTERVAL_NS);
        }
        return isPeriodic ? pollPeriodic(nowNs, isLeader, revision) : pollRevision(nowNs, isLeader, revision);
    }

    private long pollPeriodic(final long nowNs, final boolean isLeader, final long revision)
    {
        samples.addLong(revision);
        while (samples.size() > samplesKept + 1)
        {
            samples.pollLong();
        }
        if (nowNs < nextCompactionNs || !isLeader)
        {
            return NONE;
        }
        nextCompactionNs = nowNs + intervalNs;
        return propose(samples.peekLong());
    }

    private long pollRevision(final long nowNs, final boolean isLeader, final long revision)
    {
        if (nowNs < nextCompactionNs || !isLeader)
        {
            return NONE;
        }
        nextCompactionNs = nowNs + REVISION_INTERVAL_NS;
        return propose(revision - retention);
    }

    private long propose(final long revision)
    {
        if (revision <= 0 || revision <= lastCompacted)
        {
            return NONE;
        }
        lastCompacted = revision;
        return revision;
    }
}
