package dev.quorate.server.member;

import com.sun.management.HotSpotDiagnosticMXBean;
import dev.quorate.core.store.StoreContext;
import dev.quorate.server.flags.FlagException;

import java.lang.management.ManagementFactory;

/**
 * The direct memory that a member takes for itself, compared with what the virtual machine allows before any of it is
 * taken. What the network library takes is counted by itself, against a limit of the same size.
 */
final class DirectMemory
{
    private static final long MIB = 1 << 20;
    /** Of a loop besides its two rings for commands: results, answers and events. */
    private static final long LOOP_BYTES = 3 * MIB;
    /** Lease and snapshot rings, buffers of the transport and of files. */
    private static final long OTHER_BYTES = 8 * MIB;

    private DirectMemory()
    {
    }

    /**
     * @param loops        event loops.
     * @param ringCapacity of a ring for commands, bytes.
     * @return bytes that a member takes at most.
     */
    static long needed(final int loops, final long ringCapacity)
    {
        final long tails = (long)StoreContext.TAIL_BUFFER_COUNT_DEFAULT * StoreContext.TAIL_BUFFER_LENGTH_DEFAULT;
        return loops * (2 * ringCapacity + LOOP_BYTES) + ringCapacity + tails + OTHER_BYTES;
    }

    /**
     * @param loops        event loops.
     * @param ringCapacity of a ring for commands, bytes.
     * @param limit        bytes that the virtual machine allows.
     * @throws FlagException if that is too little.
     */
    static void check(final int loops, final long ringCapacity, final long limit) throws FlagException
    {
        final long needed = needed(loops, ringCapacity);
        if (needed > limit)
        {
            throw new FlagException(1, loops + " event loops with rings for such requests need " + needed / MIB +
                " MiB of direct memory, but the limit is " + limit / MIB + " MiB; lower --event-loops or " +
                "--max-request-bytes, or raise the limit by QUORATE_JVM_OPTS=-XX:MaxDirectMemorySize=" +
                (needed / MIB + 1) + "m");
        }
    }

    /**
     * @return bytes of direct memory that this virtual machine allows.
     */
    static long limit()
    {
        final long set = Long.parseLong(ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
            .getVMOption("MaxDirectMemorySize").getValue());
        return set > 0 ? set : Runtime.getRuntime().maxMemory();
    }
}
