package dev.quorate.server.member;

import dev.quorate.core.store.Store;
import dev.quorate.gateway.MemberInfo;

/**
 * What the gateway asks of the member, from live values.
 */
final class LiveMember implements MemberInfo
{
    private final long memberId;
    private final long quotaBytes;
    private final Store store;
    private volatile boolean isReady;

    LiveMember(final long memberId, final long quotaBytes, final Store store)
    {
        this.memberId = memberId;
        this.quotaBytes = quotaBytes;
        this.store = store;
    }

    /**
     * Calls are served from now on.
     */
    void ready()
    {
        isReady = true;
    }

    @Override
    public boolean isReady()
    {
        return isReady;
    }

    @Override
    public long memberId()
    {
        return memberId;
    }

    @Override
    public String serverVersion()
    {
        return Version.ETCD;
    }

    @Override
    public String storageVersion()
    {
        return Version.STORAGE;
    }

    @Override
    public long quotaBytes()
    {
        return quotaBytes;
    }

    @Override
    public long dbSizeBytes()
    {
        return store.dbSize();
    }

    @Override
    public long dbSizeInUseBytes()
    {
        return store.dbSizeInUse();
    }

    @Override
    public long revision()
    {
        return store.visibleRevision();
    }

    @Override
    public long compactRevision()
    {
        return store.compactedRevision();
    }

    @Override
    public long keys()
    {
        return store.liveKeys();
    }
}
