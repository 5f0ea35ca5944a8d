package dev.quorate.core.sim;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.util.List;

import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * Plants one bug after the other into a copy of the code: a simulation that does not find it proves nothing.
 */
class PlantedBugTest
{
    static List<PlantedBug> bugs()
    {
        return PlantedBug.ALL;
    }

    @ParameterizedTest
    @MethodSource("bugs")
    void plantedBugIsFound(final PlantedBug bug) throws Exception
    {
        final String failure = (String)bug.plant()
            .loadClass(SeedRunner.class.getName())
            .getMethod(bug.isOfPair() ? "firstFailureOfPair" : "firstFailure", long.class, long.class)
            .invoke(null, bug.firstSeed(), bug.firstSeed() + PlantedBug.SEEDS - 1);
        assertNotNull(failure, () -> bug.name() + " was not found in " + PlantedBug.SEEDS + " seeds");
        final String found = failure.substring(failure.indexOf(": ") + 2);
        System.out.println(
            "planted: " + bug.name() + ", found by " + failure.substring(0, Math.min(120, failure.length())));
        assertTrue(
            bug.rules().contains(found.substring(0, found.indexOf(':'))), () -> bug + " was found as " + failure);
    }
}
