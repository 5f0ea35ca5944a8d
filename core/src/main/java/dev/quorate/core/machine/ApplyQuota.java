package dev.quorate.core.machine;

/**
 * The second look at the space quota, when a growing command is applied. It decides over the answer alone: the command
 * takes effect either way, for sizes of files differ between members. Called on the apply thread.
 */
@FunctionalInterface
public interface ApplyQuota
{
    /** No quota. */
    ApplyQuota UNLIMITED = (costBytes) -> true;
    /** What a put costs besides its key and value, bytes. */
    long PUT_COST_BYTES = 256;
    /** What a lease costs, bytes. */
    long LEASE_COST_BYTES = 64;

    /**
     * @param costBytes of the command, positive.
     * @return false if the quota does not allow it: the caller is told so; raising the alarm is up to the implementer.
     */
    boolean isAvailable(long costBytes);
}
