package dev.quorate.core.session;

import dev.quorate.core.api.Answer;
import dev.quorate.core.api.ClientCall;
import dev.quorate.core.api.EtcdError;
import dev.quorate.core.api.GrpcCode;
import dev.quorate.core.wire.WireException;
import dev.quorate.core.wire.WireReader;
import dev.quorate.core.wire.WireWriter;
import org.agrona.DirectBuffer;
import org.agrona.collections.Long2ObjectHashMap;

import java.util.ArrayDeque;

/**
 * One watch stream with its watchers. What the client half-closes stays open until it cancels.
 */
final class WatchStream implements ClientCall, LeaderLoss.Bound
{
    /** The id in responses that mean no watcher, or all. */
    static final long NO_WATCHER = -1;

    private static final int CREATE = 1;
    private static final int CANCEL = 2;
    private static final int PROGRESS = 3;
    private static final int MAX_OWN_ANSWERS = 256;

    final long streamId;
    /** Events sent for which the watch agent has had no credit yet. */
    long owedCredit;
    /** The response that more messages of the agent will continue, null if none. */
    WatchEvents partial;
    boolean isClosed;
    final boolean isLeaderRequired;
    private final WatchStreams streams;
    private final Answer answer;
    private final Long2ObjectHashMap<Watcher> watchers = new Long2ObjectHashMap<>();
    private final WatchCreate create = new WatchCreate();
    private final WireReader reader = new WireReader();
    /** Answers that need no agent, behind those that the agent still owes to earlier requests. */
    private final ArrayDeque<OwnAnswer> ownAnswers = new ArrayDeque<>();
    private long asked;
    private long answered;
    private long nextId;
    private int compactedCount;
    private boolean isHeldBack;

    /**
     * One watcher as the loop knows it.
     */
    static final class Watcher
    {
        boolean isPrevKv;
        boolean isFragmented;
        boolean isCompacted;
        /** The client's request to cancel is on its way to the watch agent. */
        boolean isCancelling;
        /** Who has the id once this one is cancelled, null if nobody. */
        Watcher successor;

        Watcher newest()
        {
            Watcher watcher = this;
            while (watcher.successor != null)
            {
                watcher = watcher.successor;
            }
            return watcher;
        }
    }

    /**
     * The answer to a request that the agent is not asked about.
     *
     * @param after   how many requests the agent must have answered before.
     * @param watchId that is cancelled, if there is no reason.
     * @param reason  why no watcher was made, null if one was cancelled.
     */
    private record OwnAnswer(long after, long watchId, String reason)
    {
    }

    WatchStream(
        final WatchStreams streams, final long streamId, final boolean isLeaderRequired, final Answer answer)
    {
        this.streams = streams;
        this.streamId = streamId;
        this.isLeaderRequired = isLeaderRequired;
        this.answer = answer;
    }

    @Override
    public void onMessage(final DirectBuffer buffer, final int offset, final int length)
    {
        if (isClosed)
        {
            return;
        }
        try
        {
            dispatch(buffer, offset, length);
        }
        catch (final WireException ex)
        {
            fail(GrpcCode.INTERNAL, "grpc: failed to unmarshal the received message: " + ex.getMessage());
        }
    }

    @Override
    public void onHalfClose()
    {
    }

    @Override
    public void onCancel()
    {
        close();
    }

    @Override
    public void onReady()
    {
        if (!isClosed)
        {
            streams.giveCredit(this);
        }
    }

    @Override
    public boolean takesMore()
    {
        isHeldBack = ownAnswers.size() >= MAX_OWN_ANSWERS;
        return !isHeldBack;
    }

    @Override
    public void onNoLeader()
    {
        fail(EtcdError.NO_LEADER.code(), EtcdError.NO_LEADER.message());
    }

    boolean isReady()
    {
        return answer.isReady();
    }

    Watcher watcher(final long watchId)
    {
        return watchers.get(watchId);
    }

    void remove(final long watchId)
    {
        final Watcher removed = watchers.remove(watchId);
        if (removed != null && removed.successor != null)
        {
            watchers.put(watchId, removed.successor);
        }
    }

    /** The agent has answered a request, or will not: requests are answered in the order in which they came. */
    void onAnswered()
    {
        answered++;
        sendOwnAnswers();
        if (isHeldBack && !isClosed && ownAnswers.size() < MAX_OWN_ANSWERS)
        {
            isHeldBack = false;
            answer.resume();
        }
    }

    void markCompacted(final Watcher watcher)
    {
        compactedCount += watcher.isCompacted ? 0 : 1;
        watcher.isCompacted = true;
    }

    void send(final WireWriter writer)
    {
        if (isClosed)
        {
            return;
        }
        if (writer.overflowed())
        {
            fail(GrpcCode.RESOURCE_EXHAUSTED, "grpc: trying to send message larger than max");
            return;
        }
        answer.message(writer.buffer(), 0, writer.length());
    }

    void fail(final GrpcCode code, final String text)
    {
        if (!isClosed)
        {
            close();
            answer.fail(code, text);
        }
    }

    private void close()
    {
        if (!isClosed)
        {
            isClosed = true;
            partial = null;
            ownAnswers.clear();
            streams.close(this);
        }
    }

    private void dispatch(final DirectBuffer buffer, final int offset, final int length)
    {
        int kind = 0;
        long cancelId = 0;
        reader.wrap(buffer, offset, length);
        while (reader.next())
        {
            if (reader.tag() == ((CREATE << 3) | 2))
            {
                (kind == CREATE ? create : create.reset()).merge(buffer, reader.valueOffset(), reader.valueLength());
                kind = CREATE;
            }
            else if (reader.tag() == ((CANCEL << 3) | 2))
            {
                cancelId = cancelId(buffer, kind == CANCEL ? cancelId : 0);
                kind = CANCEL;
            }
            else if (reader.tag() == ((PROGRESS << 3) | 2))
            {
                kind = PROGRESS;
            }
        }
        switch (kind)
        {
            case CREATE -> create(buffer);
            case CANCEL -> cancel(cancelId);
            case PROGRESS ->
            {
                // A watcher that compaction ended never catches up: until the client cancels it, no progress is told.
                if (!watchers.isEmpty() && compactedCount == 0)
                {
                    streams.requestProgress(this);
                }
            }
            default ->
            {
            }
        }
    }

    private long cancelId(final DirectBuffer buffer, final long merged)
    {
        long id = merged;
        final WireReader inner = create.reader.wrap(buffer, reader.valueOffset(), reader.valueLength());
        while (inner.next())
        {
            id = inner.tag() == 1 << 3 ? inner.number() : id;
        }
        return id;
    }

    private void create(final DirectBuffer buffer)
    {
        final String reason = create.refusal(buffer);
        if (reason != null)
        {
            answer(NO_WATCHER, reason);
            return;
        }
        long id = create.watchId;
        if (id == 0)
        {
            while (isTaken(nextId))
            {
                nextId++;
            }
            id = nextId++;
        }
        else if (isTaken(id))
        {
            answer(NO_WATCHER, WatchCreate.DUPLICATE_ID);
            return;
        }
        final Watcher watcher = new Watcher();
        watcher.isPrevKv = create.isPrevKv;
        watcher.isFragmented = create.isFragmented;
        final Watcher present = watchers.get(id);
        if (present == null)
        {
            watchers.put(id, watcher);
        }
        else
        {
            present.newest().successor = watcher;
        }
        asked++;
        streams.create(this, id, create, buffer);
    }

    /** An id is free again as soon as its watcher is to be cancelled. */
    private boolean isTaken(final long watchId)
    {
        final Watcher present = watchers.get(watchId);
        return present != null && !present.newest().isCancelling;
    }

    private void cancel(final long watchId)
    {
        if (!isTaken(watchId))
        {
            return;
        }
        final Watcher watcher = watchers.get(watchId).newest();
        watcher.isCancelling = true;
        if (watcher.isCompacted)
        {
            compactedCount--;
            remove(watchId);
            answer(watchId, null);
        }
        else
        {
            asked++;
        }
        streams.cancel(this, watchId);
    }

    private void answer(final long watchId, final String reason)
    {
        ownAnswers.add(new OwnAnswer(asked, watchId, reason));
        sendOwnAnswers();
    }

    private void sendOwnAnswers()
    {
        while (!ownAnswers.isEmpty() && ownAnswers.peek().after <= answered)
        {
            final OwnAnswer own = ownAnswers.poll();
            if (own.reason == null)
            {
                streams.sendCanceled(this, own.watchId, streams.currentRevision(), 0);
            }
            else
            {
                streams.sendRefusal(this, own.reason);
            }
        }
    }
}
