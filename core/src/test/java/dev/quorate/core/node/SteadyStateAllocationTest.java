package dev.quorate.core.node;

import dev.quorate.core.seam.DiskFullException;
import org.junit.jupiter.api.Test;

import java.util.Arrays;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * A warm cluster takes puts without a byte of garbage: neither consensus with its links and log, nor log sync, nor
 * apply with its store, nor the watch agent, nor the session of the loop that asks.
 */
class SteadyStateAllocationTest
{
    private static final int WARM = 24_000;
    private static final int ROUNDS = 40;
    private static final int PUTS = 2_000;

    @Test
    void putsAllocateNothing() throws DiskFullException
    {
        try (MeteredCluster cluster = new MeteredCluster())
        {
            cluster.watchAll();
            cluster.puts(WARM);
            assertTrue(
                Arrays.stream(cluster.allocated).allMatch((bytes) -> bytes > 0),
                () -> "the first puts need memory: " + cluster);
            // what happens once in a while (a tail buffer rolls, a compiler recompiles) misses some rounds
            final long[] least = new long[MeteredCluster.KINDS.length];
            Arrays.fill(least, Long.MAX_VALUE);
            final long eventsBefore = cluster.watchEvents;
            for (int round = 0; round < ROUNDS && Arrays.stream(least).anyMatch((bytes) -> bytes > 0); round++)
            {
                Arrays.fill(cluster.allocated, 0);
                cluster.puts(PUTS);
                for (int kind = 0; kind < least.length; kind++)
                {
                    least[kind] = Math.min(least[kind], cluster.allocated[kind]);
                }
            }
            assertTrue(cluster.watchEvents > eventsBefore);
            assertEquals("[0, 0, 0, 0, 0]", Arrays.toString(least), () -> "bytes in " + PUTS + " puts, by " +
                Arrays.toString(MeteredCluster.KINDS));
        }
    }
}
