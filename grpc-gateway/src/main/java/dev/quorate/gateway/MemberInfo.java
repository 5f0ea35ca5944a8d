package dev.quorate.gateway;

/**
 * What the gateway asks of the member it serves, beside the values of {@code NodeState}. Any thread may ask; nothing
 * here blocks.
 */
public interface MemberInfo
{
    /**
     * @return true once calls can be served; until then health checks fail instead of waiting.
     */
    boolean isReady();

    /**
     * @return member id, unsigned.
     */
    long memberId();

    /**
     * @return etcd version that the member behaves like, three dot-separated numbers.
     */
    String serverVersion();

    /**
     * @return version of the stored state, three dot-separated numbers, or {@code unknown}.
     */
    String storageVersion();

    /**
     * @return quota of the store, bytes.
     */
    long quotaBytes();

    /**
     * @return size of the store on disk, bytes.
     */
    long dbSizeBytes();

    /**
     * @return bytes of the store that hold live data.
     */
    long dbSizeInUseBytes();

    /**
     * @return current revision of the store.
     */
    long revision();

    /**
     * @return revision the store was compacted at, -1 if never.
     */
    long compactRevision();

    /**
     * @return number of live keys.
     */
    long keys();
}
