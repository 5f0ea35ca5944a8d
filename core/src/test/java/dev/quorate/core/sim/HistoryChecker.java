package dev.quorate.core.sim;

import dev.quorate.core.api.EtcdError;
import dev.quorate.core.machine.Command;
import dev.quorate.core.machine.EtcdModel;
import dev.quorate.core.machine.EtcdModel.KeyValue;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Decides whether a history is strictly serializable, in the order that revisions give, and whether each answer is what
 * etcd's rules make of the committed log.
 */
final class HistoryChecker
{
    private record HashedState(long revision, long compactRevision)
    {
    }

    private final History history;
    private final CommittedLog committed;
    private final InvariantChecker invariants;
    private final long clusterId;
    private final int memberCount;
    private final Map<HashedState, Long> hashes = new HashMap<>();

    HistoryChecker(
        final History history,
        final CommittedLog committed,
        final InvariantChecker invariants,
        final long clusterId,
        final int memberCount)
    {
        this.history = history;
        this.committed = committed;
        this.invariants = invariants;
        this.clusterId = clusterId;
        this.memberCount = memberCount;
    }

    void check()
    {
        for (final Operation operation : history.operations)
        {
            if (operation.isOk())
            {
                checkHeader(operation);
                checkAnswer(operation);
            }
            else
            {
                checkFailure(operation);
            }
        }
        checkTerms();
    }

    private void checkHeader(final Operation operation)
    {
        final Proto.Response response = operation.response;
        require(response.clusterId == clusterId && response.memberId == operation.memberId,
            "K9", "header of another cluster or member", operation);
        require(response.revision <= operation.committedRevision,
            "D4", "revision " + response.revision + " shown when " + operation.committedRevision + " was committed",
            operation);
        for (final KeyValue kv : response.kvs)
        {
            require(kv.mod() <= response.revision, "K9", "data newer than the header", operation);
        }
    }

    private void checkTerms()
    {
        final List<Operation> byReturn = new ArrayList<>(history.operations);
        byReturn.removeIf((operation) -> !operation.isOk());
        byReturn.sort(Comparator.comparingLong((operation) -> operation.returnedNs));
        final long[] terms = new long[memberCount];
        final long[] atNs = new long[memberCount];
        final long[] boots = new long[memberCount];
        for (final Operation operation : byReturn)
        {
            final int member = operation.member;
            if (boots[member] == operation.boot && operation.returnedNs > atNs[member])
            {
                require(operation.response.term >= terms[member], "K9", "the term of a member fell", operation);
            }
            boots[member] = operation.boot;
            terms[member] = operation.response.term;
            atNs[member] = operation.returnedNs;
        }
    }

    private void checkAnswer(final Operation operation)
    {
        switch (operation.request)
        {
            case Request.Range range -> checkRange(operation, range);
            case Request.Put put -> checkPut(operation, put);
            case Request.Delete delete -> checkDelete(operation, delete);
            case Request.Txn txn -> checkTxn(operation, txn);
            case Request.Compact compact ->
            {
                checkFloor(operation);
                require(committed.compactRevision() >= compact.revision(), "K1", "no such compaction", operation);
            }
            case Request.Grant grant ->
            {
                checkFloor(operation);
                require(isInLog(grant.id(), Command.Grant.class), "K1", "no such grant", operation);
            }
            case Request.Revoke revoke ->
            {
                checkFloor(operation);
                require(isInLog(revoke.id(), Command.Revoke.class), "K1", "no such revocation", operation);
            }
            case Request.KeepAlive keepAlive -> checkKeepAlive(operation, keepAlive.id());
            case Request.HashKv hash -> checkHash(operation, hash.revision());
        }
        if (operation.request instanceof Request.Grant grant)
        {
            checkLifetime(operation, grant.id(), operation.response.ttl);
        }
    }

    private void checkFailure(final Operation operation)
    {
        final CommittedLog.Entry entry = entryOf(operation.request);
        if (entry != null && entry.isMutation())
        {
            require(!operation.isRefused(), "K6", "refused but applied: " + entry, operation);
            require(entry.reply().revision() > operation.floor, "K5",
                "applied at revision " + entry.reply().revision(), operation);
        }
        if (operation.request instanceof Request.Grant grant && operation.isRefused())
        {
            require(!isInLog(grant.id(), Command.Grant.class), "K6", "refused but granted", operation);
        }
        if (operation.request instanceof Request.Range range && operation.text != null)
        {
            final boolean isCompacted = operation.text.equals(EtcdError.COMPACTED.message());
            require(!isCompacted || range.revision() != 0 && range.revision() < operation.committedCompaction,
                "K8", "compacted below " + operation.committedCompaction, operation);
            require(range.isSerializable() || !operation.text.equals(EtcdError.FUTURE_REVISION.message()),
                "K3", "a linearizable read behind", operation);
        }
    }

    private void checkRange(final Operation operation, final Request.Range range)
    {
        final Proto.Response response = operation.response;
        if (!range.isSerializable())
        {
            checkFloor(operation);
        }
        final long at = range.revision() > 0 ? range.revision() : response.revision;
        require(at <= response.revision, "K8", "read of the future", operation);
        require(range.revision() == 0 || range.isSerializable() || at >= operation.compactFloor, "K8",
            "compacted below " + operation.compactFloor, operation);
        final List<KeyValue> expected = interval(at, range.key(), range.end());
        require(expected.equals(response.kvs) && expected.size() == response.count,
            range.revision() > 0 ? "K8" : range.isSerializable() ? "K7" : "K3", "expected " + expected, operation);
    }

    private void checkPut(final Operation operation, final Request.Put put)
    {
        final CommittedLog.Entry entry = committed.carrying(put.value());
        checkWrite(operation, entry);
        require(entry.command() instanceof Command.Put logged && logged.key().equals(put.key()) &&
            logged.lease() == put.lease(), "K1", "logged as " + entry, operation);
        final KeyValue previous = ((EtcdModel.PutAnswer)entry.reply().answer()).previous();
        require(listOf(previous).equals(operation.response.kvs), "K1", "previous is " + previous, operation);
    }

    private void checkDelete(final Operation operation, final Request.Delete delete)
    {
        final Proto.Response response = operation.response;
        if (response.count == 0)
        {
            checkFloor(operation);
            require(interval(response.revision, delete.key(), delete.end()).isEmpty(), "K1",
                "there was something to delete", operation);
            return;
        }
        final CommittedLog.Entry entry = committed.madeRevision(response.revision);
        checkWrite(operation, entry);
        require(entry.command().equals(new Command.Delete(delete.key(), delete.end())), "K1",
            "logged as " + entry, operation);
        final List<KeyValue> removed = ((EtcdModel.DeleteAnswer)entry.reply().answer()).removed();
        require(removed.size() == response.count && removed.equals(response.kvs), "K1",
            "removed " + removed, operation);
    }

    /** Members that have compacted alike hash alike. */
    private void checkHash(final Operation operation, final long revision)
    {
        final Proto.Response response = operation.response;
        final Long other =
            hashes.putIfAbsent(new HashedState(revision, response.compactRevision), response.hash);
        require(other == null || other == response.hash, "S1", "another hash than " + other, operation);
    }

    private void checkTxn(final Operation operation, final Request.Txn txn)
    {
        final CommittedLog.Entry entry = entryOf(txn);
        require(entry != null, "K1", "not in the log", operation);
        require(entry.reply().error() == EtcdError.NONE, "K1", "logged as " + entry, operation);
        require(entry.reply().revision() == operation.response.revision, "K1", "logged as " + entry, operation);
        require(operation.response.revision >= operation.floor + (entry.isMutation() ? 1 : 0), "K2",
            "out of order", operation);
        final EtcdModel.TxnAnswer answer = (EtcdModel.TxnAnswer)entry.reply().answer();
        require(answer.succeeded() == operation.response.succeeded, "K1", "expected " + answer, operation);
        final List<Request.Op> ops = answer.succeeded() ? txn.success() : txn.failure();
        require(ops.size() == operation.response.responses.size(), "K1", "expected " + answer, operation);
        for (int i = 0; i < ops.size(); i++)
        {
            final List<KeyValue> kvs = operation.response.responses.get(i).kvs;
            final List<KeyValue> expected = switch (answer.answers().get(i))
            {
                case EtcdModel.PutAnswer put -> listOf(put.previous());
                case EtcdModel.DeleteAnswer delete -> delete.removed();
                case EtcdModel.RangeAnswer range ->
                {
                    final Request.Range asked = (Request.Range)ops.get(i);
                    yield List.copyOf(EtcdModel.interval(range.state(), asked.key(), asked.end()).values());
                }
                default -> throw new IllegalStateException("unexpected answer");
            };
            require(expected.equals(kvs), "K1", "operation " + i + " answers " + expected, operation);
        }
    }

    private void checkWrite(final Operation operation, final CommittedLog.Entry entry)
    {
        require(entry != null, "D1", "acknowledged but not in the log", operation);
        require(entry.reply().error() == EtcdError.NONE, "K1", "logged as " + entry, operation);
        require(entry.reply().revision() == operation.response.revision, "K1", "logged as " + entry, operation);
        require(operation.response.revision > operation.floor, "K2", "out of order", operation);
    }

    private void checkFloor(final Operation operation)
    {
        require(operation.response.revision >= operation.floor, "K3", "stale", operation);
    }

    private void checkKeepAlive(final Operation operation, final long lease)
    {
        if (operation.response.ttl > 0)
        {
            for (final CommittedLog.Entry entry : committed.ofLease(lease).values())
            {
                require(!(entry.command() instanceof Command.Revoke) || entry.atNs() >= operation.invokedNs, "L4",
                    "renewed after " + entry, operation);
            }
            checkLifetime(operation, lease, operation.response.ttl);
        }
        else
        {
            boolean isRevoked = false;
            for (final CommittedLog.Entry entry : committed.ofLease(lease).values())
            {
                isRevoked |= entry.command() instanceof Command.Revoke && entry.atNs() <= operation.returnedNs;
            }
            require(isRevoked, "L4", "unknown though it was never revoked", operation);
        }
    }

    /** A lease does not expire before its time has passed since it was granted or renewed. */
    private void checkLifetime(final Operation operation, final long lease, final long ttlSeconds)
    {
        for (final CommittedLog.Entry entry : committed.ofLease(lease).values())
        {
            if (entry.command() instanceof Command.Revoke revoke && revoke.leaderTerm() != 0)
            {
                final long proposedNs = invariants.firstSeenNs(entry.index(), entry.term());
                require(proposedNs < operation.invokedNs ||
                    proposedNs >= operation.invokedNs + ttlSeconds * SimulationSettings.SECOND, "L1",
                    "expired after " + (proposedNs - operation.invokedNs) / 1_000_000 + " ms: " + entry, operation);
            }
        }
    }

    private boolean isInLog(final long lease, final Class<? extends Command> kind)
    {
        return committed.ofLease(lease).values().stream().anyMatch((entry) -> kind.isInstance(entry.command()));
    }

    private CommittedLog.Entry entryOf(final Request request)
    {
        return switch (request)
        {
            case Request.Put put -> committed.carrying(put.value());
            case Request.Txn txn -> committed.carrying(((Request.Put)txn.success().get(0)).value());
            default -> null;
        };
    }

    private List<KeyValue> interval(final long revision, final String key, final String end)
    {
        return List.copyOf(EtcdModel.interval(committed.stateAt(revision), key, end).values());
    }

    private static List<KeyValue> listOf(final KeyValue kv)
    {
        return kv == null ? List.of() : List.of(kv);
    }

    private static void require(
        final boolean holds, final String rule, final String detail, final Operation operation)
    {
        if (!holds)
        {
            throw new Violation(rule, detail + " for " + operation);
        }
    }
}
