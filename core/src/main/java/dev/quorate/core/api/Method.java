package dev.quorate.core.api;

/**
 * The gRPC methods that the core answers. Those that etcd has and this list lacks answer UNIMPLEMENTED at the gateway.
 */
public enum Method
{
    /** etcdserverpb.KV/Range. */
    KV_RANGE("etcdserverpb.KV", "Range", Kind.UNARY),
    /** etcdserverpb.KV/RangeStream. */
    KV_RANGE_STREAM("etcdserverpb.KV", "RangeStream", Kind.SERVER_STREAM),
    /** etcdserverpb.KV/Put. */
    KV_PUT("etcdserverpb.KV", "Put", Kind.UNARY),
    /** etcdserverpb.KV/DeleteRange. */
    KV_DELETE_RANGE("etcdserverpb.KV", "DeleteRange", Kind.UNARY),
    /** etcdserverpb.KV/Txn. */
    KV_TXN("etcdserverpb.KV", "Txn", Kind.UNARY),
    /** etcdserverpb.KV/Compact. */
    KV_COMPACT("etcdserverpb.KV", "Compact", Kind.UNARY),
    /** etcdserverpb.Watch/Watch. */
    WATCH("etcdserverpb.Watch", "Watch", Kind.BIDI_STREAM),
    /** etcdserverpb.Lease/LeaseGrant. */
    LEASE_GRANT("etcdserverpb.Lease", "LeaseGrant", Kind.UNARY),
    /** etcdserverpb.Lease/LeaseRevoke. */
    LEASE_REVOKE("etcdserverpb.Lease", "LeaseRevoke", Kind.UNARY),
    /** etcdserverpb.Lease/LeaseKeepAlive. */
    LEASE_KEEP_ALIVE("etcdserverpb.Lease", "LeaseKeepAlive", Kind.BIDI_STREAM),
    /** etcdserverpb.Lease/LeaseTimeToLive. */
    LEASE_TIME_TO_LIVE("etcdserverpb.Lease", "LeaseTimeToLive", Kind.UNARY),
    /** etcdserverpb.Lease/LeaseLeases. */
    LEASE_LEASES("etcdserverpb.Lease", "LeaseLeases", Kind.UNARY),
    /** etcdserverpb.Cluster/MemberAdd. */
    MEMBER_ADD("etcdserverpb.Cluster", "MemberAdd", Kind.UNARY),
    /** etcdserverpb.Cluster/MemberRemove. */
    MEMBER_REMOVE("etcdserverpb.Cluster", "MemberRemove", Kind.UNARY),
    /** etcdserverpb.Cluster/MemberUpdate. */
    MEMBER_UPDATE("etcdserverpb.Cluster", "MemberUpdate", Kind.UNARY),
    /** etcdserverpb.Cluster/MemberList. */
    MEMBER_LIST("etcdserverpb.Cluster", "MemberList", Kind.UNARY),
    /** etcdserverpb.Cluster/MemberPromote. */
    MEMBER_PROMOTE("etcdserverpb.Cluster", "MemberPromote", Kind.UNARY),
    /** etcdserverpb.Maintenance/Alarm. */
    ALARM("etcdserverpb.Maintenance", "Alarm", Kind.UNARY),
    /** etcdserverpb.Maintenance/Status. */
    STATUS("etcdserverpb.Maintenance", "Status", Kind.UNARY),
    /** etcdserverpb.Maintenance/Defragment. */
    DEFRAGMENT("etcdserverpb.Maintenance", "Defragment", Kind.UNARY),
    /** etcdserverpb.Maintenance/Hash. */
    HASH("etcdserverpb.Maintenance", "Hash", Kind.UNARY),
    /** etcdserverpb.Maintenance/HashKV. */
    HASH_KV("etcdserverpb.Maintenance", "HashKV", Kind.UNARY),
    /** etcdserverpb.Maintenance/MoveLeader. */
    MOVE_LEADER("etcdserverpb.Maintenance", "MoveLeader", Kind.UNARY);

    /**
     * How many messages go each way.
     */
    public enum Kind
    {
        /** One request, one response. */
        UNARY,
        /** One request, many responses. */
        SERVER_STREAM,
        /** Many requests, many responses. */
        BIDI_STREAM
    }

    private final String service;
    private final String rpc;
    private final Kind kind;

    Method(final String service, final String rpc, final Kind kind)
    {
        this.service = service;
        this.rpc = rpc;
        this.kind = kind;
    }

    /**
     * @return full service name, such as {@code etcdserverpb.KV}.
     */
    public String service()
    {
        return service;
    }

    /**
     * @return method name within the service, such as {@code Range}.
     */
    public String rpc()
    {
        return rpc;
    }

    /**
     * @return how many messages go each way.
     */
    public Kind kind()
    {
        return kind;
    }
}
