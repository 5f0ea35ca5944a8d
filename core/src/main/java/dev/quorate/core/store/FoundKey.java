package dev.quorate.core.store;

import dev.quorate.core.store.index.KeyIndex;

/** What the writer's last look-up of a key has found. Plain holder, owned by apply. */
final class FoundKey
{
    long lp = RecordDescriptor.NULL_LP;
    long mod;
    long create;
    long version;
    long lease;

    /** The index stands on the key, which is alive. */
    boolean set(final KeyIndex keys)
    {
        lp = keys.lp();
        mod = keys.modRevision();
        create = keys.createRevision();
        version = keys.version();
        lease = keys.lease();
        return true;
    }

    boolean clear()
    {
        lp = RecordDescriptor.NULL_LP;
        mod = 0;
        create = 0;
        version = 0;
        lease = 0;
        return false;
    }
}
