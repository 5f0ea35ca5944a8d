package dev.quorate.core.node;

import dev.quorate.core.log.LogEntryReader;
import dev.quorate.core.log.RaftLog;
import dev.quorate.core.machine.ApplyResult;
import dev.quorate.core.machine.LeaseListener;
import dev.quorate.core.machine.ResultSink;
import dev.quorate.core.machine.StateMachine;
import dev.quorate.core.ring.LoopRings;
import dev.quorate.core.ring.NodeState;
import dev.quorate.core.ring.RingMessages;
import dev.quorate.core.store.Handover;
import dev.quorate.core.store.Store;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.ringbuffer.OneToOneRingBuffer;

import java.lang.invoke.VarHandle;

/**
 * The apply agent: owner of the store's tail and everything that entries change. A turn applies what is committed,
 * makes it visible, publishes the applied index, and only then delivers results.
 */
public final class ApplyAgent implements Agent, ResultSink, LeaseListener
{
    private static final int ENTRY_LIMIT = 256;
    private static final int STAGE_LIMIT = 256 * 1024;

    private final NodeContext context;
    private final NodeState state;
    private final LogEntryReader entry;
    private final Store store;
    private final LoopRings[] loops;
    private final ResultStage stage;
    private final CompactionHold compactionHold;
    private final OneToOneRingBuffer leaseRing;
    private final UnsafeBuffer leaseEvent = new UnsafeBuffer(new byte[24]);
    private final UnsafeBuffer mark = new UnsafeBuffer(new byte[8]);
    private StateMachine machine;
    private final Handover handover;
    private final LeaseListener directListener;
    private LeaseListener recoveryListener;
    private boolean isUnpublished;
    private boolean isConsensusTold;
    private boolean isHeld;
    private long appliedIndex;
    private long appliedTerm;

    /** @param directListener hears of leases while consensus rests: at the start and when a snapshot is installed. */
    ApplyAgent(
        final NodeContext context,
        final RaftLog log,
        final Store store,
        final OneToOneRingBuffer leaseRing,
        final LeaseListener directListener)
    {
        this.handover = store.handover();
        this.directListener = directListener;
        this.recoveryListener = directListener;
        this.context = context;
        this.state = context.state();
        this.entry = log.newReader();
        this.store = store;
        this.loops = context.loops();
        this.leaseRing = leaseRing;
        this.stage = new ResultStage(loops);
        this.compactionHold = new CompactionHold(loops);
    }

    /**
     * Takes the machine, which needs this agent as its sink.
     *
     * @param stateMachine recovered.
     */
    void machine(final StateMachine stateMachine)
    {
        machine = stateMachine;
        recoveryListener = null;
        appliedIndex = stateMachine.appliedIndex();
        state.set(NodeState.Value.APPLIED_INDEX, appliedIndex);
    }

    @Override
    public int doWork()
    {
        int work = 0;
        if (!isUnpublished)
        {
            work = stage.flush();
            if (!stage.isEmpty())
            {
                signalLoops();
                return work;
            }
        }
        final Handover.Phase phase = handover.phase();
        if (Handover.Phase.IDLE != phase && takePart(phase))
        {
            return work + 1;
        }
        final int applied = applyCommitted();
        isUnpublished |= applied > 0;
        work += applied;
        // Inside an entry nothing is published, and so nothing answered: it goes on in the next turn.
        if (isUnpublished && !machine.isBusy())
        {
            isUnpublished = false;
            store.publish();
            // Pairs with the acquire load of whoever waits for an index: it finds the store at least as new.
            state.set(NodeState.Value.APPLIED_INDEX, appliedIndex);
            work += stage.flush();
            context.watchSignal().signal();
            if (isConsensusTold)
            {
                isConsensusTold = false;
                context.coreSignal().signal();
            }
        }
        if (work > 0)
        {
            signalLoops();
        }
        // what is held waits for a loop that has been signalled, and nobody signals back: no sleep meanwhile
        return isHeld ? work + 1 : work;
    }

    @Override
    public String roleName()
    {
        return "apply";
    }

    @Override
    public void onResult(final DirectBuffer buffer, final int offset, final int length)
    {
        final int loopId = (int)(buffer.getLong(offset) >>> 56);
        if (length > ApplyResult.MAX_LENGTH || loopId >= loops.length)
        {
            throw new IllegalStateException("impossible result: loop=" + loopId + " length=" + length);
        }
        stage.add(RingMessages.RESULT, loopId, buffer, offset, length);
    }

    @Override
    public void onGranted(final long leaseId, final long ttlSeconds, final long index)
    {
        if (null != recoveryListener)
        {
            recoveryListener.onGranted(leaseId, ttlSeconds, index);
            return;
        }
        leaseEvent.putLong(0, leaseId);
        leaseEvent.putLong(8, ttlSeconds);
        leaseEvent.putLong(16, index);
        tellConsensus(RingMessages.LEASE_GRANTED, 24);
    }

    @Override
    public void onRevoked(final long leaseId, final long index)
    {
        if (null != recoveryListener)
        {
            recoveryListener.onRevoked(leaseId, index);
            return;
        }
        leaseEvent.putLong(0, leaseId);
        leaseEvent.putLong(8, index);
        tellConsensus(RingMessages.LEASE_REVOKED, 16);
    }

    @Override
    public void onCleared()
    {
        if (null != recoveryListener)
        {
            recoveryListener.onCleared();
            return;
        }
        tellConsensus(RingMessages.LEASES_CLEARED, 8);
    }

    private int applyCommitted()
    {
        final long commitIndex = state.get(NodeState.Value.COMMIT_INDEX);
        int count = 0;
        isHeld = false;
        while (count < ENTRY_LIMIT && mayApply())
        {
            final boolean isDone;
            if (machine.isBusy())
            {
                isDone = machine.resume();
            }
            else if (appliedIndex < commitIndex)
            {
                final long index = appliedIndex + 1;
                if (!entry.load(index))
                {
                    throw new IllegalStateException("committed entry is not in the log: index=" + index);
                }
                isHeld = compactionHold.holds(
                    entry.type(), entry.buffer(), entry.payloadOffset(), entry.payloadLength(), !stage.isEmpty());
                if (isHeld)
                {
                    break;
                }
                noticeTerm(entry.term());
                isDone = machine.apply(
                    index, entry.term(), entry.type(), entry.buffer(), entry.payloadOffset(), entry.payloadLength());
            }
            else
            {
                break;
            }
            count++;
            if (!isDone)
            {
                break;
            }
            appliedIndex = machine.appliedIndex();
        }
        return count;
    }

    /**
     * Commands that were placed in an earlier term and are not applied before an entry of this one never will be: their
     * loops hear so behind the results of all entries before.
     */
    private void noticeTerm(final long term)
    {
        if (term != appliedTerm)
        {
            if (term < appliedTerm)
            {
                throw new IllegalStateException("term of entries fell: index=" + (appliedIndex + 1) +
                    " term=" + term + " before=" + appliedTerm);
            }
            appliedTerm = term;
            markResults(RingMessages.TERM_APPLIED, term);
        }
    }

    /**
     * A loop that does not run yet has placed no command, so that no mark tells it anything; and a compaction would be
     * held until it is read, while the loops of a starting member wait for what is behind the compaction.
     */
    private void markResults(final int type, final long value)
    {
        mark.putLong(0, value);
        for (int i = 0; i < loops.length; i++)
        {
            if (loops[i].isServed())
            {
                stage.add(type, i, mark, 0, Long.BYTES);
            }
        }
    }

    private boolean mayApply()
    {
        store.doWork();
        return !store.isBackPressured() && stage.length() < STAGE_LIMIT &&
            leaseRing.size() < leaseRing.capacity() / 2;
    }

    /** True if a snapshot keeps this agent from applying. An entry that is under way is ended before. */
    private boolean takePart(final Handover.Phase phase)
    {
        switch (phase)
        {
            case OFFERED, REFUSED ->
            {
                return false;
            }
            case FROZEN ->
            {
                if (machine.isBusy())
                {
                    return false;
                }
                handover.pass(Handover.Phase.FROZEN, Handover.Phase.STOPPED);
                context.watchSignal().signal();
                context.housekeepingSignal().signal();
            }
            case RESET ->
            {
                install();
                handover.pass(Handover.Phase.RESET, Handover.Phase.INSTALLED);
                context.watchSignal().signal();
                context.coreSignal().signal();
            }
            default ->
            {
                // others are at it
            }
        }
        return true;
    }

    private void install()
    {
        store.install(handover.sink());
        // Consensus rests in this phase, so its lease clock can be told directly.
        recoveryListener = directListener;
        machine.recover();
        recoveryListener = null;
        appliedIndex = machine.appliedIndex();
        // The snapshot may hold what commands of this member did: that they have no result proves nothing any more.
        markResults(RingMessages.RESULTS_SKIPPED, 0);
        // Pairs with the acquire load of whoever waits for an index: it finds the store at least as new.
        state.set(NodeState.Value.APPLIED_INDEX, appliedIndex);
        signalLoops();
    }

    private void signalLoops()
    {
        // A loop stores the index it awaits, fences, then looks at the applied index: one of both sees the other.
        VarHandle.fullFence();
        stage.signal(appliedIndex);
    }

    private void tellConsensus(final int type, final int length)
    {
        if (!leaseRing.write(type, leaseEvent, 0, length))
        {
            throw new IllegalStateException("no room for a lease event: capacity=" + leaseRing.capacity());
        }
        isConsensusTold = true;
    }
}
