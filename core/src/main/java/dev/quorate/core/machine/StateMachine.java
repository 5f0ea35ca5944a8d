package dev.quorate.core.machine;

import dev.quorate.core.api.EtcdError;
import dev.quorate.core.codec.command.AlarmDecoder;
import dev.quorate.core.codec.command.ClusterVersionDecoder;
import dev.quorate.core.codec.command.CompactDecoder;
import dev.quorate.core.codec.command.ConfigChangeDecoder;
import dev.quorate.core.codec.command.DeleteRangeDecoder;
import dev.quorate.core.codec.command.LeaseGrantDecoder;
import dev.quorate.core.codec.command.LeaseRevokeDecoder;
import dev.quorate.core.codec.command.MemberPublishDecoder;
import dev.quorate.core.codec.command.ProposalDecoder;
import dev.quorate.core.codec.command.PutDecoder;
import dev.quorate.core.codec.command.TxnDecoder;
import dev.quorate.core.raft.RaftLogAccess;
import dev.quorate.core.store.Store;
import org.agrona.DirectBuffer;

/**
 * Applies committed entries in order: a pure function of the log. An entry that is longer than a turn is continued in
 * later turns; nothing of it is visible before it is done and published.
 * <p>
 * Owner: the apply thread. After each entry that is done, or a batch of them, the owner publishes the store, then the
 * applied index, then lets the results go that the {@link ResultSink} was given meanwhile. Before an entry, and before
 * each further turn of one, it does the store's duty and asks it whether it is back-pressured.
 */
public final class StateMachine
{
    private static final int IDLE = 0;
    private static final int DELETING = 1;
    private static final int IN_TXN = 2;
    private static final int REVOKING = 3;

    private final MachineContext context;
    private final Store store;
    private final KeyCounts counts;
    private final LeaseTable leases;
    private final AlarmCommands alarms;
    private final MemberCommands members;
    private final Admission admission;
    private final PutApplier puts;
    private final RangeDeletion deletion;
    private final RevisionBounds revisionBounds;
    private final TxnCommand txn;
    private final ResultBuilder result;
    private final WorkBudget budget = new WorkBudget();
    private final CommandReader reader = new CommandReader();
    private final ProposalDecoder proposal = new ProposalDecoder();
    private final PutOp put = new PutOp();
    private final DeleteOp delete = new DeleteOp();
    private final CompactDecoder compact = new CompactDecoder();
    private final LeaseGrantDecoder leaseGrant = new LeaseGrantDecoder();
    private final LeaseRevokeDecoder leaseRevoke = new LeaseRevokeDecoder();
    private final AlarmDecoder alarm = new AlarmDecoder();
    private final ClusterVersionDecoder clusterVersion = new ClusterVersionDecoder();
    private int task = IDLE;
    private boolean isRecovered;
    private boolean isBusy;
    private long index;
    private long term;
    private long appliedIndex;
    private long appliedTerm;

    /**
     * @param context concluded here.
     */
    public StateMachine(final MachineContext context)
    {
        this.context = context.conclude();
        store = context.store();
        counts = new KeyCounts(context.nodeState());
        leases = new LeaseTable(context, counts);
        alarms = new AlarmCommands(context);
        members = new MemberCommands(context);
        admission = new Admission(alarms, context.quota());
        puts = new PutApplier(store, leases, counts);
        deletion = new RangeDeletion(store, counts);
        result = new ResultBuilder(context.resultSink());
        revisionBounds = new RevisionBounds(store);
        txn = new TxnCommand(store, puts, deletion, revisionBounds, counts, result);
    }

    /**
     * Rebuilds leases, alarms and members from the store, tells the lease listener and publishes the directories. Call
     * once before the first entry, and again after a snapshot replaced the store's content.
     *
     * @throws IllegalStateException if an entry is not done, or a row of the store is malformed.
     */
    public void recover()
    {
        if (isBusy)
        {
            throw new IllegalStateException("entry is not done: index=" + index);
        }
        leases.recover();
        alarms.recover();
        members.recover();
        appliedIndex = store.raftIndex();
        appliedTerm = store.term();
        isRecovered = true;
    }

    /**
     * Applies the entry after {@link #appliedIndex()}, or begins to.
     *
     * @param ofIndex of the entry.
     * @param ofTerm  of the entry.
     * @param type    of the entry, see {@link RaftLogAccess}.
     * @param payload holding its bytes, which must stay readable and unchanged until the entry is done.
     * @param offset  of the payload.
     * @param length  of the payload, bytes.
     * @return true if the entry is done; false if it is longer than a turn: call {@link #resume()} in later turns.
     * @throws IllegalStateException if the entry is out of order or malformed; the process must halt.
     */
    public boolean apply(
        final long ofIndex,
        final long ofTerm,
        final int type,
        final DirectBuffer payload,
        final int offset,
        final int length)
    {
        if (!isRecovered || isBusy || ofIndex != appliedIndex + 1 || ofTerm < appliedTerm)
        {
            throw new IllegalStateException("entry out of order: index=" + ofIndex + " term=" + ofTerm + " " + this);
        }
        index = ofIndex;
        term = ofTerm;
        isBusy = true;
        task = IDLE;
        store.begin(index, term);
        result.begin(index, store.bound());
        admission.begin();
        if (1 == index)
        {
            members.onFirstEntry();
        }
        budget.refill(context.sliceUnits());
        reader.wrap(payload, offset, length);
        switch (type)
        {
            case RaftLogAccess.COMMAND -> beginCommand();
            case RaftLogAccess.CONFIG -> applyConfig();
            case RaftLogAccess.NOOP ->
            {
            }
            default -> throw new IllegalStateException("entry type " + type + " at index " + index);
        }
        return runTask();
    }

    /**
     * Continues the entry that is not done.
     *
     * @return true if it is done now.
     * @throws IllegalStateException if there is none.
     */
    public boolean resume()
    {
        if (!isBusy)
        {
            throw new IllegalStateException("no entry to continue: " + this);
        }
        budget.refill(context.sliceUnits());
        return runTask();
    }

    /**
     * @return true while an entry is not done.
     */
    public boolean isBusy()
    {
        return isBusy;
    }

    /**
     * @return index of the last entry that is done.
     */
    public long appliedIndex()
    {
        return appliedIndex;
    }

    /**
     * @return term of that entry.
     */
    public long appliedTerm()
    {
        return appliedTerm;
    }

    private void readProposal()
    {
        reader.expect(ProposalDecoder.TEMPLATE_ID);
        proposal.wrap(reader.buffer(), reader.position(), reader.blockLength(), reader.version());
        reader.moveTo(reader.position() + reader.blockLength());
        if (proposal.memberId() == context.memberId() && proposal.bootId() == context.bootId())
        {
            result.askedBy(proposal.correlationId());
        }
    }

    private void applyConfig()
    {
        readProposal();
        reader.expect(ConfigChangeDecoder.TEMPLATE_ID);
        result.fail(members.applyChange(reader, index));
        checkEnd();
    }

    private void beginCommand()
    {
        readProposal();
        final int at = reader.position();
        final int template = reader.next();
        reader.rewindTo(at);
        final EtcdError refusal = admission.check(reader, template);
        if (EtcdError.NONE != refusal)
        {
            result.fail(refusal);
            return;
        }
        if (TxnDecoder.TEMPLATE_ID == template)
        {
            txn.begin(reader);
            task = IN_TXN;
            return;
        }
        reader.next();
        switch (template)
        {
            case PutDecoder.TEMPLATE_ID -> applyPut();
            case DeleteRangeDecoder.TEMPLATE_ID -> beginDelete();
            case CompactDecoder.TEMPLATE_ID -> applyCompact();
            case LeaseGrantDecoder.TEMPLATE_ID -> applyLeaseGrant();
            case LeaseRevokeDecoder.TEMPLATE_ID -> beginLeaseRevoke();
            case AlarmDecoder.TEMPLATE_ID -> applyAlarm();
            case MemberPublishDecoder.TEMPLATE_ID -> result.fail(members.applyPublication(reader, index));
            case ClusterVersionDecoder.TEMPLATE_ID -> applyClusterVersion();
            default -> throw reader.malformed("command " + template);
        }
        checkEnd();
    }

    private void applyPut()
    {
        put.read(reader);
        final EtcdError error = puts.check(reader.buffer(), put);
        if (EtcdError.NONE == error)
        {
            result.add(puts.put(reader.buffer(), put));
        }
        else
        {
            result.fail(error);
        }
    }

    private void beginDelete()
    {
        delete.read(reader);
        deletion.begin(reader.buffer(), delete);
        task = DELETING;
    }

    private void applyCompact()
    {
        compact.wrap(reader.buffer(), reader.position(), reader.blockLength(), reader.version());
        endBlock();
        final long revision = compact.revision();
        if (revision <= store.compactRevision())
        {
            result.fail(EtcdError.COMPACTED);
        }
        else if (revision > store.revision())
        {
            result.fail(EtcdError.FUTURE_REVISION);
        }
        else
        {
            store.compact(revision);
        }
    }

    private void applyLeaseGrant()
    {
        leaseGrant.wrap(reader.buffer(), reader.position(), reader.blockLength(), reader.version());
        endBlock();
        final long ttlSeconds = Math.max(LeaseTable.MIN_TTL_SECONDS, leaseGrant.ttlSeconds());
        final EtcdError error = leases.grant(leaseGrant.leaseId(), ttlSeconds, index);
        if (EtcdError.NONE == error)
        {
            result.add(ttlSeconds);
        }
        else
        {
            result.fail(error);
        }
    }

    private void beginLeaseRevoke()
    {
        leaseRevoke.wrap(reader.buffer(), reader.position(), reader.blockLength(), reader.version());
        endBlock();
        final long leaderTerm = leaseRevoke.leaderTerm();
        if (0 != leaderTerm && leaderTerm != term)
        {
            // decided by a leader that a newer one has replaced: the lease may have been renewed since
            result.fail(EtcdError.NOT_LEADER);
            return;
        }
        final EtcdError error = leases.beginRevoke(leaseRevoke.leaseId());
        if (EtcdError.NONE == error)
        {
            task = REVOKING;
        }
        else
        {
            result.fail(error);
        }
    }

    private void applyAlarm()
    {
        alarm.wrap(reader.buffer(), reader.position(), reader.blockLength(), reader.version());
        endBlock();
        alarms.apply(alarm.action(), alarm.targetMemberId(), alarm.alarm(), result);
    }

    private void applyClusterVersion()
    {
        clusterVersion.wrap(reader.buffer(), reader.position(), reader.blockLength(), reader.version());
        endBlock();
        members.applyVersion(clusterVersion.major(), clusterVersion.minor(), index);
    }

    private void endBlock()
    {
        reader.moveTo(reader.position() + reader.blockLength());
    }

    private void checkEnd()
    {
        if (!reader.isAtEnd())
        {
            throw reader.malformed("bytes after the command");
        }
    }

    private boolean runTask()
    {
        final boolean isDone = switch (task)
        {
            case DELETING -> deletion.run(budget);
            case IN_TXN -> txn.run(budget);
            case REVOKING -> leases.runRevoke(index, budget);
            default -> true;
        };
        if (isDone)
        {
            finish();
        }
        return isDone;
    }

    private void finish()
    {
        if (DELETING == task)
        {
            result.add(deletion.deleted());
        }
        if (admission.isOverQuota() && EtcdError.NONE == result.error())
        {
            result.fail(EtcdError.NO_SPACE);
        }
        revisionBounds.onEnding();
        store.end();
        counts.publish();
        appliedIndex = index;
        appliedTerm = term;
        task = IDLE;
        isBusy = false;
        result.deliver(store.revision(), store.bound());
    }

    @Override
    public String toString()
    {
        return "StateMachine{appliedIndex=" + appliedIndex + ", appliedTerm=" + appliedTerm +
            ", index=" + index + ", isBusy=" + isBusy + ", task=" + task + '}';
    }
}
