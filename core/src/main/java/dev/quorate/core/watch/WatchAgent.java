package dev.quorate.core.watch;

import dev.quorate.core.ring.NodeState;
import dev.quorate.core.ring.RingMessages;
import dev.quorate.core.seam.Clock;
import dev.quorate.core.store.Store;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.Agent;

/**
 * The watch agent: takes watchers from the loops, follows what becomes visible, lets those behind catch up from the
 * store, and tells events as positions of records. A watcher gets every event it wants from its start on, in order,
 * once, or is told that compaction was faster.
 * <p>
 * Owner: the watch thread; the core thread if all agents share one.
 */
public final class WatchAgent implements Agent
{
    private final NodeState nodeState;
    private final Clock clock;
    private final LoopPort[] ports;
    private final CommandAdapter[] commands;
    private final Registry registry;
    private final Delivery delivery;
    private final FollowPass follow;
    private final CatchUpPass catchUp;
    private final ProgressDuty progress;
    private Store store;
    private long seenView;
    private long eventsPublished;

    /**
     * Begins to follow at the store's newest visible revision. To be made before the agent's thread starts.
     *
     * @param context concluded.
     */
    public WatchAgent(final WatchContext context)
    {
        if (!context.isConcluded())
        {
            throw new IllegalStateException("watch configuration is not concluded");
        }
        nodeState = context.nodeState();
        clock = context.clock();
        final int stageBlocks = context.maxStagedEvents() / EventStage.BLOCK_LENGTH;
        final int stagedEvents = stageBlocks * EventStage.BLOCK_LENGTH;
        ports = new LoopPort[context.loops().length];
        commands = new CommandAdapter[ports.length];
        for (int i = 0; i < ports.length; i++)
        {
            ports[i] = new LoopPort(
                context.loops()[i], context.initialCredit(), context.maxOutstandingBytes(), stagedEvents);
            commands[i] = new CommandAdapter(this, ports[i]);
        }
        registry = new Registry(ports, new EventStage(stageBlocks));
        delivery = new Delivery(registry);
        follow = new FollowPass(registry, delivery, context.recordsPerTurn());
        catchUp = new CatchUpPass(registry, delivery, context.recordsPerTurn());
        progress = new ProgressDuty(context.progressNotifyIntervalNs(), context.rng());
        open(context.store());
        store.handover().joinWatch();
    }

    @Override
    public int doWork()
    {
        if (store.handover().isWatchResting())
        {
            return 0;
        }
        if (store.viewNumber() != seenView)
        {
            onViewReplaced(store);
        }
        int work = 0;
        if (!follow.isRunning())
        {
            registry.compactTo(store.compactedRevision());
            for (final CommandAdapter adapter : commands)
            {
                work += adapter.poll();
            }
        }
        work += follow.doWork();
        if (!follow.isRunning())
        {
            work += catchUp.doWork(follow.followedRevision());
            work += registry.tellOvertaken();
            if (follow.isCaughtUp())
            {
                work += progress.doWork(follow.followedRevision(), clock.nanoTime());
            }
        }
        if (work > 0)
        {
            publish();
        }
        return work;
    }

    /**
     * A snapshot has replaced the store. Cursors are revisions and carry over: who was in step catches up from there,
     * or is told that the snapshot was compacted beyond. To be called on the agent's thread between two turns, while
     * the store before may still be read.
     *
     * @param replacement the store from now on, its newest visible revision not below what was told already.
     */
    public void onViewReplaced(final Store replacement)
    {
        final long followed = follow.followedRevision();
        if (replacement.visibleRevision() < followed)
        {
            throw new IllegalStateException(
                "a store at revision " + replacement.visibleRevision() + " replaces one at " + followed);
        }
        catchUp.close();
        follow.close();
        open(replacement);
        registry.compactTo(replacement.compactedRevision());
        for (final LoopPort port : ports)
        {
            for (final StreamState stream : port.streams.values())
            {
                for (Watcher watcher = stream.first; null != watcher; watcher = watcher.next)
                {
                    registry.carryOver(watcher, followed, follow.followedRevision());
                }
            }
        }
    }

    @Override
    public void onClose()
    {
        catchUp.close();
        follow.close();
    }

    @Override
    public String roleName()
    {
        return "watch";
    }

    /** False if the ring to the loop has no room for the answer. */
    boolean onCreate(
        final LoopPort port,
        final long streamId,
        final long watchId,
        final long startRevision,
        final int flags,
        final DirectBuffer buffer,
        final int keyOffset,
        final int keyLength,
        final int endOffset,
        final int endLength)
    {
        final StreamState stream = registry.stream(port, streamId);
        final long visible = store.visibleRevision();
        if (!port.created(stream, watchId, visible))
        {
            return false;
        }
        final long cursor = 0 == startRevision ? visible + 1 : startRevision;
        final Watcher watcher = new Watcher(stream, watchId, startRevision, flags, cursor);
        registry.index.add(watcher, buffer, keyOffset, keyLength, endOffset, endLength);
        // those in step reach the visible revision before anybody catches up
        registry.add(watcher, visible);
        if (0 != (flags & RingMessages.WATCH_PROGRESS_NOTIFY))
        {
            progress.start(stream, clock.nanoTime());
        }
        return true;
    }

    /** False if the ring to the loop has no room for the answer. */
    boolean onCancel(final StreamState stream, final long watchId)
    {
        final Watcher watcher = stream.watchers.get(watchId);
        if (null == watcher)
        {
            return true;
        }
        if (!watcher.isCancelTold && !stream.port.canceled(stream, watchId, store.visibleRevision(), 0))
        {
            return false;
        }
        registry.remove(watcher);
        return true;
    }

    void onClose(final StreamState stream)
    {
        registry.close(stream);
    }

    void onCredit(final StreamState stream, final long events)
    {
        stream.credit(events);
        if (null != stream.firstLagging)
        {
            registry.ready(stream);
        }
    }

    void onProgressRequest(final StreamState stream)
    {
        progress.request(stream);
    }

    private void open(final Store newStore)
    {
        store = newStore;
        seenView = newStore.viewNumber();
        follow.open(newStore);
        catchUp.open(newStore);
    }

    private void publish()
    {
        for (final LoopPort port : ports)
        {
            port.signal();
        }
        nodeState.set(NodeState.Value.WATCHERS, registry.watcherCount);
        nodeState.set(NodeState.Value.WATCH_STREAMS, registry.streamCount);
        nodeState.set(NodeState.Value.SLOW_WATCHERS, registry.laggingCount);
        final long events = delivery.eventsSent();
        if (events != eventsPublished)
        {
            nodeState.add(NodeState.Value.WATCH_EVENTS, events - eventsPublished);
            eventsPublished = events;
        }
    }
}
