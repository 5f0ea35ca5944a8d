package dev.quorate.core.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.quorate.core.entry.EntryDescriptor;
import dev.quorate.core.raft.RaftLogAccess;
import dev.quorate.core.seam.StorageFault;
import java.lang.management.ManagementFactory;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

class RaftLogTest
{
    private final LogWorld world = new LogWorld(1);

    @Test
    void beginsEmptyBehindIndexZero()
    {
        world.open();
        assertEquals(0, world.log.baseIndex());
        assertEquals(0, world.log.lastIndex());
        assertEquals(0, world.log.lastTerm());
        assertEquals(0, world.log.termAt(0));
        assertEquals(-1, world.log.termAt(1));
        assertFalse(world.log.newView().wrap(1));
    }

    @Test
    void givesBackEntriesOfAnySizeAcrossSegmentsAndRestarts()
    {
        world.maxPayloadLength = 1536 * 1024;
        world.initialSegmentLength = 4 * 1024 * 1024;
        world.maxSegmentLength = 64 * 1024 * 1024;
        world.open();
        final int[] lengths = {0, 1, 7, 8, 9, 4095, 4096, 65_536, 1024 * 1024, 1536 * 1024};
        for (int round = 0; round < 2; round++)
        {
            for (final int length : lengths)
            {
                assertTrue(world.append(1 + round, length));
                world.log.supplier().doWork();
            }
        }
        world.check();
        assertTrue(world.disk.list("log").size() >= 3);
        world.sync();
        assertEquals(world.log.appendedPosition(), world.log.durablePosition());
        world.crashAndOpen();
        world.check();
        assertTrue(world.append(3, 10));
        world.check();
    }

    @Test
    void segmentsDoubleUpToTheirLimit()
    {
        world.open();
        for (int i = 0; i < 200; i++)
        {
            world.append(1, 900);
            world.log.supplier().doWork();
        }
        long previous = 0;
        for (final String name : world.disk.list("log"))
        {
            final long length = world.disk.length("log/" + name);
            if ("reserve".equals(name))
            {
                assertEquals(8192, length);
                continue;
            }
            assertEquals(previous == 0 ? 8192 : Math.min(32_768, previous * 2), length);
            previous = length;
        }
        assertEquals(32_768, previous);
    }

    @Test
    void cutDropsASuffixAndLaterEntriesTakeItsPlace()
    {
        world.open();
        for (int i = 0; i < 5; i++)
        {
            world.append(1 + i / 2, 20);
        }
        final long before = world.log.appendedPosition();
        world.cut(3, 4);
        assertTrue(world.log.appendedPosition() > before);
        assertEquals(2, world.log.lastIndex());
        assertEquals(1, world.log.lastTerm());
        world.append(4, 30);
        world.check();
        world.sync();
        world.crashAndOpen();
        world.check();
    }

    @Test
    void refusesToCutWhatIsCommittedOrNotHeld()
    {
        world.open();
        for (int i = 0; i < 5; i++)
        {
            world.append(1, 20);
        }
        world.log.commitIndex(3);
        assertThrows(IllegalStateException.class, () -> world.log.cut(3, 2));
        assertThrows(IllegalStateException.class, () -> world.log.cut(6, 2));
        assertThrows(IllegalStateException.class, () -> world.log.resetTo(2, 2));
        world.cut(4, 2);
        world.check();
    }

    @Test
    void refusesEntriesThatDoNotFollow()
    {
        world.open();
        world.append(5, 1);
        final UnsafeBuffer empty = new UnsafeBuffer(new byte[0]);
        assertThrows(IllegalStateException.class, () -> world.log.append(3, 5, 1, empty, 0, 0));
        assertThrows(IllegalStateException.class, () -> world.log.append(2, 4, 1, empty, 0, 0));
        assertThrows(IllegalStateException.class, () -> world.log.append(2, 5, 16, empty, 0, 0));
        assertThrows(IllegalStateException.class, () -> world.log.append(2, 5, 1, empty, 0, 1001));
        world.check();
    }

    @Test
    void syncOfEntriesThatWereCutDoesNotCountForThoseInTheirPlace()
    {
        world.open();
        for (int i = 0; i < 10; i++)
        {
            world.append(1, 20);
        }
        final long syncedOld = world.log.appendedPosition();
        world.cut(6, 2);
        final long behindCut = world.log.appendedPosition();
        world.append(2, 20);
        final long behindSix = world.log.appendedPosition();
        world.append(2, 20);

        assertEquals(5, world.log.durableIndex(syncedOld));
        assertEquals(5, world.log.durableIndex(behindCut));
        assertEquals(6, world.log.durableIndex(behindSix));
        assertEquals(2, world.log.termAt(6));
        assertEquals(7, world.log.durableIndex(world.log.appendedPosition()));
        assertEquals(0, world.log.durableIndex(0));
    }

    @Test
    void claimedPayloadIsWrittenInPlaceAndInvisibleUntilCommitted()
    {
        world.open();
        final int offset = world.log.claim(1, 1, RaftLogAccess.COMMAND, 8);
        world.log.claimedBuffer().putLong(offset, 42);
        assertEquals(0, world.log.lastIndex());
        assertFalse(world.log.newView().wrap(1));
        assertThrows(IllegalStateException.class, () -> world.log.claim(1, 1, RaftLogAccess.COMMAND, 8));
        world.log.abort();
        assertThrows(IllegalStateException.class, () -> world.log.commit());

        final int again = world.log.claim(1, 3, RaftLogAccess.CONFIG, 16);
        world.log.claimedBuffer().putLong(again, 43);
        world.log.commit();
        final LogEntryView view = world.log.newView();
        assertTrue(view.wrap(1));
        assertEquals(43, view.buffer().getLong(view.payloadOffset()));
        assertEquals(3, view.term());
        assertEquals(RaftLogAccess.CONFIG, view.type());
    }

    @Test
    void entryIsReadOnlyIfAllItsBytesAreThoseThatWereWritten()
    {
        world.open();
        world.append(1, 0);
        world.append(2, 333);
        final LogEntryView view = world.log.newView();
        final LogEntryReader reader = world.log.newReader();
        for (long index = 1; index <= 2; index++)
        {
            assertTrue(view.wrap(index));
            final UnsafeBuffer segment = world.log.segmentAt(world.log.position(index)).buffer();
            final int offset = view.entryPartOffset();
            for (int bit = 0; bit < view.entryPartLength() * 8; bit++)
            {
                final int at = offset + bit / 8;
                final byte right = segment.getByte(at);
                segment.putByte(at, (byte)(right ^ 1 << bit % 8));
                final long damaged = index;
                if (bit < EntryDescriptor.TERM_OFFSET * 8)
                {
                    assertFalse(reader.load(damaged), "bit " + bit);
                }
                else
                {
                    final StorageFault fault =
                        assertThrows(StorageFault.class, () -> reader.load(damaged), "bit " + bit);
                    assertTrue(fault.getMessage().contains("entry " + index + ":"), fault.getMessage());
                }
                segment.putByte(at, right);
            }
            assertTrue(reader.load(index));
            assertEquals(index, reader.term());
            assertEquals(view.payloadLength(), reader.payloadLength());
        }
        assertFalse(reader.load(3));
    }

    @Test
    void restartsEmptyAtASnapshot()
    {
        world.open();
        for (int i = 0; i < 100; i++)
        {
            world.append(1, 400);
            world.log.supplier().doWork();
        }
        world.reset(1000, 7);
        assertEquals(1000, world.log.baseIndex());
        assertEquals(7, world.log.termAt(1000));
        assertEquals(1000, world.log.commitIndex());
        world.append(8, 10);
        world.sync();
        final int before = world.disk.list("log").size();
        world.log.retainFrom(1001);
        for (int i = 0; i < 10; i++)
        {
            world.log.supplier().doWork();
        }
        assertTrue(world.disk.list("log").size() < before);
        world.crashAndOpen();
        world.check();
        assertEquals(1000, world.log.baseIndex());
        assertEquals(7, world.log.termAt(1000));
        assertEquals(1000, world.log.commitIndex());
    }

    @Test
    void recyclesWhatIsNotRetainedUnlessAReaderHoldsIt()
    {
        world.maxSegmentLength = 8192;
        world.open();
        for (int i = 0; i < 40; i++)
        {
            world.append(1, 500);
            world.log.supplier().doWork();
        }
        world.sync();
        world.log.commitIndex(40);
        final LogHold hold = world.log.newHold();
        assertTrue(hold.from(1));
        final LogEntryView view = world.log.newView();
        assertTrue(view.wrap(1));
        world.log.retainFrom(30);
        assertTrue(world.log.baseIndex() > 0 && world.log.baseIndex() < 30);
        assertEquals(1, world.log.termAt(world.log.baseIndex()));
        final int before = world.disk.list("log").size();
        for (int i = 0; i < 20; i++)
        {
            world.log.supplier().doWork();
        }
        assertEquals(before, world.disk.list("log").size());
        assertEquals(1, view.index());

        hold.release();
        assertFalse(hold.from(1));
        for (int i = 0; i < 20; i++)
        {
            world.log.supplier().doWork();
        }
        assertTrue(world.disk.list("log").size() < before);
        assertFalse(view.wrap(1));
        for (int i = 0; i < 20; i++)
        {
            world.append(1, 500);
            world.log.supplier().doWork();
        }
        world.sync();
        world.check();
        world.crashAndOpen();
        world.check();
    }

    @Test
    void keepsTheSegmentBeforeOneWhoseHeaderIsNotDurable()
    {
        world.open();
        while (world.log.remaining() == 0 || world.log.remaining() >= FrameDescriptor.alignedLength(500))
        {
            world.append(1, 500);
        }
        world.sync();
        world.log.supplier().doWork();
        final long durable = world.log.lastIndex();
        world.append(1, 500);
        world.log.commitIndex(durable);
        world.log.retainFrom(durable + 1);
        assertEquals(0, world.log.baseIndex());
        world.sync();
        world.log.retainFrom(durable + 1);
        assertEquals(durable, world.log.baseIndex());
    }

    @Test
    void staleFramesOfARecycledSegmentStayDead()
    {
        world.maxSegmentLength = 8192;
        world.open();
        for (int round = 0; round < 12; round++)
        {
            for (int i = 0; i < 7; i++)
            {
                assertTrue(world.append(1, 500));
                world.log.supplier().doWork();
            }
            world.sync();
            world.log.commitIndex(world.log.lastIndex());
            world.log.retainFrom(world.log.lastIndex());
            world.log.supplier().doWork();
            world.crashAndOpen();
            world.check();
        }
    }

    @Test
    void fullDiskPausesAppendsUntilSpaceReturnsWithoutARestart()
    {
        world.open();
        world.disk.quota(world.disk.usedBytes());
        while (world.append(1, 500))
        {
            world.log.supplier().doWork();
        }
        final long last = world.log.lastIndex();
        assertTrue(world.log.isFull());
        assertFalse(world.log.hasSpare());
        assertEquals(RaftLogAccess.NO_SPACE, world.log.claim(last + 1, 1, 1, 500));
        assertEquals(0, world.log.supplier().doWork());
        world.sync();
        world.check();

        assertTrue(world.log.isOut());

        world.disk.quota(1 << 20);
        world.now += SegmentSupplier.RETRY_NS;
        world.supply();
        assertFalse(world.log.isFull());
        assertTrue(world.append(1, 500));
        world.sync();
        world.crashAndOpen();
        world.check();
    }

    @Test
    void fullDiskIsNoticedWhileASpareSegmentAndTheReserveAreLeft()
    {
        world.open();
        world.supply();
        world.disk.quota(world.disk.usedBytes());
        while (!world.log.isFull())
        {
            assertTrue(world.append(1, 500));
            world.supply();
        }
        assertTrue(world.log.hasSpare(), "the reserve is the next segment");
        int entries = 0;
        while (world.append(1, 500))
        {
            world.supply();
            entries++;
        }
        assertTrue(entries >= 13, "entries beyond the first sign: " + entries);
        assertTrue(world.log.isOut());
        world.sync();
        world.check();
    }

    @Test
    void droppedSegmentsMakeAFullLogWholeAgainOnAFullDisk()
    {
        world.maxSegmentLength = 8192;
        world.open();
        while (world.log.segmentCount() < 3)
        {
            assertTrue(world.append(1, 500));
            world.supply();
        }
        world.disk.quota(world.disk.usedBytes());
        while (world.append(1, 500))
        {
            world.supply();
        }
        assertTrue(world.log.isOut());
        world.sync();
        world.log.commitIndex(world.log.lastIndex());
        world.log.retainFrom(world.log.lastIndex());
        world.supply();
        assertFalse(world.log.isFull());
        world.crashAndOpen();
        world.check();
        assertTrue(world.append(1, 500));
    }

    @Test
    void smallerSegmentIsTakenWhereADoubledOneDoesNotFit()
    {
        world.open();
        world.supply();
        world.disk.quota(world.disk.usedBytes() + 8192);
        assertTrue(world.append(1, 500));
        world.supply();
        assertFalse(world.log.isFull());
        assertTrue(world.log.hasSpare());
    }

    @Test
    void longSpareSegmentGivesItsRoomBackOnAFullDisk()
    {
        world.maxSegmentLength = 1 << 20;
        world.open();
        while (world.log.segmentCount() < 6)
        {
            assertTrue(world.append(1, 900));
            world.supply();
        }
        final long before = world.disk.usedBytes();
        world.log.supplier().beFrugal();
        world.supply();
        assertTrue(world.log.hasSpare());
        assertTrue(world.disk.usedBytes() < before * 2 / 3, before + " became " + world.disk.usedBytes());
        world.sync();
        world.crashAndOpen();
        world.check();
        assertTrue(world.append(1, 900));
    }

    @Test
    void reserveOutlivesARestart()
    {
        world.open();
        world.supply();
        world.append(1, 500);
        world.supply();
        world.sync();
        final long files = world.disk.list("log").size();
        for (int i = 0; i < 5; i++)
        {
            world.crashAndOpen();
            world.disk.quota(world.disk.usedBytes());
            world.supply();
            assertFalse(world.log.isFull(), "start " + i);
            assertEquals(files, world.disk.list("log").size());
            world.disk.quota(Long.MAX_VALUE);
        }
        world.check();
    }

    @Test
    void startsOnAFullDiskWithWhatItHolds()
    {
        world.open();
        world.append(1, 500);
        world.append(1, 500);
        world.log.supplier().doWork();
        world.disk.quota(world.disk.usedBytes());
        // the spare takes the tail that was never known to be synced
        world.disk = world.disk.processExit();
        world.open();
        world.check();
        assertEquals(2, world.log.lastIndex());
        while (world.append(1, 500))
        {
            world.log.supplier().doWork();
        }
        assertTrue(world.log.isFull());
        world.sync();
        world.check();
    }

    @Test
    void steadyStateAllocatesNothing()
    {
        world.maxSegmentLength = 1 << 22;
        world.initialSegmentLength = 1 << 22;
        world.open();
        world.disk.plain();
        final UnsafeBuffer payload = new UnsafeBuffer(new byte[256]);
        final ThreadMXBean threads = (ThreadMXBean)ManagementFactory.getThreadMXBean();
        long least = Long.MAX_VALUE;
        for (int round = 0; round < 40 && least > 0; round++)
        {
            // a chunk of the directory and a segment at most begin in a round; outside of them nothing is allocated
            world.log.supplier().doWork();
            final long before = threads.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < 2000; i++)
            {
                final long index = world.log.lastIndex() + 1;
                if (world.log.append(index, 1, RaftLogAccess.COMMAND, payload, 0, 256) < 0)
                {
                    throw new IllegalStateException("full");
                }
                if (i % 10 == 9)
                {
                    world.log.syncAgent().doWork();
                    world.log.commitIndex(world.log.durableIndex(world.log.durablePosition()));
                }
            }
            least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
        }
        assertEquals(0, least);
    }
}
