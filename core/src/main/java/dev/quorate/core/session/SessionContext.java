package dev.quorate.core.session;

import dev.quorate.core.machine.Directories;
import dev.quorate.core.ring.LoopRings;
import dev.quorate.core.ring.NodeState;
import dev.quorate.core.seam.Clock;
import dev.quorate.core.seam.Rng;

/**
 * Configuration and collaborators of one {@link LoopSession}. Concluded once, then frozen.
 */
public final class SessionContext
{
    /** Two gibibytes: the quota of a store when none is set, bytes. */
    public static final long DEFAULT_QUOTA_BYTES = 2L * 1024 * 1024 * 1024;
    /** Least elections time-out, in heartbeats. */
    private static final int MIN_ELECTION_TICKS = 5;

    private LoopRings rings;
    private NodeState nodeState;
    private StateSource state;
    private Directories directories;
    private LeaseSource leases;
    private Clock clock;
    private Rng rng;
    private long clusterId;
    private long memberId;
    private long bootId;
    private int maxRequestBytes = 1_572_864;
    private int maxTxnOps = 128;
    private long quotaBytes;
    private long heartbeatNs = 100_000_000L;
    private long electionTimeoutNs = 1_000_000_000L;
    private int maxPendingCalls = 8_192;
    private int maxLongReads = 4;
    private int maxResponseBytes = 512 * 1024 * 1024;
    private String serverVersion = "3.7.1";
    private String storageVersion = "3.7.0";
    private boolean isConcluded;

    /**
     * Checks and freezes.
     *
     * @return this.
     */
    public SessionContext conclude()
    {
        if (isConcluded)
        {
            throw new IllegalStateException("concluded twice");
        }
        if (rings == null || nodeState == null || state == null || directories == null || leases == null ||
            clock == null || rng == null)
        {
            throw new IllegalStateException("rings, nodeState, state, directories, leases, clock and rng are required");
        }
        if (clusterId == 0 || memberId == 0)
        {
            throw new IllegalStateException("clusterId and memberId are required");
        }
        require(heartbeatNs > 0 && electionTimeoutNs >= MIN_ELECTION_TICKS * heartbeatNs, "election time-out");
        require(maxTxnOps > 0, "maxTxnOps");
        require(maxPendingCalls > 0, "maxPendingCalls");
        require(maxLongReads > 0, "maxLongReads");
        require(maxResponseBytes >= 64 * 1024, "maxResponseBytes");
        require(maxRequestBytes > 0 && 8L * maxRequestBytes <= rings.toConsensus().capacity(),
            "maxRequestBytes: the command ring holds eight of the longest");
        if (quotaBytes == 0)
        {
            quotaBytes = DEFAULT_QUOTA_BYTES;
        }
        isConcluded = true;
        return this;
    }

    private static void require(final boolean holds, final String what)
    {
        if (!holds)
        {
            throw new IllegalStateException("out of range: " + what);
        }
    }

    /**
     * @param value rings of the loop.
     * @return this.
     */
    public SessionContext rings(final LoopRings value)
    {
        requireNotConcluded();
        rings = value;
        return this;
    }

    LoopRings rings()
    {
        return rings;
    }

    /**
     * @param value values that agents publish.
     * @return this.
     */
    public SessionContext nodeState(final NodeState value)
    {
        requireNotConcluded();
        nodeState = value;
        return this;
    }

    NodeState nodeState()
    {
        return nodeState;
    }

    /**
     * @param value the store.
     * @return this.
     */
    public SessionContext state(final StateSource value)
    {
        requireNotConcluded();
        state = value;
        return this;
    }

    StateSource state()
    {
        return state;
    }

    /**
     * @param value members and alarms.
     * @return this.
     */
    public SessionContext directories(final Directories value)
    {
        requireNotConcluded();
        directories = value;
        return this;
    }

    Directories directories()
    {
        return directories;
    }

    /**
     * @param value which leases exist.
     * @return this.
     */
    public SessionContext leases(final LeaseSource value)
    {
        requireNotConcluded();
        leases = value;
        return this;
    }

    LeaseSource leases()
    {
        return leases;
    }

    /**
     * @param value time.
     * @return this.
     */
    public SessionContext clock(final Clock value)
    {
        requireNotConcluded();
        clock = value;
        return this;
    }

    Clock clock()
    {
        return clock;
    }

    /**
     * @param value randomness, this loop's own.
     * @return this.
     */
    public SessionContext rng(final Rng value)
    {
        requireNotConcluded();
        rng = value;
        return this;
    }

    Rng rng()
    {
        return rng;
    }

    /**
     * @param value id of the cluster, not 0.
     * @return this.
     */
    public SessionContext clusterId(final long value)
    {
        requireNotConcluded();
        clusterId = value;
        return this;
    }

    long clusterId()
    {
        return clusterId;
    }

    /**
     * @param value id of this member, not 0.
     * @return this.
     */
    public SessionContext memberId(final long value)
    {
        requireNotConcluded();
        memberId = value;
        return this;
    }

    long memberId()
    {
        return memberId;
    }

    /**
     * @param value number of this start of the member.
     * @return this.
     */
    public SessionContext bootId(final long value)
    {
        requireNotConcluded();
        bootId = value;
        return this;
    }

    long bootId()
    {
        return bootId;
    }

    /**
     * @param value longest request, bytes, as a command.
     * @return this.
     */
    public SessionContext maxRequestBytes(final int value)
    {
        requireNotConcluded();
        maxRequestBytes = value;
        return this;
    }

    int maxRequestBytes()
    {
        return maxRequestBytes;
    }

    /**
     * @param value most operations of one level of a transaction.
     * @return this.
     */
    public SessionContext maxTxnOps(final int value)
    {
        requireNotConcluded();
        maxTxnOps = value;
        return this;
    }

    int maxTxnOps()
    {
        return maxTxnOps;
    }

    /**
     * @param value size of the store beyond which writes are refused, bytes; 0 is the default, negative is none.
     * @return this.
     */
    public SessionContext quotaBytes(final long value)
    {
        requireNotConcluded();
        quotaBytes = value;
        return this;
    }

    long quotaBytes()
    {
        return quotaBytes;
    }

    /**
     * @param value heartbeat interval, nanoseconds.
     * @return this.
     */
    public SessionContext heartbeatNs(final long value)
    {
        requireNotConcluded();
        heartbeatNs = value;
        return this;
    }

    long heartbeatNs()
    {
        return heartbeatNs;
    }

    /**
     * @param value election time-out, nanoseconds, at least five heartbeats.
     * @return this.
     */
    public SessionContext electionTimeoutNs(final long value)
    {
        requireNotConcluded();
        electionTimeoutNs = value;
        return this;
    }

    long electionTimeoutNs()
    {
        return electionTimeoutNs;
    }

    /**
     * @param value most calls that may wait at once.
     * @return this.
     */
    public SessionContext maxPendingCalls(final int value)
    {
        requireNotConcluded();
        maxPendingCalls = value;
        return this;
    }

    int maxPendingCalls()
    {
        return maxPendingCalls;
    }

    /**
     * @param value most ranges that are read in turn.
     * @return this.
     */
    public SessionContext maxLongReads(final int value)
    {
        requireNotConcluded();
        maxLongReads = value;
        return this;
    }

    int maxLongReads()
    {
        return maxLongReads;
    }

    /**
     * @param value longest response, bytes.
     * @return this.
     */
    public SessionContext maxResponseBytes(final int value)
    {
        requireNotConcluded();
        maxResponseBytes = value;
        return this;
    }

    int maxResponseBytes()
    {
        return maxResponseBytes;
    }

    /**
     * @param value version told to clients.
     * @return this.
     */
    public SessionContext serverVersion(final String value)
    {
        requireNotConcluded();
        serverVersion = value;
        return this;
    }

    String serverVersion()
    {
        return serverVersion;
    }

    /**
     * @param value storage version told to clients.
     * @return this.
     */
    public SessionContext storageVersion(final String value)
    {
        requireNotConcluded();
        storageVersion = value;
        return this;
    }

    String storageVersion()
    {
        return storageVersion;
    }

    /**
     * @return how long a call may take, nanoseconds: 5 s and two election time-outs.
     */
    long requestTimeoutNs()
    {
        return 5_000_000_000L + 2 * electionTimeoutNs;
    }

    /**
     * @return least TTL of a lease, seconds: one and a half election time-outs, counted in whole heartbeats, rounded
     * up.
     */
    long minLeaseTtlSeconds()
    {
        final long ticks = 3 * (electionTimeoutNs / heartbeatNs) / 2;
        return (ticks * heartbeatNs + 999_999_999L) / 1_000_000_000L;
    }

    private void requireNotConcluded()
    {
        if (isConcluded)
        {
            throw new IllegalStateException("concluded already");
        }
    }
}
