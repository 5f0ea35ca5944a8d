package dev.quorate.core.node;

import dev.quorate.core.ring.LoopRings;
import dev.quorate.core.ring.RingMessages;
import org.agrona.concurrent.UnsafeBuffer;

import java.util.Arrays;

/**
 * Which commands of each loop were placed in terms that have ended: appended by this member as leader, or sent to the
 * leader, of an earlier term. When a term ends, the loop hears how far its commands went in it. Once an entry of a
 * later term is applied, a command among them that has no result never will have one: the log of whoever leads from
 * then on holds that entry, terms never fall along a log, and no leader appends what was meant for another term.
 * <p>
 * A loop's commands are placed in the order of their correlation ids. Owned by the consensus thread.
 */
final class PlacedCommands
{
    private static final long NONE = -1;

    private final LoopRings[] loops;
    private final long[] placedUpTo;
    private final long[] endedUpTo;
    private final long[] endedBeforeTerm;
    private final boolean[] isUntold;
    private final UnsafeBuffer message = new UnsafeBuffer(new byte[16]);
    private boolean isAnyUntold;
    private long term;

    /**
     * @param loops whose commands are placed.
     * @param term  at the start.
     */
    PlacedCommands(final LoopRings[] loops, final long term)
    {
        this.loops = loops;
        this.term = term;
        placedUpTo = new long[loops.length];
        endedUpTo = new long[loops.length];
        endedBeforeTerm = new long[loops.length];
        isUntold = new boolean[loops.length];
        Arrays.fill(placedUpTo, NONE);
        Arrays.fill(endedUpTo, NONE);
    }

    /**
     * Called before commands are placed in a term.
     *
     * @param currentTerm of consensus.
     */
    void onTerm(final long currentTerm)
    {
        if (currentTerm == term)
        {
            return;
        }
        if (currentTerm < term)
        {
            throw new IllegalStateException("term fell: term=" + term + " current=" + currentTerm);
        }
        term = currentTerm;
        for (int i = 0; i < loops.length; i++)
        {
            // Without a command since, what was said about the earlier term says more.
            if (placedUpTo[i] != endedUpTo[i])
            {
                endedUpTo[i] = placedUpTo[i];
                endedBeforeTerm[i] = currentTerm;
                isUntold[i] = true;
                isAnyUntold = true;
            }
        }
    }

    /**
     * A command was placed in the current term.
     *
     * @param correlationId of its call.
     */
    void onPlaced(final long correlationId)
    {
        final int loopId = (int)(correlationId >>> 56);
        if (loopId >= loops.length || correlationId <= placedUpTo[loopId])
        {
            throw new IllegalStateException("command placed out of order: correlationId=" +
                Long.toHexString(correlationId) + " loops=" + loops.length +
                (loopId < loops.length ? " before=" + Long.toHexString(placedUpTo[loopId]) : ""));
        }
        placedUpTo[loopId] = correlationId;
    }

    /**
     * Tells the loops what they have not heard; a ring without room hears it in a later turn.
     */
    void tell()
    {
        if (!isAnyUntold)
        {
            return;
        }
        isAnyUntold = false;
        for (int i = 0; i < loops.length; i++)
        {
            if (isUntold[i])
            {
                message.putLong(0, endedBeforeTerm[i]);
                message.putLong(8, endedUpTo[i]);
                isUntold[i] = !loops[i].fromConsensus().write(RingMessages.PLACED_BEFORE_TERM, message, 0, 16);
                isAnyUntold |= isUntold[i];
                loops[i].signalLoop();
            }
        }
    }

    @Override
    public String toString()
    {
        return "PlacedCommands{term=" + term + ", placedUpTo=" + Arrays.toString(placedUpTo) + '}';
    }
}
