package dev.quorate.core.session;

import dev.quorate.core.wire.WireWriter;

import java.util.ArrayDeque;

/**
 * Ranges and range streams that run in slices, in turn, so that no client waits for the scan of another. A bounded number
 * is open at once, each with a reader of its own; the others wait.
 */
final class Reads
{
    private static final long SLICE_NS = 200_000L;
    private static final int INITIAL_CAPACITY = 16 * 1024;

    private final SessionContext context;
    private final ArrayDeque<RangeTask> free = new ArrayDeque<>();
    private final ArrayDeque<RangeTask> running = new ArrayDeque<>();
    private final ArrayDeque<UnaryCall> waiting = new ArrayDeque<>();
    private final Headers headers;
    private int created;

    Reads(final SessionContext context, final Headers headers)
    {
        this.context = context;
        this.headers = headers;
    }

    /** Begins the range of the call, now or when its turn comes. */
    void begin(final UnaryCall call, final boolean isStream)
    {
        call.step = isStream ? 1 : 0;
        final RangeTask task = acquire();
        if (task == null)
        {
            call.isQueued = true;
            waiting.add(call);
            return;
        }
        begin(task, call);
    }

    /** One slice of each task that runs, as far as the time of this turn allows. */
    int poll()
    {
        int work = 0;
        final long untilNs = context.clock().nanoTime() + SLICE_NS;
        for (int i = running.size(); i > 0; i--)
        {
            final RangeTask task = running.poll();
            work += task.isReady() ? 1 : 0;
            run(task, untilNs);
            if (context.clock().nanoTime() - untilNs >= 0)
            {
                break;
            }
        }
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
                call.isQueued = false;
                begin(task, call);
            }
            work++;
        }
        return work;
    }

    boolean hasWork()
    {
        for (int i = running.size(); i > 0; i--)
        {
            final RangeTask task = running.poll();
            running.add(task);
            if (task.isReady())
            {
                return true;
            }
        }
        return false;
    }

    private void begin(final RangeTask task, final UnaryCall call)
    {
        call.isQueued = true;
        if (task.begin(call, call.step == 1))
        {
            run(task, context.clock().nanoTime() + SLICE_NS);
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
        free.add(task);
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
        return new RangeTask(
            context,
            headers,
            new WireWriter(INITIAL_CAPACITY, context.maxResponseBytes() / context.maxLongReads()));
    }
}
