package dev.quorate.server.thread;

import dev.quorate.core.seam.Signal;

import java.util.function.BooleanSupplier;

/**
 * How an idle thread sleeps and is woken.
 */
public interface Waiter extends Signal
{
    /**
     * Sleeps until signalled or until the time is over. Work that appeared before the sleeper was marked as sleeping is
     * found by asking once more in between.
     *
     * @param maxNs   longest sleep, ns.
     * @param hasWork runs the agents once more; true if there was work.
     */
    void await(long maxNs, BooleanSupplier hasWork);
}
