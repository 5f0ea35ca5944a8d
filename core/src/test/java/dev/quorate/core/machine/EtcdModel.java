package dev.quorate.core.machine;

import dev.quorate.core.api.EtcdError;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What etcd answers, written for reading and without regard for speed: every revision keeps a copy of all keys. Keys
 * and values are strings of the characters 0 to 255, whose order is the order of the bytes.
 */
public final class EtcdModel
{
    /** One version of a key. */
    public record KeyValue(String key, String value, long create, long mod, long version, long lease)
    {
        private static final int SHOWN_LENGTH = 40;

        @Override
        public String toString()
        {
            final String shown = value.length() <= SHOWN_LENGTH ? value :
                value.substring(0, SHOWN_LENGTH) + "~" + value.length() + "~" + Integer.toHexString(value.hashCode());
            return "{" + key + "=" + shown + " create=" + create + " mod=" + mod + " version=" + version +
                (lease == 0 ? "" : " lease=" + lease) + "}";
        }
    }

    /** What one operation answers. */
    public sealed interface Answer
    {
    }

    /** A put: the version before it, null if there was none. */
    public record PutAnswer(KeyValue previous, long revision) implements Answer
    {
    }

    /** A deletion: the keys it removed, in order. */
    public record DeleteAnswer(List<KeyValue> removed, long revision) implements Answer
    {
    }

    /** A range: all keys of the state at which it runs. */
    public record RangeAnswer(NavigableMap<String, KeyValue> state, long revision) implements Answer
    {
    }

    /** A transaction. */
    public record TxnAnswer(boolean succeeded, List<Answer> answers) implements Answer
    {
    }

    /** A granted lease. */
    public record GrantAnswer(long ttlSeconds) implements Answer
    {
    }

    /** Alarms listed, raised or cleared: pairs of member id and alarm. */
    public record AlarmAnswer(List<List<Long>> alarms) implements Answer
    {
    }

    /**
     * What a command answers.
     *
     * @param error    NONE if it took effect.
     * @param revision of the header.
     * @param answer   null if there is an error or nothing to say.
     */
    public record Reply(EtcdError error, long revision, Answer answer)
    {
    }

    private static final class Failure extends RuntimeException
    {
        private static final long serialVersionUID = 1L;

        private final EtcdError error;

        Failure(final EtcdError error)
        {
            super(error.message());
            this.error = error;
        }
    }

    private static final long MAX_TTL_SECONDS = 9_000_000_000L;

    private final TreeMap<Long, TreeMap<String, KeyValue>> states = new TreeMap<>();
    private final TreeMap<Long, Long> leases = new TreeMap<>();
    private final TreeMap<Integer, TreeSet<Long>> alarms = new TreeMap<>();
    private TreeMap<String, KeyValue> keys = new TreeMap<>();
    private long revision = 1;
    private long compactRevision = -1;
    private boolean isChanged;

    /**
     * An empty store.
     */
    public EtcdModel()
    {
        states.put(1L, new TreeMap<>());
    }

    /**
     * @return current revision.
     */
    public long revision()
    {
        return revision;
    }

    /**
     * @return compact revision, -1 if never compacted.
     */
    public long compactRevision()
    {
        return compactRevision;
    }

    /**
     * @param atRevision from the compact revision to the current one.
     * @return all keys alive at it.
     */
    public NavigableMap<String, KeyValue> stateAt(final long atRevision)
    {
        return states.get(atRevision);
    }

    /**
     * @return time to live by lease id.
     */
    public NavigableMap<Long, Long> leases()
    {
        return leases;
    }

    /**
     * @param leaseId of a lease.
     * @return keys attached to it, in order.
     */
    public List<String> attached(final long leaseId)
    {
        final List<String> attached = new ArrayList<>();
        for (final KeyValue kv : keys.values())
        {
            if (kv.lease() == leaseId)
            {
                attached.add(kv.key());
            }
        }
        return attached;
    }

    /**
     * Applies a command.
     *
     * @param command to apply.
     * @param term    of its entry.
     * @return the reply.
     */
    public Reply apply(final Command command, final long term)
    {
        isChanged = false;
        try
        {
            refuseByAlarm(command);
            final Answer answer = switch (command)
            {
                case Command.Put put -> putAlone(put);
                case Command.Delete delete -> delete(delete);
                case Command.Txn txn -> txn(txn);
                case Command.Compact compact -> compact(compact.revision());
                case Command.Grant grant -> grant(grant);
                case Command.Revoke revoke -> revoke(revoke, term);
                case Command.Alarm alarm -> alarm(alarm);
                default -> null;
            };
            if (isChanged)
            {
                revision++;
                states.put(revision, new TreeMap<>(keys));
            }
            return new Reply(EtcdError.NONE, revision, answer);
        }
        catch (final Failure failure)
        {
            return new Reply(failure.error, revision, null);
        }
    }

    private void refuseByAlarm(final Command command)
    {
        final boolean isKeyCommand = command instanceof Command.Op || command instanceof Command.Compact ||
            command instanceof Command.Grant || command instanceof Command.Revoke;
        if (isKeyCommand && alarms.containsKey(AlarmTable.CORRUPT))
        {
            throw new Failure(EtcdError.CORRUPT);
        }
        final boolean grows = command instanceof Command.Grant || command instanceof Command.Op op && puts(op);
        if (grows && alarms.containsKey(AlarmTable.NOSPACE))
        {
            throw new Failure(EtcdError.NO_SPACE);
        }
    }

    private static boolean puts(final Command.Op op)
    {
        return op instanceof Command.Put || op instanceof Command.Txn txn &&
            (txn.success().stream().anyMatch(Command.Put.class::isInstance) ||
            txn.failure().stream().anyMatch(Command.Put.class::isInstance));
    }

    private Answer putAlone(final Command.Put put)
    {
        checkLease(put);
        checkPrevious(put);
        return put(put);
    }

    private void checkLease(final Command.Put put)
    {
        if (0 != put.lease() && !leases.containsKey(put.lease()))
        {
            throw new Failure(EtcdError.LEASE_NOT_FOUND);
        }
    }

    private void checkPrevious(final Command.Put put)
    {
        if ((put.ignoreValue() || put.ignoreLease()) && !keys.containsKey(put.key()))
        {
            throw new Failure(EtcdError.KEY_NOT_FOUND);
        }
    }

    private PutAnswer put(final Command.Put put)
    {
        final KeyValue previous = keys.get(put.key());
        final long mod = revision + 1;
        final String value = put.ignoreValue() ? null == previous ? "" : previous.value() : put.value();
        final long lease = put.ignoreLease() ? null == previous ? 0 : previous.lease() : put.lease();
        final long create = null == previous ? mod : previous.create();
        final long version = null == previous ? 1 : previous.version() + 1;
        keys.put(put.key(), new KeyValue(put.key(), value, create, mod, version, lease));
        isChanged = true;
        return new PutAnswer(previous, revisionNow());
    }

    private DeleteAnswer delete(final Command.Delete delete)
    {
        final List<KeyValue> removed = new ArrayList<>(interval(keys, delete.key(), delete.end()).values());
        for (final KeyValue kv : removed)
        {
            keys.remove(kv.key());
            isChanged = true;
        }
        return new DeleteAnswer(removed, revisionNow());
    }

    private TxnAnswer txn(final Command.Txn txn)
    {
        final List<Boolean> path = new ArrayList<>();
        choose(txn, path);
        check(txn, path, 0);
        final List<TxnAnswer> answer = new ArrayList<>();
        execute(txn, path, 0, answer);
        return answer.get(0);
    }

    private void choose(final Command.Txn txn, final List<Boolean> path)
    {
        final boolean succeeded = txn.compares().stream().allMatch(this::holds);
        path.add(succeeded);
        for (final Command.Op op : succeeded ? txn.success() : txn.failure())
        {
            if (op instanceof Command.Txn nested)
            {
                choose(nested, path);
            }
        }
    }

    private int check(final Command.Txn txn, final List<Boolean> path, final int at)
    {
        int next = at + 1;
        for (final Command.Op op : path.get(at) ? txn.success() : txn.failure())
        {
            switch (op)
            {
                case Command.Range range -> checkRange(range.revision());
                case Command.Put put ->
                {
                    checkLease(put);
                    checkPrevious(put);
                }
                case Command.Txn nested -> next = check(nested, path, next);
                case Command.Delete ignored ->
                {
                }
            }
        }
        return next;
    }

    private void checkRange(final long atRevision)
    {
        if (atRevision > revision)
        {
            throw new Failure(EtcdError.FUTURE_REVISION);
        }
        if (0 != atRevision && atRevision < compactRevision)
        {
            throw new Failure(EtcdError.COMPACTED);
        }
    }

    private int execute(
        final Command.Txn txn, final List<Boolean> path, final int at, final List<? super TxnAnswer> into)
    {
        final List<Answer> answers = new ArrayList<>();
        int next = at + 1;
        for (final Command.Op op : path.get(at) ? txn.success() : txn.failure())
        {
            switch (op)
            {
                case Command.Range range -> answers.add(new RangeAnswer(
                    range.revision() > 0 ? states.get(range.revision()) : new TreeMap<>(keys), revisionNow()));
                case Command.Put put -> answers.add(put(put));
                case Command.Delete delete -> answers.add(delete(delete));
                case Command.Txn nested -> next = execute(nested, path, next, answers);
            }
        }
        into.add(new TxnAnswer(path.get(at), answers));
        return next;
    }

    private boolean holds(final Command.Compare compare)
    {
        final Map<String, KeyValue> found = interval(keys, compare.key(), compare.end());
        if (found.isEmpty())
        {
            return CompareOp.VALUE != compare.target() &&
                isOrder(compare.result(), order(compare, new KeyValue("", "", 0, 0, 0, 0)));
        }
        return found.values().stream().allMatch((kv) -> isOrder(compare.result(), order(compare, kv)));
    }

    private static int order(final Command.Compare compare, final KeyValue kv)
    {
        return switch (compare.target())
        {
            case CompareOp.VERSION -> Long.compare(kv.version(), compare.number());
            case CompareOp.CREATE -> Long.compare(kv.create(), compare.number());
            case CompareOp.MOD -> Long.compare(kv.mod(), compare.number());
            case CompareOp.LEASE -> Long.compare(kv.lease(), compare.number());
            case CompareOp.VALUE -> kv.value().compareTo(compare.value());
            default -> 0;
        };
    }

    private static boolean isOrder(final int result, final int order)
    {
        return switch (result)
        {
            case CompareOp.EQUAL -> order == 0;
            case CompareOp.GREATER -> order > 0;
            case CompareOp.LESS -> order < 0;
            case CompareOp.NOT_EQUAL -> order != 0;
            default -> true;
        };
    }

    private Answer compact(final long atRevision)
    {
        if (atRevision <= compactRevision)
        {
            throw new Failure(EtcdError.COMPACTED);
        }
        if (atRevision > revision)
        {
            throw new Failure(EtcdError.FUTURE_REVISION);
        }
        compactRevision = atRevision;
        states.headMap(atRevision, false).clear();
        return null;
    }

    private Answer grant(final Command.Grant grant)
    {
        if (0 == grant.id())
        {
            throw new Failure(EtcdError.LEASE_NOT_FOUND);
        }
        if (grant.ttlSeconds() > MAX_TTL_SECONDS)
        {
            throw new Failure(EtcdError.LEASE_TTL_TOO_LARGE);
        }
        if (leases.containsKey(grant.id()))
        {
            throw new Failure(EtcdError.LEASE_EXISTS);
        }
        final long ttlSeconds = Math.max(1, grant.ttlSeconds());
        leases.put(grant.id(), ttlSeconds);
        return new GrantAnswer(ttlSeconds);
    }

    private Answer revoke(final Command.Revoke revoke, final long term)
    {
        if (0 != revoke.leaderTerm() && revoke.leaderTerm() != term)
        {
            throw new Failure(EtcdError.NOT_LEADER);
        }
        if (!leases.containsKey(revoke.id()))
        {
            throw new Failure(EtcdError.LEASE_NOT_FOUND);
        }
        for (final String key : attached(revoke.id()))
        {
            keys.remove(key);
            isChanged = true;
        }
        leases.remove(revoke.id());
        return null;
    }

    private Answer alarm(final Command.Alarm alarm)
    {
        final List<List<Long>> answer = new ArrayList<>();
        final TreeSet<Long> raised = alarms.getOrDefault(alarm.alarm(), new TreeSet<>(Long::compareUnsigned));
        final List<Long> pair = List.of(alarm.memberId(), (long)alarm.alarm());
        if (0 == alarm.action())
        {
            alarms.forEach((kind, members) -> members.forEach((member) ->
            {
                if (AlarmTable.NONE == alarm.alarm() || kind == alarm.alarm())
                {
                    answer.add(List.of(member, (long)kind));
                }
            }));
        }
        else if (1 == alarm.action() && AlarmTable.NONE != alarm.alarm())
        {
            raised.add(alarm.memberId());
            alarms.put(alarm.alarm(), raised);
            answer.add(pair);
        }
        else if (2 == alarm.action() && raised.remove(alarm.memberId()))
        {
            if (raised.isEmpty())
            {
                alarms.remove(alarm.alarm());
            }
            answer.add(pair);
        }
        return new AlarmAnswer(answer);
    }

    private long revisionNow()
    {
        return isChanged ? revision + 1 : revision;
    }

    /**
     * @param of  keys.
     * @param key where the interval begins.
     * @param end empty for the key alone, the byte 0 for all from the key on, else exclusive.
     * @return the keys of the interval.
     */
    public static NavigableMap<String, KeyValue> interval(
        final NavigableMap<String, KeyValue> of, final String key, final String end)
    {
        if (end.isEmpty())
        {
            return of.subMap(key, true, key, true);
        }
        if ("\0".equals(end))
        {
            return of.tailMap(key, true);
        }
        return key.compareTo(end) < 0 ? of.subMap(key, true, end, false) : new TreeMap<>();
    }
}
