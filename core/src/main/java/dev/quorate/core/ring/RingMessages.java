package dev.quorate.core.ring;

/**
 * Message types of the rings and where their fields lie. All fields are little-endian i64 at multiples of 8 unless said
 * otherwise.
 */
public final class RingMessages
{
    /** Loop to consensus: the payload of a COMMAND entry as it goes into the log. */
    public static final int PROPOSE = 1;
    /** Loop to consensus: the payload of a CONFIG entry as it goes into the log. */
    public static final int PROPOSE_CONFIG = 2;
    /** Loop to consensus: requestId. Begins after all reads of the loop that it serves. */
    public static final int READ_INDEX = 3;
    /** Loop to consensus: correlationId, leaseId. */
    public static final int KEEP_ALIVE = 4;
    /** Loop to consensus: correlationId, leaseId. */
    public static final int TIME_TO_LIVE = 5;
    /** Loop to consensus: correlationId, target member id. */
    public static final int MOVE_LEADER = 6;
    /** Loop to consensus: correlationId, slot of the lease clock to begin at, first 0. */
    public static final int LEASE_DEADLINES = 7;

    /** Consensus to loop: correlationId, ordinal of the error: the command was not appended and never will be. */
    public static final int REFUSED = 11;
    /** Consensus to loop: requestId, index to wait for until applied. */
    public static final int READ_READY = 12;
    /** Consensus to loop: requestId, ordinal of the error. */
    public static final int READ_FAILED = 13;
    /**
     * Consensus to loop: correlationId, ordinal of the error, leaseId, TTL in seconds (0: unknown or expired), index to
     * wait for until applied.
     */
    public static final int KEEP_ALIVE_ANSWER = 14;
    /**
     * Consensus to loop: correlationId, ordinal of the error, leaseId, remaining TTL in seconds (-1: unknown),
     * granted TTL in seconds, index to wait for until applied.
     */
    public static final int TIME_TO_LIVE_ANSWER = 15;
    /** Consensus to loop: correlationId, ordinal of the error. */
    public static final int MOVE_LEADER_ANSWER = 16;
    /**
     * Consensus to loop: correlationId, ordinal of the error, slot to go on at (-1: that was all), count, then count
     * pairs of lease id and deadline in nanoseconds of the clock. None where leases are not measured: on a follower.
     */
    public static final int LEASE_DEADLINES_ANSWER = 17;

    /**
     * Consensus to loop: term, correlationId: the loop's commands up to this one were placed in an earlier term, or
     * refused; those behind it were not placed before this term.
     */
    public static final int PLACED_BEFORE_TERM = 18;

    /** Apply to loop: an {@code ApplyResult}. */
    public static final int RESULT = 21;
    /** Apply to loop: term of an entry that was applied. Results of all entries before it came before. */
    public static final int TERM_APPLIED = 22;
    /** Apply to loop: 0. A snapshot took the place of entries: commands may be among them whose results never come. */
    public static final int RESULTS_SKIPPED = 23;

    /**
     * Loop to watch: streamId, watchId, startRevision (0: from now), flags, then i32 key length, key, i32 range end
     * length, range end. Flags as {@link #WATCH_NO_PUT} and following.
     */
    public static final int WATCH_CREATE = 31;
    /** Loop to watch: streamId, watchId. */
    public static final int WATCH_CANCEL = 32;
    /** Loop to watch: streamId. All its watchers end, nothing is answered. */
    public static final int WATCH_CLOSE = 33;
    /** Loop to watch: streamId, events delivered to the client since the last credit. */
    public static final int WATCH_CREDIT = 34;
    /** Loop to watch: streamId: a requested progress notification. */
    public static final int WATCH_PROGRESS = 35;

    /** Watch to loop: streamId, watchId, header revision. */
    public static final int WATCH_CREATED = 41;
    /**
     * Watch to loop: streamId, watchId, header revision, flags (1: the response continues in the next message),
     * count, then count LPs of records in revision order, never parting a revision between responses. Until a response
     * is complete no events of other watchers of the stream come; its last message may bring none.
     */
    public static final int WATCH_EVENTS = 42;
    /**
     * Watch to loop: streamId, watchId, header revision, compact revision (0: cancelled by request). A response of this
     * watcher that was to be continued will not be: it is dropped. A request to cancel who was told a compact revision
     * is not answered.
     */
    public static final int WATCH_CANCELED = 43;
    /** Watch to loop: streamId, watchId (-1: requested for the stream), revision. */
    public static final int WATCH_PROGRESSED = 44;

    /** Loop to housekeeping: correlationId, revision (0: current). */
    public static final int HASH_KV = 51;
    /** Loop to housekeeping: correlationId. */
    public static final int HASH = 52;
    /** Loop to housekeeping: correlationId. */
    public static final int DEFRAGMENT = 53;
    /** Loop to housekeeping: correlationId, compacted revision whose physical completion is awaited. */
    public static final int AWAIT_COMPACTION = 54;
    /**
     * Housekeeping to loop: correlationId, ordinal of the error, hash, compact revision, hash revision, current
     * revision. Unused fields are 0.
     */
    public static final int HOUSEKEEPING_ANSWER = 61;

    /** Apply to consensus: leaseId, granted TTL in seconds, index: a lease came to be (again, at recovery). */
    public static final int LEASE_GRANTED = 71;
    /** Apply to consensus: leaseId, index: a lease is gone. */
    public static final int LEASE_REVOKED = 72;
    /** Apply to consensus: a snapshot replaced all leases; those that exist follow. */
    public static final int LEASES_CLEARED = 73;

    /** Consensus to housekeeping: member id: send it a snapshot. */
    public static final int SNAPSHOT_SEND = 81;
    /** Consensus to housekeeping: member id, snapshot id, offset that it has, -1 if it wants none. */
    public static final int SNAPSHOT_READY = 82;
    /** Consensus to housekeeping: member id, snapshot id, index, 1 installed or 0 failed. */
    public static final int SNAPSHOT_STATUS = 83;
    /** Consensus to housekeeping: member id of the leader, snapshot id, index, total length. */
    public static final int SNAPSHOT_OFFER = 84;
    /** Housekeeping to consensus: member id, snapshot id, index, term of its entry, total length: offer it. */
    public static final int SNAPSHOT_OFFERING = 85;
    /** Housekeeping to consensus: member id of the leader, snapshot id, offset: tell how far it came. */
    public static final int SNAPSHOT_PROGRESS = 86;
    /** Housekeeping to consensus: member id of the leader, snapshot id, index, 1 or 0: tell how it ended. */
    public static final int SNAPSHOT_ENDED = 87;
    /** Housekeeping to consensus: member id: sending to it ended without a word of it. */
    public static final int SNAPSHOT_LOST = 88;

    /** Watch flag: no PUT events. */
    public static final int WATCH_NO_PUT = 1;
    /** Watch flag: no DELETE events. */
    public static final int WATCH_NO_DELETE = 2;
    /** Watch flag: periodic progress notifications. */
    public static final int WATCH_PROGRESS_NOTIFY = 4;

    private RingMessages()
    {
    }
}
