package dev.quorate.core.session;

import dev.quorate.core.ring.LoopRings;
import dev.quorate.core.ring.NodeState;

import java.lang.invoke.VarHandle;
import java.util.ArrayList;

/**
 * Who waits for the applied index. The lowest index that is awaited is told to apply, which wakes the loop there.
 */
final class AppliedWaits
{
    private final LoopRings rings;
    private final NodeState nodeState;
    private final ArrayList<AppliedWaiter> waiters = new ArrayList<>();
    private final ArrayList<AppliedWaiter> ready = new ArrayList<>();
    private long lowest = Long.MAX_VALUE;

    AppliedWaits(final LoopRings rings, final NodeState nodeState)
    {
        this.rings = rings;
        this.nodeState = nodeState;
    }

    /** Runs the waiter at once if its index is applied. */
    void await(final AppliedWaiter waiter, final long index)
    {
        if (applied() >= index)
        {
            waiter.onIndexApplied();
            return;
        }
        waiter.awaitedIndex = index;
        waiters.add(waiter);
        if (index < lowest)
        {
            register(index);
        }
        poll();
    }

    /** Runs those whose index is applied by now, in the order in which they came. */
    int poll()
    {
        return waiters.isEmpty() || applied() < lowest ? 0 : sweep();
    }

    /** Does what {@link #poll()} does and also lets go of those whose caller is gone. */
    int sweep()
    {
        final long applied = applied();
        long min = Long.MAX_VALUE;
        int kept = 0;
        for (int i = 0; i < waiters.size(); i++)
        {
            final AppliedWaiter waiter = waiters.get(i);
            if (waiter.awaitedIndex <= applied || waiter.isAbandoned())
            {
                ready.add(waiter);
            }
            else
            {
                min = Math.min(min, waiter.awaitedIndex);
                waiters.set(kept++, waiter);
            }
        }
        for (int i = waiters.size() - 1; i >= kept; i--)
        {
            waiters.remove(i);
        }
        register(min);
        final int count = ready.size();
        for (int i = 0; i < count; i++)
        {
            ready.get(i).onIndexApplied();
        }
        ready.clear();
        return count;
    }

    private void register(final long index)
    {
        lowest = index;
        rings.awaitedIndex(index);
        // Pairs with the fence of apply between its store of the applied index and its load of the awaited one: either
        // apply sees what was just stored, or the next load of the applied index sees the store of apply.
        VarHandle.fullFence();
    }

    private long applied()
    {
        return nodeState.get(NodeState.Value.APPLIED_INDEX);
    }
}
