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
    /** Responses of this length may fill what lies between server and client, and whoever waits for room lags. */
    private static final int SLOWING_LENGTH = 50_000;

    private static final long WHOLE_STREAM = -1;

    private final Side side;
    private final StreamObserver<WatchRequest> requests;
    private final BlockingQueue<WatchResponse> created = new LinkedBlockingQueue<>();
    private final BlockingQueue<WatchResponse> canceled = new LinkedBlockingQueue<>();
    private final BlockingQueue<WatchResponse> answers = new LinkedBlockingQueue<>();
    private final BlockingQueue<WatchResponse> progress = new LinkedBlockingQueue<>();
    private final Map<Long, List<Event>> events = new HashMap<>();
    private final Map<Long, Integer> lateEvents = new HashMap<>();
    private final Map<Long, Long> progressed = new HashMap<>();
    private final Map<Long, WatchResponse> fragments = new HashMap<>();
    private final List<String> faults = new ArrayList<>();
    private volatile Outcome end;
    private int fragmentCount;
    private boolean isSlowed;

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

    WatchResponse awaitProgress()
    {
        return poll(progress, "progress");
    }

    /** Everything that was created or canceled, in its order, up to the creation of this watcher. */
    List<WatchResponse> awaitAnswersTo(final long watcher)
    {
        final List<WatchResponse> received = new ArrayList<>();
        do
        {
            received.add(poll(answers, "the creation of watcher " + watcher));
        }
        while (watcher != received.getLast().getWatchId());
        return received;
    }

    /** The answers to requests for progress that came since they were asked for last. */
    List<WatchResponse> takeProgress()
    {
        final List<WatchResponse> answers = new ArrayList<>();
        progress.drainTo(answers);
        return answers;
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

    /** Mod revision of the newest event of a watcher, 0 if it had none. */
    synchronized long lastRevision(final long watcher)
    {
        final List<Event> received = events.get(watcher);
        return null == received ? 0 : received.getLast().getKv().getModRevision();
    }

    /**
     * How many events of a watcher came under a header of another revision, as those do that are caught up with; not
     * counted any more once a response was so long that a watcher may have had to wait for the client.
     */
    synchronized int lateEventCount(final long watcher)
    {
        return lateEvents.getOrDefault(watcher, 0);
    }

    /** The revision that a watcher was told unasked to have come to, 0 if it was not told. */
    synchronized long progressed(final long watcher)
    {
        return progressed.getOrDefault(watcher, 0L);
    }

    synchronized void forget(final long watcher)
    {
        events.remove(watcher);
        lateEvents.remove(watcher);
        progressed.remove(watcher);
    }

    /** What came in and was not asked for. */
    synchronized List<String> leftOver()
    {
        final List<String> left = new ArrayList<>(faults);
        fragments.values().forEach((response) -> left.add("no end of the fragments of " + response.getHeader()));
        created.forEach((response) -> left.add(Outcome.shown(response)));
        canceled.forEach((response) -> left.add(Outcome.shown(response)));
        progress.forEach((response) -> left.add(Outcome.shown(response)));
        if (null != end)
        {
            left.add("the stream ended: " + end);
        }
        return left;
    }

    /** How many responses came so far that were to be continued. */
    synchronized int fragmentCount()
    {
        return fragmentCount;
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
            answers.add(response);
        }
        else if (response.getCanceled())
        {
            canceled.add(response);
            answers.add(response);
        }
        else if (0 == response.getEventsCount() && WHOLE_STREAM == response.getWatchId())
        {
            progress.add(response);
        }
        else if (0 == response.getEventsCount())
        {
            onProgress(response);
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
        final long first = response.getEvents(0).getKv().getModRevision();
        if (first <= progressed(response.getWatchId()))
        {
            faults.add(side + ": an event of " + first + " after progress to " + progressed(response.getWatchId()) +
                " of watcher " + response.getWatchId());
        }
        checkFragment(response);
        isSlowed |= response.getSerializedSize() > SLOWING_LENGTH;
        for (final Event event : response.getEventsList())
        {
            if (!isSlowed && event.getKv().getModRevision() != response.getHeader().getRevision())
            {
                lateEvents.merge(response.getWatchId(), 1, Integer::sum);
            }
        }
        if (response.getHeader().getRevision() < last)
        {
            faults.add(side + ": header revision " + response.getHeader().getRevision() + " of an answer" +
                " with an event of " + last);
        }
    }

    private synchronized void onProgress(final WatchResponse response)
    {
        final long revision = response.getHeader().getRevision();
        final long before = Math.max(progressed(response.getWatchId()), lastRevision(response.getWatchId()));
        if (revision < before)
        {
            faults.add(side + ": progress to " + revision + " after " + before);
        }
        progressed.put(response.getWatchId(), revision);
    }

    /** A response in fragments is sent at one go: the rest follows before anything else of that watcher. */
    private void checkFragment(final WatchResponse response)
    {
        final WatchResponse before = fragments.remove(response.getWatchId());
        if (null != before && before.getHeader().getRevision() != response.getHeader().getRevision())
        {
            faults.add(side + ": another header in the next fragment: " + response.getHeader());
        }
        if (response.getFragment())
        {
            fragments.put(response.getWatchId(), response);
            fragmentCount++;
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
