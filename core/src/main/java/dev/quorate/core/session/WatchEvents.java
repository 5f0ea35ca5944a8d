package dev.quorate.core.session;

import dev.quorate.core.store.RecordView;
import dev.quorate.core.wire.WireWriter;
import org.agrona.collections.IntArrayList;

/**
 * One watch response with events while it is put together, maybe from several messages of the watch agent.
 */
final class WatchEvents
{
    private static final int WATCH_ID = 2;
    private static final int FRAGMENT = 7;
    private static final int EVENTS = 11;
    private static final int EVENT_TYPE = 1;
    private static final int EVENT_KV = 2;
    private static final int EVENT_PREV_KV = 3;
    private static final int DELETE = 1;

    final WireWriter writer;
    private final RecordView record = new RecordView();
    private final RecordView previous = new RecordView();
    private final IntArrayList ends = new IntArrayList();
    private long watchId;
    private int prefixLength;

    WatchEvents(final WireWriter writer)
    {
        this.writer = writer;
    }

    void begin(final Headers headers, final long revision, final long ofWatcher)
    {
        watchId = ofWatcher;
        ends.clear();
        headers.write(writer.reset(), revision);
        writer.varint(WATCH_ID, watchId);
        prefixLength = writer.length();
    }

    /** Adds the event that a record is. The reader is pinned. */
    void add(final StateReader reader, final long lp, final boolean isPrevKv, final long compactedRevision)
    {
        reader.recordAt(lp, record);
        final int event = writer.begin(EVENTS);
        if (record.isTombstone())
        {
            writer.varint(EVENT_TYPE, DELETE);
            final int kv = writer.begin(EVENT_KV);
            writer.bytes(1, record.buffer(), record.keyOffset(), record.keyLength());
            writer.varint(3, record.mainRevision());
            writer.end(kv);
        }
        else
        {
            writer.bytes(EVENT_KV, record.buffer(), record.bodyOffset(), record.bodyLength());
        }
        if (isPrevKv && findPrevious(reader, compactedRevision))
        {
            writer.bytes(EVENT_PREV_KV, previous.buffer(), previous.bodyOffset(), previous.bodyLength());
        }
        writer.end(event);
        ends.addInt(writer.length());
    }

    boolean isOf(final long watcherId)
    {
        return watchId == watcherId;
    }

    int count()
    {
        return ends.size();
    }

    /** Sends the response, in fragments if the client allows and the length is at the threshold. */
    void send(
        final WatchStream stream, final boolean isFragmented, final int threshold, final WireWriter fragments)
    {
        if (!isFragmented || writer.length() < threshold || ends.size() < 2 || writer.overflowed())
        {
            stream.send(writer);
            return;
        }
        int from = 0;
        while (from < ends.size())
        {
            final int begin = from == 0 ? prefixLength : ends.getInt(from - 1);
            int to = from + 1;
            // The mark of a fragment takes two bytes.
            while (to < ends.size() && prefixLength + 2 + ends.getInt(to) - begin < threshold)
            {
                to++;
            }
            fragments.reset();
            fragments.encoded(writer.buffer(), 0, prefixLength);
            fragments.bool(FRAGMENT, to < ends.size());
            fragments.encoded(writer.buffer(), begin, ends.getInt(to - 1) - begin);
            stream.send(fragments);
            from = to;
        }
    }

    /** Finds the value at the revision before, unless the key was created here or that revision is compacted. */
    private boolean findPrevious(final StateReader reader, final long compactedRevision)
    {
        final long revision = record.mainRevision();
        if (!record.isTombstone() && record.createRevision() == revision || revision - 1 < compactedRevision)
        {
            return false;
        }
        RecordView newer = record;
        do
        {
            if (newer.prevLp() < 0 || newer.prevWasTombstone())
            {
                return false;
            }
            reader.recordAt(newer.prevLp(), previous);
            newer = previous;
        }
        while (previous.mainRevision() == revision);
        return true;
    }
}
