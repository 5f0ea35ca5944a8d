package dev.quorate.core.raft;

import org.agrona.collections.LongArrayList;

/**
 * Voters and learners. Owned by the consensus thread.
 */
public final class Configuration
{
    private final LongArrayList voters = new LongArrayList();
    private final LongArrayList learners = new LongArrayList();
    private long index;

    /**
     * @return ids of the voters, ascending as unsigned numbers.
     */
    public LongArrayList voters()
    {
        return voters;
    }

    /**
     * @return ids of the learners, ascending as unsigned numbers.
     */
    public LongArrayList learners()
    {
        return learners;
    }

    /**
     * @return index of the entry that brought this configuration into force, 0 for the first.
     */
    public long index()
    {
        return index;
    }

    /**
     * @param value index of the entry that brought this configuration into force.
     */
    public void index(final long value)
    {
        index = value;
    }
}
