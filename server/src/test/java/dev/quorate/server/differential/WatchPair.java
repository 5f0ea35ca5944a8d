package dev.quorate.server.differential;

import com.google.protobuf.ByteString;
import dev.quorate.gateway.proto.etcdserverpb.WatchCancelRequest;
import dev.quorate.gateway.proto.etcdserverpb.WatchCreateRequest;
import dev.quorate.gateway.proto.etcdserverpb.WatchProgressRequest;
import dev.quorate.gateway.proto.etcdserverpb.WatchRequest;
import dev.quorate.gateway.proto.etcdserverpb.WatchResponse;
import dev.quorate.gateway.proto.mvccpb.Event;
import dev.quorate.server.process.Await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The same watch stream at both servers. How events are grouped into answers is open, and with it the header revision
 * of answers that catch up; so the events of each watcher are compared as one sequence. Who starts at the present never
 * catches up: his events come under headers of their own revision.
 */
final class WatchPair
{
    private static final Duration DEADLINE = Duration.ofSeconds(Side.DEADLINE_S);
    private static final ByteString FENCE = ByteString.copyFromUtf8("\u0001 nobody writes this");

    private final Comparison comparison;
    private final Model model;
    private final History history;
    private final WatchSide etcd;
    private final WatchSide quorate;
    private final Map<Long, Watcher> watchers = new TreeMap<>();
    private final Set<Long> overtaken = new HashSet<>();

    WatchPair(final Comparison comparison, final Model model, final History history)
    {
        this.comparison = comparison;
        this.model = model;
        this.history = history;
        etcd = new WatchSide(comparison.etcd());
        quorate = new WatchSide(comparison.quorate());
    }

    void create(final WatchCreateRequest create)
    {
        final WatchRequest request = WatchRequest.newBuilder().setCreateRequest(create).build();
        send(request);
        final WatchResponse created = compare("created", request, etcd.awaitCreated(), quorate.awaitCreated());
        if (created.getCanceled())
        {
            return;
        }
        final long start = create.getStartRevision();
        if (start > 0 && start < model.compacted())
        {
            compare("overtaken", request, etcd.awaitCanceled(), quorate.awaitCanceled());
            overtaken.add(created.getWatchId());
        }
        else
        {
            final long first = 0 == start ? created.getHeader().getRevision() + 1 : start;
            watchers.put(created.getWatchId(), new Watcher(create, first));
        }
    }

    void cancel(final long id)
    {
        settle();
        final WatchRequest request = WatchRequest.newBuilder()
            .setCancelRequest(WatchCancelRequest.newBuilder().setWatchId(id)).build();
        send(request);
        if (null != watchers.remove(id) || overtaken.remove(id))
        {
            compare("canceled", request, etcd.awaitCanceled(), quorate.awaitCanceled());
            etcd.forget(id);
            quorate.forget(id);
        }
    }

    /** A request that asks for nothing is not answered; what came unasked is found when the stream settles. */
    void askNothing()
    {
        send(WatchRequest.getDefaultInstance());
        awaitAllAnswers();
    }

    /**
     * A request for progress is answered once if there are watchers and all of them are there, and not at all
     * otherwise.
     */
    void progress()
    {
        settle();
        comparison.etcd().awaitWatchersInStep();
        comparison.quorate().awaitWatchersInStep();
        final WatchRequest request = WatchRequest.newBuilder()
            .setProgressRequest(WatchProgressRequest.getDefaultInstance()).build();
        final boolean isSilent = watchers.isEmpty() || !overtaken.isEmpty() ||
            watchers.values().stream().anyMatch((watcher) -> watcher.create.getStartRevision() > model.revision());
        send(request);
        if (!isSilent)
        {
            compare("progress", request, etcd.awaitProgress(), quorate.awaitProgress());
        }
        awaitAllAnswers();
        final List<WatchResponse> more = new ArrayList<>(etcd.takeProgress());
        more.addAll(quorate.takeProgress());
        if (!more.isEmpty())
        {
            throw comparison.fail("progress although " + (isSilent ? "not every watcher is there" : "it was told") +
                ": " + more);
        }
    }

    /**
     * Waits until every watcher has all there is, and compares it.
     */
    void settle()
    {
        history.await(model.revision());
        watchers.forEach((id, watcher) ->
        {
            final int expected = history.expected(watcher.create, watcher.first);
            Await.until(
                expected + " events of watcher " + id + " " + watcher + ": etcd sent " +
                etcd.eventCount(id) + ", quorate " + quorate.eventCount(id),
                DEADLINE,
                () -> etcd.eventCount(id) >= expected && quorate.eventCount(id) >= expected);
            compareEvents(id, watcher, expected);
            final boolean isUnasked = !watcher.create.getProgressNotify() &&
                0 != etcd.progressed(id) + quorate.progressed(id);
            if (isUnasked)
            {
                throw comparison.fail("progress of watcher " + id + " that did not ask for it " + watcher);
            }
        });
        final List<String> left = new ArrayList<>(etcd.leftOver());
        left.addAll(quorate.leftOver());
        if (!left.isEmpty())
        {
            throw comparison.fail("answers on a watch stream that nobody asked for: " + left);
        }
    }

    /** A watcher that has nothing to tell tells from time to time how far it has come. */
    void awaitProgress()
    {
        create(WatchCreateRequest.newBuilder().setKey(FENCE).setProgressNotify(true).build());
        final long id = Collections.max(watchers.keySet());
        for (final WatchSide side : new WatchSide[]{etcd, quorate})
        {
            Await.until("progress of a quiet watcher of " + side, DEADLINE,
                () -> model.revision() == side.progressed(id));
        }
    }

    /** How many responses of either server were to be continued, the lower count. */
    int fragmentCount()
    {
        return Math.min(etcd.fragmentCount(), quorate.fragmentCount());
    }

    List<Long> ids()
    {
        final List<Long> ids = new ArrayList<>(watchers.keySet());
        ids.addAll(overtaken);
        return ids;
    }

    void close()
    {
        ids().forEach(this::cancel);
        settle();
        etcd.close();
        quorate.close();
    }

    private void send(final WatchRequest request)
    {
        etcd.send(request);
        quorate.send(request);
    }

    /**
     * Whatever was sent before is answered, or will not be: a watcher is created and cancelled, in two turns, for
     * etcd's answers on its two ways to the client may overtake each other once.
     */
    private void awaitAllAnswers()
    {
        final WatchRequest create = WatchRequest.newBuilder()
            .setCreateRequest(WatchCreateRequest.newBuilder().setKey(FENCE)).build();
        send(create);
        final long id = compare("created", create, etcd.awaitCreated(), quorate.awaitCreated()).getWatchId();
        final WatchRequest cancel = WatchRequest.newBuilder()
            .setCancelRequest(WatchCancelRequest.newBuilder().setWatchId(id)).build();
        send(cancel);
        compare("canceled", cancel, etcd.awaitCanceled(), quorate.awaitCanceled());
    }

    private WatchResponse compare(
        final String what, final WatchRequest request, final WatchResponse fromEtcd, final WatchResponse fromQuorate)
    {
        return (WatchResponse)comparison.compare(
            "Watch " + what, request, Outcome.of(fromEtcd), Outcome.of(fromQuorate)).message();
    }

    private void compareEvents(final long id, final Watcher watcher, final int expected)
    {
        final List<Event> fromEtcd = etcd.events(id);
        final List<Event> fromQuorate = quorate.events(id);
        for (int i = watcher.compared; i < Math.max(fromEtcd.size(), fromQuorate.size()); i++)
        {
            final Event first = i < fromEtcd.size() ? fromEtcd.get(i) : Event.getDefaultInstance();
            final Event second = i < fromQuorate.size() ? fromQuorate.get(i) : Event.getDefaultInstance();
            if (!first.equals(second))
            {
                throw comparison.fail("event " + i + " of " + expected + " of watcher " + id + " " + watcher.create +
                    " differs:\n  etcd    " + Outcome.shown(first) + "\n  quorate " + Outcome.shown(second));
            }
        }
        watcher.compared = fromEtcd.size();
        final boolean isCatchingUp = 0 != watcher.create.getStartRevision();
        if (!isCatchingUp && (0 != etcd.lateEventCount(id) || 0 != quorate.lateEventCount(id)))
        {
            throw comparison.fail("the header of an event of watcher " + id + ", in step from its start, has " +
                "another revision: " + etcd.lateEventCount(id) + " at etcd, " + quorate.lateEventCount(id) + " here");
        }
    }

    /**
     * A watcher that lives at both servers.
     */
    private static final class Watcher
    {
        private final WatchCreateRequest create;
        private final long first;
        private int compared;

        Watcher(final WatchCreateRequest create, final long first)
        {
            this.create = create;
            this.first = first;
        }

        @Override
        public String toString()
        {
            return "from " + first + ": " + Outcome.shown(create);
        }
    }
}
