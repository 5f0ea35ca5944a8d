package dev.quorate.core.node;

import dev.quorate.core.ring.LoopRings;

/**
 * The grace period of compaction for answers under way: a ticket is granted once every loop has built all answers that
 * were in its rings, and all it had begun, when the ticket was drawn.
 * <p>
 * Owned by the housekeeping thread.
 */
final class AnswerGrace
{
    private final LoopRings[] loops;
    private long ticket;

    AnswerGrace(final LoopRings[] loops)
    {
        this.loops = loops;
    }

    /**
     * Draws a ticket and asks every loop.
     *
     * @return the ticket.
     */
    long request()
    {
        ticket++;
        for (final LoopRings loop : loops)
        {
            loop.requestGrace(ticket);
            loop.signalLoop();
        }
        return ticket;
    }

    /**
     * @return newest ticket that every loop granted.
     */
    long granted()
    {
        long granted = Long.MAX_VALUE;
        for (final LoopRings loop : loops)
        {
            // A loop that was never told anything refers to nothing, and may not run yet on a member that joins.
            if (0 != loop.fromApply().producerPosition() || 0 != loop.fromWatch().producerPosition())
            {
                granted = Math.min(granted, loop.grantedGrace());
            }
        }
        return granted;
    }
}
