package dev.quorate.core.session;

import java.util.ArrayDeque;

/**
 * What found no leader and is tried again after a pause, in order. Each keeps its own deadline; what has ended
 * meanwhile is let go when its turn comes.
 */
final class Retries
{
    /** Between two tries, ns. */
    static final long PAUSE_NS = 100_000_000L;

    private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();

    /**
     * Is tried again.
     */
    interface Retried
    {
        /** The pause is over. */
        void onRetry();
    }

    private record Waiting(long dueNs, Retried who)
    {
    }

    void later(final Retried who, final long nowNs)
    {
        waiting.add(new Waiting(nowNs + PAUSE_NS, who));
    }

    int poll(final long nowNs)
    {
        int count = 0;
        while (!waiting.isEmpty() && waiting.peek().dueNs <= nowNs)
        {
            waiting.poll().who.onRetry();
            count++;
        }
        return count;
    }

    long nextDeadlineNs()
    {
        return waiting.isEmpty() ? Long.MAX_VALUE : waiting.peek().dueNs;
    }
}
