package dev.quorate.core.watch;

import dev.quorate.core.ring.LoopRings;
import dev.quorate.core.ring.RingMessages;
import dev.quorate.core.store.RecordView;
import dev.quorate.core.store.StoreReader;
import org.agrona.collections.LongArrayList;
import org.agrona.concurrent.MessageHandler;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * An event loop with its clients: puts responses together as a session does, and checks each against the history.
 */
final class ClientLoop
{
    /** What a client saw last, in one line, for directed tests. */
    final List<String> log = new ArrayList<>();
    final LoopRings rings;
    /** Streams that a random test uses at present. */
    long[] slots;
    /** Changes the events of a response before they are checked. */
    Consumer<LongArrayList> damage = lps -> {};
    int eventCount;
    int continuedCount;
    int droppedCount;
    int compactedCount;
    int overtakenCount;
    private final WatchWorld world;
    private final Map<Long, ClientStream> streams = new TreeMap<>();
    private final Map<Long, WatchWorld.Event> eventByLp = new HashMap<>();
    private final RecordView record = new RecordView();
    private StoreReader reader;
    private int eventsKnown;

    /**
     * One stream of a client.
     */
    static final class ClientStream
    {
        final long id;
        final Map<Long, ClientWatcher> watchers = new TreeMap<>();
        final LongArrayList partial = new LongArrayList();
        long partialWatchId = -1;
        long owedCredit;
        long outstanding;
        boolean isStalled;

        ClientStream(final long id)
        {
            this.id = id;
        }
    }

    ClientLoop(final WatchWorld world, final LoopRings rings)
    {
        this.world = world;
        this.rings = rings;
    }

    ClientWatcher create(
        final long streamId, final long watchId, final long start, final int flags, final String key, final String end)
    {
        final ClientWatcher watcher =
            new ClientWatcher(watchId, start, flags, key, end, world.store.visibleRevision());
        stream(streamId).watchers.put(watchId, watcher);
        world.create(rings, streamId, watchId, start, flags, key, end);
        return watcher;
    }

    void cancel(final long streamId, final long watchId)
    {
        final ClientStream stream = stream(streamId);
        final ClientWatcher watcher = stream.watchers.get(watchId);
        watcher.isCancelRequested = true;
        if (watcher.isCompacted)
        {
            stream.watchers.remove(watchId);
        }
        world.tell(rings, RingMessages.WATCH_CANCEL, streamId, watchId);
    }

    void close(final long streamId)
    {
        streams.remove(streamId);
        world.tell(rings, RingMessages.WATCH_CLOSE, streamId, 0);
    }

    void requestProgress(final long streamId)
    {
        world.tell(rings, RingMessages.WATCH_PROGRESS, streamId, 0);
    }

    int giveCredit()
    {
        int given = 0;
        for (final ClientStream stream : streams.values())
        {
            if (stream.owedCredit > 0 && !stream.isStalled)
            {
                world.tell(rings, RingMessages.WATCH_CREDIT, stream.id, stream.owedCredit);
                stream.outstanding -= stream.owedCredit;
                stream.owedCredit = 0;
                given++;
            }
        }
        return given;
    }

    void stall(final long streamId, final boolean isStalled)
    {
        stream(streamId).isStalled = isStalled;
    }

    long outstanding(final long streamId)
    {
        return stream(streamId).outstanding;
    }

    int drain(final int limit)
    {
        return rings.fromWatch().read(handler(), limit);
    }

    Map<Long, ClientStream> streams()
    {
        return streams;
    }

    /** At rest every watcher has had everything. */
    void checkComplete()
    {
        for (final ClientStream stream : streams.values())
        {
            for (final ClientWatcher watcher : stream.watchers.values())
            {
                final WatchWorld.Event missing = watcher.next(world.events, world.store.visibleRevision());
                check(watcher.isCreated, "never created", watcher);
                check(watcher.isCompacted || null == missing, "never came: " + missing, watcher);
            }
        }
    }

    private MessageHandler handler()
    {
        return (type, buffer, index, length) ->
        {
            final ClientStream stream = streams.get(buffer.getLong(index));
            if (null == stream)
            {
                return;
            }
            final long watchId = buffer.getLong(index + 8);
            final long revision = buffer.getLong(index + 16);
            final ClientWatcher watcher = stream.watchers.get(watchId);
            switch (type)
            {
                case RingMessages.WATCH_CREATED -> onCreated(stream, watcher, revision);
                case RingMessages.WATCH_EVENTS ->
                {
                    final int count = (int)buffer.getLong(index + 32);
                    check(stream.partialWatchId >= 0 || stream.outstanding < world.context.initialCredit(),
                        "a response without credit", watcher);
                    for (int i = 0; i < count; i++)
                    {
                        final long lp = buffer.getLong(index + 40 + i * Long.BYTES);
                        stream.partial.addLong(lp);
                        readRecord(lp);
                    }
                    stream.owedCredit += count;
                    stream.outstanding += count;
                    check(stream.partialWatchId < 0 || stream.partialWatchId == watchId,
                        "events of two watchers in one response", watcher);
                    stream.partialWatchId = watchId;
                    if (0 == (buffer.getLong(index + 24) & LoopPort.CONTINUED))
                    {
                        damage.accept(stream.partial);
                        onEvents(stream, watcher, revision);
                        stream.partial.clear();
                        stream.partialWatchId = -1;
                    }
                    else
                    {
                        continuedCount++;
                    }
                }
                case RingMessages.WATCH_CANCELED ->
                    onCanceled(stream, watcher, revision, buffer.getLong(index + 24));
                case RingMessages.WATCH_PROGRESSED -> onProgress(stream, watchId, revision);
                default -> throw new IllegalStateException("type " + type);
            }
        };
    }

    /** The record is there as long as the loop has not taken the message that names it. */
    private void readRecord(final long lp)
    {
        if (null == reader)
        {
            reader = world.store.newReader();
        }
        if (!world.isReplaced)
        {
            reader.pinLatest();
            reader.recordAt(lp, record);
            reader.unpin();
        }
    }

    private void onCreated(final ClientStream stream, final ClientWatcher watcher, final long revision)
    {
        check(null != watcher && !watcher.isCreated, "created again or unknown", watcher);
        check(revision >= watcher.requestedAt && revision <= world.store.visibleRevision(),
            "created at revision " + revision, watcher);
        watcher.created(revision);
        watcher.lastHeader = revision;
        log.add("created " + watcher.watchId + " at " + revision);
    }

    private void onEvents(final ClientStream stream, final ClientWatcher watcher, final long header)
    {
        check(null != watcher && watcher.isCreated && !watcher.isCompacted, "events for nobody", watcher);
        check(stream.partial.size() > 0, "a response without events", watcher);
        final StringBuilder line = new StringBuilder("events " + watcher.watchId + " at " + header + ":");
        WatchWorld.Event event = null;
        for (int i = 0; i < stream.partial.size(); i++)
        {
            event = eventAt(stream.partial.getLong(i));
            final WatchWorld.Event expected = watcher.next(world.events, Long.MAX_VALUE);
            check(event == expected, "came " + event + " instead of " + expected, watcher);
            check(event.revision() > watcher.progress, event + " after progress " + watcher.progress, watcher);
            watcher.delivered(event);
            eventCount++;
            line.append(' ').append(event.isDelete() ? '-' : '+').append(event.key()).append('@')
                .append(event.revision());
        }
        log.add(line.toString());
        check(header >= event.revision() && header <= world.store.visibleRevision(), "header " + header, watcher);
        check(header >= watcher.lastHeader, "header " + header + " after " + watcher.lastHeader, watcher);
        watcher.lastHeader = header;
        final WatchWorld.Event following = watcher.next(world.events, Long.MAX_VALUE);
        check(null == following || following.revision() > event.revision(), "revision parted before " + following,
            watcher);
    }

    private void onCanceled(
        final ClientStream stream, final ClientWatcher watcher, final long revision, final long compactRevision)
    {
        check(null != watcher && watcher.isCreated && !watcher.isCompacted, "cancelled unknown", watcher);
        if (stream.partialWatchId == watcher.watchId)
        {
            droppedCount++;
            stream.partial.clear();
            stream.partialWatchId = -1;
        }
        log.add("canceled " + watcher.watchId + " at " + revision + " compacted " + compactRevision);
        if (0 == compactRevision)
        {
            check(watcher.isCancelRequested, "cancelled without request", watcher);
            stream.watchers.remove(watcher.watchId);
            return;
        }
        check(0 == revision && compactRevision <= world.store.compactedRevision(), "header " + revision, watcher);
        check(watcher.wanted() < compactRevision, "compacted at " + compactRevision, watcher);
        if (watcher.isCancelRequested)
        {
            stream.watchers.remove(watcher.watchId);
        }
        watcher.isCompacted = true;
        compactedCount++;
        overtakenCount += watcher.eventCount > 0 ? 1 : 0;
    }

    private void onProgress(final ClientStream stream, final long watchId, final long revision)
    {
        log.add("progress " + watchId + " at " + revision);
        if (watchId >= 0)
        {
            onProgress(stream.watchers.get(watchId), revision);
            return;
        }
        check(!stream.watchers.isEmpty(), "progress of an empty stream", null);
        for (final ClientWatcher watcher : stream.watchers.values())
        {
            // who was asked for after the request and not told yet has no part in it
            if (watcher.isCreated)
            {
                onProgress(watcher, revision);
            }
        }
    }

    private void onProgress(final ClientWatcher watcher, final long revision)
    {
        check(null != watcher && watcher.isCreated && !watcher.isCompacted, "progress for nobody", watcher);
        check(revision <= world.store.visibleRevision() && revision >= watcher.progress &&
            revision >= watcher.start && revision >= watcher.lastRevision, "progress " + revision, watcher);
        final WatchWorld.Event missing = watcher.next(world.events, revision);
        check(null == missing, "progress " + revision + " before " + missing, watcher);
        watcher.progress = revision;
    }

    private WatchWorld.Event eventAt(final long lp)
    {
        for (; eventsKnown < world.events.size(); eventsKnown++)
        {
            final WatchWorld.Event event = world.events.get(eventsKnown);
            eventByLp.put(event.lp(), event);
        }
        return eventByLp.get(lp);
    }

    private ClientStream stream(final long streamId)
    {
        return streams.computeIfAbsent(streamId, ClientStream::new);
    }

    private void check(final boolean holds, final String message, final ClientWatcher watcher)
    {
        if (!holds)
        {
            throw new AssertionError("seed " + world.seed + ": " + message + "; " + watcher);
        }
    }
}
