package dev.quorate.core.sim;

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
        for (long seed = firstSeed; seed <= lastSeed; seed++)
        {
            try
            {
                Simulation.ofSeed(seed).run();
            }
            catch (final Violation violation)
            {
                return "seed " + seed + ": " + violation.getMessage();
            }
        }
        return null;
    }
}
