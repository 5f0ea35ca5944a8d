package dev.quorate.core.raft;

/**
 * Appends on the way to one peer, oldest first, bounded in number and bytes.
 */
final class InFlight
{
    private final long[] lastIndexes;
    private final long[] lengths;
    private final long maxBytes;
    private int head;
    private int count;
    private long bytes;

    InFlight(final int maxMessages, final long maxBytes)
    {
        this.maxBytes = maxBytes;
        lastIndexes = new long[maxMessages];
        lengths = new long[maxMessages];
    }

    boolean isEmpty()
    {
        return count == 0;
    }

    boolean isFull()
    {
        return count == lastIndexes.length || bytes >= maxBytes;
    }

    /**
     * @return bytes that may be added; at least one entry may be, while nothing is in flight.
     */
    long roomBytes()
    {
        return maxBytes - bytes;
    }

    void add(final long lastIndex, final long lengthBytes)
    {
        if (count == lastIndexes.length)
        {
            throw new IllegalStateException("too many appends in flight: " + count);
        }
        final int at = (head + count) % lastIndexes.length;
        lastIndexes[at] = lastIndex;
        lengths[at] = lengthBytes;
        count++;
        bytes += lengthBytes;
    }

    void acknowledge(final long matchIndex)
    {
        while (count > 0 && lastIndexes[head] <= matchIndex)
        {
            bytes -= lengths[head];
            head = head + 1 == lastIndexes.length ? 0 : head + 1;
            count--;
        }
    }

    void clear()
    {
        head = 0;
        count = 0;
        bytes = 0;
    }

    @Override
    public String toString()
    {
        return "InFlight{count=" + count + ", bytes=" + bytes + '}';
    }
}
