package dev.quorate.core.raft;

import org.agrona.concurrent.UnsafeBuffer;

import java.util.ArrayList;
import java.util.List;

/**
 * A message of the simulated network: a kind, and numbers in the order of the parameters of {@link RaftOutput}.
 */
record RaftMessage(String kind, long from, long to, long[] values, List<Entry> entries, Configuration configuration)
{
    record Entry(long index, long term, int type, byte[] payload)
    {
    }

    static RaftMessage of(final String kind, final long from, final long to, final long... values)
    {
        return new RaftMessage(kind, from, to, values, List.of(), null);
    }

    static RaftMessage append(
        final long from, final long to, final InMemoryRaftLog log, final long[] values, final long last)
    {
        final List<Entry> entries = new ArrayList<>();
        for (long i = values[1] + 1; i <= last; i++)
        {
            entries.add(new Entry(i, log.termAt(i), log.typeAt(i), log.payloadAt(i)));
        }
        return new RaftMessage("append", from, to, values, entries, null);
    }

    long term()
    {
        return values[0];
    }

    void deliver(final RaftCore core)
    {
        final long[] v = values;
        switch (kind)
        {
            case "prevote-request" -> core.onVoteRequest(from, v[0], true, v[1] == 1, v[2], v[3]);
            case "vote-request" -> core.onVoteRequest(from, v[0], false, v[1] == 1, v[2], v[3]);
            case "prevote-response" -> core.onVoteResponse(from, v[0], true, v[1] == 1);
            case "vote-response" -> core.onVoteResponse(from, v[0], false, v[1] == 1);
            case "append" -> deliverAppend(core);
            case "append-response" -> core.onAppendResponse(from, v[0], v[1] == 1, v[2], v[3], v[4]);
            case "heartbeat" -> core.onHeartbeat(from, v[0], v[1], v[2]);
            case "heartbeat-response" -> core.onHeartbeatResponse(from, v[0], v[1]);
            case "timeout-now" -> core.onTimeoutNow(from, v[0]);
            default -> throw new IllegalArgumentException(kind);
        }
    }

    private void deliverAppend(final RaftCore core)
    {
        if (!core.beginAppend(from, values[0], values[1], values[2], values[3]))
        {
            return;
        }
        for (final Entry entry : entries)
        {
            final UnsafeBuffer payload = new UnsafeBuffer(entry.payload);
            if (!core.appendEntry(entry.index, entry.term, entry.type, payload, 0, entry.payload.length))
            {
                break;
            }
        }
        core.endAppend();
    }

    /** As scenarios write it, for instance {@code append 1>2 3 4 3 2 entries=5:3}. */
    @Override
    public String toString()
    {
        final StringBuilder text = new StringBuilder(kind).append(' ').append(from).append('>').append(to);
        for (final long value : values)
        {
            text.append(' ').append(value);
        }
        for (final Entry entry : entries)
        {
            text.append(' ').append(entry.index).append(':').append(entry.term);
        }
        return text.toString();
    }
}
