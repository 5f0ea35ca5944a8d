package dev.quorate.core.seam;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.TreeSet;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

class SimulatedDiskTest
{
    private final SimulatedDisk disk = new SimulatedDisk(new SimulatedRng(1));

    @Test
    void keepsWhatWasSynced() throws Exception
    {
        final Region region = disk.createRegion("a", 8192);
        disk.syncDirectory("");
        region.buffer().putLong(4090, 42);
        region.wrote(4090, 8);
        region.startSync(4090, 8);
        assertTrue(region.pollSync());

        for (int seed = 0; seed < 20; seed++)
        {
            final SimulatedDisk after = copyAndCrash(seed);
            assertEquals(42, after.openRegion("a").buffer().getLong(4090));
        }
    }

    @Test
    void losesStoresThatWereNotTold() throws Exception
    {
        final Region region = disk.createRegion("a", 4096);
        disk.syncDirectory("");
        region.buffer().putLong(0, 42);
        region.startSync(0, 4096);
        region.pollSync();

        assertEquals(0, disk.crash(new SimulatedRng(3)).openRegion("a").buffer().getLong(0));
    }

    @Test
    void tearsUnsyncedSectorsInEveryWay()
    {
        final TreeSet<String> seen = new TreeSet<>();
        for (int seed = 0; seed < 200; seed++)
        {
            final SimulatedDisk torn = new SimulatedDisk(new SimulatedRng(seed)).captureOneIn(1);
            final Region region = region(torn, "a", 4096);
            torn.syncDirectory("");
            for (int value = 1; value <= 2; value++)
            {
                region.buffer().putLong(0, value);
                region.buffer().putLong(512, value);
                region.wrote(0, 520);
            }
            final UnsafeBuffer after = torn.crash(new SimulatedRng(seed)).openRegion("a").buffer();
            seen.add(after.getLong(0) + "," + after.getLong(512));
        }

        assertTrue(seen.containsAll(List.of("0,0", "0,2", "2,0", "2,2")), seen.toString());
    }

    @Test
    void losesOrKeepsNamesWhoseDirectoryWasNotSynced()
    {
        final TreeSet<List<String>> seen = new TreeSet<>((a, b) -> a.toString().compareTo(b.toString()));
        for (int seed = 0; seed < 100; seed++)
        {
            final SimulatedDisk named = new SimulatedDisk(new SimulatedRng(seed));
            region(named, "a", 4096);
            named.syncDirectory("");
            named.rename("a", "b");
            region(named, "c", 4096);
            seen.add(named.crash(new SimulatedRng(seed)).list(""));
        }

        assertEquals(4, seen.size(), seen.toString());
    }

    @Test
    void syncTakesVirtualTime()
    {
        final long[] now = new long[1];
        disk.syncTakes(() -> now[0], 100, 100);
        final Region region = region(disk, "a", 4096);
        region.startSync(0, 8);
        assertFalse(region.pollSync());
        now[0] = 100;
        assertTrue(region.pollSync());
    }

    @Test
    void syncCoversOnlyWhatWasStoredBeforeItBegan() throws Exception
    {
        disk.syncByHand().captureOneIn(0);
        final Region region = disk.createRegion("a", 4096);
        disk.syncDirectory("");
        region.buffer().putLong(0, 1);
        region.wrote(0, 8);
        region.startSync(0, 8);
        region.buffer().putLong(0, 2);
        region.wrote(0, 8);
        disk.finishSyncs();
        assertTrue(region.pollSync());

        final TreeSet<Long> seen = new TreeSet<>();
        for (int seed = 0; seed < 50; seed++)
        {
            seen.add(copyAndCrash(seed).openRegion("a").buffer().getLong(0));
        }
        assertEquals(List.of(1L, 2L), List.copyOf(seen));
    }

    @Test
    void failedSyncPromisesNothing() throws Exception
    {
        final Region region = disk.createRegion("a", 4096);
        disk.failSync(1);
        region.startSync(0, 8);
        assertThrows(StorageFault.class, region::pollSync);
        assertThrows(StorageFault.class, () -> disk.syncDirectory(""));
    }

    @Test
    void isFullAtItsQuotaAndWorksAgainWhenSpaceReturns() throws Exception
    {
        disk.quota(10_000);
        final Region first = disk.createRegion("a", 8192);
        assertThrows(DiskFullException.class, () -> disk.createRegion("b", 4096));
        assertFalse(disk.exists("b"));
        disk.delete("a");
        assertThrows(DiskFullException.class, () -> disk.createRegion("b", 4096));
        first.close();
        disk.createRegion("b", 4096);
    }

    @Test
    void fileShowsItsBytesInMappingsAndFillsTheRoomThereIs() throws Exception
    {
        disk.quota(6000);
        final DiskFile file = disk.createFile("f");
        final UnsafeBuffer mapped = file.map(0, 8192);
        final UnsafeBuffer bytes = new UnsafeBuffer(new byte[5000]);
        bytes.putLong(4992, 7);
        file.write(0, bytes, 0, 5000);
        assertEquals(7, mapped.getLong(4992));
        assertThrows(DiskFullException.class, () -> file.write(5000, bytes, 0, 5000));
        assertEquals(6000, file.length());
        file.truncate(10);
        assertEquals(0, mapped.getLong(4992));
        assertEquals(10, file.read(0, new UnsafeBuffer(new byte[100]), 0, 100));
    }

    @Test
    void cutsThePowerAtTheCallAskedFor()
    {
        region(disk, "a", 4096);
        disk.crashAtCall(disk.calls() + 1);
        assertThrows(SimulatedCrash.class, () -> disk.syncDirectory(""));
        disk.crash(new SimulatedRng(1));
        assertThrows(IllegalStateException.class, () -> disk.syncDirectory(""));
    }

    @Test
    void processExitKeepsWhatWasWritten()
    {
        final Region region = region(disk, "a", 4096);
        region.buffer().putLong(0, 5);
        region.wrote(0, 8);
        final SimulatedDisk next = disk.processExit();
        region.close();
        assertEquals(5, next.openRegion("a").buffer().getLong(0));
        next.flipBit("a", 0);
        assertEquals(4, next.openRegion("a").buffer().getLong(0));
    }

    @Test
    void holdsLargeFilesCheaply()
    {
        for (int i = 0; i < 8; i++)
        {
            final Region region = region(disk, "big" + i, 64 * 1024 * 1024);
            region.buffer().putByte(50_000_000, (byte)1);
            region.wrote(50_000_000, 1);
        }
        assertEquals(8L * 64 * 1024 * 1024, disk.usedBytes());
    }

    private SimulatedDisk copyAndCrash(final int seed)
    {
        return disk.crash(new SimulatedRng(seed));
    }

    private static Region region(final SimulatedDisk disk, final String path, final int length)
    {
        try
        {
            return disk.createRegion(path, length);
        }
        catch (final DiskFullException ex)
        {
            throw new AssertionError(ex);
        }
    }
}
