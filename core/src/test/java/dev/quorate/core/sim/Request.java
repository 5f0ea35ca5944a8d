package dev.quorate.core.sim;

import java.util.List;

/**
 * What a client asks, and as what kind its answer is read. An end that is empty names the key alone.
 */
sealed interface Request
{
    /** An operation that a transaction may hold. */
    sealed interface Op extends Request
    {
    }

    record Range(String key, String end, long revision, boolean isSerializable) implements Op
    {
    }

    record Put(String key, String value, long lease) implements Op
    {
    }

    record Delete(String key, String end) implements Op
    {
    }

    /** Targets and results as numbers of etcd's protobuf enums: 0 VERSION, 1 CREATE, 2 MOD; 0 EQUAL, 1 GREATER. */
    record Compare(String key, int target, int result, long number)
    {
    }

    record Txn(List<Compare> compares, List<Op> success, List<Op> failure) implements Request
    {
    }

    record Compact(long revision) implements Request
    {
    }

    record Grant(long id, long ttlSeconds) implements Request
    {
    }

    record Revoke(long id) implements Request
    {
    }

    record KeepAlive(long id) implements Request
    {
    }

    record HashKv(long revision) implements Request
    {
    }
}
