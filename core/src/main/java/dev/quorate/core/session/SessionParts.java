package dev.quorate.core.session;

import dev.quorate.core.wire.WireWriter;

/**
 * What the groups of calls of one loop share.
 */
final class SessionParts
{
    /** Responses up to this length leave their buffer as it is, bytes. */
    static final int KEPT_RESPONSE_BYTES = 1024 * 1024;

    private static final int INITIAL_RESPONSE_BYTES = 64 * 1024;

    final Headers headers;
    final Timeouts timeouts;
    final Retries retries = new Retries();
    final Calls calls;
    final Proposals proposals;
    final QuotaGuard quota;
    final AppliedWaits applied;
    final ReadRounds rounds;
    final Reads reads;
    final StateReader reader;
    final WireWriter writer;

    SessionParts(final SessionContext context)
    {
        headers = new Headers(context.clusterId(), context.memberId(), context.nodeState());
        timeouts = new Timeouts(context.clock().nanoTime());
        calls = new Calls(context, timeouts, retries);
        proposals = new Proposals(context, calls);
        quota = new QuotaGuard(context, proposals);
        applied = new AppliedWaits(context.rings(), context.nodeState());
        rounds = new ReadRounds(context.rings(), context.clock(), applied, context.nodeState());
        reads = new Reads(context, headers);
        reader = context.state().newReader();
        writer = new WireWriter(INITIAL_RESPONSE_BYTES, context.maxResponseBytes());
    }
}
