package dev.quorate.core.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quorate.core.seam.SimulatedCrash;
import dev.quorate.core.seam.SimulatedRng;
import dev.quorate.core.seam.StorageFault;
import org.junit.jupiter.api.Test;

import java.util.Random;

/** A store that was copied from a member of another cluster goes on under the ids of this one. */
class StoreAdoptionTest
{
    private static final long SEED = 3;
    private static final int ENTRIES = 120;
    private static final long CLUSTER = 21;
    private static final long STORE = 22;

    @Test
    void adoptionThatIsCutOffAnywhereIsRepeated()
    {
        final StoreModel model = new StoreModel();
        final StoreHistory history = history();
        final StoreWorld first = copied(model, history);
        final long hash = first.store.streamHash();
        final long before = first.disk.calls();
        adopt(first, STORE);
        final long calls = first.disk.calls() - before;
        assertTrue(calls >= 8, () -> calls + " calls of the disk");
        for (long call = 1; call <= calls; call++)
        {
            final StoreWorld world = copied(new StoreModel(), history());
            final SimulatedRng chooser = new SimulatedRng(SEED * 1_000_003 + call);
            world.disk.crashAtCall(world.disk.calls() + call);
            assertThrows(SimulatedCrash.class, () -> adopt(world, STORE));
            world.disk = world.disk.crash(chooser);
            // The next attempt makes another store id.
            adopt(world, STORE + 1);
            assertEquals(hash, world.store.streamHash(), "disk call " + call);
            StoreChecker.checkAll(world, model);
        }
    }

    @Test
    void adoptedStoreGoesOnUnderItsNewIdsAlone()
    {
        final StoreModel model = new StoreModel();
        final StoreHistory history = history();
        final StoreWorld world = copied(model, history);
        adopt(world, STORE);
        StoreChecker.checkAll(world, model);
        for (int i = ENTRIES; i < 2 * ENTRIES; i++)
        {
            StoreHistory.apply(history.next(model), model);
            StoreHistory.apply(history.entries.get(i), world);
            world.publish();
        }
        world.store.requestForce();
        world.settle();
        world.isAdopted = false;
        world.restart();
        StoreChecker.checkAll(world, model);
        world.store.close();
        world.disk = world.disk.processExit();
        world.storeId = STORE + 1;
        assertTrue(assertThrows(StorageFault.class, world::open).getMessage().contains("another cluster or store"));
    }

    private static StoreHistory history()
    {
        return new StoreHistory(new Random(SEED), 8);
    }

    /** A world whose disk holds a store with sealed and rewritten files, closed, that the model describes. */
    private static StoreWorld copied(final StoreModel model, final StoreHistory history)
    {
        final StoreWorld world = new StoreWorld(SEED);
        world.open();
        for (int i = 0; i < ENTRIES; i++)
        {
            StoreHistory.apply(history.next(model), model);
            StoreHistory.apply(history.entries.get(i), world);
            world.publish();
            world.turn();
        }
        world.store.requestForce();
        world.settle();
        assertEquals(world.store.raftIndex(), world.store.durableRaftIndex());
        world.store.close();
        world.disk = world.disk.processExit();
        return world;
    }

    private static void adopt(final StoreWorld world, final long storeId)
    {
        world.clusterId = CLUSTER;
        world.storeId = storeId;
        world.isAdopted = true;
        world.open();
    }
}
