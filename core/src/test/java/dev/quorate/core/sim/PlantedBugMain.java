package dev.quorate.core.sim;

/**
 * Plants bugs by hand: first seed, last seed, then the names' beginnings, all if there are none.
 */
public final class PlantedBugMain
{
    private PlantedBugMain()
    {
    }

    /**
     * @param args first and last seed, then beginnings of names.
     * @throws Exception if the code with the bug cannot be loaded.
     */
    public static void main(final String[] args) throws Exception
    {
        for (final PlantedBug bug : PlantedBug.ALL)
        {
            boolean isWanted = args.length == 2;
            for (int i = 2; i < args.length; i++)
            {
                isWanted |= bug.name().startsWith(args[i]);
            }
            if (isWanted)
            {
                final long startNs = System.nanoTime();
                final String failure = (String)bug.plant().loadClass(SeedRunner.class.getName())
                    .getMethod(bug.isOfPair() ? "firstFailureOfPair" : "firstFailure", long.class, long.class)
                    .invoke(null, Long.parseLong(args[0]), Long.parseLong(args[1]));
                System.out.println(bug.name() + " -> " + failure + " in " +
                    (System.nanoTime() - startNs) / 1_000_000 + " ms");
            }
        }
    }
}
