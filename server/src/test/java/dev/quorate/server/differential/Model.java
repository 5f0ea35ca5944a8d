package dev.quorate.server.differential;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * What the test knows of the state that both servers should be in: enough to ask interesting questions.
 */
final class Model
{
    private static final long[] UNUSUAL_LEASES = {0, 0, 0, 999_999, 999_999, -77, Long.MIN_VALUE, Long.MAX_VALUE - 1};
    private static final long[] EXTREMES = {-1, Long.MIN_VALUE, Long.MAX_VALUE, 1L << 32, -(1L << 31)};

    private final List<Long> leases = new ArrayList<>();
    private long revision = 1;
    private long compacted = -1;

    long revision()
    {
        return revision;
    }

    void revision(final long revision)
    {
        if (revision > this.revision)
        {
            this.revision = revision;
        }
    }

    long compacted()
    {
        return compacted;
    }

    void compacted(final long revision)
    {
        compacted = revision;
    }

    /** A revision that can be read. */
    long retainedRevision(final Random random)
    {
        final long first = Math.max(1, compacted);
        return first + random.nextInt((int)(revision - first + 1));
    }

    /** Any revision near what there is. */
    long someRevision(final Random random)
    {
        return Math.max(0, revision - random.nextInt(60) + 2);
    }

    List<Long> leases()
    {
        return leases;
    }

    /** A lease that is there, or rarely none or one that is not there. */
    long anyLease(final Random random)
    {
        if (leases.isEmpty() || 0 == random.nextInt(10))
        {
            return UNUSUAL_LEASES[random.nextInt(UNUSUAL_LEASES.length)];
        }
        return leases.get(random.nextInt(leases.size()));
    }

    /** A number that a revision, version or lease is seldom. */
    static long extreme(final Random random)
    {
        return EXTREMES[random.nextInt(EXTREMES.length)];
    }
}
