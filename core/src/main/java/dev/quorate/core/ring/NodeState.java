package dev.quorate.core.ring;

import org.agrona.BufferUtil;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Values that agents of one member publish for everybody: each has one writer, which stores with release; readers load
 * with acquire. What was written before a value was stored is visible to who loads it.
 */
public final class NodeState
{
    /**
     * The values.
     */
    public enum Value
    {
        /** Current term; writer consensus. */
        TERM,
        /** Member id of the leader, 0 if none is known; writer consensus. */
        LEADER_ID,
        /** Ordinal of the role; writer consensus. */
        ROLE,
        /** 1 if this member is a learner; writer consensus. */
        IS_LEARNER,
        /** 1 once this member was removed from the cluster; writer consensus. */
        IS_REMOVED,
        /** When the present leader became known, nanoseconds; writer consensus. */
        LEADER_SINCE_NS,
        /** When the leader was last heard, or when the leader last heard a quorum, nanoseconds; writer consensus. */
        QUORUM_HEARD_NS,
        /** When the leader was lost, nanoseconds, 0 while there is one; writer consensus. */
        LEADER_LOST_NS,
        /** How often the leader changed; writer consensus. */
        LEADER_CHANGES,
        /** Commit index; writer consensus. */
        COMMIT_INDEX,
        /** Index of the newest entry appended; writer consensus. */
        LAST_INDEX,
        /** Commands waiting for a leader or for their commit; writer consensus. */
        PROPOSALS_PENDING,
        /** Commands refused by consensus, here or on the leader; writer consensus. */
        PROPOSALS_FAILED,
        /** Applied index; writer apply, stored after the store published what it shows. */
        APPLIED_INDEX,
        /** 1 while alarm NOSPACE is on for any member; writer apply. */
        ALARM_NOSPACE,
        /** 1 while alarm CORRUPT is on for any member; writer apply. */
        ALARM_CORRUPT,
        /** Cluster version: major in the upper 32 bits, minor in the lower; 0 until decided; writer apply. */
        CLUSTER_VERSION,
        /** Watchers registered; writer watch. */
        WATCHERS,
        /** Watch streams open; writer watch. */
        WATCH_STREAMS,
        /** Watchers behind the present revision; writer watch. */
        SLOW_WATCHERS,
        /** Events handed to loops; writer watch. */
        WATCH_EVENTS,
        /** Puts applied; writer apply. */
        PUTS,
        /** Deletes applied; writer apply. */
        DELETES,
        /** Transactions applied; writer apply. */
        TXNS,
        /** Leases granted; writer apply. */
        LEASES_GRANTED,
        /** Leases revoked; writer apply. */
        LEASES_REVOKED,
        /** Leases renewed; writer consensus. */
        LEASES_RENEWED,
        /** Leases whose expiry was proposed; writer consensus. */
        LEASES_EXPIRED,
        /** Bytes appended to the log; writer consensus. */
        LOG_BYTES,
        /** Longest turn of the core thread since start, nanoseconds; writer consensus. */
        LONGEST_TURN_NS,
        /**
         * 1 while this member alone takes part in consensus, so that what its store shows holds every write that
         * anybody was told of; writer consensus.
         */
        READS_ALONE,
        /** 1 while this member lacks space on its disk or in its index; writer consensus. */
        SHORT_OF_SPACE,
        /** Commands that took effect although the space quota was exhausted; writer apply. */
        QUOTA_EXCEEDED
    }

    private static final int STRIDE = 128;

    private final UnsafeBuffer values =
        new UnsafeBuffer(BufferUtil.allocateDirectAligned(Value.values().length * STRIDE, STRIDE));

    /**
     * Publishes a value. Only its writer calls this.
     *
     * @param value  which.
     * @param number to store.
     */
    public void set(final Value value, final long number)
    {
        values.putLongRelease(value.ordinal() * STRIDE, number);
    }

    /**
     * Adds to a value. Only its writer calls this.
     *
     * @param value which.
     * @param delta to add.
     */
    public void add(final Value value, final long delta)
    {
        final int offset = value.ordinal() * STRIDE;
        values.putLongRelease(offset, values.getLong(offset) + delta);
    }

    /**
     * @param value which.
     * @return the number stored last.
     */
    public long get(final Value value)
    {
        return values.getLongAcquire(value.ordinal() * STRIDE);
    }
}
