package dev.quorate.perf.jmh;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.File;

/**
 * The member that the benchmarks measure opens, answers and leaves no files.
 */
class MemberInHandTest
{
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void opensAnswersAndLeavesNothing(final boolean isSynced) throws Exception
    {
        final int before = directories();
        try (MemberInHand member = new MemberInHand(isSynced))
        {
            assertEquals(before + 1, directories());
            for (int i = 0; i < 50; i++)
            {
                assertTrue(member.put(i) > 0);
            }
            // Key and value are in the answer.
            assertTrue(member.get(7, true) > 37 + 256);
            assertTrue(member.get(7, false) > 37 + 256);
            assertTrue(member.get(99, false) < 37);
        }
        assertEquals(before, directories());
    }

    @Test
    void benchmarkOfAMemberRunsOnce() throws Exception
    {
        final MemberBenchmark benchmark = new MemberBenchmark();
        benchmark.isSynced = true;
        benchmark.open();
        try
        {
            assertTrue(benchmark.put() > 0);
            assertTrue(benchmark.serializableGet() > 0);
            assertTrue(benchmark.linearizableGet() > 0);
        }
        finally
        {
            benchmark.close();
        }
    }

    private static int directories()
    {
        final String[] found = new File("").getAbsoluteFile().list((folder, name) -> name.startsWith("bench."));
        return null == found ? 0 : found.length;
    }
}
