package dev.quorate.core.machine;

import dev.quorate.core.codec.command.AlarmEncoder;
import dev.quorate.core.codec.command.ClusterVersionEncoder;
import dev.quorate.core.codec.command.CompactEncoder;
import dev.quorate.core.codec.command.CompareEncoder;
import dev.quorate.core.codec.command.ConfigChangeEncoder;
import dev.quorate.core.codec.command.DeleteRangeEncoder;
import dev.quorate.core.codec.command.LeaseGrantEncoder;
import dev.quorate.core.codec.command.LeaseRevokeEncoder;
import dev.quorate.core.codec.command.MemberPublishEncoder;
import dev.quorate.core.codec.command.MessageHeaderEncoder;
import dev.quorate.core.codec.command.ProposalEncoder;
import dev.quorate.core.codec.command.PutEncoder;
import dev.quorate.core.codec.command.RangeEncoder;
import dev.quorate.core.codec.command.TxnEncoder;
import org.agrona.ExpandableArrayBuffer;
import org.agrona.concurrent.UnsafeBuffer;

import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Encodes commands as entries of the log carry them.
 */
public final class Commands
{
    private final ExpandableArrayBuffer buffer = new ExpandableArrayBuffer();
    private final MessageHeaderEncoder header = new MessageHeaderEncoder();
    private int at;

    /**
     * Encodes the payload of an entry.
     *
     * @param memberId      of the origin.
     * @param bootId        of the origin.
     * @param correlationId of the origin.
     * @param command       to encode.
     * @return the payload.
     */
    public UnsafeBuffer encode(final long memberId, final long bootId, final long correlationId, final Command command)
    {
        at = 0;
        if (!(command instanceof Command.Noop))
        {
            final ProposalEncoder proposal = new ProposalEncoder().wrapAndApplyHeader(buffer, at, header);
            proposal.memberId(memberId).bootId(bootId).correlationId(correlationId);
            at = proposal.limit();
            add(command);
        }
        final byte[] bytes = new byte[at];
        buffer.getBytes(0, bytes);
        return new UnsafeBuffer(bytes);
    }

    private void add(final Command command)
    {
        switch (command)
        {
            case Command.Put put -> addPut(put);
            case Command.Delete delete -> addDelete(delete);
            case Command.Range range ->
                at = new RangeEncoder().wrapAndApplyHeader(buffer, at, header).revision(range.revision()).limit();
            case Command.Txn txn -> addTxn(txn);
            case Command.Compact compact ->
                at = new CompactEncoder().wrapAndApplyHeader(buffer, at, header)
                    .revision(compact.revision()).limit();
            case Command.Grant grant ->
                at = new LeaseGrantEncoder().wrapAndApplyHeader(buffer, at, header)
                    .leaseId(grant.id()).ttlSeconds(grant.ttlSeconds()).limit();
            case Command.Revoke revoke ->
                at = new LeaseRevokeEncoder().wrapAndApplyHeader(buffer, at, header)
                    .leaseId(revoke.id()).leaderTerm(revoke.leaderTerm()).limit();
            case Command.Alarm alarm ->
                at = new AlarmEncoder().wrapAndApplyHeader(buffer, at, header).targetMemberId(alarm.memberId())
                    .action((short)alarm.action()).alarm((short)alarm.alarm()).limit();
            case Command.Change change -> addChange(change);
            case Command.Publish publish -> addPublish(publish);
            case Command.Version version ->
                at = new ClusterVersionEncoder().wrapAndApplyHeader(buffer, at, header)
                    .major(version.major()).minor(version.minor()).limit();
            case Command.Noop ignored -> throw new IllegalArgumentException("has no payload");
        }
    }

    private void addPut(final Command.Put put)
    {
        final byte[] key = bytes(put.key());
        final byte[] value = bytes(put.value());
        final int flags = (put.ignoreValue() ? 2 : 0) | (put.ignoreLease() ? 4 : 0);
        at = new PutEncoder().wrapAndApplyHeader(buffer, at, header).lease(put.lease()).flags((short)flags)
            .putKey(key, 0, key.length).putValue(value, 0, value.length).limit();
    }

    private void addDelete(final Command.Delete delete)
    {
        final byte[] key = bytes(delete.key());
        final byte[] end = bytes(delete.end());
        at = new DeleteRangeEncoder().wrapAndApplyHeader(buffer, at, header).flags((short)0)
            .putKey(key, 0, key.length).putRangeEnd(end, 0, end.length).limit();
    }

    private void addTxn(final Command.Txn txn)
    {
        final int from = at;
        at = new TxnEncoder().wrapAndApplyHeader(buffer, at, header).limit();
        final int compares = at;
        for (final Command.Compare compare : txn.compares())
        {
            addCompare(compare);
        }
        final int success = at;
        addAll(txn.success());
        final int failure = at;
        addAll(txn.failure());
        new TxnEncoder().wrapAndApplyHeader(buffer, from, header)
            .compareCount(txn.compares().size()).compareLength(success - compares)
            .successCount(txn.success().size()).successLength(failure - success)
            .failureCount(txn.failure().size()).failureLength(at - failure);
    }

    private void addAll(final List<Command.Op> ops)
    {
        for (final Command.Op op : ops)
        {
            add(op);
        }
    }

    private void addCompare(final Command.Compare compare)
    {
        final byte[] key = bytes(compare.key());
        final byte[] end = bytes(compare.end());
        final byte[] value = bytes(compare.value());
        at = new CompareEncoder().wrapAndApplyHeader(buffer, at, header).number(compare.number())
            .result((short)compare.result()).target((short)compare.target())
            .putKey(key, 0, key.length).putRangeEnd(end, 0, end.length).putValue(value, 0, value.length).limit();
    }

    private void addChange(final Command.Change change)
    {
        final byte[] urls = bytes(change.peerUrls());
        at = new ConfigChangeEncoder().wrapAndApplyHeader(buffer, at, header).targetMemberId(change.memberId())
            .kind((short)change.kind()).putPeerUrls(urls, 0, urls.length).limit();
    }

    private void addPublish(final Command.Publish publish)
    {
        final byte[] name = bytes(publish.name());
        final byte[] urls = bytes(publish.clientUrls());
        at = new MemberPublishEncoder().wrapAndApplyHeader(buffer, at, header).targetMemberId(publish.memberId())
            .storeId(publish.storeId()).putName(name, 0, name.length).putClientUrls(urls, 0, urls.length).limit();
    }

    static byte[] bytes(final String text)
    {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
