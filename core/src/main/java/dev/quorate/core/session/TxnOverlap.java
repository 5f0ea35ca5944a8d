package dev.quorate.core.session;

import dev.quorate.core.api.EtcdError;
import org.agrona.DirectBuffer;

import java.util.ArrayList;
import java.util.Arrays;

/**
 * Finds puts that meet another put or a deletion of the same branch. Each branch of each level is checked, whichever
 * will run, with two asymmetries that clients of etcd know: a deletion to the end of the key space meets nothing, and
 * puts of an earlier nested transaction are not held against deletions of a later one.
 * <p>
 * Puts and deletions gathered so far lie on two stacks; what a level gathered is a segment at their top.
 */
final class TxnOverlap
{
    private PutRequest[] puts = new PutRequest[64];
    private int[] putHashes = new int[64];
    private DeleteRequest[] deletes = new DeleteRequest[16];
    private int putCount;
    private int deleteCount;
    private DirectBuffer buffer;

    EtcdError check(final TxnNode txn, final DirectBuffer source)
    {
        buffer = source;
        boolean meets = false;
        for (int i = 0; i < 2 && !meets; i++)
        {
            putCount = 0;
            deleteCount = 0;
            meets = gather(i == 0 ? txn.success : txn.failure);
        }
        Arrays.fill(puts, null);
        Arrays.fill(deletes, null);
        buffer = null;
        return meets ? EtcdError.DUPLICATE_KEY : EtcdError.NONE;
    }

    private boolean gather(final ArrayList<Op> branch)
    {
        final int putBase = putCount;
        final int deleteBase = deleteCount;
        for (int i = 0; i < branch.size(); i++)
        {
            if (branch.get(i).kind == Op.DELETE)
            {
                pushDelete(branch.get(i).delete);
            }
        }
        for (int i = 0; i < branch.size(); i++)
        {
            if (branch.get(i).kind == Op.TXN && gatherNested(branch.get(i).txn, putBase, deleteBase))
            {
                return true;
            }
        }
        for (int i = 0; i < branch.size(); i++)
        {
            if (branch.get(i).kind == Op.PUT)
            {
                final PutRequest put = branch.get(i).put;
                final int hash = Keys.hash(buffer, put.keyOffset, put.keyLength);
                if (isPut(put, hash, putBase, putCount) || isDeleted(put, deleteBase, deleteCount))
                {
                    return true;
                }
                pushPut(put, hash);
            }
        }
        return false;
    }

    private boolean gatherNested(final TxnNode txn, final int putBase, final int deleteBase)
    {
        final int putEnd = putCount;
        final int deleteEnd = deleteCount;
        if (gather(txn.success) || gather(txn.failure))
        {
            return true;
        }
        // The two branches of one transaction may put the same key: they are held against what came before, not against
        // each other.
        for (int i = putEnd; i < putCount; i++)
        {
            if (isPut(puts[i], putHashes[i], putBase, putEnd) || isDeleted(puts[i], deleteBase, deleteEnd))
            {
                return true;
            }
        }
        return false;
    }

    private boolean isPut(final PutRequest put, final int hash, final int from, final int to)
    {
        for (int i = from; i < to; i++)
        {
            if (putHashes[i] == hash && 0 == Keys.compare(
                buffer, puts[i].keyOffset, puts[i].keyLength, buffer, put.keyOffset, put.keyLength))
            {
                return true;
            }
        }
        return false;
    }

    private boolean isDeleted(final PutRequest put, final int from, final int to)
    {
        for (int i = from; i < to; i++)
        {
            final DeleteRequest delete = deletes[i];
            final int order = Keys.compare(
                buffer, put.keyOffset, put.keyLength, buffer, delete.keyOffset, delete.keyLength);
            final boolean isInside = delete.endLength == 0 ? order == 0 : order >= 0 && 0 > Keys.compare(
                buffer, put.keyOffset, put.keyLength, buffer, delete.endOffset, delete.endLength);
            if (isInside)
            {
                return true;
            }
        }
        return false;
    }

    private void pushPut(final PutRequest put, final int hash)
    {
        if (putCount == puts.length)
        {
            puts = Arrays.copyOf(puts, putCount * 2);
            putHashes = Arrays.copyOf(putHashes, putCount * 2);
        }
        puts[putCount] = put;
        putHashes[putCount++] = hash;
    }

    private void pushDelete(final DeleteRequest delete)
    {
        if (deleteCount == deletes.length)
        {
            deletes = Arrays.copyOf(deletes, deleteCount * 2);
        }
        deletes[deleteCount++] = delete;
    }
}
