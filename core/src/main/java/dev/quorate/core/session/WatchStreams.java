package dev.quorate.core.session;

import dev.quorate.core.api.Answer;
import dev.quorate.core.api.ClientCall;
import dev.quorate.core.api.EtcdError;
import dev.quorate.core.ring.LoopRings;
import dev.quorate.core.ring.RingMessages;
import dev.quorate.core.wire.WireWriter;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.collections.Long2ObjectHashMap;
import org.agrona.concurrent.ringbuffer.OneToOneRingBuffer;

import java.util.ArrayDeque;

/**
 * The watch streams of this loop, between the clients and the watch agent. Events come as positions of records; they
 * are copied into the response at once. The agent sends no more than it has credit for, and gets credit back while the
 * client's transport takes more: a slow client costs a cursor there, not memory here.
 */
final class WatchStreams
{
    private static final int CREATED = 3;
    private static final int CANCELED = 4;
    private static final int COMPACT_REVISION = 5;
    private static final int CANCEL_REASON = 6;
    private static final int WATCH_ID = 2;
    private static final int FRAGMENT_SLACK = 512 * 1024;
    private static final int PARTIAL_CAPACITY = 64 * 1024;
    private static final int EVENTS_HEADER = 5 * Long.BYTES;
    private static final long CONTINUED = 1;

    private final SessionContext context;
    private final SessionParts parts;
    private final LeaderLoss leaderLoss;
    private final LoopRings rings;
    private final OneToOneRingBuffer ring;
    private final WireWriter writer;
    private final WireWriter fragments;
    private final WatchEvents whole;
    private final Long2ObjectHashMap<WatchStream> streams = new Long2ObjectHashMap<>();
    /** Closed streams that the agent has not been told of, and live ones whose credit did not fit into the ring. */
    private final ArrayDeque<WatchStream> unsent = new ArrayDeque<>();
    private long nextStreamId = 1;

    WatchStreams(final SessionContext context, final SessionParts parts, final LeaderLoss leaderLoss)
    {
        this.context = context;
        this.parts = parts;
        this.leaderLoss = leaderLoss;
        rings = context.rings();
        ring = rings.toWatch();
        writer = parts.writer;
        fragments = new WireWriter(PARTIAL_CAPACITY, context.maxResponseBytes());
        whole = new WatchEvents(parts.writer);
    }

    ClientCall open(final boolean requireLeader, final Answer answer)
    {
        final WatchStream stream = new WatchStream(this, nextStreamId++, requireLeader, answer);
        final EtcdError error = parts.calls.gate(false, requireLeader);
        if (error != EtcdError.NONE)
        {
            stream.isClosed = true;
            answer.fail(error);
            return stream;
        }
        streams.put(stream.streamId, stream);
        if (requireLeader)
        {
            leaderLoss.add(stream, parts.calls.nowNs());
        }
        return stream;
    }

    long currentRevision()
    {
        return context.state().visibleRevision();
    }

    void create(final WatchStream stream, final long watchId, final WatchCreate create, final DirectBuffer buffer)
    {
        final boolean hasKey = create.keyLength > 0;
        final int keyLength = hasKey ? create.keyLength : 1;
        final int length = 4 * Long.BYTES + 2 * Integer.BYTES + keyLength + create.endLength;
        if (length > ring.maxMsgLength())
        {
            stream.fail(EtcdError.REQUEST_TOO_LARGE.code(), EtcdError.REQUEST_TOO_LARGE.message());
            return;
        }
        final int at = ring.tryClaim(RingMessages.WATCH_CREATE, length);
        if (at < 0)
        {
            stream.fail(EtcdError.TOO_MANY_REQUESTS.code(), EtcdError.TOO_MANY_REQUESTS.message());
            return;
        }
        final MutableDirectBuffer target = ring.buffer();
        target.putLong(at, stream.streamId);
        target.putLong(at + 8, watchId);
        target.putLong(at + 16, create.startRevision);
        target.putLong(at + 24, create.flags());
        int p = at + 32;
        target.putInt(p, keyLength);
        p += Integer.BYTES;
        if (hasKey)
        {
            target.putBytes(p, buffer, create.keyOffset, keyLength);
        }
        else
        {
            target.putByte(p, (byte)0);
        }
        p += keyLength;
        target.putInt(p, create.endLength);
        target.putBytes(p + Integer.BYTES, buffer, create.endOffset, create.endLength);
        ring.commit(at);
        rings.signalCore();
    }

    void cancel(final WatchStream stream, final long watchId)
    {
        if (!tell(RingMessages.WATCH_CANCEL, stream.streamId, watchId))
        {
            stream.fail(EtcdError.TOO_MANY_REQUESTS.code(), EtcdError.TOO_MANY_REQUESTS.message());
        }
    }

    /** A request that does not fit is dropped: the client asks again. */
    void requestProgress(final WatchStream stream)
    {
        tell(RingMessages.WATCH_PROGRESS, stream.streamId, 0);
    }

    void close(final WatchStream stream)
    {
        streams.remove(stream.streamId);
        if (stream.isLeaderRequired)
        {
            leaderLoss.remove(stream);
        }
        if (!tell(RingMessages.WATCH_CLOSE, stream.streamId, 0))
        {
            unsent.add(stream);
        }
    }

    void giveCredit(final WatchStream stream)
    {
        if (stream.owedCredit > 0)
        {
            if (tell(RingMessages.WATCH_CREDIT, stream.streamId, stream.owedCredit))
            {
                stream.owedCredit = 0;
            }
            else if (!unsent.contains(stream))
            {
                unsent.add(stream);
            }
        }
    }

    int poll()
    {
        int sent = 0;
        for (int i = unsent.size(); i > 0; i--)
        {
            final WatchStream stream = unsent.poll();
            if (!stream.isClosed)
            {
                giveCredit(stream);
            }
            else if (!tell(RingMessages.WATCH_CLOSE, stream.streamId, 0))
            {
                unsent.add(stream);
                break;
            }
            sent++;
        }
        return sent;
    }

    void onMessage(final int type, final DirectBuffer buffer, final int index)
    {
        final WatchStream stream = streams.get(buffer.getLong(index));
        if (stream == null)
        {
            return;
        }
        final long watchId = buffer.getLong(index + 8);
        final long revision = buffer.getLong(index + 16);
        switch (type)
        {
            case RingMessages.WATCH_CREATED -> sendCreated(stream, watchId, revision);
            case RingMessages.WATCH_EVENTS -> onEvents(stream, watchId, revision, buffer, index);
            case RingMessages.WATCH_CANCELED -> onCanceled(stream, watchId, revision, buffer.getLong(index + 24));
            case RingMessages.WATCH_PROGRESSED ->
            {
                begin(revision, watchId);
                stream.send(writer);
            }
            default -> throw new IllegalStateException("unknown message of the watch agent: " + type);
        }
    }

    void sendRefusal(final WatchStream stream, final String reason)
    {
        begin(currentRevision(), WatchStream.NO_WATCHER);
        writer.bool(CREATED, true);
        writer.bool(CANCELED, true);
        writer.string(CANCEL_REASON, reason);
        stream.send(writer);
    }

    void sendCanceled(
        final WatchStream stream, final long watchId, final long revision, final long compactRevision)
    {
        begin(revision, watchId);
        writer.bool(CANCELED, true);
        writer.varint(COMPACT_REVISION, compactRevision);
        stream.send(writer);
    }

    private void sendCreated(final WatchStream stream, final long watchId, final long revision)
    {
        begin(revision, watchId);
        writer.bool(CREATED, true);
        stream.send(writer);
        stream.onAnswered();
    }

    private void onCanceled(
        final WatchStream stream, final long watchId, final long revision, final long compactRevision)
    {
        if (stream.partial != null && stream.partial.isOf(watchId))
        {
            stream.partial = null;
        }
        final WatchStream.Watcher watcher = stream.watcher(watchId);
        if (watcher == null)
        {
            return;
        }
        if (compactRevision != 0)
        {
            sendCanceled(stream, watchId, 0, compactRevision);
            if (watcher.isCancelling)
            {
                // both were under way at once: the agent does not answer the request any more
                stream.remove(watchId);
                sendCanceled(stream, watchId, currentRevision(), 0);
                stream.onAnswered();
            }
            else
            {
                stream.markCompacted(watcher);
            }
        }
        else
        {
            stream.remove(watchId);
            sendCanceled(stream, watchId, revision, 0);
            stream.onAnswered();
        }
    }

    private void onEvents(
        final WatchStream stream,
        final long watchId,
        final long revision,
        final DirectBuffer buffer,
        final int index)
    {
        final boolean isContinued = (buffer.getLong(index + 24) & CONTINUED) != 0;
        final long count = buffer.getLong(index + 32);
        final WatchStream.Watcher watcher = stream.watcher(watchId);
        if (watcher != null)
        {
            final WatchEvents events = eventsOf(stream, isContinued, revision, watchId);
            final StateReader reader = parts.reader;
            reader.pinLatest();
            final long compacted = context.state().compactedRevision();
            for (int i = 0; i < count; i++)
            {
                final long lp = buffer.getLong(index + EVENTS_HEADER + i * Long.BYTES);
                events.add(reader, lp, watcher.isPrevKv, compacted);
            }
            reader.unpin();
            if (!isContinued)
            {
                stream.partial = null;
                events.send(stream, watcher.isFragmented, context.maxRequestBytes() + FRAGMENT_SLACK, fragments);
                trim();
            }
        }
        stream.owedCredit += count;
        if (!stream.isClosed && stream.isReady())
        {
            giveCredit(stream);
        }
    }

    private WatchEvents eventsOf(
        final WatchStream stream, final boolean isContinued, final long revision, final long watchId)
    {
        if (stream.partial != null)
        {
            if (!stream.partial.isOf(watchId))
            {
                throw new IllegalStateException("events of watcher " + watchId + " within the response of another");
            }
            return stream.partial;
        }
        WatchEvents events = whole;
        if (isContinued)
        {
            events = new WatchEvents(new WireWriter(PARTIAL_CAPACITY, context.maxResponseBytes()));
            stream.partial = events;
        }
        events.begin(parts.headers, revision, watchId);
        return events;
    }

    private void begin(final long revision, final long watchId)
    {
        parts.headers.write(writer.reset(), revision);
        writer.varint(WATCH_ID, watchId);
    }

    private boolean tell(final int type, final long streamId, final long argument)
    {
        final int at = ring.tryClaim(type, 2 * Long.BYTES);
        if (at < 0)
        {
            return false;
        }
        ring.buffer().putLong(at, streamId);
        ring.buffer().putLong(at + 8, argument);
        ring.commit(at);
        rings.signalCore();
        return true;
    }

    private void trim()
    {
        if (writer.length() > SessionParts.KEPT_RESPONSE_BYTES)
        {
            writer.shrink();
        }
        if (fragments.length() > SessionParts.KEPT_RESPONSE_BYTES)
        {
            fragments.shrink();
        }
    }
}
