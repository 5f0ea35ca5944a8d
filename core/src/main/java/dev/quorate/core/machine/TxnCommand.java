package dev.quorate.core.machine;

import dev.quorate.core.api.EtcdError;
import dev.quorate.core.codec.command.CompareDecoder;
import dev.quorate.core.codec.command.DeleteRangeDecoder;
import dev.quorate.core.codec.command.PutDecoder;
import dev.quorate.core.codec.command.RangeDecoder;
import dev.quorate.core.codec.command.TxnDecoder;
import dev.quorate.core.store.Store;
import org.agrona.collections.IntArrayList;
import org.agrona.collections.LongArrayList;

import java.util.Arrays;

/**
 * Applies a transaction in three passes over the path that its compares choose. The first evaluates all compares, those
 * of nested transactions included, against the state before the transaction; the second checks every operation against
 * that same state; the third, which can no longer fail, executes. Nested transactions are kept on a stack of frames; a
 * pass can stop between any two units of work and go on in a later turn.
 */
final class TxnCommand
{
    private static final int COMPARING = 0;
    private static final int CHECKING = 1;
    private static final int EXECUTING = 2;

    private final Store store;
    private final PutApplier puts;
    private final RangeDeletion deletion;
    private final KeyCounts counts;
    private final ResultBuilder result;
    private final Comparison comparison;
    private final RevisionBounds revisionBounds;
    private final CommandReader reader = new CommandReader();
    private final TxnOp txn = new TxnOp();
    private final PutOp put = new PutOp();
    private final DeleteOp delete = new DeleteOp();
    private final CompareOp compare = new CompareOp();
    private final RangeDecoder range = new RangeDecoder();
    private final IntArrayList decisions = new IntArrayList();
    private final LongArrayList rangeBounds = new LongArrayList();
    private int[] resumeAt = new int[8];
    private int[] opsLeft = new int[8];
    private int depth;
    private int rootAt;
    private int phase;
    private int nextDecision;
    private int nextRangeBound;
    private int opsExecuted;
    private int comparesLeft;
    private boolean isChoosing;
    private boolean isComparisonOpen;
    private boolean isDeleting;
    private long deletionBound;

    TxnCommand(
        final Store store,
        final PutApplier puts,
        final RangeDeletion deletion,
        final RevisionBounds revisionBounds,
        final KeyCounts counts,
        final ResultBuilder result)
    {
        this.store = store;
        this.puts = puts;
        this.deletion = deletion;
        this.counts = counts;
        this.result = result;
        this.comparison = new Comparison(store);
        this.revisionBounds = revisionBounds;
    }

    /**
     * @param at positioned at the header of the Txn, which ends the payload.
     */
    void begin(final CommandReader at)
    {
        rootAt = at.position();
        reader.wrap(at.buffer(), rootAt, at.end() - rootAt);
        decisions.clear();
        rangeBounds.clear();
        opsExecuted = 0;
        isComparisonOpen = false;
        isDeleting = false;
        beginPhase(COMPARING);
        if (txn.end() != reader.end())
        {
            throw reader.malformed("transaction ends at " + txn.end());
        }
    }

    /**
     * @return true if the transaction is done or was refused, false if the turn is over.
     */
    boolean run(final WorkBudget budget)
    {
        while (EtcdError.NONE == result.error())
        {
            if (isChoosing && !choose(budget) || isDeleting && !continueDeletion(budget))
            {
                return false;
            }
            if (0 == depth)
            {
                if (EXECUTING == phase)
                {
                    end();
                    return true;
                }
                beginPhase(phase + 1);
            }
            else if (0 == opsLeft[depth - 1])
            {
                depth--;
                reader.rewindTo(resumeAt[depth]);
            }
            else if (budget.isSpent())
            {
                return false;
            }
            else
            {
                opsLeft[depth - 1]--;
                step(budget);
            }
        }
        return true;
    }

    private void beginPhase(final int next)
    {
        phase = next;
        depth = 0;
        nextDecision = 0;
        nextRangeBound = 0;
        reader.rewindTo(rootAt);
        reader.expect(TxnDecoder.TEMPLATE_ID);
        enter();
    }

    private void end()
    {
        if (opsExecuted > 1)
        {
            counts.onTxn();
        }
    }

    private void enter()
    {
        txn.read(reader);
        if (COMPARING == phase)
        {
            isChoosing = true;
            comparesLeft = txn.compareCount();
            return;
        }
        final int decision = decisions.getInt(nextDecision++);
        if (EXECUTING == phase)
        {
            result.add(decision);
        }
        take(1 == decision);
    }

    private void take(final boolean isSuccess)
    {
        if (depth == resumeAt.length)
        {
            resumeAt = Arrays.copyOf(resumeAt, depth * 2);
            opsLeft = Arrays.copyOf(opsLeft, depth * 2);
        }
        resumeAt[depth] = txn.end();
        opsLeft[depth] = txn.branchCount(isSuccess);
        depth++;
        reader.rewindTo(txn.branchAt(isSuccess));
    }

    /**
     * Evaluates the compares of the transaction entered last.
     *
     * @return true once its branch is chosen and entered.
     */
    private boolean choose(final WorkBudget budget)
    {
        boolean isSuccess = true;
        while (isSuccess && comparesLeft > 0)
        {
            if (budget.isSpent())
            {
                return false;
            }
            if (!isComparisonOpen)
            {
                budget.spend();
                reader.expect(CompareDecoder.TEMPLATE_ID);
                compare.read(reader);
                comparison.begin(compare, reader.buffer());
                isComparisonOpen = true;
            }
            final int outcome = comparison.run(budget);
            if (Comparison.RUNNING == outcome)
            {
                return false;
            }
            isComparisonOpen = false;
            comparesLeft--;
            isSuccess = Comparison.HOLDS == outcome;
        }
        isChoosing = false;
        decisions.addInt(isSuccess ? 1 : 0);
        take(isSuccess);
        return true;
    }

    private void step(final WorkBudget budget)
    {
        budget.spend();
        switch (reader.next())
        {
            case RangeDecoder.TEMPLATE_ID -> onRange();
            case PutDecoder.TEMPLATE_ID -> onPut();
            case DeleteRangeDecoder.TEMPLATE_ID -> onDelete();
            case TxnDecoder.TEMPLATE_ID -> enter();
            default -> throw reader.malformed("not an operation");
        }
    }

    private void onRange()
    {
        range.wrap(reader.buffer(), reader.position(), reader.blockLength(), reader.version());
        reader.moveTo(reader.position() + reader.blockLength());
        final long revision = range.revision();
        if (CHECKING == phase)
        {
            if (revision > store.revision())
            {
                result.fail(EtcdError.FUTURE_REVISION);
            }
            else if (0 != revision && revision < store.compactRevision())
            {
                result.fail(EtcdError.COMPACTED);
            }
            else if (revision > 0 && result.isAskedHere())
            {
                rangeBounds.addLong(revisionBounds.of(revision));
            }
        }
        else if (EXECUTING == phase)
        {
            opsExecuted++;
            if (result.isAskedHere())
            {
                result.add(revision > 0 ? rangeBounds.getLong(nextRangeBound++) : store.bound());
                result.add(store.revision());
            }
        }
    }

    private void onPut()
    {
        put.read(reader);
        if (CHECKING == phase)
        {
            final EtcdError error = puts.check(reader.buffer(), put);
            if (EtcdError.NONE != error)
            {
                result.fail(error);
            }
        }
        else if (EXECUTING == phase)
        {
            opsExecuted++;
            result.add(puts.put(reader.buffer(), put));
            result.add(store.revision());
        }
    }

    private void onDelete()
    {
        delete.read(reader);
        if (EXECUTING == phase)
        {
            opsExecuted++;
            deletionBound = store.bound();
            deletion.begin(reader.buffer(), delete);
            isDeleting = true;
        }
    }

    private boolean continueDeletion(final WorkBudget budget)
    {
        if (!deletion.run(budget))
        {
            return false;
        }
        isDeleting = false;
        result.add(deletionBound);
        result.add(deletion.deleted());
        result.add(store.revision());
        return true;
    }

    @Override
    public String toString()
    {
        return "TxnCommand{phase=" + phase + ", depth=" + depth + ", reader=" + reader + '}';
    }
}
