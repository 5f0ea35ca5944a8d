package dev.quorate.core.seam;

/**
 * Wakes the thread that owns it, if it sleeps. Cheap when the owner is awake. Any thread may call it.
 */
@FunctionalInterface
public interface Signal
{
    /** A signal for owners that never sleep. */
    Signal NONE = () -> {};

    /**
     * Wakes the owner. What the caller published before is visible to the owner after it wakes.
     */
    void signal();
}
