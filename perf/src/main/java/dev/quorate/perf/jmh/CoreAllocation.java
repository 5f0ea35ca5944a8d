package dev.quorate.perf.jmh;

import com.sun.management.ThreadMXBean;

import java.lang.management.ManagementFactory;
import java.util.Locale;

/**
 * Prints what a warm core allocates for a put and for a get, on the thread that runs session, consensus, log sync and
 * apply: exactly, and without what other threads allocate.
 */
public final class CoreAllocation
{
    private static final int KEYS = 1_000;
    private static final int WARM = 60_000;
    private static final int MEASURED = 60_000;

    private CoreAllocation()
    {
    }

    /**
     * @param args not used.
     * @throws Exception if the disk is full or cannot be used.
     */
    public static void main(final String[] args) throws Exception
    {
        try (MemberInHand member = new MemberInHand(false))
        {
            puts(member, WARM);
            gets(member, WARM);
            final long atStart = allocated();
            puts(member, MEASURED);
            final long afterPuts = allocated();
            gets(member, MEASURED);
            final long afterGets = allocated();
            System.out.printf(Locale.ROOT, "put %.3f B/op, linearizable get %.3f B/op%n",
                (afterPuts - atStart) / (double)MEASURED, (afterGets - afterPuts) / (double)MEASURED);
        }
    }

    private static void puts(final MemberInHand member, final int count)
    {
        for (int i = 0; i < count; i++)
        {
            member.put(i % KEYS);
        }
    }

    private static void gets(final MemberInHand member, final int count)
    {
        for (int i = 0; i < count; i++)
        {
            member.get(i % KEYS, false);
        }
    }

    private static long allocated()
    {
        return ((ThreadMXBean)ManagementFactory.getThreadMXBean()).getCurrentThreadAllocatedBytes();
    }
}
