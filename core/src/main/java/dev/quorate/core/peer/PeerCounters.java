package dev.quorate.core.peer;

import org.agrona.BufferUtil;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * What is counted about peers. The consensus thread writes with release; any thread reads with acquire. A peer keeps
 * its slot until it is removed; then the slot may count for another, from 0.
 */
public final class PeerCounters
{
    /**
     * The values of each peer.
     */
    public enum Value
    {
        /** Bytes of messages accepted for sending. */
        SENT_BYTES,
        /** Messages accepted for sending. */
        SENT_MESSAGES,
        /** Bytes of messages heard. */
        RECEIVED_BYTES,
        /** Messages heard. */
        RECEIVED_MESSAGES,
        /** Messages not sent because there was no session. */
        SEND_FAILURES,
        /** Messages dropped because the window was full. */
        BACK_PRESSURED,
        /** Messages of the peer that were dropped. */
        RECEIVE_FAILURES,
        /** 1 while both directions of the control class are open. */
        CONNECTED,
        /** Round trips measured. */
        ROUND_TRIPS,
        /** Sum of the round trips, nanoseconds. */
        ROUND_TRIP_SUM_NS,
        /** Newest round trip, nanoseconds. */
        ROUND_TRIP_LAST_NS
    }

    /** Most peers counted at a time. */
    public static final int MAX_PEERS = 32;
    /** Round trips are counted in buckets: up to 0.1 ms, 0.2 ms, 0.4 ms, ... and one without limit. */
    public static final int ROUND_TRIP_BUCKETS = 17;
    /** Upper limit of the first bucket, nanoseconds. */
    public static final long FIRST_BUCKET_NS = 100_000;

    private static final Value[] VALUES = Value.values();
    private static final PeerDrop[] DROPS = PeerDrop.values();
    private static final int MEMBER_OFFSET = 0;
    private static final int VALUES_OFFSET = Long.BYTES;
    private static final int BUCKETS_OFFSET = VALUES_OFFSET + VALUES.length * Long.BYTES;
    private static final int SLOT_LENGTH = 384;
    private static final int DROPS_OFFSET = MAX_PEERS * SLOT_LENGTH;

    private final UnsafeBuffer buffer = new UnsafeBuffer(
        BufferUtil.allocateDirectAligned(DROPS_OFFSET + DROPS.length * Long.BYTES, 64));

    /**
     * @param slot from 0 to {@link #MAX_PEERS} - 1.
     * @return id of the member counted there, 0 if none.
     */
    public long memberId(final int slot)
    {
        return buffer.getLongAcquire(slot * SLOT_LENGTH + MEMBER_OFFSET);
    }

    /**
     * @param slot  of the peer.
     * @param value which.
     * @return the count.
     */
    public long get(final int slot, final Value value)
    {
        return buffer.getLongAcquire(valueOffset(slot, value));
    }

    /**
     * @param slot   of the peer.
     * @param bucket from 0 to {@link #ROUND_TRIP_BUCKETS} - 1.
     * @return round trips in this bucket alone.
     */
    public long roundTrips(final int slot, final int bucket)
    {
        return buffer.getLongAcquire(slot * SLOT_LENGTH + BUCKETS_OFFSET + bucket * Long.BYTES);
    }

    /**
     * @param cause of the drop.
     * @return messages dropped for it, from whomever.
     */
    public long dropped(final PeerDrop cause)
    {
        return buffer.getLongAcquire(DROPS_OFFSET + cause.ordinal() * Long.BYTES);
    }

    /**
     * Finds a slot for a peer. Consensus thread.
     *
     * @return the slot, with counts of 0.
     * @throws IllegalStateException if there are more than {@link #MAX_PEERS}.
     */
    int allocate(final long memberId)
    {
        for (int slot = 0; slot < MAX_PEERS; slot++)
        {
            final int offset = slot * SLOT_LENGTH;
            if (buffer.getLong(offset) == 0)
            {
                buffer.setMemory(offset, SLOT_LENGTH, (byte)0);
                // Pairs with the load in memberId(slot): the zeros are seen before the id.
                buffer.putLongRelease(offset + MEMBER_OFFSET, memberId);
                return slot;
            }
        }

        throw new IllegalStateException("more than " + MAX_PEERS + " peers");
    }

    void free(final int slot)
    {
        buffer.putLongRelease(slot * SLOT_LENGTH + MEMBER_OFFSET, 0);
    }

    void set(final int slot, final Value value, final long number)
    {
        buffer.putLongRelease(valueOffset(slot, value), number);
    }

    void add(final int slot, final Value value, final long delta)
    {
        increase(valueOffset(slot, value), delta);
    }

    void drop(final PeerDrop cause)
    {
        increase(DROPS_OFFSET + cause.ordinal() * Long.BYTES, 1);
    }

    void roundTrip(final int slot, final long roundTripNs)
    {
        int bucket = 0;
        for (long limitNs = FIRST_BUCKET_NS; roundTripNs > limitNs && bucket < ROUND_TRIP_BUCKETS - 1; limitNs <<= 1)
        {
            bucket++;
        }
        increase(slot * SLOT_LENGTH + BUCKETS_OFFSET + bucket * Long.BYTES, 1);
        add(slot, Value.ROUND_TRIPS, 1);
        add(slot, Value.ROUND_TRIP_SUM_NS, roundTripNs);
        set(slot, Value.ROUND_TRIP_LAST_NS, roundTripNs);
    }

    private void increase(final int offset, final long delta)
    {
        // Single writer; pairs with the acquire loads above.
        buffer.putLongRelease(offset, buffer.getLong(offset) + delta);
    }

    private static int valueOffset(final int slot, final Value value)
    {
        return slot * SLOT_LENGTH + VALUES_OFFSET + value.ordinal() * Long.BYTES;
    }
}
