package dev.quorate.core.store;

import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The view of the store that is in force, and who still stands on an older one. A view is everything that readers go
 * by: index, files, tails and what apply publishes. A snapshot from a peer replaces it whole; the old one is let go
 * when no reader holds it.
 * <p>
 * Why that is safe: a reader announces the view that it holds, fences, and then looks which one is in force; whoever
 * replaces the view stores it, fences, and then looks at the holds. One of both sees the other.
 * <p>
 * Owner: apply replaces; any thread may ask or take a hold.
 */
final class Views
{
    /** What a hold shows while its reader stands on no view. */
    static final long NONE = Long.MAX_VALUE;

    private final AtomicReference<StoreParts> current;
    private final AtomicReference<Hold[]> holds = new AtomicReference<>(new Hold[0]);

    Views(final StoreParts first)
    {
        current = new AtomicReference<>(first);
    }

    StoreParts current()
    {
        // pairs with the release in replace()
        return current.getAcquire();
    }

    /** Apply: the next pin of every reader takes this view. */
    void replace(final StoreParts next)
    {
        current.setRelease(next);
    }

    /** Registers a hold for good; cold. */
    Hold newHold()
    {
        final Hold hold = new Hold();
        Hold[] present;
        Hold[] longer;
        do
        {
            present = holds.get();
            longer = new Hold[present.length + 1];
            System.arraycopy(present, 0, longer, 0, present.length);
            longer[present.length] = hold;
        }
        while (!holds.compareAndSet(present, longer));
        return hold;
    }

    /** Number of the oldest view that a reader holds, {@link #NONE} if none does. */
    long oldestHeld()
    {
        // between the store of the view and the look at the holds; pairs with the fence in Hold.hold
        VarHandle.fullFence();
        long oldest = NONE;
        for (final Hold hold : holds.getAcquire())
        {
            oldest = Math.min(oldest, hold.number.getAcquire());
        }
        return oldest;
    }

    /** The view that one reader stands on. Owned by its thread. */
    static final class Hold
    {
        private final AtomicLong number = new AtomicLong(NONE);

        /** Announces a view; the caller then fences and looks whether it is still the one in force. */
        void hold(final long viewNumber)
        {
            number.setOpaque(viewNumber);
        }

        void release()
        {
            // everything read from the view comes before; pairs with the acquire in oldestHeld
            number.setRelease(NONE);
        }
    }
}
