package dev.quorate.core.store;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Semaphore;

/**
 * Runs several threads as one: only the holder of the baton runs, and at the points {@link #at()} that are planted into
 * the code it passes the baton on or keeps it, as a seed decides. Some are left out for long, as a system does that
 * takes a processor away.
 */
public final class Interleaving
{
    private static final int[] BURSTS = {1, 2, 5, 20, 100, 400};
    private static final int[] ABSENCES = {0, 0, 0, 0, 100, 3_000};
    private static final int[] LONG_ABSENCES = {300, 3_000, 20_000};
    private static final int LONG_ABSENCE_ONE_IN = 25;

    private static volatile Interleaving current;

    private final Random random;
    private final List<Actor> actors = new ArrayList<>();
    private final Semaphore end = new Semaphore(0);
    private Throwable failure;
    private long step;
    private int burst = 1;
    private boolean isStopped;

    Interleaving(final long seed)
    {
        random = new Random(seed);
    }

    /** A point at which another thread may go on; outside of a run it does nothing. */
    public static void at()
    {
        final Interleaving run = current;
        if (null != run && Thread.currentThread() instanceof final Actor actor)
        {
            run.passOn(actor, false);
        }
    }

    /** A point at which the thread may be left out for so long that a whole compaction passes. */
    public static void away()
    {
        final Interleaving run = current;
        if (null != run && Thread.currentThread() instanceof final Actor actor)
        {
            run.passOn(actor, true);
        }
    }

    /** A thread that takes part; what others see of its writes is decided by the points alone. */
    void add(final String name, final Runnable work)
    {
        actors.add(new Actor(name, work));
    }

    /** Runs all to their end. @return what failed first, null if nothing did. */
    Throwable run() throws InterruptedException
    {
        current = this;
        actors.forEach(Thread::start);
        next(null);
        end.acquire();
        for (final Actor actor : actors)
        {
            actor.join();
        }
        current = null;
        return failure;
    }

    /** True once one has failed: the others come to their end too. */
    boolean isStopped()
    {
        return isStopped;
    }

    private void passOn(final Actor actor, final boolean mayLeave)
    {
        step++;
        final boolean leaves = mayLeave && random.nextInt(LONG_ABSENCE_ONE_IN) == 0;
        if (--burst > 0 && !leaves)
        {
            return;
        }
        final int[] absences = leaves ? LONG_ABSENCES : ABSENCES;
        actor.absentUntil = step + absences[random.nextInt(absences.length)];
        final Actor next = choose();
        if (next != actor)
        {
            next.turn.release();
            actor.turn.acquireUninterruptibly();
        }
    }

    private void next(final Actor ended)
    {
        if (null != ended)
        {
            ended.hasEnded = true;
        }
        final Actor next = choose();
        if (null == next)
        {
            end.release();
        }
        else
        {
            next.turn.release();
        }
    }

    private Actor choose()
    {
        burst = BURSTS[random.nextInt(BURSTS.length)];
        Actor first = null;
        final List<Actor> present = new ArrayList<>();
        for (final Actor actor : actors)
        {
            if (!actor.hasEnded)
            {
                first = null == first || actor.absentUntil < first.absentUntil ? actor : first;
                if (actor.absentUntil <= step)
                {
                    present.add(actor);
                }
            }
        }
        return present.isEmpty() ? first : present.get(random.nextInt(present.size()));
    }

    private final class Actor extends Thread
    {
        private final Runnable work;
        private final Semaphore turn = new Semaphore(0);
        private long absentUntil;
        private boolean hasEnded;

        Actor(final String name, final Runnable work)
        {
            super(name);
            this.work = work;
            setDaemon(true);
        }

        @Override
        public void run()
        {
            turn.acquireUninterruptibly();
            try
            {
                work.run();
            }
            catch (final Throwable ex)
            {
                failure = null == failure ? ex : failure;
                isStopped = true;
            }
            next(this);
        }
    }
}
