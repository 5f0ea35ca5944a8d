package dev.quorate.core.raft;

import org.agrona.BitUtil;

/**
 * Linearizable reads of a leader. A request waits for a round that begins after it arrived and is ready once a quorum
 * answered that round or a later one. Requests are served in the order of their arrival.
 */
final class ReadRounds
{
    /** Rounds begun for reads ahead of the answers; further requests share the next round. */
    static final int MAX_OPEN_ROUNDS = 4;

    private final RaftOutput output;
    private final long[] requestIds;
    private final long[] froms;
    private final long[] rounds;
    private final long[] indexes;
    private final int mask;
    private final int maxPending;
    private long head;
    private long begun;
    private long tail;

    ReadRounds(final RaftOutput output, final int maxPending)
    {
        this.output = output;
        this.maxPending = maxPending;
        final int capacity = BitUtil.findNextPositivePowerOfTwo(maxPending);
        requestIds = new long[capacity];
        froms = new long[capacity];
        rounds = new long[capacity];
        indexes = new long[capacity];
        mask = capacity - 1;
    }

    /**
     * @return false if too many requests wait.
     */
    boolean add(final long requestId, final long from)
    {
        if (tail - head == maxPending)
        {
            return false;
        }
        final int at = (int)tail & mask;
        requestIds[at] = requestId;
        froms[at] = from;
        tail++;
        return true;
    }

    boolean hasWaiting()
    {
        return begun < tail;
    }

    /**
     * @return true if a request waits for the answers of a round.
     */
    boolean isOpen()
    {
        return head < begun;
    }

    /**
     * A round begins: it serves every request that arrived before.
     *
     * @param round       its id.
     * @param commitIndex now: nothing was committed anywhere above it when the requests arrived.
     */
    void begin(final long round, final long commitIndex)
    {
        for (; begun < tail; begun++)
        {
            final int at = (int)begun & mask;
            rounds[at] = round;
            indexes[at] = commitIndex;
        }
    }

    void onQuorum(final long round)
    {
        while (head < begun && rounds[(int)head & mask] <= round)
        {
            final int at = (int)head & mask;
            head++;
            output.readReady(requestIds[at], froms[at], indexes[at]);
        }
    }

    void failAll()
    {
        while (head < tail)
        {
            final int at = (int)head & mask;
            head++;
            output.readFailed(requestIds[at], froms[at]);
        }
        begun = head;
    }

    @Override
    public String toString()
    {
        return "ReadRounds{waiting=" + (tail - begun) + ", open=" + (begun - head) + '}';
    }
}
