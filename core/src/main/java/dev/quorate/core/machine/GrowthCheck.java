package dev.quorate.core.machine;

import dev.quorate.core.codec.command.CompareDecoder;
import dev.quorate.core.codec.command.DeleteRangeDecoder;
import dev.quorate.core.codec.command.LeaseGrantDecoder;
import dev.quorate.core.codec.command.ProposalDecoder;
import dev.quorate.core.codec.command.PutDecoder;
import dev.quorate.core.codec.command.RangeDecoder;
import dev.quorate.core.codec.command.TxnDecoder;
import org.agrona.DirectBuffer;

/**
 * Tells commands that may need more space for good from those that free some or need next to none. Unlike the quota,
 * which follows etcd, it finds the puts of nested transactions too.
 * <p>
 * Owner: the thread that made it.
 */
public final class GrowthCheck
{
    private final CommandReader reader = new CommandReader();
    private final TxnOp txn = new TxnOp();
    private final DeleteOp delete = new DeleteOp();
    private final CompareOp compare = new CompareOp();

    /**
     * @param buffer holding the payload of an entry: Proposal, then the command.
     * @param offset of the payload.
     * @param length of the payload, bytes.
     * @return true if it is a put, a grant of a lease, or a transaction with a put anywhere in it.
     * @throws IllegalStateException if the payload is no command.
     */
    public boolean grows(final DirectBuffer buffer, final int offset, final int length)
    {
        reader.wrap(buffer, offset, length);
        reader.expect(ProposalDecoder.TEMPLATE_ID);
        reader.moveTo(reader.position() + reader.blockLength());
        switch (reader.next())
        {
            case PutDecoder.TEMPLATE_ID, LeaseGrantDecoder.TEMPLATE_ID:
                return true;

            case TxnDecoder.TEMPLATE_ID:
                txn.read(reader);
                return hasPut();

            default:
                return false;
        }
    }

    /** Nested transactions stand where their operations follow, so that one pass sees all. */
    private boolean hasPut()
    {
        while (!reader.isAtEnd())
        {
            switch (reader.next())
            {
                case PutDecoder.TEMPLATE_ID:
                    return true;

                case TxnDecoder.TEMPLATE_ID:
                    txn.read(reader);
                    break;

                case DeleteRangeDecoder.TEMPLATE_ID:
                    delete.read(reader);
                    break;

                case CompareDecoder.TEMPLATE_ID:
                    compare.read(reader);
                    break;

                case RangeDecoder.TEMPLATE_ID:
                    reader.moveTo(reader.position() + reader.blockLength());
                    break;

                default:
                    throw reader.malformed("not an operation");
            }
        }
        return false;
    }
}
