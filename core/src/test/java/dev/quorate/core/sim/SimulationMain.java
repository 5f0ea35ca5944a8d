package dev.quorate.core.sim;

/**
 * Runs a range of seeds by hand: first seed, last seed, and optionally the number of members and {@code calm}.
 */
public final class SimulationMain
{
    private SimulationMain()
    {
    }

    /**
     * @param args first and last seed, then optionally members, then optionally {@code calm}.
     */
    public static void main(final String[] args)
    {
        final long first = Long.parseLong(args[0]);
        final long last = args.length > 1 ? Long.parseLong(args[1]) : first;
        final int memberCount = args.length > 2 ? Integer.parseInt(args[2]) : 3;
        final boolean isCalm = args.length > 3;
        int failures = 0;
        for (long seed = first; seed <= last; seed++)
        {
            final SimulationSettings settings = new SimulationSettings(seed, memberCount, !isCalm);
            final Simulation simulation = new Simulation(seed, settings);
            final long startNs = System.nanoTime();
            try
            {
                System.out.println(simulation.run() + " in " + (System.nanoTime() - startNs) / 1_000_000 + " ms");
            }
            catch (final Violation violation)
            {
                failures++;
                System.out.println("seed " + seed + " FAILED " + brief(violation.getMessage()) + "\n  " + settings +
                    "\n" + simulation.state());
                if (violation.getCause() != null)
                {
                    violation.getCause().printStackTrace(System.out);
                }
            }
        }
        System.out.println(failures + " failures in seeds " + first + " to " + last);
        System.exit(failures == 0 ? 0 : 1);
    }

    /** Values are long and say little. */
    private static String brief(final String text)
    {
        return text.replaceAll("\\.{4,}", "~");
    }
}
