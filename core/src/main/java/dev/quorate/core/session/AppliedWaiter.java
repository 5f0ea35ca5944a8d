package dev.quorate.core.session;

/**
 * Waits until this member has applied an index.
 */
abstract class AppliedWaiter
{
    long awaitedIndex;

    /** @return true if nobody is interested any more. */
    abstract boolean isAbandoned();

    /** The index is applied, or nobody is interested any more. The waiter is no longer listed. */
    abstract void onIndexApplied();
}
