package dev.quorate.core.session;

import dev.quorate.core.wire.WireWriter;

import java.util.ArrayDeque;

/**
 * Ranges and range streams that run in slices, in turn, so that no client waits for the scan of another. A bounded
 * number of ranges is open at once, each with a reader of its own, and the others wait; reads of single keys never do.
 * Streams hold nothing between their chunks.
 */
final class Reads
{
    private static final long SLICE_NS = 200_000L;
    private static final int INITIAL_CAPACITY = 16 * 1024;

    private final SessionContext context;
    private final Headers headers;
    private final PageCounts pages = new PageCounts();
    private final RangeTask point;
    private final RangeStreamer streamer;
    private final ArrayDeque<RangeTask> free = new ArrayDeque<>();
    private final ArrayDeque<RangeTask> running = new ArrayDeque<>();
    private final ArrayDeque<UnaryCall> waiting = new ArrayDeque<>();
    private final ArrayDeque<RangeStream> streams = new ArrayDeque<>();
    private final RangeRequest peeked = new RangeRequest();
    private int created;

    Reads(final SessionContext context, final Headers headers)
    {
        this.context = context;
        this.headers = headers;
        point = newTask();
        streamer = new RangeStreamer(context, headers);
    }

    /** Begins the range of the call, now or when its turn comes. */
    void beginRange(final UnaryCall call)
    {
        final RangeTask task = isPoint(call) ? point : acquire();
        call.isQueued = true;
        if (task == null)
        {
            waiting.add(call);
        }
        else
        {
            begin(task, call);
        }
    }

    void beginStream(final UnaryCall call)
    {
        call.isQueued = true;
        final RangeStream stream = new RangeStream();
        if (streamer.begin(stream, call))
        {
            streams.add(stream);
            runStreams(nowNs() + SLICE_NS);
        }
        else
        {
            call.onDequeued();
        }
    }

    /** Slices of what runs, as far as the time of this turn allows. */
    int poll()
    {
        if (running.isEmpty() && streams.isEmpty() && waiting.isEmpty())
        {
            return 0;
        }
        final long untilNs = nowNs() + SLICE_NS;
        int work = runStreams(untilNs);
        for (int i = running.size(); i > 0; i--)
        {
            run(running.poll(), untilNs);
            work++;
            if (nowNs() - untilNs >= 0)
            {
                break;
            }
        }
        return work + beginWaiting();
    }

    /** @return true if {@link #poll()} finds something to do now. */
    boolean hasWork()
    {
        boolean isReady = !running.isEmpty();
        for (int i = streams.size(); i > 0; i--)
        {
            final RangeStream stream = streams.poll();
            streams.add(stream);
            isReady |= stream.isReady();
        }
        return isReady;
    }

    private boolean isPoint(final UnaryCall call)
    {
        return peeked.reset().merge(call.buffer, call.offset, call.length).endLength == 0;
    }

    private int beginWaiting()
    {
        int begun = 0;
        while (!waiting.isEmpty())
        {
            final RangeTask task = acquire();
            if (task == null)
            {
                break;
            }
            final UnaryCall call = waiting.poll();
            if (call.isDone)
            {
                free.add(task);
                call.onDequeued();
            }
            else
            {
                begin(task, call);
            }
            begun++;
        }
        return begun;
    }

    private int runStreams(final long untilNs)
    {
        int work = 0;
        for (int i = streams.size(); i > 0 && nowNs() - untilNs < 0; i--)
        {
            final RangeStream stream = streams.poll();
            final boolean isReady = stream.isReady();
            work += isReady ? 1 : 0;
            if (isReady && (stream.call.isDone || streamer.chunk(stream)))
            {
                stream.call.onDequeued();
            }
            else
            {
                streams.add(stream);
            }
        }
        return work;
    }

    private void begin(final RangeTask task, final UnaryCall call)
    {
        if (task.begin(call))
        {
            run(task, nowNs() + SLICE_NS);
        }
        else
        {
            finish(task, call);
        }
    }

    private void run(final RangeTask task, final long untilNs)
    {
        if (task.run(untilNs))
        {
            finish(task, task.call());
        }
        else
        {
            running.add(task);
        }
    }

    private void finish(final RangeTask task, final UnaryCall call)
    {
        task.end();
        if (task != point)
        {
            free.add(task);
        }
        call.onDequeued();
    }

    private RangeTask acquire()
    {
        if (!free.isEmpty())
        {
            return free.poll();
        }
        if (created == context.maxLongReads())
        {
            return null;
        }
        created++;
        return newTask();
    }

    private RangeTask newTask()
    {
        return new RangeTask(
            context, headers, new WireWriter(INITIAL_CAPACITY, context.maxResponseBytes() / context.maxLongReads()),
            pages);
    }

    private long nowNs()
    {
        return context.clock().nanoTime();
    }
}
