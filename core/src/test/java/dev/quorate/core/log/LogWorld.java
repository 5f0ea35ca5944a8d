package dev.quorate.core.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quorate.core.raft.RaftLogAccess;
import dev.quorate.core.seam.Clock;
import dev.quorate.core.seam.DiskFullException;
import dev.quorate.core.seam.SimulatedDisk;
import dev.quorate.core.seam.SimulatedRng;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A log on a simulated disk beside a model of it: the entries that the log must hold at each position.
 */
final class LogWorld implements Clock
{
    static final long CLUSTER = 0xC1;

    record Entry(long index, long term, int type, byte[] payload)
    {
    }

    record State(long baseIndex, long baseTerm, List<Entry> entries)
    {
        long lastIndex()
        {
            return baseIndex + entries.size();
        }

        long lastTerm()
        {
            return entries.isEmpty() ? baseTerm : entries.get(entries.size() - 1).term;
        }
    }

    final TreeMap<Long, State> states = new TreeMap<>();
    final SimulatedRng rng;
    SimulatedDisk disk;
    RaftLog log;
    long now;
    int maxPayloadLength = 1000;
    int initialSegmentLength = 8192;
    int maxSegmentLength = 32768;
    boolean isUnsafe;
    private State state = new State(0, 0, List.of());

    LogWorld(final long seed)
    {
        rng = new SimulatedRng(seed);
        disk = new SimulatedDisk(rng.fork());
        states.put(0L, state);
    }

    LogContext context()
    {
        return new LogContext().disk(disk).clock(this).rng(rng).clusterId(CLUSTER)
            .maxPayloadLength(maxPayloadLength).initialSegmentLength(initialSegmentLength)
            .maxSegmentLength(maxSegmentLength).unsafeNoFsync(isUnsafe).conclude();
    }

    LogWorld open()
    {
        try
        {
            log = RaftLog.open(context());
        }
        catch (final DiskFullException ex)
        {
            throw new AssertionError(ex);
        }

        return this;
    }

    /** After a restart the model continues where the log ends. */
    void resume()
    {
        state = states.get(log.appendedPosition());
        assertTrue(state != null, "the log ends at no frame: " + log.appendedPosition());
        states.tailMap(log.appendedPosition(), false).clear();
    }

    boolean append(final long term, final int length)
    {
        final byte[] payload = new byte[length];
        for (int i = 0; i < length; i++)
        {
            payload[i] = (byte)rng.nextLong();
        }
        final long index = state.lastIndex() + 1;
        final int type = 1 + rng.nextInt(3);
        final long position = log.append(index, term, type, new UnsafeBuffer(payload), 0, length);
        if (position == RaftLogAccess.NO_SPACE)
        {
            return false;
        }
        final List<Entry> entries = new ArrayList<>(state.entries);
        entries.add(new Entry(index, term, type, payload));
        became(position, new State(state.baseIndex, state.baseTerm, entries));

        return true;
    }

    void cut(final long fromIndex, final long term)
    {
        final long position = log.cut(fromIndex, term);
        if (position != RaftLogAccess.NO_SPACE)
        {
            final int kept = (int)(fromIndex - 1 - state.baseIndex);
            became(position, new State(
                state.baseIndex, state.baseTerm, new ArrayList<>(state.entries.subList(0, kept))));
        }
    }

    void reset(final long index, final long term)
    {
        final long position = log.resetTo(index, term);
        if (position != RaftLogAccess.NO_SPACE)
        {
            became(position, new State(index, term, List.of()));
        }
    }

    State state()
    {
        return state;
    }

    void sync()
    {
        for (int i = 0; i < 100 && log.durablePosition() < log.appendedPosition(); i++)
        {
            log.syncAgent().doWork();
        }
    }

    /** Until there is nothing left to prepare. */
    void supply()
    {
        while (log.supplier().doWork() > 0)
        {
            // one segment each
        }
    }

    /** Power cut, then start again. */
    void crashAndOpen()
    {
        disk = disk.crash(rng);
        open();
    }

    void check()
    {
        check(log, state);
    }

    static void check(final RaftLog log, final State state)
    {
        assertEquals(state.lastIndex(), log.lastIndex());
        assertEquals(state.lastTerm(), log.lastTerm());
        assertTrue(log.baseIndex() >= state.baseIndex);
        assertEquals(-1, log.termAt(log.lastIndex() + 1));
        assertEquals(-1, log.termAt(log.baseIndex() - 1));
        final LogEntryView view = log.newView();
        for (final Entry entry : state.entries)
        {
            if (entry.index == log.baseIndex())
            {
                assertEquals(entry.term, log.termAt(entry.index));
            }
            if (entry.index > log.baseIndex())
            {
                assertEquals(entry.term, log.termAt(entry.index));
                assertEquals(entry.type, log.typeAt(entry.index));
                assertEquals(entry.payload.length, log.payloadLength(entry.index));
                assertTrue(view.wrap(entry.index));
                assertEquals(entry.index, view.index());
                assertEquals(entry.term, view.term());
                assertEquals(entry.payload.length, view.payloadLength());
                assertEquals(
                    0,
                    new UnsafeBuffer(view.buffer(), view.payloadOffset(), view.payloadLength())
                        .compareTo(new UnsafeBuffer(entry.payload)),
                    "payload of " + entry.index);
            }
        }
    }

    @Override
    public long nanoTime()
    {
        return now;
    }

    @Override
    public long epochMillis()
    {
        return now / 1_000_000;
    }

    private void became(final long position, final State newState)
    {
        assertEquals(position, log.appendedPosition());
        state = newState;
        states.put(position, newState);
    }
}
