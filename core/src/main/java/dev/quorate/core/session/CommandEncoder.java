package dev.quorate.core.session;

import dev.quorate.core.codec.command.AlarmEncoder;
import dev.quorate.core.codec.command.CompactEncoder;
import dev.quorate.core.codec.command.CompareEncoder;
import dev.quorate.core.codec.command.ConfigChangeEncoder;
import dev.quorate.core.codec.command.DeleteRangeEncoder;
import dev.quorate.core.codec.command.LeaseGrantEncoder;
import dev.quorate.core.codec.command.LeaseRevokeEncoder;
import dev.quorate.core.codec.command.MessageHeaderEncoder;
import dev.quorate.core.codec.command.ProposalEncoder;
import dev.quorate.core.codec.command.PutEncoder;
import dev.quorate.core.codec.command.RangeEncoder;
import dev.quorate.core.codec.command.TxnEncoder;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

import java.util.ArrayList;

/**
 * Encodes commands as they go into the log. Lengths are computed first, so that the ring is claimed once and written
 * once.
 */
final class CommandEncoder
{
    static final int PROPOSAL_LENGTH = MessageHeaderEncoder.ENCODED_LENGTH + ProposalEncoder.BLOCK_LENGTH;

    private static final int HEADER = MessageHeaderEncoder.ENCODED_LENGTH;
    private static final int LENGTH_FIELD = Integer.BYTES;
    private static final short PREV_KV = 1;
    private static final short IGNORE_VALUE = 2;
    private static final short IGNORE_LEASE = 4;
    private static final short UNKNOWN = 255;

    private final long memberId;
    private final long bootId;
    private final MessageHeaderEncoder header = new MessageHeaderEncoder();
    private final ProposalEncoder proposal = new ProposalEncoder();
    private final PutEncoder put = new PutEncoder();
    private final DeleteRangeEncoder delete = new DeleteRangeEncoder();
    private final RangeEncoder range = new RangeEncoder();
    private final TxnEncoder txn = new TxnEncoder();
    private final CompareEncoder compare = new CompareEncoder();
    private final CompactEncoder compact = new CompactEncoder();
    private final LeaseGrantEncoder leaseGrant = new LeaseGrantEncoder();
    private final LeaseRevokeEncoder leaseRevoke = new LeaseRevokeEncoder();
    private final AlarmEncoder alarm = new AlarmEncoder();
    private final ConfigChangeEncoder configChange = new ConfigChangeEncoder();

    CommandEncoder(final long memberId, final long bootId)
    {
        this.memberId = memberId;
        this.bootId = bootId;
    }

    static int putLength(final PutRequest request)
    {
        return HEADER + PutEncoder.BLOCK_LENGTH + 2 * LENGTH_FIELD + request.keyLength + request.valueLength;
    }

    static int deleteLength(final DeleteRequest request)
    {
        return HEADER + DeleteRangeEncoder.BLOCK_LENGTH + 2 * LENGTH_FIELD + request.keyLength + request.endLength;
    }

    static int compactLength()
    {
        return HEADER + CompactEncoder.BLOCK_LENGTH;
    }

    static int leaseGrantLength()
    {
        return HEADER + LeaseGrantEncoder.BLOCK_LENGTH;
    }

    static int leaseRevokeLength()
    {
        return HEADER + LeaseRevokeEncoder.BLOCK_LENGTH;
    }

    static int alarmLength()
    {
        return HEADER + AlarmEncoder.BLOCK_LENGTH;
    }

    static int configChangeLength(final int urlsLength)
    {
        return HEADER + ConfigChangeEncoder.BLOCK_LENGTH + LENGTH_FIELD + urlsLength;
    }

    /** Fills the lengths inside the transaction. @return length of the whole as a command, bytes. */
    static long txnLength(final TxnNode node)
    {
        long compares = 0;
        for (int i = 0; i < node.compares.size(); i++)
        {
            final CompareRequest request = node.compares.get(i);
            compares += HEADER + CompareEncoder.BLOCK_LENGTH + 3 * LENGTH_FIELD +
                (long)request.keyLength + request.endLength + request.valueLength();
        }
        node.compareLength = compares;
        node.successLength = branchLength(node.success);
        node.failureLength = branchLength(node.failure);
        return HEADER + TxnEncoder.BLOCK_LENGTH + compares + node.successLength + node.failureLength;
    }

    int proposal(final MutableDirectBuffer target, final int at, final long correlationId)
    {
        proposal.wrapAndApplyHeader(target, at, header)
            .memberId(memberId)
            .bootId(bootId)
            .correlationId(correlationId);
        return at + PROPOSAL_LENGTH;
    }

    int put(final MutableDirectBuffer target, final int at, final DirectBuffer source, final PutRequest request)
    {
        put.wrapAndApplyHeader(target, at, header)
            .lease(request.lease)
            .flags((short)((request.isPrevKv ? PREV_KV : 0) | (request.isIgnoreValue ? IGNORE_VALUE : 0) |
                (request.isIgnoreLease ? IGNORE_LEASE : 0)))
            .putKey(source, request.keyOffset, request.keyLength)
            .putValue(source, request.valueOffset, request.valueLength);
        return put.limit();
    }

    int delete(final MutableDirectBuffer target, final int at, final DirectBuffer source, final DeleteRequest request)
    {
        delete.wrapAndApplyHeader(target, at, header)
            .flags(request.isPrevKv ? PREV_KV : 0)
            .putKey(source, request.keyOffset, request.keyLength)
            .putRangeEnd(source, request.endOffset, request.endLength);
        return delete.limit();
    }

    int txn(final MutableDirectBuffer target, final int at, final DirectBuffer source, final TxnNode node)
    {
        txn.wrapAndApplyHeader(target, at, header)
            .compareCount(node.compares.size())
            .compareLength(node.compareLength)
            .successCount(node.success.size())
            .successLength(node.successLength)
            .failureCount(node.failure.size())
            .failureLength(node.failureLength);
        int p = txn.limit();
        for (int i = 0; i < node.compares.size(); i++)
        {
            p = compare(target, p, source, node.compares.get(i));
        }
        p = branch(target, p, source, node.success);
        return branch(target, p, source, node.failure);
    }

    int compact(final MutableDirectBuffer target, final int at, final long revision)
    {
        compact.wrapAndApplyHeader(target, at, header).revision(revision);
        return compact.limit();
    }

    int leaseGrant(final MutableDirectBuffer target, final int at, final long leaseId, final long ttlSeconds)
    {
        leaseGrant.wrapAndApplyHeader(target, at, header).leaseId(leaseId).ttlSeconds(ttlSeconds);
        return leaseGrant.limit();
    }

    int leaseRevoke(final MutableDirectBuffer target, final int at, final long leaseId)
    {
        leaseRevoke.wrapAndApplyHeader(target, at, header).leaseId(leaseId).leaderTerm(0);
        return leaseRevoke.limit();
    }

    int alarm(final MutableDirectBuffer target, final int at, final long ofMember, final int action, final int type)
    {
        alarm.wrapAndApplyHeader(target, at, header)
            .targetMemberId(ofMember)
            .action(octet(action))
            .alarm(octet(type));
        return alarm.limit();
    }

    int configChange(
        final MutableDirectBuffer target,
        final int at,
        final long ofMember,
        final int kind,
        final DirectBuffer urls,
        final int urlsLength)
    {
        configChange.wrapAndApplyHeader(target, at, header)
            .targetMemberId(ofMember)
            .kind((short)kind)
            .putPeerUrls(urls, 0, urlsLength);
        return configChange.limit();
    }

    private static long branchLength(final ArrayList<Op> branch)
    {
        long length = 0;
        for (int i = 0; i < branch.size(); i++)
        {
            final Op op = branch.get(i);
            length += switch (op.kind)
            {
                case Op.RANGE -> HEADER + RangeEncoder.BLOCK_LENGTH;
                case Op.PUT -> putLength(op.put);
                case Op.DELETE -> deleteLength(op.delete);
                case Op.TXN -> txnLength(op.txn);
                default -> throw new IllegalStateException("operation without a kind");
            };
        }
        return length;
    }

    private int branch(
        final MutableDirectBuffer target, final int at, final DirectBuffer source, final ArrayList<Op> branch)
    {
        int p = at;
        for (int i = 0; i < branch.size(); i++)
        {
            final Op op = branch.get(i);
            p = switch (op.kind)
            {
                case Op.RANGE -> range(target, p, op.range);
                case Op.PUT -> put(target, p, source, op.put);
                case Op.DELETE -> delete(target, p, source, op.delete);
                case Op.TXN -> txn(target, p, source, op.txn);
                default -> throw new IllegalStateException("operation without a kind");
            };
        }
        return p;
    }

    private int range(final MutableDirectBuffer target, final int at, final RangeRequest request)
    {
        range.wrapAndApplyHeader(target, at, header).revision(request.revision);
        return range.limit();
    }

    private int compare(
        final MutableDirectBuffer target, final int at, final DirectBuffer source, final CompareRequest request)
    {
        compare.wrapAndApplyHeader(target, at, header)
            .number(request.number())
            .result(octet(request.result))
            .target(octet(request.target))
            .putKey(source, request.keyOffset, request.keyLength)
            .putRangeEnd(source, request.endOffset, request.endLength)
            .putValue(source, request.valueOffset(), request.valueLength());
        return compare.limit();
    }

    /** Enumerations of clients may hold any number; those that are none of ours become one that is none either. */
    private static short octet(final int enumeration)
    {
        return enumeration < 0 || enumeration >= UNKNOWN ? UNKNOWN : (short)enumeration;
    }
}
