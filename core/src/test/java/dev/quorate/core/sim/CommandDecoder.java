package dev.quorate.core.sim;

import dev.quorate.core.codec.command.AlarmDecoder;
import dev.quorate.core.codec.command.ClusterVersionDecoder;
import dev.quorate.core.codec.command.CompactDecoder;
import dev.quorate.core.codec.command.CompareDecoder;
import dev.quorate.core.codec.command.ConfigChangeDecoder;
import dev.quorate.core.codec.command.DeleteRangeDecoder;
import dev.quorate.core.codec.command.LeaseGrantDecoder;
import dev.quorate.core.codec.command.LeaseRevokeDecoder;
import dev.quorate.core.codec.command.MemberPublishDecoder;
import dev.quorate.core.codec.command.MessageHeaderDecoder;
import dev.quorate.core.codec.command.ProposalDecoder;
import dev.quorate.core.codec.command.PutDecoder;
import dev.quorate.core.codec.command.RangeDecoder;
import dev.quorate.core.codec.command.TxnDecoder;
import dev.quorate.core.machine.Command;
import org.agrona.DirectBuffer;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads the payload of a log entry as a command of the model.
 */
final class CommandDecoder
{
    private final MessageHeaderDecoder header = new MessageHeaderDecoder();
    private DirectBuffer buffer;
    private int at;
    private long originMemberId;
    private long originBootId;
    private long correlationId;

    Command decode(final DirectBuffer payload, final int offset, final int length)
    {
        if (0 == length)
        {
            originMemberId = 0;
            return new Command.Noop();
        }
        buffer = payload;
        at = offset;
        final ProposalDecoder proposal = new ProposalDecoder().wrapAndApplyHeader(buffer, at, header);
        originMemberId = proposal.memberId();
        originBootId = proposal.bootId();
        correlationId = proposal.correlationId();
        at = proposal.limit();
        return next();
    }

    /** @return the change of a configuration entry; valid until the next call. */
    ConfigChangeDecoder configChange(final DirectBuffer payload, final int offset, final int length)
    {
        final ProposalDecoder proposal = new ProposalDecoder().wrapAndApplyHeader(payload, offset, header);
        if (proposal.limit() >= offset + length)
        {
            throw new IllegalStateException("a configuration entry of " + length + " bytes");
        }
        return new ConfigChangeDecoder().wrapAndApplyHeader(payload, proposal.limit(), header);
    }

    long originMemberId()
    {
        return originMemberId;
    }

    long originBootId()
    {
        return originBootId;
    }

    long correlationId()
    {
        return correlationId;
    }

    private Command next()
    {
        header.wrap(buffer, at);
        return switch (header.templateId())
        {
            case PutDecoder.TEMPLATE_ID -> put();
            case DeleteRangeDecoder.TEMPLATE_ID -> delete();
            case RangeDecoder.TEMPLATE_ID -> range();
            case TxnDecoder.TEMPLATE_ID -> txn();
            case CompactDecoder.TEMPLATE_ID ->
                new Command.Compact(new CompactDecoder().wrapAndApplyHeader(buffer, at, header).revision());
            case LeaseGrantDecoder.TEMPLATE_ID -> grant();
            case LeaseRevokeDecoder.TEMPLATE_ID -> revoke();
            case AlarmDecoder.TEMPLATE_ID -> alarm();
            case ConfigChangeDecoder.TEMPLATE_ID, MemberPublishDecoder.TEMPLATE_ID,
                ClusterVersionDecoder.TEMPLATE_ID -> new Command.Noop();
            default -> throw new IllegalStateException("unknown command: " + header.templateId());
        };
    }

    private Command.Put put()
    {
        final PutDecoder put = new PutDecoder().wrapAndApplyHeader(buffer, at, header);
        final int flags = put.flags();
        final byte[] key = new byte[put.keyLength()];
        put.getKey(key, 0, key.length);
        final byte[] value = new byte[put.valueLength()];
        put.getValue(value, 0, value.length);
        at = put.limit();
        return new Command.Put(text(key), text(value), put.lease(), 0 != (flags & 2), 0 != (flags & 4));
    }

    private Command.Delete delete()
    {
        final DeleteRangeDecoder delete = new DeleteRangeDecoder().wrapAndApplyHeader(buffer, at, header);
        final byte[] key = new byte[delete.keyLength()];
        delete.getKey(key, 0, key.length);
        final byte[] end = new byte[delete.rangeEndLength()];
        delete.getRangeEnd(end, 0, end.length);
        at = delete.limit();
        return new Command.Delete(text(key), text(end));
    }

    private Command.Range range()
    {
        final RangeDecoder range = new RangeDecoder().wrapAndApplyHeader(buffer, at, header);
        at = range.limit();
        return new Command.Range(range.revision());
    }

    private Command.Txn txn()
    {
        final TxnDecoder txn = new TxnDecoder().wrapAndApplyHeader(buffer, at, header);
        final long compareCount = txn.compareCount();
        final long successCount = txn.successCount();
        final long failureCount = txn.failureCount();
        at = txn.limit();
        final List<Command.Compare> compares = new ArrayList<>();
        for (long i = 0; i < compareCount; i++)
        {
            compares.add(compare());
        }
        return new Command.Txn(compares, ops(successCount), ops(failureCount));
    }

    private List<Command.Op> ops(final long count)
    {
        final List<Command.Op> ops = new ArrayList<>();
        for (long i = 0; i < count; i++)
        {
            ops.add((Command.Op)next());
        }
        return ops;
    }

    private Command.Compare compare()
    {
        final CompareDecoder compare = new CompareDecoder().wrapAndApplyHeader(buffer, at, header);
        final long number = compare.number();
        final int result = compare.result();
        final int target = compare.target();
        final byte[] key = new byte[compare.keyLength()];
        compare.getKey(key, 0, key.length);
        final byte[] end = new byte[compare.rangeEndLength()];
        compare.getRangeEnd(end, 0, end.length);
        final byte[] value = new byte[compare.valueLength()];
        compare.getValue(value, 0, value.length);
        at = compare.limit();
        return new Command.Compare(text(key), text(end), target, result, number, text(value));
    }

    private Command grant()
    {
        final LeaseGrantDecoder grant = new LeaseGrantDecoder().wrapAndApplyHeader(buffer, at, header);
        return new Command.Grant(grant.leaseId(), grant.ttlSeconds());
    }

    private Command revoke()
    {
        final LeaseRevokeDecoder revoke = new LeaseRevokeDecoder().wrapAndApplyHeader(buffer, at, header);
        return new Command.Revoke(revoke.leaseId(), revoke.leaderTerm());
    }

    private Command alarm()
    {
        final AlarmDecoder alarm = new AlarmDecoder().wrapAndApplyHeader(buffer, at, header);
        return new Command.Alarm(alarm.action(), alarm.targetMemberId(), alarm.alarm());
    }

    private static String text(final byte[] bytes)
    {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }
}
