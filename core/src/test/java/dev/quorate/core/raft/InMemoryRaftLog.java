package dev.quorate.core.raft;

import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

import java.util.ArrayList;
import java.util.List;

/**
 * A log of frames in memory: entries and cuts in the order in which they were written, of which a prefix survives a
 * crash. A payload is a kind of change (one byte) and a number (eight bytes), so that it reads configuration
 * entries as well.
 */
final class InMemoryRaftLog implements RaftLogAccess, ConfigEntryReader
{
    static final int PAYLOAD_LENGTH = 9;

    private record Frame(boolean isCut, long index, long term, int type, byte[] payload)
    {
    }

    private final List<Frame> frames = new ArrayList<>();
    private final List<Frame> live = new ArrayList<>();
    private final List<Integer> positions = new ArrayList<>();
    private long startIndex;
    private long startTerm;
    private long baseIndex;
    private long baseTerm;
    private int durableFrames;
    private int capacityFrames = Integer.MAX_VALUE;
    private Frame read;

    @Override
    public long baseIndex()
    {
        return baseIndex;
    }

    @Override
    public long lastIndex()
    {
        return startIndex + live.size();
    }

    @Override
    public long lastTerm()
    {
        return termAt(lastIndex());
    }

    @Override
    public long termAt(final long index)
    {
        if (index == baseIndex)
        {
            return baseTerm;
        }
        return index < baseIndex || index > lastIndex() ? -1 : at(index).term;
    }

    @Override
    public int typeAt(final long index)
    {
        return at(index).type;
    }

    @Override
    public int payloadLength(final long index)
    {
        return at(index).payload.length;
    }

    @Override
    public long append(
        final long index,
        final long term,
        final int type,
        final DirectBuffer payload,
        final int offset,
        final int length)
    {
        if (index != lastIndex() + 1 || term < lastTerm())
        {
            throw new IllegalArgumentException("index=" + index + " term=" + term + " lastIndex=" + lastIndex());
        }
        if (frames.size() >= capacityFrames)
        {
            return NO_SPACE;
        }
        final byte[] bytes = new byte[length];
        payload.getBytes(offset, bytes);
        write(new Frame(false, index, term, type, bytes));
        return frames.size();
    }

    @Override
    public long cut(final long fromIndex, final long term)
    {
        if (fromIndex <= baseIndex || fromIndex > lastIndex())
        {
            throw new IllegalArgumentException("from=" + fromIndex + " base=" + baseIndex + " last=" + lastIndex());
        }
        if (frames.size() >= capacityFrames)
        {
            return NO_SPACE;
        }
        write(new Frame(true, fromIndex, term, 0, new byte[0]));
        return frames.size();
    }

    @Override
    public boolean read(final long index)
    {
        read = at(index);
        return read.payload.length == PAYLOAD_LENGTH;
    }

    @Override
    public int kind()
    {
        return read.payload[0];
    }

    @Override
    public long memberId()
    {
        return number(read.payload);
    }

    void room(final int moreFrames)
    {
        capacityFrames = moreFrames == Integer.MAX_VALUE ? moreFrames : frames.size() + moreFrames;
    }

    void sync()
    {
        durableFrames = frames.size();
    }

    void syncOneFrame()
    {
        durableFrames = Math.min(durableFrames + 1, frames.size());
    }

    boolean isSynced()
    {
        return durableFrames == frames.size();
    }

    /** The largest index held now whose frame is durable: what the real log reports for a durable position. */
    long durableIndex()
    {
        long index = lastIndex();
        while (index > baseIndex && positions.get((int)(index - startIndex) - 1) > durableFrames)
        {
            index--;
        }
        return index;
    }

    /** What would be found after a crash now. */
    InMemoryRaftLog afterCrash()
    {
        final InMemoryRaftLog found = new InMemoryRaftLog();
        found.startIndex = startIndex;
        found.startTerm = startTerm;
        for (int i = 0; i < durableFrames; i++)
        {
            found.write(frames.get(i));
        }
        found.baseIndex = startIndex;
        found.baseTerm = startTerm;
        if (baseIndex > startIndex)
        {
            found.compact(baseIndex);
        }
        found.sync();
        return found;
    }

    void compact(final long index)
    {
        baseTerm = index == startIndex ? startTerm : at(index).term;
        baseIndex = index;
    }

    void installSnapshot(final long index, final long term)
    {
        frames.clear();
        live.clear();
        positions.clear();
        startIndex = index;
        startTerm = term;
        baseIndex = index;
        baseTerm = term;
        durableFrames = 0;
    }

    byte[] payloadAt(final long index)
    {
        return at(index).payload;
    }

    static UnsafeBuffer payload(final int kind, final long number)
    {
        final UnsafeBuffer buffer = new UnsafeBuffer(new byte[PAYLOAD_LENGTH]);
        buffer.putByte(0, (byte)kind);
        buffer.putLong(1, number);
        return buffer;
    }

    static long number(final byte[] payload)
    {
        return payload.length == 0 ? 0 : new UnsafeBuffer(payload).getLong(1);
    }

    private Frame at(final long index)
    {
        return live.get((int)(index - startIndex) - 1);
    }

    private void write(final Frame frame)
    {
        frames.add(frame);
        if (frame.isCut)
        {
            while (lastIndex() >= frame.index)
            {
                live.removeLast();
                positions.removeLast();
            }
        }
        else
        {
            live.add(frame);
            positions.add(frames.size());
        }
    }
}
