package dev.quorate.server.differential;

import dev.quorate.gateway.proto.etcdserverpb.WatchCancelRequest;
import dev.quorate.gateway.proto.etcdserverpb.WatchCreateRequest;
import dev.quorate.gateway.proto.etcdserverpb.WatchProgressRequest;
import dev.quorate.gateway.proto.etcdserverpb.WatchRequest;
import dev.quorate.gateway.proto.etcdserverpb.WatchResponse;
import dev.quorate.gateway.proto.mvccpb.Event;
import dev.quorate.server.process.Await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The same watch stream at both servers. How events are grouped into answers is open, and with it the header revision
 * of answers that catch up; so the events of each watcher are compared as one sequence.
 */
final class WatchPair
{
    private static final Duration DEADLINE = Duration.ofSeconds(Side.DEADLINE_S);
    private static final long PROGRESS_TRY_MS = 100;
    private static final int PROGRESS_TRIES = 300;

    private final Comparison comparison;
    private final Model model;
    private final History history;
    private final WatchSide etcd;
    private final WatchSide quorate;
    private final Map<Long, Watcher> watchers = new TreeMap<>();
    private final Set<Long> overtaken = new HashSet<>();
    private long lastProgress = -1;

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

    void progress()
    {
        settle();
        final WatchRequest request = WatchRequest.newBuilder()
            .setProgressRequest(WatchProgressRequest.getDefaultInstance()).build();
        final boolean isSilent = watchers.isEmpty() || !overtaken.isEmpty() ||
            watchers.values().stream().anyMatch((watcher) -> watcher.first > model.revision());
        if (isSilent)
        {
            send(request);
            compareSilence(etcd.progress(1), quorate.progress(1));
        }
        else
        {
            compare("progress", request, awaitProgress(etcd, request), awaitProgress(quorate, request));
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
        });
        final List<String> left = new ArrayList<>(etcd.leftOver());
        left.addAll(quorate.leftOver());
        if (!left.isEmpty())
        {
            throw comparison.fail("answers on a watch stream that nobody asked for: " + left);
        }
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

    private WatchResponse awaitProgress(final WatchSide side, final WatchRequest request)
    {
        for (int i = 0; i < PROGRESS_TRIES; i++)
        {
            side.send(request);
            for (WatchResponse answer = side.progress(PROGRESS_TRY_MS); null != answer; answer = side.progress(0))
            {
                if (answer.getHeader().getRevision() >= model.revision())
                {
                    return answer;
                }
            }
        }
        throw comparison.fail(side + " reports no progress at revision " + model.revision() + " for " + watchers);
    }

    /** An earlier request may be answered late; one that nothing may answer stays without an answer of now. */
    private void compareSilence(final WatchResponse fromEtcd, final WatchResponse fromQuorate)
    {
        if (null == fromEtcd && null != fromQuorate && fromQuorate.getHeader().getRevision() >= model.revision() &&
            -1 != lastProgress && fromQuorate.getHeader().getRevision() != lastProgress)
        {
            throw comparison.fail("progress although not every watcher is there: " + Outcome.shown(fromQuorate));
        }
    }

    private WatchResponse compare(
        final String what, final WatchRequest request, final WatchResponse fromEtcd, final WatchResponse fromQuorate)
    {
        lastProgress = fromEtcd.getHeader().getRevision();
        return (WatchResponse)comparison.compare(
            "Watch " + what, request, Outcome.of(fromEtcd), Outcome.of(fromQuorate)).message();
    }

    private void compareEvents(final long id, final Watcher watcher, final int expected)
    {
        final List<Event> fromEtcd = etcd.events(id);
        final List<Event> fromQuorate = quorate.events(id);
        for (int i = watcher.compared; i < Math.max(fromEtcd.size(), fromQuorate.size()); i++)
        {
            final String first = i < fromEtcd.size() ? Outcome.shown(fromEtcd.get(i)) : "nothing";
            final String second = i < fromQuorate.size() ? Outcome.shown(fromQuorate.get(i)) : "nothing";
            if (!first.equals(second))
            {
                throw comparison.fail("event " + i + " of " + expected + " of watcher " + id + " " + watcher.create +
                    " differs:\n  etcd    " + first + "\n  quorate " + second);
            }
        }
        watcher.compared = fromEtcd.size();
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
