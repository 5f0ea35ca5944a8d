package dev.quorate.core.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.quorate.core.seam.DiskFullException;
import dev.quorate.core.seam.SimulatedCrash;
import dev.quorate.core.seam.SimulatedDisk;
import dev.quorate.core.seam.SimulatedRng;
import dev.quorate.core.seam.StorageFault;
import org.junit.jupiter.api.Test;

class RaftLogRecoveryTest
{
    private static final int SEEDS = 600;

    @Test
    void findsEverythingSyncedAndNothingThatWasCut()
    {
        for (long seed = 0; seed < SEEDS; seed++)
        {
            try
            {
                live(new LogWorld(seed), seed);
            }
            catch (final Throwable ex)
            {
                throw new AssertionError("seed " + seed, ex);
            }
        }
    }

    @Test
    void survivesAPowerCutAtEveryDiskCall()
    {
        final long calls = scripted(Long.MAX_VALUE, 1);
        for (long call = 1; call <= calls; call++)
        {
            for (int image = 0; image < 4; image++)
            {
                try
                {
                    scripted(call, image);
                }
                catch (final Throwable ex)
                {
                    throw new AssertionError("call " + call + ", image " + image, ex);
                }
            }
        }
    }

    @Test
    void survivesAPowerCutAtEveryDiskCallOfRecovery()
    {
        for (int image = 0; image < 12; image++)
        {
            for (long call = 1; ; call++)
            {
                final LogWorld world = tornWorld(image);
                final long durable = world.log.durablePosition();
                world.disk = world.disk.crash(world.rng);
                // what a start finds does not depend on whether another was cut short before it
                final long expected = positionOf(world, image);
                world.disk = tornWorldDisk(image);
                world.disk.crashAtCall(call);
                try
                {
                    world.open();
                    break;
                }
                catch (final SimulatedCrash ex)
                {
                    world.crashAndOpen();
                    assertEquals(expected, world.log.appendedPosition(), "image " + image + ", call " + call);
                    assertTrue(world.log.appendedPosition() >= durable);
                    world.resume();
                    world.check();
                }
            }
        }
    }

    @Test
    void flippedByteBelowTheWatermarkIsFoundOrIrrelevant()
    {
        final LogWorld whole = smallSyncedWorld();
        int faults = 0;
        for (final String name : whole.disk.list("log"))
        {
            final String path = "log/" + name;
            final long length = Math.min(whole.disk.length(path), 4096 + 3200);
            for (long offset = 0; offset < length; offset++)
            {
                if (offset == 128)
                {
                    offset = 4096;
                }
                final LogWorld world = smallSyncedWorld();
                world.disk = world.disk.processExit();
                world.disk.flipBit(path, offset * 8 + offset % 8);
                faults += opens(world, path + " " + offset) ? 0 : 1;
            }
        }
        assertTrue(faults > 2000, "only " + faults + " flips were found");
    }

    @Test
    void flippedByteOfTheTermFileIsIrrelevantAsTheOtherSlotHoldsTheSame()
    {
        for (int offset = 0; offset < 8192; offset += offset % 4096 < 100 ? 1 : 50)
        {
            final LogWorld world = smallSyncedWorld();
            world.disk = world.disk.processExit();
            world.disk.flipBit("term", offset * 8L);
            world.open();
            assertEquals(9, world.log.termFile().term());
            assertEquals(3, world.log.termFile().votedFor());
            assertEquals(2, world.log.termFile().bootId());
        }
    }

    @Test
    void faultNamesFileOffsetEntryAndRemedy()
    {
        final LogWorld world = smallSyncedWorld();
        world.disk = world.disk.processExit();
        world.disk.flipBit("log/0000000000000001.seg", 8 * (4096 + 70));
        final StorageFault fault = assertThrows(StorageFault.class, world::open);
        for (final String part : new String[]{"0000000000000001.seg", "offset 4160", "entry 1", "add it again"})
        {
            assertTrue(fault.getMessage().contains(part), fault.getMessage());
        }
    }

    @Test
    void tornFrameAboveTheWatermarkIsCutEvenIfLaterFramesAreWhole()
    {
        final LogWorld world = new LogWorld(5).open();
        world.disk.captureOneIn(0);
        world.append(1, 100);
        world.sync();
        final long durable = world.log.durablePosition();
        for (int i = 0; i < 5; i++)
        {
            world.append(1, 100);
        }
        world.disk = world.disk.processExit();
        // the second of the unsynced frames did not reach the device, the later ones did
        world.disk.overwrite("log/0000000000000001.seg", 4096 + durable + 168, new byte[168]);
        world.open();
        assertEquals(2, world.log.lastIndex());
        assertEquals(durable + 168, world.log.durablePosition());
    }

    @Test
    void headerOfALaterSegmentAloneProvesThatADamagedFrameWasDurable()
    {
        final LogWorld world = new LogWorld(5).open();
        world.append(1, 900);
        final LogSegment first = world.log.segmentAt(0);
        while (null == world.log.segmentAfter(first))
        {
            world.supply();
            world.sync();
            assertTrue(world.append(1, 900));
        }
        final LogSegment second = world.log.segmentAfter(first);
        world.disk = world.disk.processExit();
        // the first frame of the second segment did not reach the device, its header did
        world.disk.overwrite(second.path(), 4096, new byte[1024]);
        world.disk.flipBit(first.path(), 8 * (first.offsetOf(second.basePosition()) - 500));
        final StorageFault fault = assertThrows(StorageFault.class, world::open);
        assertTrue(fault.getMessage().contains(first.path() + " is damaged"), fault.getMessage());
    }

    @Test
    void garbageAboveTheWatermarkIsCut()
    {
        for (final int word : new int[]{-1, 1, 63, 64, 4096, Integer.MAX_VALUE, Integer.MIN_VALUE})
        {
            final LogWorld world = new LogWorld(5).open();
            world.append(1, 100);
            world.sync();
            world.append(1, 100);
            world.disk = world.disk.processExit();
            final byte[] bytes = {(byte)word, (byte)(word >> 8), (byte)(word >> 16), (byte)(word >> 24)};
            world.disk.overwrite("log/0000000000000001.seg", 4096 + 168, bytes);
            world.open();
            assertEquals(1, world.log.lastIndex(), "length word " + word);
        }
    }

    @Test
    void truncatedOrMissingFileBelowTheWatermarkIsAFault()
    {
        for (int variant = 0; variant < 4; variant++)
        {
            final LogWorld world = smallSyncedWorld();
            world.disk = world.disk.processExit();
            final String first = "log/" + world.disk.list("log").get(0);
            switch (variant)
            {
                case 0 -> world.disk.truncate(first, 4096 + 500);
                case 1 -> world.disk.truncate(first, 100);
                case 2 -> world.disk.delete(first);
                default -> world.disk.delete("term");
            }
            if (variant == 2)
            {
                for (final String name : world.disk.list("log"))
                {
                    world.disk.delete("log/" + name);
                }
            }
            assertThrows(StorageFault.class, world::open, "variant " + variant);
        }
    }

    @Test
    void filesOfAnotherClusterOrStoreAreRefused() throws DiskFullException
    {
        final LogWorld world = smallSyncedWorld();
        world.disk = world.disk.processExit();
        final LogContext other = new LogContext().disk(world.disk).clock(world).rng(world.rng).clusterId(7).conclude();
        assertTrue(assertThrows(StorageFault.class, () -> RaftLog.open(other)).getMessage().contains("cluster"));

        world.disk.delete("term");
        final LogWorld stranger = new LogWorld(77).open();
        final byte[] slots = new byte[8192];
        stranger.disk.openFile("term").read(0, new org.agrona.concurrent.UnsafeBuffer(slots), 0, 8192);
        world.disk.createFile("term").write(0, new org.agrona.concurrent.UnsafeBuffer(slots), 0, 8192);
        assertTrue(assertThrows(StorageFault.class, world::open).getMessage().contains("store"));
    }

    private static void live(final LogWorld world, final long seed)
    {
        if (seed % 3 == 1)
        {
            world.disk.syncTakes(() -> world.now, 10, 200);
        }
        world.open();
        long persisted = 0;
        long asked = 0;
        for (int generation = 0; generation < 4; generation++)
        {
            long sequence = 0;
            final int steps = 20 + world.rng.nextInt(120);
            for (int step = 0; step < steps; step++)
            {
                world.now += world.rng.nextInt(100);
                if (world.rng.nextInt(200) == 0)
                {
                    world.now += LogSyncAgent.IDLE_WATERMARK_NS;
                }
                if (world.rng.nextInt(20) == 0)
                {
                    world.log.termFile().request(++sequence, ++asked, 1 + world.rng.nextInt(3));
                }
                step(world);
                if (sequence > 0 && world.log.termFile().durableSequence() == sequence)
                {
                    persisted = asked;
                }
                final long durableIndex = world.log.durableIndex(world.log.durablePosition());
                assertTrue(durableIndex <= world.log.lastIndex());
            }
            final long durable = world.log.durablePosition();
            final long boot = world.log.termFile().bootId();
            world.disk = world.rng.nextInt(4) == 0 ? world.disk.processExit() : world.disk.crash(world.rng);
            world.open();
            assertTrue(world.log.appendedPosition() >= durable, "lost what was synced");
            assertEquals(boot + 1, world.log.termFile().bootId());
            assertTrue(world.log.termFile().term() >= persisted, "lost a term");
            asked = world.log.termFile().term();
            persisted = asked;
            world.resume();
            world.check();
            assertTrue(world.log.commitIndex() <= world.log.lastIndex());

            final long end = world.log.appendedPosition();
            world.crashAndOpen();
            assertEquals(end, world.log.appendedPosition(), "the second recovery differs");
            world.check();
        }
    }

    private static void step(final LogWorld world)
    {
        final SimulatedRng rng = world.rng;
        final LogWorld.State state = world.state();
        final int dice = rng.nextInt(100);
        if (dice < 50)
        {
            final int length = rng.nextInt(10) == 0 ? rng.nextInt(world.maxPayloadLength + 1) : rng.nextInt(80);
            world.append(state.lastTerm() + (rng.nextInt(8) == 0 ? 1 : 0), length);
        }
        else if (dice < 58)
        {
            final long lowest = Math.max(world.log.commitIndex(), world.log.baseIndex()) + 1;
            if (lowest <= state.lastIndex())
            {
                world.cut(
                    lowest + rng.nextInt((int)(state.lastIndex() - lowest) + 1), state.lastTerm() + 1);
            }
        }
        else if (dice < 80)
        {
            world.log.syncAgent().doWork();
        }
        else if (dice < 90)
        {
            world.log.supplier().doWork();
        }
        else if (dice < 95)
        {
            final long durable = world.log.durableIndex(world.log.durablePosition());
            world.log.commitIndex(Math.max(world.log.commitIndex(), durable - rng.nextInt(5)));
        }
        else if (dice < 99)
        {
            world.log.retainFrom(Math.max(1, world.log.commitIndex() - rng.nextInt(20)));
        }
        else
        {
            final long index = Math.max(world.log.commitIndex(), state.lastIndex()) + 1 + rng.nextInt(20);
            world.reset(index, state.lastTerm() + 1);
        }
    }

    /** @return how many disk calls a whole run makes; a run that is cut short is checked instead. */
    private static long scripted(final long crashAtCall, final int image)
    {
        final LogWorld world = new LogWorld(11);
        world.maxPayloadLength = 600;
        world.disk.captureOneIn(3);
        world.disk.crashAtCall(crashAtCall);
        long durable = 0;
        long votedTerm = 0;
        try
        {
            world.open();
            for (int i = 1; i <= 24; i++)
            {
                world.append(1 + i / 8, 100 + i * 20);
                if (i % 5 == 0)
                {
                    world.cut(world.log.lastIndex(), 1 + i / 8);
                }
                if (i % 3 == 0)
                {
                    world.log.termFile().request(i, i, 1);
                    world.now += LogSyncAgent.IDLE_WATERMARK_NS;
                    world.log.syncAgent().doWork();
                    world.log.syncAgent().doWork();
                    durable = world.log.durablePosition();
                    votedTerm = world.log.termFile().durableSequence();
                }
                world.log.commitIndex(world.log.durableIndex(durable));
                world.log.retainFrom(world.log.commitIndex());
                world.log.supplier().doWork();
            }
            return world.disk.calls();
        }
        catch (final SimulatedCrash ex)
        {
            world.disk = world.disk.crash(new SimulatedRng(image));
        }
        // the cut may have struck between a frame and the model's note of it
        world.open();
        assertTrue(world.log.appendedPosition() >= durable);
        assertTrue(world.log.termFile().term() >= votedTerm);
        if (world.states.containsKey(world.log.appendedPosition()))
        {
            world.resume();
            world.check();
        }
        else
        {
            assertTrue(world.log.appendedPosition() > world.states.lastKey(), "ends at no frame");
        }

        return 0;
    }

    private static LogWorld tornWorld(final int image)
    {
        final LogWorld world = new LogWorld(1000 + image).open();
        for (int i = 0; i < 30; i++)
        {
            world.append(1, 300);
            world.log.supplier().doWork();
            if (i % 7 == 0 && i < 25)
            {
                world.sync();
            }
        }

        return world;
    }

    private static SimulatedDisk tornWorldDisk(final int image)
    {
        final LogWorld world = tornWorld(image);

        return world.disk.crash(world.rng);
    }

    private static long positionOf(final LogWorld world, final int image)
    {
        world.open();
        final long position = world.log.appendedPosition();
        world.resume();
        world.check();

        return position;
    }

    private static LogWorld smallSyncedWorld()
    {
        final LogWorld world = new LogWorld(3).open();
        world.log.termFile().request(1, 9, 3);
        for (int i = 0; i < 18; i++)
        {
            world.append(1 + i / 5, i * 13);
            if (i % 6 == 5)
            {
                world.cut(world.log.lastIndex(), 2 + i / 5);
            }
            world.log.supplier().doWork();
            world.sync();
        }
        world.now += LogSyncAgent.IDLE_WATERMARK_NS;
        for (int i = 0; i < 4; i++)
        {
            world.log.syncAgent().doWork();
        }

        return world;
    }

    /** @return false if the start refused; fails if it found another log. */
    private static boolean opens(final LogWorld world, final String flipped)
    {
        try
        {
            world.open();
        }
        catch (final StorageFault ex)
        {
            return false;
        }
        try
        {
            world.check();
        }
        catch (final AssertionError ex)
        {
            fail("flipped " + flipped, ex);
        }

        return true;
    }
}
