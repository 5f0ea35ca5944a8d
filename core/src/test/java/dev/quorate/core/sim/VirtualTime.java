package dev.quorate.core.sim;

import dev.quorate.core.seam.Rng;

import java.util.PriorityQueue;

/**
 * The one queue of everything that will happen, ordered by virtual time and, at the same instant, by a seeded draw.
 */
final class VirtualTime
{
    /** Something that happens at a time. */
    interface Event
    {
        void run();
    }

    private record Entry(long atNs, long draw, long sequence, Event event) implements Comparable<Entry>
    {
        @Override
        public int compareTo(final Entry that)
        {
            int order = Long.compare(atNs, that.atNs);
            order = order != 0 ? order : Long.compare(draw, that.draw);
            return order != 0 ? order : Long.compare(sequence, that.sequence);
        }
    }

    private final PriorityQueue<Entry> queue = new PriorityQueue<>();
    private final Rng rng;
    private long nowNs;
    private long sequence;

    VirtualTime(final Rng rng)
    {
        this.rng = rng;
    }

    long nowNs()
    {
        return nowNs;
    }

    void at(final long timeNs, final Event event)
    {
        queue.add(new Entry(Math.max(timeNs, nowNs), rng.nextLong(), sequence++, event));
    }

    void after(final long delayNs, final Event event)
    {
        at(nowNs + delayNs, event);
    }

    /** @return false if nothing is left to happen. */
    boolean step()
    {
        final Entry entry = queue.poll();
        if (entry == null)
        {
            return false;
        }
        nowNs = entry.atNs;
        entry.event.run();
        return true;
    }
}
