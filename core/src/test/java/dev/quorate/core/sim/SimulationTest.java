package dev.quorate.core.sim;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * Runs many seeds, two at a time, each in a thread of its own. System properties {@code quorate.simulation.first} and
 * {@code quorate.simulation.seeds} choose others.
 */
class SimulationTest
{
    private static final long FIRST_SEED = Long.getLong("quorate.simulation.first", 1);
    private static final int SEEDS = Integer.getInteger("quorate.simulation.seeds", 300);
    private static final int PAIRS = Math.min(SEEDS, 10);
    /** Fewer seeds say nothing about shares. */
    private static final int SEEDS_OF_SHARES = 40;
    private static final int THREADS = 2;
    /** One seed in so many runs a second time and must do the same. */
    private static final int REPEAT_ONE_IN = 100;

    private final List<Simulation.Result> results = Collections.synchronizedList(new ArrayList<>());
    private final List<String> failures = Collections.synchronizedList(new ArrayList<>());

    @Test
    void everySeedKeepsTheRules() throws InterruptedException
    {
        final AtomicLong next = new AtomicLong(FIRST_SEED);
        final List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < THREADS; i++)
        {
            final Thread thread = new Thread(() -> runSeeds(next), "simulation-" + i);
            thread.start();
            threads.add(thread);
        }
        for (final Thread thread : threads)
        {
            thread.join();
        }
        printTotals();
        assertTrue(failures.isEmpty(), () -> String.join("\n", failures));
        assertEquals(SEEDS, results.size());
        if (SEEDS >= SEEDS_OF_SHARES)
        {
            assertShare("a leader change", 90, share(Simulation.Result::hasLeaderChange));
            assertShare("a power cut that lost pages", 80, share((result) -> result.crashesThatLost() > 0));
            assertShare("a snapshot install", 30, share((result) -> result.snapshotInstalls() > 0));
            assertShare("a member replaced", 30, share((result) -> result.replacements() > 0));
            assertShare("messages that are wrong", 40, share((result) -> result.forged() > 0));
            assertShare("a file damaged", 30, share((result) -> result.rots() > 0));
            assertShare("damage found", 10, share((result) -> result.damagesFound() > 0));
            assertShare("an entry sent in pieces", 5, share((result) -> result.longEntries() > 0));
        }
    }

    @Test
    void pairThatShrinksAndGrowsAgainKeepsTheRules()
    {
        long replacements = 0;
        for (long seed = FIRST_SEED; seed < FIRST_SEED + PAIRS; seed++)
        {
            final Simulation.Result result = Simulation.ofPair(seed).run();
            checkAmount(result);
            replacements += result.replacements();
        }
        assertTrue(failures.isEmpty(), () -> String.join("\n", failures));
        assertTrue(replacements >= 3 * PAIRS, "only " + replacements + " times alone");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    void withoutFaultsEveryOperationIsAnsweredSoon(final int memberCount)
    {
        final SimulationSettings settings = new SimulationSettings(FIRST_SEED, memberCount, false);
        final Simulation simulation = new Simulation(FIRST_SEED, settings);
        final Simulation.Result result = simulation.run();
        final Operation slowest = simulation.slowest();
        assertEquals(1, result.leaders());
        assertTrue(slowest.returnedNs - slowest.invokedNs < settings.electionTimeoutNs / 2, slowest::toString);
    }

    private void runSeeds(final AtomicLong next)
    {
        for (long seed = next.getAndIncrement(); seed < FIRST_SEED + SEEDS; seed = next.getAndIncrement())
        {
            try
            {
                final Simulation.Result result = Simulation.ofSeed(seed).run();
                results.add(result);
                checkAmount(result);
                if (seed % REPEAT_ONE_IN == 0 &&
                    Simulation.ofSeed(seed).run().traceHash() != result.traceHash())
                {
                    failures.add("seed " + seed + " went another way the second time");
                }
            }
            catch (final Throwable ex)
            {
                failures.add("seed " + seed + " failed: " + ex + (ex.getCause() == null ? "" :
                    "\n  " + ex.getCause() + " at " + ex.getCause().getStackTrace()[0]));
            }
        }
    }

    private void checkAmount(final Simulation.Result result)
    {
        if (result.virtualNs() < SimulationSettings.MIN_DURATION_NS ||
            result.operations() < SimulationSettings.MIN_OPERATIONS)
        {
            failures.add("seed " + result.seed() + " was too short: " + result);
        }
    }

    private void printTotals()
    {
        long operations = 0;
        long acknowledged = 0;
        long entries = 0;
        long crashes = 0;
        long lost = 0;
        long virtualNs = 0;
        long events = 0;
        long installs = 0;
        long replacements = 0;
        long forged = 0;
        long rots = 0;
        long damagesFound = 0;
        long longEntries = 0;
        for (final Simulation.Result result : List.copyOf(results))
        {
            operations += result.operations();
            acknowledged += result.acknowledged();
            entries += result.entries();
            crashes += result.crashes();
            lost += result.crashesThatLost();
            virtualNs += result.virtualNs();
            events += result.events();
            installs += result.snapshotInstalls();
            replacements += result.replacements();
            forged += result.forged();
            rots += result.rots();
            damagesFound += result.damagesFound();
            longEntries += result.longEntries();
        }
        System.out.printf(
            "simulation: %d seeds from %d, %d failed; %d s of virtual time, %d turns, %d operations, " +
            "%d acknowledged, %d entries, %d power cuts, %d of them lost pages; runs with a leader change %.0f %%, " +
            "with lost pages %.0f %%, with a snapshot install %.0f %%, " +
            "with a member replaced %.0f %%; %d installs, %d replacements, %d wrong messages, %d files damaged, " +
            "damage found %d times, %d entries sent in pieces%n",
            SEEDS, FIRST_SEED, failures.size(), virtualNs / SimulationSettings.SECOND, events, operations, acknowledged,
            entries, crashes, lost, share(Simulation.Result::hasLeaderChange),
            share((result) -> result.crashesThatLost() > 0), share((result) -> result.snapshotInstalls() > 0),
            share((result) -> result.replacements() > 0), installs, replacements,
            forged, rots, damagesFound, longEntries);
    }

    private double share(final Predicate<Simulation.Result> predicate)
    {
        final long count = List.copyOf(results).stream().filter(predicate).count();
        return results.isEmpty() ? 0 : 100.0 * count / results.size();
    }

    private static void assertShare(final String what, final int leastPercent, final double percent)
    {
        assertTrue(percent >= leastPercent, "only " + percent + " % of the runs had " + what);
    }
}
