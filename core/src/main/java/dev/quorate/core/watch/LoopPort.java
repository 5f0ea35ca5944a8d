package dev.quorate.core.watch;

import dev.quorate.core.ring.LoopRings;
import dev.quorate.core.ring.RingMessages;
import org.agrona.collections.Long2ObjectHashMap;
import org.agrona.concurrent.AtomicBuffer;
import org.agrona.concurrent.ringbuffer.OneToOneRingBuffer;

import java.util.ArrayDeque;
import java.util.ArrayList;

/**
 * One event loop as the watch agent sees it: its streams, and the messages to it. Owned by the watch thread.
 */
final class LoopPort
{
    static final long CONTINUED = 1;
    private static final int EVENTS_HEADER_LENGTH = 5 * Long.BYTES;
    private static final int MAX_EVENTS = 1024;

    final LoopRings rings;
    final Long2ObjectHashMap<StreamState> streams = new Long2ObjectHashMap<>();
    /** Streams with lagging watchers that may be sent something, and maybe some more. */
    final ArrayList<StreamState> ready = new ArrayList<>();
    /** Watchers that compaction has overtaken and that have not been told. */
    final ArrayDeque<Watcher> overtaken = new ArrayDeque<>();
    final int maxEventsPerMessage;
    final long maxOutstandingEvents;
    final long maxOutstandingBytes;
    private final OneToOneRingBuffer ring;
    private final AtomicBuffer buffer;
    private boolean isSignalDue;

    LoopPort(
        final LoopRings rings,
        final long maxOutstandingEvents,
        final long maxOutstandingBytes,
        final int maxStagedEvents)
    {
        this.rings = rings;
        this.maxOutstandingEvents = maxOutstandingEvents;
        this.maxOutstandingBytes = maxOutstandingBytes;
        ring = rings.fromWatch();
        buffer = ring.buffer();
        // what one watcher alone can stage must suffice for a message, else it would never get on
        maxEventsPerMessage = Math.min(
            Math.min(MAX_EVENTS, maxStagedEvents), (ring.maxMsgLength() - EVENTS_HEADER_LENGTH) / Long.BYTES);
        if (maxEventsPerMessage < 1)
        {
            throw new IllegalStateException("ring to loop " + rings.loopId() + " is too short: " + ring.capacity());
        }
    }

    /** False while the loop takes so little that reading the store for it would be for nothing. */
    boolean hasRoom()
    {
        return ring.capacity() - ring.size() >= ring.capacity() / 2;
    }

    boolean created(final StreamState stream, final long watchId, final long revision)
    {
        return tell(RingMessages.WATCH_CREATED, stream.streamId, watchId, revision);
    }

    boolean progressed(final StreamState stream, final long watchId, final long revision)
    {
        return tell(RingMessages.WATCH_PROGRESSED, stream.streamId, watchId, revision);
    }

    boolean canceled(final StreamState stream, final long watchId, final long revision, final long compactRevision)
    {
        final int at = ring.tryClaim(RingMessages.WATCH_CANCELED, 4 * Long.BYTES);
        if (at < 0)
        {
            return false;
        }
        buffer.putLong(at, stream.streamId);
        buffer.putLong(at + 8, watchId);
        buffer.putLong(at + 16, revision);
        buffer.putLong(at + 24, compactRevision);
        commit(at);
        return true;
    }

    /** Sends what is staged for a watcher, which stays staged. */
    boolean events(final Watcher watcher, final EventStage stage, final long revision, final boolean isContinued)
    {
        final int at = ring.tryClaim(
            RingMessages.WATCH_EVENTS, EVENTS_HEADER_LENGTH + watcher.stagedCount * Long.BYTES);
        if (at < 0)
        {
            return false;
        }
        buffer.putLong(at, watcher.stream.streamId);
        buffer.putLong(at + 8, watcher.watchId);
        buffer.putLong(at + 16, revision);
        buffer.putLong(at + 24, isContinued ? CONTINUED : 0);
        buffer.putLong(at + 32, watcher.stagedCount);
        stage.copy(watcher, buffer, at + EVENTS_HEADER_LENGTH);
        commit(at);
        return true;
    }

    /** Wakes the loop if anything was written since the last time. */
    void signal()
    {
        if (isSignalDue)
        {
            isSignalDue = false;
            rings.signalLoop();
        }
    }

    private boolean tell(final int type, final long streamId, final long watchId, final long revision)
    {
        final int at = ring.tryClaim(type, 3 * Long.BYTES);
        if (at < 0)
        {
            return false;
        }
        buffer.putLong(at, streamId);
        buffer.putLong(at + 8, watchId);
        buffer.putLong(at + 16, revision);
        commit(at);
        return true;
    }

    private void commit(final int at)
    {
        ring.commit(at);
        isSignalDue = true;
    }
}
