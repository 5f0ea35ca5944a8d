package dev.quorate.core.sim;

import java.util.function.LongFunction;

/**
 * Runs seeds until one fails. Called from outside the loader that has the code under test, so only types of the JDK
 * pass.
 */
public final class SeedRunner
{
    private SeedRunner()
    {
    }

    /**
     * @param firstSeed to run.
     * @param lastSeed  to run.
     * @return {@code seed <number>: <rule>: <detail>} of the first failure, null if there is none.
     */
    public static String firstFailure(final long firstSeed, final long lastSeed)
    {
        return firstFailure(firstSeed, lastSeed, Simulation::ofSeed);
    }

    /**
     * @param firstSeed of a pair to run.
     * @param lastSeed  to run.
     * @return as {@link #firstFailure}.
     */
    public static String firstFailureOfPair(final long firstSeed, final long lastSeed)
    {
        return firstFailure(firstSeed, lastSeed, Simulation::ofPair);
    }

    private static String firstFailure(
        final long firstSeed, final long lastSeed, final LongFunction<Simulation> simulations)
    {
        for (long seed = firstSeed; seed <= lastSeed; seed++)
        {
            try
            {
                simulations.apply(seed).run();
            }
            catch (final Violation violation)
            {
                return "seed " + seed + ": " + violation.getMessage();
            }
        }
        return null;
    }
}
