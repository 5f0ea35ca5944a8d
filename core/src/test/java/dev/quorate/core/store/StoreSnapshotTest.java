package dev.quorate.core.store;

import com.sun.management.ThreadMXBean;
import dev.quorate.core.seam.DiskFullException;
import dev.quorate.core.seam.SimulatedCrash;
import dev.quorate.core.seam.SimulatedRng;
import dev.quorate.core.seam.StorageFault;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** A store goes on in the snapshot of another one, while both are in use, and wherever the power is cut. */
class StoreSnapshotTest
{
    private static final int ENTRIES = 160;
    private static final int CHUNK = 1000;

    private final UnsafeBuffer chunk = new UnsafeBuffer(new byte[CHUNK]);

    @Test
    void memberThatInstalledASnapshotIsLikeOneThatAppliedTheLog() throws DiskFullException
    {
        for (int seed = 1; seed <= 12; seed++)
        {
            try
            {
                installAndCompare(seed);
            }
            catch (final RuntimeException | Error ex)
            {
                throw new AssertionError("seed " + seed, ex);
            }
        }
    }

    @Test
    void readerPinnedBeforeKeepsItsStateAndTheNextPinSeesTheSnapshot() throws DiskFullException
    {
        final StoreWorld leader = new StoreWorld(1).plain().open();
        final StoreWorld follower = follower(2).plain().open();
        for (int i = 0; i < 40; i++)
        {
            leader.putEntry("key" + i % 4, "leader" + i);
        }
        for (int i = 0; i < 8; i++)
        {
            follower.putEntry("key" + i % 4, "leader" + i);
        }
        leader.force();
        leader.compactEntry(leader.store.revision());
        leader.settleCompaction();
        leader.force();
        follower.force();
        final long pinned = follower.reader.pinLatest();
        final RecordView view = new RecordView();
        install(follower, receive(follower, leader, () -> {}));
        follower.turns(50);
        assertEquals(9, pinned);
        assertTrue(follower.get("key3", view));
        assertArrayEquals(StoreWorld.bytes("leader7"), StoreWorld.value(view));
        final long usedBefore = follower.disk.list("store").size();
        follower.reader.unpin();
        follower.turns(50);
        assertTrue(follower.disk.list("store").size() < usedBefore, "files of the store before are gone");
        assertEquals(41, follower.reader.pinLatest());
        assertTrue(follower.get("key3", view));
        assertArrayEquals(StoreWorld.bytes("leader39"), StoreWorld.value(view));
        follower.reader.unpin();
        assertEquals(StoreReader.COMPACTED, follower.reader.pinAt(pinned));
    }

    @Test
    void filesOnTheirWayStayUntilTheSourceIsClosed() throws DiskFullException
    {
        final StoreWorld leader = new StoreWorld(1).plain().open();
        for (int i = 0; i < 200; i++)
        {
            leader.putEntry("key" + i % 4, "value" + i);
        }
        leader.force();
        final SnapshotSource source = leader.store.housekeeping().newSource();
        leader.compactEntry(leader.store.revision());
        leader.settleCompaction();
        leader.turns(200);
        final StoreWorld follower = follower(2).plain().open();
        final SnapshotSink sink = take(follower, source, () -> {});
        final int held = leader.disk.list("store").size();
        source.close();
        leader.turns(50);
        assertTrue(leader.disk.list("store").size() < held);
        install(follower, sink);
        assertEquals(201, follower.store.revision());
    }

    @Test
    void recordThatRottedEndsWhoSendsItAndNotWhoTakesIt() throws DiskFullException
    {
        final StoreWorld leader = new StoreWorld(1).plain().open();
        for (int i = 0; i < 200; i++)
        {
            leader.putEntry("key" + i % 4, "value" + i);
        }
        leader.force();
        final SnapshotSource source = leader.store.housekeeping().newSource();
        final String path = leader.disk.list("store").stream()
            .filter((name) -> name.startsWith("segment-")).map((name) -> "store/" + name).findFirst().orElseThrow();
        leader.disk.flipBit(path, 8L * (SegmentFile.HEADER_LENGTH + 20 * RecordDescriptor.HEADER_LENGTH));
        final StoreWorld follower = follower(2).plain().open();
        final StorageFault fault = assertThrows(StorageFault.class, () -> take(follower, source, () -> {}));
        assertTrue(fault.getMessage().contains(path.substring("store/".length()) + " at offset"), fault.getMessage());
    }

    @Test
    void filesOfManyBlocksAndRecordsLongerThanABlockArriveWhole() throws DiskFullException
    {
        final StoreWorld leader = leaderWithLongFiles();
        final StoreWorld follower = follower(2).plain();
        follower.tailLength = leader.tailLength;
        follower.open();
        install(follower, receive(follower, leader, () -> {}));
        assertEquals(leader.store.streamHash(), follower.store.streamHash());
        assertEquals(StoreDump.of(leader.store), StoreDump.of(follower.store));
    }

    @Test
    void recordThatRottedFarInTheLastOfManyFilesEndsWhoSendsIt() throws DiskFullException
    {
        final StoreWorld leader = leaderWithLongFiles();
        final SnapshotSource source = leader.store.housekeeping().newSource();
        final List<String> segments = leader.disk.list("store").stream()
            .filter((name) -> name.startsWith("segment-")).sorted().toList();
        assertTrue(segments.size() >= 3, segments.toString());
        leader.disk.flipBit("store/" + segments.get(segments.size() - 2), 8L * 700_000);
        final StoreWorld follower = follower(2).plain().open();
        final StorageFault fault = assertThrows(StorageFault.class, () -> take(follower, source, () -> {}));
        assertTrue(fault.getMessage().contains(segments.get(segments.size() - 2)), fault.getMessage());
    }

    @Test
    void lengthThatRottedIsNoReasonToTakeMemoryForIt() throws DiskFullException
    {
        final StoreWorld leader = new StoreWorld(2).plain();
        leader.tailLength = 48 << 20;
        leader.open();
        for (int i = 0; i < 40; i++)
        {
            leader.begin();
            leader.put(StoreWorld.bytes("key" + i), new byte[1 << 20], 0);
            leader.endAndPublish();
        }
        leader.force();
        final SnapshotSource source = leader.store.housekeeping().newSource();
        final String path = leader.disk.list("store").stream()
            .filter((name) -> name.startsWith("segment-")).map((name) -> "store/" + name).findFirst().orElseThrow();
        leader.disk.flipBit(path, 8L * SegmentFile.HEADER_LENGTH + 25);
        final ThreadMXBean threads = (ThreadMXBean)ManagementFactory.getThreadMXBean();
        final long before = threads.getCurrentThreadAllocatedBytes();
        assertThrows(StorageFault.class, () ->
        {
            for (long at = 0; at < source.length(); )
            {
                at += source.read(at, chunk, 0, CHUNK);
            }
        });
        final long taken = threads.getCurrentThreadAllocatedBytes() - before;
        assertTrue(taken < RecordDescriptor.MAX_FRAME_LENGTH, taken + " bytes");
    }

    private static StoreWorld leaderWithLongFiles()
    {
        final StoreWorld leader = new StoreWorld(2).plain();
        leader.tailLength = 1 << 20;
        leader.open();
        final Random random = new Random(5);
        for (int i = 0; i < 60; i++)
        {
            final byte[] value = new byte[random.nextInt(2) * 150_000 + random.nextInt(9_000)];
            random.nextBytes(value);
            leader.begin();
            leader.put(StoreWorld.bytes("key" + i), value, 0);
            leader.endAndPublish();
        }
        leader.force();
        return leader;
    }

    @Test
    void startAfterAnInstallDoesNotGoOverTheRecords() throws DiskFullException
    {
        final StoreWorld leader = leaderWithGarbage();
        final StoreWorld follower = follower(2).plain().open();
        install(follower, receive(follower, leader, () -> {}));
        final List<String> live = StoreDump.of(follower.store);
        final long end = follower.store.bound();
        follower.restart();
        assertEquals(end, follower.store.housekeeping().rolledFromLp());
        assertEquals(live, StoreDump.of(follower.store));
        follower.restartByScan();
        assertEquals(live, StoreDump.of(follower.store));
        follower.putEntry("more", "1");
        follower.compactEntry(follower.store.revision());
        follower.settleCompaction();
        follower.force();
        final List<String> after = StoreDump.of(follower.store);
        follower.restart();
        assertEquals(after, StoreDump.of(follower.store));
    }

    @Test
    void installWithoutRoomForACheckpointDoesWithoutIt() throws DiskFullException
    {
        final StoreWorld leader = leaderWithGarbage();
        final StoreWorld follower = follower(2).plain().open();
        final SnapshotSource source = leader.store.housekeeping().newSource();
        final SnapshotSink sink = follower.store.housekeeping().newSink(source.length());
        while (!sink.isWhole())
        {
            assertTrue(sink.write(chunk, 0, source.read(sink.received(), chunk, 0, CHUNK)));
        }
        final long used = follower.disk.usedBytes();
        follower.disk.quota(used + 12_000);
        while (!sink.prepare(2000))
        {
            follower.turn();
        }
        assertTrue(follower.disk.usedBytes() < used + 12_000, "what was written of it is gone");
        follower.disk.quota(Long.MAX_VALUE);
        install(follower, sink);
        final List<String> live = StoreDump.of(follower.store);
        follower.restart();
        assertEquals(0, follower.store.housekeeping().rolledFromLp());
        assertEquals(live, StoreDump.of(follower.store));
    }

    private static StoreWorld leaderWithGarbage()
    {
        final StoreWorld leader = new StoreWorld(2).plain().open();
        for (int i = 0; i < 400; i++)
        {
            leader.begin();
            leader.put(StoreWorld.bytes("a rather long key of many " + i % 300), StoreWorld.bytes("v" + i), i % 3);
            leader.endAndPublish();
        }
        for (int i = 0; i < 300; i += 4)
        {
            leader.deleteEntry("a rather long key of many " + i);
        }
        leader.begin();
        leader.putSystem(RecordDescriptor.LEASE, StoreWorld.bytes("lease"), StoreWorld.bytes("60"));
        leader.endAndPublish();
        leader.compactEntry(leader.store.revision() - 20);
        leader.settleCompaction();
        leader.force();
        return leader;
    }

    @Test
    void bytesThatAreNoSnapshotAreRefusedAndLeaveNothing() throws DiskFullException
    {
        final StoreWorld leader = new StoreWorld(1).plain().open();
        leader.putEntry("key", "value");
        leader.force();
        final SnapshotSource source = leader.store.housekeeping().newSource();
        final StoreWorld follower = follower(2).plain().open();
        final List<String> before = follower.disk.list("store");
        final SnapshotSink sink = follower.store.housekeeping().newSink(source.length());
        final int count = source.read(0, chunk, 0, CHUNK);
        chunk.putByte(40, (byte)(chunk.getByte(40) ^ 1));
        assertFalse(sink.write(chunk, 0, count));
        sink.abandon();
        assertEquals(before, follower.disk.list("store"));
    }

    @Test
    void powerCutAtAnyDiskCallLeavesTheStoreBeforeOrTheSnapshot()
    {
        final List<StoreHistory.Entry> log = log(3);
        final List<long[]> positions = positions(log);
        final long[] calls = new long[2];
        run(log, 0, calls, new boolean[1]);
        assertTrue(calls[1] > calls[0] + 10, "the transfer uses the disk");
        for (long call = calls[0] + 1; call <= calls[1]; call++)
        {
            try
            {
                crashAt(log, positions, call);
            }
            catch (final RuntimeException | Error ex)
            {
                throw new AssertionError("disk call " + call, ex);
            }
        }
    }

    private void crashAt(final List<StoreHistory.Entry> log, final List<long[]> positions, final long call)
    {
        final boolean[] isInstalled = new boolean[1];
        final StoreWorld follower = run(log, call, new long[2], isInstalled);
        final SimulatedRng chooser = new SimulatedRng(call);
        follower.disk = follower.disk.crash(chooser);
        crashInRecovery(follower, chooser);
        follower.open();
        final int index = (int)follower.store.raftIndex();
        assertTrue(!isInstalled[0] || index > 60, "an installed snapshot was lost");
        assertEquals(positions.get(index)[0], follower.store.bound());
        assertEquals(positions.get(index)[1], follower.store.streamHash());
        StoreChecker.checkAll(follower, model(log, index));
        applyRest(follower, log);
        assertEquals(positions.get(log.size())[1], follower.store.streamHash());
        StoreChecker.checkAll(follower, model(log, log.size()));
    }

    private static void crashInRecovery(final StoreWorld world, final SimulatedRng chooser)
    {
        final var disk = world.disk;
        disk.crashAtCall(disk.calls() + 1 + chooser.nextInt(12));
        try
        {
            world.open();
        }
        catch (final SimulatedCrash expected)
        {
            // the second power cut
        }
        world.disk = disk.crash(chooser);
    }

    /** A follower at entry 40 takes a snapshot of entry 120. */
    private StoreWorld run(
        final List<StoreHistory.Entry> log, final long crashCall, final long[] calls, final boolean[] isInstalled)
    {
        final StoreWorld leader = new StoreWorld(7).open();
        for (int i = 0; i < 120; i++)
        {
            StoreHistory.apply(log.get(i), leader);
            leader.publish();
            leader.turns(3);
        }
        leader.force();
        final StoreWorld follower = follower(8).open();
        for (int i = 0; i < 40; i++)
        {
            StoreHistory.apply(log.get(i), follower);
            follower.publish();
            follower.turns(2);
        }
        calls[0] = follower.disk.calls();
        if (crashCall > 0)
        {
            follower.disk.crashAtCall(crashCall);
        }
        try
        {
            install(follower, receive(follower, leader, () -> {}));
            isInstalled[0] = true;
            follower.turns(20);
        }
        catch (final SimulatedCrash expected)
        {
            // the power cut
        }
        catch (final DiskFullException ex)
        {
            throw new IllegalStateException(ex);
        }
        calls[1] = follower.disk.calls();
        return follower;
    }

    private void installAndCompare(final int seed) throws DiskFullException
    {
        final Random random = new Random(seed);
        final List<StoreHistory.Entry> log = log(seed);
        final List<long[]> positions = positions(log);
        final StoreWorld leader = new StoreWorld(seed).plain();
        leader.tailLength = 8192;
        leader.open();
        final StoreWorld follower = follower(seed + 100).plain().open();
        final int behind = random.nextInt(60);
        final int[] next = {behind + random.nextInt(80)};
        for (int i = 0; i < next[0]; i++)
        {
            StoreHistory.apply(log.get(i), leader);
            leader.publish();
            leader.turns(random.nextInt(6));
            if (i < behind)
            {
                StoreHistory.apply(log.get(i), follower);
                follower.publish();
                follower.turns(random.nextInt(6));
            }
        }
        leader.force();
        final SnapshotSink sink = receive(follower, leader, () ->
        {
            if (next[0] < log.size())
            {
                StoreHistory.apply(log.get(next[0]++), leader);
                leader.publish();
                leader.turns(20);
            }
        });
        if (sink.raftIndex() < follower.store.raftIndex())
        {
            sink.abandon();
            return;
        }
        install(follower, sink);
        final int index = (int)follower.store.raftIndex();
        assertEquals(positions.get(index)[0], follower.store.bound());
        assertEquals(positions.get(index)[1], follower.store.streamHash());
        StoreChecker.checkAll(follower, model(log, index));
        if (random.nextBoolean())
        {
            follower.restart();
            assertEquals(index, follower.store.raftIndex());
            StoreChecker.checkAll(follower, model(log, index));
        }
        applyRest(follower, log);
        assertEquals(positions.get(log.size())[1], follower.store.streamHash());
        StoreChecker.checkAll(follower, model(log, log.size()));
        follower.force();
        follower.restart();
        StoreChecker.checkAll(follower, model(log, log.size()));
    }

    private static void applyRest(final StoreWorld world, final List<StoreHistory.Entry> log)
    {
        for (int i = (int)world.store.raftIndex(); i < log.size(); i++)
        {
            StoreHistory.apply(log.get(i), world);
            world.publish();
            world.turn();
        }
        world.turns(400);
    }

    private SnapshotSink receive(final StoreWorld follower, final StoreWorld leader, final Runnable between)
        throws DiskFullException
    {
        try (SnapshotSource source = leader.store.housekeeping().newSource())
        {
            return take(follower, source, between);
        }
    }

    private SnapshotSink take(final StoreWorld follower, final SnapshotSource source, final Runnable between)
        throws DiskFullException
    {
        final SnapshotSink sink = follower.store.housekeeping().newSink(source.length());
        while (!sink.isWhole())
        {
            final int count = source.read(sink.received(), chunk, 0, CHUNK);
            assertTrue(sink.write(chunk, 0, count));
            between.run();
            follower.turn();
        }
        while (!sink.prepare(2000))
        {
            follower.turn();
        }
        return sink;
    }

    private static void install(final StoreWorld world, final SnapshotSink sink) throws DiskFullException
    {
        world.store.housekeeping().makeDurable(sink);
        world.store.install(sink);
    }

    private static StoreWorld follower(final long seed)
    {
        final StoreWorld world = new StoreWorld(seed);
        world.storeId = 13;
        return world;
    }

    private static List<StoreHistory.Entry> log(final long seed)
    {
        final StoreHistory history = new StoreHistory(new Random(seed), 8);
        final StoreModel model = new StoreModel();
        for (int i = 0; i < ENTRIES; i++)
        {
            StoreHistory.apply(history.next(model), model);
        }
        return history.entries;
    }

    /** End of the stream and stream hash after each entry, by a run that nothing disturbs. */
    private static List<long[]> positions(final List<StoreHistory.Entry> log)
    {
        final StoreWorld world = new StoreWorld(99).plain();
        world.tailLength = 1 << 20;
        world.open();
        final List<long[]> positions = new ArrayList<>();
        positions.add(new long[]{0, world.store.streamHash()});
        for (final StoreHistory.Entry entry : log)
        {
            StoreHistory.apply(entry, world);
            positions.add(new long[]{world.store.bound(), world.store.streamHash()});
        }
        return positions;
    }

    private static StoreModel model(final List<StoreHistory.Entry> log, final int entries)
    {
        final StoreModel model = new StoreModel();
        for (int i = 0; i < entries; i++)
        {
            StoreHistory.apply(log.get(i), model);
        }
        return model;
    }
}
