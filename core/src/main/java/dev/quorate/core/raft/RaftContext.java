package dev.quorate.core.raft;

import dev.quorate.core.seam.Rng;

/**
 * Configuration of {@link RaftCore}. Filled by its owner, checked and frozen by {@link #conclude()}.
 */
public final class RaftContext
{
    /** Default for the entries bytes of one append. */
    public static final int MAX_APPEND_BYTES_DEFAULT = 60 * 1024;
    /** Default for the appends on the way to one peer. */
    public static final int MAX_IN_FLIGHT_MESSAGES_DEFAULT = 256;
    /** Default for the bytes on the way to one peer. */
    public static final long MAX_IN_FLIGHT_BYTES_DEFAULT = 8L * 1024 * 1024;
    /** Default for the linearizable reads that wait for a round. */
    public static final int MAX_PENDING_READS_DEFAULT = 16 * 1024;

    private long memberId;
    private long electionTimeoutNs;
    private long heartbeatIntervalNs;
    private int maxInFlightMessages = MAX_IN_FLIGHT_MESSAGES_DEFAULT;
    private long maxInFlightBytes = MAX_IN_FLIGHT_BYTES_DEFAULT;
    private int maxAppendBytes = MAX_APPEND_BYTES_DEFAULT;
    private int maxPendingReads = MAX_PENDING_READS_DEFAULT;
    private boolean preVote = true;
    private Configuration configuration;
    private long term;
    private long votedFor;
    private long commitIndex;
    private Rng rng;
    private RaftLogAccess log;
    private RaftOutput output;
    private ConfigEntryReader configEntryReader;
    private boolean isConcluded;

    /**
     * Checks the values; afterwards they cannot be changed.
     *
     * @return this.
     * @throws IllegalStateException if a value is missing or out of range, with the value.
     */
    public RaftContext conclude()
    {
        require(!isConcluded, "context is concluded already", 0);
        require(memberId != 0, "memberId must not be 0", memberId);
        require(heartbeatIntervalNs > 0, "heartbeatIntervalNs must be positive", heartbeatIntervalNs);
        require(electionTimeoutNs > heartbeatIntervalNs, "electionTimeoutNs must exceed the heartbeat interval",
            electionTimeoutNs);
        require(electionTimeoutNs <= Long.MAX_VALUE / 8, "electionTimeoutNs is too large", electionTimeoutNs);
        require(maxInFlightMessages > 0, "maxInFlightMessages must be positive", maxInFlightMessages);
        require(maxInFlightBytes > 0, "maxInFlightBytes must be positive", maxInFlightBytes);
        require(maxAppendBytes > 0, "maxAppendBytes must be positive", maxAppendBytes);
        require(maxPendingReads > 0, "maxPendingReads must be positive", maxPendingReads);
        require(configuration != null, "configuration is missing", 0);
        require(rng != null, "rng is missing", 0);
        require(log != null, "log is missing", 0);
        require(output != null, "output is missing", 0);
        require(configEntryReader != null, "configEntryReader is missing", 0);
        require(term >= 0, "term must not be negative", term);
        require(votedFor == 0 || term > 0, "a vote needs a term", votedFor);
        require(commitIndex >= log.baseIndex(), "commitIndex is below the base of the log", commitIndex);
        require(commitIndex <= log.lastIndex(), "commitIndex is beyond the log", commitIndex);
        isConcluded = true;
        return this;
    }

    /**
     * @return id of this member, not 0.
     */
    public long memberId()
    {
        return memberId;
    }

    /**
     * @param value id of this member, not 0.
     * @return this.
     */
    public RaftContext memberId(final long value)
    {
        checkOpen();
        memberId = value;
        return this;
    }

    /**
     * @return least time without a leader before a candidacy, nanoseconds; the actual one is random, below twice this.
     */
    public long electionTimeoutNs()
    {
        return electionTimeoutNs;
    }

    /**
     * @param value least time without a leader before a candidacy, nanoseconds; above the heartbeat interval.
     * @return this.
     */
    public RaftContext electionTimeoutNs(final long value)
    {
        checkOpen();
        electionTimeoutNs = value;
        return this;
    }

    /**
     * @return time between heartbeats, nanoseconds.
     */
    public long heartbeatIntervalNs()
    {
        return heartbeatIntervalNs;
    }

    /**
     * @param value time between heartbeats, nanoseconds, positive.
     * @return this.
     */
    public RaftContext heartbeatIntervalNs(final long value)
    {
        checkOpen();
        heartbeatIntervalNs = value;
        return this;
    }

    /**
     * @return most appends on the way to one peer.
     */
    public int maxInFlightMessages()
    {
        return maxInFlightMessages;
    }

    /**
     * @param value most appends on the way to one peer, positive.
     * @return this.
     */
    public RaftContext maxInFlightMessages(final int value)
    {
        checkOpen();
        maxInFlightMessages = value;
        return this;
    }

    /**
     * @return most bytes on the way to one peer; one entry may exceed it.
     */
    public long maxInFlightBytes()
    {
        return maxInFlightBytes;
    }

    /**
     * @param value most bytes on the way to one peer, positive; one entry may exceed it.
     * @return this.
     */
    public RaftContext maxInFlightBytes(final long value)
    {
        checkOpen();
        maxInFlightBytes = value;
        return this;
    }

    /**
     * @return most bytes asked for in one append; one entry may exceed it.
     */
    public int maxAppendBytes()
    {
        return maxAppendBytes;
    }

    /**
     * @param value most bytes asked for in one append, positive; one entry may exceed it.
     * @return this.
     */
    public RaftContext maxAppendBytes(final int value)
    {
        checkOpen();
        maxAppendBytes = value;
        return this;
    }

    /**
     * @return most linearizable reads that wait for a round.
     */
    public int maxPendingReads()
    {
        return maxPendingReads;
    }

    /**
     * @param value most linearizable reads that wait for a round, positive.
     * @return this.
     */
    public RaftContext maxPendingReads(final int value)
    {
        checkOpen();
        maxPendingReads = value;
        return this;
    }

    /**
     * @return true if a candidacy is tried before the term is raised.
     */
    public boolean preVote()
    {
        return preVote;
    }

    /**
     * @param value true (default) to try a candidacy before the term is raised.
     * @return this.
     */
    public RaftContext preVote(final boolean value)
    {
        checkOpen();
        preVote = value;
        return this;
    }

    /**
     * @return configuration to start from.
     */
    public Configuration configuration()
    {
        return configuration;
    }

    /**
     * @param value configuration to start from: of the bootstrap or of the newest mark. Entries of the log above its
     *              index are added by {@link RaftCore}. Copied.
     * @return this.
     */
    public RaftContext configuration(final Configuration value)
    {
        checkOpen();
        configuration = value;
        return this;
    }

    /**
     * @return term persisted.
     */
    public long term()
    {
        return term;
    }

    /**
     * @param value term persisted, 0 for a new member.
     * @return this.
     */
    public RaftContext term(final long value)
    {
        checkOpen();
        term = value;
        return this;
    }

    /**
     * @return vote persisted, 0 for none.
     */
    public long votedFor()
    {
        return votedFor;
    }

    /**
     * @param value vote persisted, 0 for none.
     * @return this.
     */
    public RaftContext votedFor(final long value)
    {
        checkOpen();
        votedFor = value;
        return this;
    }

    /**
     * @return index known to be committed at start.
     */
    public long commitIndex()
    {
        return commitIndex;
    }

    /**
     * @param value index known to be committed at start, between the log's base and last index.
     * @return this.
     */
    public RaftContext commitIndex(final long value)
    {
        checkOpen();
        commitIndex = value;
        return this;
    }

    /**
     * @return source of the random part of election time-outs.
     */
    public Rng rng()
    {
        return rng;
    }

    /**
     * @param value source of the random part of election time-outs.
     * @return this.
     */
    public RaftContext rng(final Rng value)
    {
        checkOpen();
        rng = value;
        return this;
    }

    /**
     * @return the log; durable as a whole at start.
     */
    public RaftLogAccess log()
    {
        return log;
    }

    /**
     * @param value the log; durable as a whole at start.
     * @return this.
     */
    public RaftContext log(final RaftLogAccess value)
    {
        checkOpen();
        log = value;
        return this;
    }

    /**
     * @return receiver of effects.
     */
    public RaftOutput output()
    {
        return output;
    }

    /**
     * @param value receiver of effects.
     * @return this.
     */
    public RaftContext output(final RaftOutput value)
    {
        checkOpen();
        output = value;
        return this;
    }

    /**
     * @return reader of configuration entries.
     */
    public ConfigEntryReader configEntryReader()
    {
        return configEntryReader;
    }

    /**
     * @param value reader of configuration entries.
     * @return this.
     */
    public RaftContext configEntryReader(final ConfigEntryReader value)
    {
        checkOpen();
        configEntryReader = value;
        return this;
    }

    boolean isConcluded()
    {
        return isConcluded;
    }

    private void checkOpen()
    {
        if (isConcluded)
        {
            throw new IllegalStateException("context is concluded");
        }
    }

    private static void require(final boolean holds, final String message, final long value)
    {
        if (!holds)
        {
            throw new IllegalStateException(message + ": " + value);
        }
    }

    @Override
    public String toString()
    {
        return "RaftContext{memberId=" + Long.toHexString(memberId) +
            ", electionTimeoutNs=" + electionTimeoutNs +
            ", heartbeatIntervalNs=" + heartbeatIntervalNs +
            ", maxInFlightMessages=" + maxInFlightMessages +
            ", maxInFlightBytes=" + maxInFlightBytes +
            ", maxAppendBytes=" + maxAppendBytes +
            ", maxPendingReads=" + maxPendingReads +
            ", preVote=" + preVote +
            ", configuration=" + configuration +
            ", term=" + term +
            ", commitIndex=" + commitIndex + '}';
    }
}
