package dev.quorate.core.ring;

import dev.quorate.core.seam.Signal;
import org.agrona.BufferUtil;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.ringbuffer.OneToOneRingBuffer;
import org.agrona.concurrent.ringbuffer.RingBufferDescriptor;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * The rings between one event loop and the agents, with the signals that wake each side and the values that the loop
 * publishes. Writer and reader of each ring are in its name: {@code toConsensus} is written by the loop alone and
 * read by the consensus thread alone.
 */
public final class LoopRings
{
    private static final VarHandle ANSWERED;
    private static final VarHandle AWAITED;
    private static final VarHandle REQUESTED_GRACE;
    private static final VarHandle GRANTED_GRACE;
    private static final VarHandle RANGES;
    private static final VarHandle FAILED_PROPOSALS;
    private static final VarHandle SERVED;

    static
    {
        try
        {
            final MethodHandles.Lookup lookup = MethodHandles.lookup();
            ANSWERED = lookup.findVarHandle(LoopRings.class, "answeredPosition", long.class);
            REQUESTED_GRACE = lookup.findVarHandle(LoopRings.class, "requestedGrace", long.class);
            GRANTED_GRACE = lookup.findVarHandle(LoopRings.class, "grantedGrace", long.class);
            SERVED = lookup.findVarHandle(LoopRings.class, "isServed", boolean.class);
            RANGES = lookup.findVarHandle(LoopRings.class, "rangeCount", long.class);
            FAILED_PROPOSALS = lookup.findVarHandle(LoopRings.class, "failedProposals", long.class);
            AWAITED = lookup.findVarHandle(LoopRings.class, "awaitedIndex", long.class);
        }
        catch (final ReflectiveOperationException ex)
        {
            throw new ExceptionInInitializerError(ex);
        }
    }

    private final int loopId;
    private final OneToOneRingBuffer toConsensus;
    private final OneToOneRingBuffer toWatch;
    private final OneToOneRingBuffer toHousekeeping;
    private final OneToOneRingBuffer fromConsensus;
    private final OneToOneRingBuffer fromApply;
    private final OneToOneRingBuffer fromWatch;
    private final OneToOneRingBuffer fromHousekeeping;
    private Signal coreSignal = Signal.NONE;
    private Signal housekeepingSignal = Signal.NONE;
    private Signal loopSignal = Signal.NONE;
    @SuppressWarnings("unused")
    private volatile long answeredPosition;
    @SuppressWarnings("unused")
    private volatile long requestedGrace;
    @SuppressWarnings("unused")
    private volatile long grantedGrace;
    @SuppressWarnings("unused")
    private volatile long rangeCount;
    @SuppressWarnings("unused")
    private volatile long failedProposals;
    @SuppressWarnings("unused")
    private volatile boolean isServed;
    @SuppressWarnings("unused")
    private volatile long awaitedIndex = Long.MAX_VALUE;

    /**
     * Allocates the rings.
     *
     * @param loopId          of the event loop, from 0; the upper byte of its correlation ids.
     * @param commandCapacity of {@link #toConsensus()}, bytes, a power of two, at least eight times the longest
     *                        command.
     * @param capacity        of the others, bytes, a power of two.
     */
    public LoopRings(final int loopId, final int commandCapacity, final int capacity)
    {
        this.loopId = loopId;
        toConsensus = ring(commandCapacity);
        toWatch = ring(commandCapacity);
        toHousekeeping = ring(4 * 1024);
        fromConsensus = ring(capacity);
        fromApply = ring(capacity);
        fromWatch = ring(capacity);
        fromHousekeeping = ring(4 * 1024);
    }

    /**
     * Sets how each side is woken. Called once, before any thread starts.
     *
     * @param core         wakes consensus, apply and watch.
     * @param housekeeping wakes housekeeping.
     * @param loop         wakes the event loop.
     */
    public void signals(final Signal core, final Signal housekeeping, final Signal loop)
    {
        coreSignal = core;
        housekeepingSignal = housekeeping;
        loopSignal = loop;
    }

    /**
     * @return id of the event loop.
     */
    public int loopId()
    {
        return loopId;
    }

    /**
     * @return ring from the loop to consensus.
     */
    public OneToOneRingBuffer toConsensus()
    {
        return toConsensus;
    }

    /**
     * @return ring from the loop to the watch agent.
     */
    public OneToOneRingBuffer toWatch()
    {
        return toWatch;
    }

    /**
     * @return ring from the loop to housekeeping.
     */
    public OneToOneRingBuffer toHousekeeping()
    {
        return toHousekeeping;
    }

    /**
     * @return ring from consensus to the loop.
     */
    public OneToOneRingBuffer fromConsensus()
    {
        return fromConsensus;
    }

    /**
     * @return ring from apply to the loop.
     */
    public OneToOneRingBuffer fromApply()
    {
        return fromApply;
    }

    /**
     * @return ring from the watch agent to the loop.
     */
    public OneToOneRingBuffer fromWatch()
    {
        return fromWatch;
    }

    /**
     * @return ring from housekeeping to the loop.
     */
    public OneToOneRingBuffer fromHousekeeping()
    {
        return fromHousekeeping;
    }

    /**
     * Wakes consensus, apply and watch. Called by the loop after it wrote.
     */
    public void signalCore()
    {
        coreSignal.signal();
    }

    /**
     * Wakes housekeeping. Called by the loop after it wrote.
     */
    public void signalHousekeeping()
    {
        housekeepingSignal.signal();
    }

    /**
     * Wakes the loop. Called by agents after they wrote.
     */
    public void signalLoop()
    {
        loopSignal.signal();
    }

    /**
     * The loop tells how far it has drained {@link #fromApply()} and {@link #fromWatch()} with every answer built: what
     * answers up to here referred to is no longer needed by it. Pairs with the load in {@link #answeredPosition()}.
     *
     * @param value a count that only grows.
     */
    public void answeredPosition(final long value)
    {
        ANSWERED.setRelease(this, value);
    }

    /**
     * @return see {@link #answeredPosition(long)}.
     */
    public long answeredPosition()
    {
        return (long)ANSWERED.getAcquire(this);
    }

    /**
     * The loop has its first turn: from now on it reads its rings. Pairs with the load in {@link #isServed()}.
     */
    public void serve()
    {
        SERVED.setRelease(this, true);
    }

    /**
     * @return true once the loop runs; before, as while a member starts, nobody reads what is sent to it.
     */
    public boolean isServed()
    {
        return (boolean)SERVED.getAcquire(this);
    }

    /**
     * The loop registers the lowest index that a read of it waits for; {@code Long.MAX_VALUE} if none. After storing it
     * the loop issues a full fence and checks the applied index once more. Pairs with the load in {@link
     * #awaitedIndex()}, which apply makes after it published the applied index and a full fence.
     *
     * @param value lowest index.
     */
    public void awaitedIndex(final long value)
    {
        AWAITED.setRelease(this, value);
    }

    /**
     * @return see {@link #awaitedIndex(long)}.
     */
    public long awaitedIndex()
    {
        return (long)AWAITED.getAcquire(this);
    }

    /**
     * Housekeeping asks the loop to tell when every answer that was under way by now is built. Pairs with the load in
     * {@link #requestedGrace()}.
     *
     * @param ticket that only grows.
     */
    public void requestGrace(final long ticket)
    {
        REQUESTED_GRACE.setRelease(this, ticket);
    }

    /**
     * The loop loads this before it looks at the ends of {@link #fromApply()} and {@link #fromWatch()}.
     *
     * @return newest ticket requested.
     */
    public long requestedGrace()
    {
        return (long)REQUESTED_GRACE.getAcquire(this);
    }

    /**
     * The loop has built every answer that was in its rings, or begun, when it loaded this ticket. Pairs with the load
     * in {@link #grantedGrace()}.
     *
     * @param ticket as loaded from {@link #requestedGrace()}.
     */
    public void grantGrace(final long ticket)
    {
        GRANTED_GRACE.setRelease(this, ticket);
    }

    /**
     * @return newest ticket granted.
     */
    public long grantedGrace()
    {
        return (long)GRANTED_GRACE.getAcquire(this);
    }

    /**
     * The loop has begun a range, alone or in a transaction. Pairs with the load in {@link #rangeCount()}.
     */
    public void countRange()
    {
        RANGES.setRelease(this, (long)RANGES.get(this) + 1);
    }

    /**
     * @return how many ranges the loop has begun.
     */
    public long rangeCount()
    {
        return (long)RANGES.getAcquire(this);
    }

    /**
     * A call of the loop ended before the result of its command came. Pairs with the load in
     * {@link #failedProposals()}.
     */
    public void countFailedProposal()
    {
        FAILED_PROPOSALS.setRelease(this, (long)FAILED_PROPOSALS.get(this) + 1);
    }

    /**
     * @return how many calls ended before the results of their commands came.
     */
    public long failedProposals()
    {
        return (long)FAILED_PROPOSALS.getAcquire(this);
    }

    private static OneToOneRingBuffer ring(final int capacity)
    {
        return new OneToOneRingBuffer(new UnsafeBuffer(
            BufferUtil.allocateDirectAligned(capacity + RingBufferDescriptor.TRAILER_LENGTH, 128)));
    }
}
