package dev.quorate.core.node;

import dev.quorate.core.machine.ApplyQuota;
import dev.quorate.core.ring.NodeState;
import dev.quorate.core.store.Store;

/**
 * The quota over the files of this member's store, as apply asks for it. What goes beyond is counted; consensus sees
 * the count and raises the alarm.
 * <p>
 * Owned by the apply thread.
 */
final class SpaceQuota implements ApplyQuota
{
    private final NodeState state;
    private final Store store;
    private final long quotaBytes;

    /**
     * @param quotaBytes of the store, negative for none.
     */
    SpaceQuota(final NodeState state, final Store store, final long quotaBytes)
    {
        this.state = state;
        this.store = store;
        this.quotaBytes = quotaBytes;
    }

    @Override
    public boolean isAvailable(final long costBytes)
    {
        if (quotaBytes < 0 || store.dbSize() + costBytes < quotaBytes)
        {
            return true;
        }
        state.add(NodeState.Value.QUOTA_EXCEEDED, 1);
        return false;
    }
}
