package dev.quorate.core.session;

import dev.quorate.core.ring.NodeState;

/**
 * Refuses writes that would grow the store beyond its quota, or for which this member lacks space, and raises alarm
 * NOSPACE for this member when that happens.
 */
final class QuotaGuard
{
    private static final long PUT_OVERHEAD = 256;
    private static final long LEASE_COST = 64;
    private static final long ALARM_INTERVAL_NS = 1_000_000_000L;

    private final SessionContext context;
    private final Proposals proposals;
    private long alarmProposedNs = Long.MIN_VALUE;

    QuotaGuard(final SessionContext context, final Proposals proposals)
    {
        this.context = context;
        this.proposals = proposals;
    }

    static long putCost(final PutRequest put)
    {
        return PUT_OVERHEAD + put.keyLength + put.valueLength;
    }

    boolean admitsLease()
    {
        return admits(LEASE_COST);
    }

    /** @return false if the cost does not fit; the alarm is proposed then. A cost of 0 always fits. */
    boolean admits(final long cost)
    {
        final boolean isInQuota = context.quotaBytes() < 0 ||
            context.state().dbSize() + cost < context.quotaBytes();
        if (cost == 0 || isInQuota && context.nodeState().get(NodeState.Value.SHORT_OF_SPACE) == 0)
        {
            return true;
        }
        final long nowNs = context.clock().nanoTime();
        final boolean isRaised = context.nodeState().get(NodeState.Value.ALARM_NOSPACE) != 0;
        if (!isRaised && (alarmProposedNs == Long.MIN_VALUE || nowNs - alarmProposedNs >= ALARM_INTERVAL_NS))
        {
            alarmProposedNs = nowNs;
            proposals.raiseNoSpace();
        }
        return false;
    }
}
