package dev.quorate.core.machine;

import java.util.List;

/**
 * Commands as tests write them. Keys and values are strings of the characters 0 to 255, one byte each.
 */
public sealed interface Command
{
    /** An operation of a transaction. */
    sealed interface Op extends Command
    {
    }

    /** Puts a key. */
    record Put(String key, String value, long lease, boolean ignoreValue, boolean ignoreLease) implements Op
    {
    }

    /** Deletes an interval. */
    record Delete(String key, String end) implements Op
    {
    }

    /** Reads an interval; of interest here is only at which state. */
    record Range(long revision) implements Op
    {
    }

    /** Compares, then one of two branches. */
    record Txn(List<Compare> compares, List<Op> success, List<Op> failure) implements Op
    {
    }

    /** A condition; numbers as etcd's protobuf enums. */
    record Compare(String key, String end, int target, int result, long number, String value)
    {
    }

    /** Compacts. */
    record Compact(long revision) implements Command
    {
    }

    /** Grants a lease. */
    record Grant(long id, long ttlSeconds) implements Command
    {
    }

    /** Revokes a lease; a term other than 0 is of the leader that decided it. */
    record Revoke(long id, long leaderTerm) implements Command
    {
    }

    /** Gets, raises or clears alarms. */
    record Alarm(int action, long memberId, int alarm) implements Command
    {
    }

    /** Changes the members. */
    record Change(int kind, long memberId, String peerUrls) implements Command
    {
    }

    /** A member publishes itself. */
    record Publish(long memberId, long storeId, String name, String clientUrls) implements Command
    {
    }

    /** Decides the cluster version. */
    record Version(int major, int minor) implements Command
    {
    }

    /** An empty entry. */
    record Noop() implements Command
    {
    }

    static Put put(final String key, final String value)
    {
        return new Put(key, value, 0, false, false);
    }

    static Put put(final String key, final String value, final long lease)
    {
        return new Put(key, value, lease, false, false);
    }

    static Put keepValue(final String key, final long lease)
    {
        return new Put(key, "", lease, true, false);
    }

    static Put keepLease(final String key, final String value)
    {
        return new Put(key, value, 0, false, true);
    }

    static Delete delete(final String key)
    {
        return new Delete(key, "");
    }

    static Delete delete(final String key, final String end)
    {
        return new Delete(key, end);
    }

    static Txn txn(final List<Compare> compares, final List<? extends Op> success, final List<? extends Op> failure)
    {
        return new Txn(compares, List.copyOf(success), List.copyOf(failure));
    }

    static Txn txn(final Op... ops)
    {
        return new Txn(List.of(), List.of(ops), List.of());
    }

    static Compare modIs(final String key, final long revision)
    {
        return new Compare(key, "", CompareOp.MOD, CompareOp.EQUAL, revision, "");
    }
}
