package dev.quorate.server.differential;

import dev.quorate.gateway.proto.etcdserverpb.WatchGrpc;
import dev.quorate.gateway.proto.etcdserverpb.WatchRequest;
import dev.quorate.gateway.proto.etcdserverpb.WatchResponse;
import dev.quorate.gateway.proto.mvccpb.Event;
import io.grpc.stub.StreamObserver;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * One watch stream of one server: what came in, sorted by watcher. Requests come from the thread of the test, answers
 * from the channel's.
 */
final class WatchSide implements StreamObserver<WatchResponse>
{
    private final Side side;
    private final StreamObserver<WatchRequest> requests;
    private final BlockingQueue<WatchResponse> created = new LinkedBlockingQueue<>();
    private final BlockingQueue<WatchResponse> canceled = new LinkedBlockingQueue<>();
    private final BlockingQueue<WatchResponse> progress = new LinkedBlockingQueue<>();
    private final Map<Long, List<Event>> events = new HashMap<>();
    private final List<String> faults = new ArrayList<>();
    private volatile Outcome end;

    WatchSide(final Side side)
    {
        this.side = side;
        requests = WatchGrpc.newStub(side.channel()).watch(this);
    }

    void send(final WatchRequest request)
    {
        requests.onNext(request);
    }

    WatchResponse awaitCreated()
    {
        return poll(created, "created");
    }

    WatchResponse awaitCanceled()
    {
        return poll(canceled, "canceled");
    }

    /** The next answer to a request for progress, or null if none came within the time. */
    WatchResponse progress(final long timeoutMs)
    {
        try
        {
            return progress.poll(timeoutMs, TimeUnit.MILLISECONDS);
        }
        catch (final InterruptedException ex)
        {
            throw new IllegalStateException(ex);
        }
    }

    synchronized List<Event> events(final long watcher)
    {
        return new ArrayList<>(events.getOrDefault(watcher, List.of()));
    }

    synchronized int eventCount(final long watcher)
    {
        final List<Event> received = events.get(watcher);
        return null == received ? 0 : received.size();
    }

    synchronized void forget(final long watcher)
    {
        events.remove(watcher);
    }

    /** What came in and was not asked for. */
    synchronized List<String> leftOver()
    {
        final List<String> left = new ArrayList<>(faults);
        created.forEach((response) -> left.add(Outcome.shown(response)));
        canceled.forEach((response) -> left.add(Outcome.shown(response)));
        if (null != end)
        {
            left.add("the stream ended: " + end);
        }
        return left;
    }

    void close()
    {
        requests.onError(new io.grpc.StatusException(io.grpc.Status.CANCELLED));
    }

    @Override
    public void onNext(final WatchResponse response)
    {
        if (response.getCreated())
        {
            created.add(response);
        }
        else if (response.getCanceled())
        {
            canceled.add(response);
        }
        else if (0 == response.getEventsCount())
        {
            progress.add(response);
        }
        else
        {
            onEvents(response);
        }
    }

    @Override
    public void onError(final Throwable error)
    {
        end = Outcome.of(error);
    }

    @Override
    public void onCompleted()
    {
        end = Outcome.of(WatchResponse.getDefaultInstance());
    }

    private synchronized void onEvents(final WatchResponse response)
    {
        final List<Event> received = events.computeIfAbsent(response.getWatchId(), (id) -> new ArrayList<>());
        received.addAll(response.getEventsList());
        final long last = received.getLast().getKv().getModRevision();
        if (response.getHeader().getRevision() < last)
        {
            faults.add(side + ": header revision " + response.getHeader().getRevision() + " of an answer" +
                " with an event of " + last);
        }
    }

    private WatchResponse poll(final BlockingQueue<WatchResponse> queue, final String what)
    {
        try
        {
            final WatchResponse response = queue.poll(Side.DEADLINE_S, TimeUnit.SECONDS);
            if (null == response)
            {
                throw new AssertionError(side + " did not answer '" + what + "' to a watch request");
            }
            return response;
        }
        catch (final InterruptedException ex)
        {
            throw new IllegalStateException(ex);
        }
    }

    @Override
    public String toString()
    {
        return side.toString();
    }
}
