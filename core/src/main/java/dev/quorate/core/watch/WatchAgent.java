package dev.quorate.core.watch;

import dev.quorate.core.store.Store;
import org.agrona.concurrent.Agent;

/**
 * The watch agent.
 */
public final class WatchAgent implements Agent
{
    private final WatchContext context;

    /**
     * @param context concluded.
     */
    public WatchAgent(final WatchContext context)
    {
        this.context = context;
    }

    @Override
    public int doWork()
    {
        return 0;
    }

    /**
     * A snapshot has replaced the store. To be called on the agent's thread between two turns. Cursors are revisions and
     * carry over.
     *
     * @param replacement the store from now on.
     */
    public void onViewReplaced(final Store replacement)
    {
    }

    @Override
    public void onClose()
    {
    }

    @Override
    public String roleName()
    {
        return "watch";
    }
}
