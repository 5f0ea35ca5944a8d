package dev.quorate.server.member;

import dev.quorate.server.thread.Waiter;
import dev.quorate.transport.CoreWaiter;

import java.util.function.BooleanSupplier;

/**
 * Sleeps on the sockets of the peers.
 *
 * @param waiter of the transport.
 */
record CoreThreadWaiter(CoreWaiter waiter) implements Waiter
{
    @Override
    public void await(final long maxNs, final BooleanSupplier hasWork)
    {
        waiter.await(maxNs, hasWork);
    }

    @Override
    public void signal()
    {
        waiter.signal();
    }
}
