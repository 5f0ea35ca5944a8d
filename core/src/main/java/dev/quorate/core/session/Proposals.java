package dev.quorate.core.session;

import dev.quorate.core.api.EtcdError;
import dev.quorate.core.ring.LoopRings;
import dev.quorate.core.ring.RingMessages;
import dev.quorate.core.wire.WireWriter;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.ringbuffer.OneToOneRingBuffer;

/**
 * Puts commands and questions into the ring to consensus and enters their calls as pending. What is refused here was
 * not proposed: the answer is an error, and nothing waits.
 */
final class Proposals
{
    private static final int ALARM_ACTIVATE = 1;
    private static final int ALARM_NOSPACE = 1;
    /**
     * Tag, length and header with a request id, by which the command that etcd replicates is longer than the request.
     */
    private static final int ENVELOPE_LENGTH = 14;

    private final SessionContext context;
    private final LoopRings rings;
    private final OneToOneRingBuffer ring;
    private final Calls calls;
    private final CommandEncoder encoder;
    private long correlationId;
    private int claimedLength;

    Proposals(final SessionContext context, final Calls calls)
    {
        this.context = context;
        this.calls = calls;
        rings = context.rings();
        ring = rings.toConsensus();
        encoder = new CommandEncoder(context.memberId(), context.bootId());
    }

    void put(final UnaryCall call, final PutRequest request)
    {
        final int at = claim(call, CommandEncoder.putLength(request));
        if (at > 0)
        {
            commit(call, at, encoder.put(target(), begin(at), call.buffer, request));
        }
    }

    void delete(final UnaryCall call, final DeleteRequest request)
    {
        final int at = claim(call, CommandEncoder.deleteLength(request));
        if (at > 0)
        {
            commit(call, at, encoder.delete(target(), begin(at), call.buffer, request));
        }
    }

    void txn(final UnaryCall call, final TxnNode node)
    {
        final int at = claim(call, CommandEncoder.txnLength(node));
        if (at > 0)
        {
            commit(call, at, encoder.txn(target(), begin(at), call.buffer, node));
        }
    }

    void compact(final UnaryCall call, final long revision)
    {
        final int at = claim(call, CommandEncoder.compactLength());
        if (at > 0)
        {
            commit(call, at, encoder.compact(target(), begin(at), revision));
        }
    }

    void leaseGrant(final UnaryCall call, final long leaseId, final long ttlSeconds)
    {
        final int at = claim(call, CommandEncoder.leaseGrantLength());
        if (at > 0)
        {
            commit(call, at, encoder.leaseGrant(target(), begin(at), leaseId, ttlSeconds));
        }
    }

    void leaseRevoke(final UnaryCall call, final long leaseId)
    {
        final int at = claim(call, CommandEncoder.leaseRevokeLength());
        if (at > 0)
        {
            commit(call, at, encoder.leaseRevoke(target(), begin(at), leaseId));
        }
    }

    void alarm(final UnaryCall call, final long memberId, final int action, final int type)
    {
        final int at = claim(call, CommandEncoder.alarmLength());
        if (at > 0)
        {
            commit(call, at, encoder.alarm(target(), begin(at), memberId, action, type));
        }
    }

    void configChange(
        final UnaryCall call, final long memberId, final int kind, final DirectBuffer urls, final int urlsLength)
    {
        final int at = claim(
            call, RingMessages.PROPOSE_CONFIG, CommandEncoder.configChangeLength(urlsLength));
        if (at > 0)
        {
            commit(call, at, encoder.configChange(target(), begin(at), memberId, kind, urls, urlsLength));
        }
    }

    /**
     * Proposes alarm NOSPACE for this member; nobody waits for its result. A full ring leaves it to the next refusal.
     */
    void raiseNoSpace()
    {
        final int at = ring.tryClaim(
            RingMessages.PROPOSE, CommandEncoder.PROPOSAL_LENGTH + CommandEncoder.alarmLength());
        if (at > 0)
        {
            correlationId = calls.nextCorrelationId();
            encoder.alarm(target(), begin(at), context.memberId(), ALARM_ACTIVATE, ALARM_NOSPACE);
            ring.commit(at);
            rings.signalCore();
        }
    }

    /** Asks consensus about a lease or for another leader. The call waits for the answer, or has failed. */
    void ask(final UnaryCall call, final int messageType, final long subject)
    {
        if (calls.isFullFor(call))
        {
            call.fail(EtcdError.TOO_MANY_REQUESTS);
            return;
        }
        final long id = calls.nextCorrelationId();
        if (ask(messageType, id, subject))
        {
            calls.await(call, id);
        }
        else
        {
            call.fail(EtcdError.TOO_MANY_REQUESTS);
        }
    }

    /** @return false if the ring is full. */
    boolean ask(final int messageType, final long ofCorrelation, final long subject)
    {
        final int at = ring.tryClaim(messageType, 2 * Long.BYTES);
        if (at < 0)
        {
            return false;
        }
        target().putLong(at, ofCorrelation);
        target().putLong(at + Long.BYTES, subject);
        ring.commit(at);
        rings.signalCore();
        return true;
    }

    private int claim(final UnaryCall call, final long commandLength)
    {
        return claim(call, RingMessages.PROPOSE, commandLength);
    }

    /** @return where the payload goes, or 0 if the call has failed. */
    private int claim(final UnaryCall call, final int messageType, final long commandLength)
    {
        if (calls.isApplyBehind())
        {
            call.fail(EtcdError.TOO_MANY_REQUESTS);
            return 0;
        }
        final int requestLength = call.length + WireWriter.varintLength(call.length) + ENVELOPE_LENGTH;
        if (requestLength > context.maxRequestBytes())
        {
            call.fail(EtcdError.REQUEST_TOO_LARGE);
            return 0;
        }
        final long length = CommandEncoder.PROPOSAL_LENGTH + commandLength;
        final int at = calls.isFullFor(call) || length > ring.maxMsgLength() ? -1 : ring.tryClaim(messageType,
            (int)length);
        if (at < 0)
        {
            call.fail(EtcdError.TOO_MANY_REQUESTS);
            return 0;
        }
        correlationId = calls.nextCorrelationId();
        claimedLength = (int)length;
        return at;
    }

    private MutableDirectBuffer target()
    {
        return ring.buffer();
    }

    private int begin(final int at)
    {
        return encoder.proposal(target(), at, correlationId);
    }

    private void commit(final UnaryCall call, final int at, final int end)
    {
        if (end != at + claimedLength)
        {
            throw new IllegalStateException("command of " + (end - at) + " bytes, claimed " + claimedLength);
        }
        calls.awaitResult(call, correlationId);
        ring.commit(at);
        rings.signalCore();
    }
}
