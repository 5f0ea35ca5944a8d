package dev.quorate.core.api;

/**
 * The errors of etcd 3.7: clients match them by code and exact text. The ordinal travels only between agents of one
 * process and between members of one protocol version; append new errors at the end.
 */
public enum EtcdError
{
    /** No error. */
    NONE(GrpcCode.OK, ""),
    /** Text: key is not provided. */
    KEY_NOT_PROVIDED(GrpcCode.INVALID_ARGUMENT, "etcdserver: key is not provided"),
    /** Text: key not found. */
    KEY_NOT_FOUND(GrpcCode.INVALID_ARGUMENT, "etcdserver: key not found"),
    /** Text: value is provided. */
    VALUE_PROVIDED(GrpcCode.INVALID_ARGUMENT, "etcdserver: value is provided"),
    /** Text: lease is provided. */
    LEASE_PROVIDED(GrpcCode.INVALID_ARGUMENT, "etcdserver: lease is provided"),
    /** Text: too many operations in txn request. */
    TOO_MANY_OPERATIONS(GrpcCode.INVALID_ARGUMENT, "etcdserver: too many operations in txn request"),
    /** Text: duplicate key given in txn request. */
    DUPLICATE_KEY(GrpcCode.INVALID_ARGUMENT, "etcdserver: duplicate key given in txn request"),
    /** Text: invalid client api version. */
    INVALID_CLIENT_API_VERSION(GrpcCode.INVALID_ARGUMENT, "etcdserver: invalid client api version"),
    /** Text: invalid sort option. */
    INVALID_SORT_OPTION(GrpcCode.INVALID_ARGUMENT, "etcdserver: invalid sort option"),
    /** Text: request is too large. */
    REQUEST_TOO_LARGE(GrpcCode.INVALID_ARGUMENT, "etcdserver: request is too large"),
    /** Text: mvcc: required revision has been compacted. */
    COMPACTED(GrpcCode.OUT_OF_RANGE, "etcdserver: mvcc: required revision has been compacted"),
    /** Text: mvcc: required revision is a future revision. */
    FUTURE_REVISION(GrpcCode.OUT_OF_RANGE, "etcdserver: mvcc: required revision is a future revision"),
    /** Text: too large lease TTL. */
    LEASE_TTL_TOO_LARGE(GrpcCode.OUT_OF_RANGE, "etcdserver: too large lease TTL"),
    /** Text: mvcc: database space exceeded. */
    NO_SPACE(GrpcCode.RESOURCE_EXHAUSTED, "etcdserver: mvcc: database space exceeded"),
    /** Text: too many requests. */
    TOO_MANY_REQUESTS(GrpcCode.UNKNOWN, "etcdserver: too many requests"),
    /** Text: requested lease not found. */
    LEASE_NOT_FOUND(GrpcCode.NOT_FOUND, "etcdserver: requested lease not found"),
    /** Text: lease already exists. */
    LEASE_EXISTS(GrpcCode.FAILED_PRECONDITION, "etcdserver: lease already exists"),
    /** Text: watch canceled. */
    WATCH_CANCELED(GrpcCode.CANCELED, "etcdserver: watch canceled"),
    /** Text: member ID already exist. */
    MEMBER_EXISTS(GrpcCode.FAILED_PRECONDITION, "etcdserver: member ID already exist"),
    /** Text: Peer URLs already exists. */
    PEER_URL_EXISTS(GrpcCode.FAILED_PRECONDITION, "etcdserver: Peer URLs already exists"),
    /** Text: re-configuration failed due to not enough started members. */
    NOT_ENOUGH_STARTED_MEMBERS(GrpcCode.UNKNOWN,
        "etcdserver: re-configuration failed due to not enough started members"),
    /** Text: given member URLs are invalid. */
    BAD_MEMBER_URLS(GrpcCode.INVALID_ARGUMENT, "etcdserver: given member URLs are invalid"),
    /** Text: member not found. */
    MEMBER_NOT_FOUND(GrpcCode.NOT_FOUND, "etcdserver: member not found"),
    /** Text: can only promote a learner member. */
    MEMBER_NOT_LEARNER(GrpcCode.FAILED_PRECONDITION, "etcdserver: can only promote a learner member"),
    /** Text: can only promote a learner member which is in sync with leader. */
    LEARNER_NOT_READY(GrpcCode.FAILED_PRECONDITION,
        "etcdserver: can only promote a learner member which is in sync with leader"),
    /** Text: too many learner members in cluster. */
    TOO_MANY_LEARNERS(GrpcCode.FAILED_PRECONDITION, "etcdserver: too many learner members in cluster"),
    /** Text: cluster ID mismatch. */
    CLUSTER_ID_MISMATCH(GrpcCode.FAILED_PRECONDITION, "etcdserver: cluster ID mismatch"),
    /** Text: root user does not exist. */
    ROOT_USER_NOT_EXIST(GrpcCode.FAILED_PRECONDITION, "etcdserver: root user does not exist"),
    /** Text: root user does not have root role. */
    ROOT_ROLE_NOT_GRANTED(GrpcCode.FAILED_PRECONDITION, "etcdserver: root user does not have root role"),
    /** Text: user name already exists. */
    USER_EXISTS(GrpcCode.FAILED_PRECONDITION, "etcdserver: user name already exists"),
    /** Text: role name already exists. */
    ROLE_EXISTS(GrpcCode.FAILED_PRECONDITION, "etcdserver: role name already exists"),
    /** Text: user name not found. */
    USER_NOT_FOUND(GrpcCode.FAILED_PRECONDITION, "etcdserver: user name not found"),
    /** Text: role name not found. */
    ROLE_NOT_FOUND(GrpcCode.FAILED_PRECONDITION, "etcdserver: role name not found"),
    /** Text: user name is empty. */
    USER_EMPTY(GrpcCode.INVALID_ARGUMENT, "etcdserver: user name is empty"),
    /** Text: role name is empty. */
    ROLE_EMPTY(GrpcCode.INVALID_ARGUMENT, "etcdserver: role name is empty"),
    /** Text: authentication failed, invalid user ID or password. */
    AUTH_FAILED(GrpcCode.INVALID_ARGUMENT, "etcdserver: authentication failed, invalid user ID or password"),
    /** Text: permission not given. */
    PERMISSION_NOT_GIVEN(GrpcCode.INVALID_ARGUMENT, "etcdserver: permission not given"),
    /** Text: permission denied. */
    PERMISSION_DENIED(GrpcCode.PERMISSION_DENIED, "etcdserver: permission denied"),
    /** Text: role is not granted to the user. */
    ROLE_NOT_GRANTED(GrpcCode.FAILED_PRECONDITION, "etcdserver: role is not granted to the user"),
    /** Text: permission is not granted to the role. */
    PERMISSION_NOT_GRANTED(GrpcCode.FAILED_PRECONDITION, "etcdserver: permission is not granted to the role"),
    /** Text: authentication is not enabled. */
    AUTH_NOT_ENABLED(GrpcCode.FAILED_PRECONDITION, "etcdserver: authentication is not enabled"),
    /** Text: invalid auth token. */
    INVALID_AUTH_TOKEN(GrpcCode.UNAUTHENTICATED, "etcdserver: invalid auth token"),
    /** Text: invalid auth management. */
    INVALID_AUTH_MANAGEMENT(GrpcCode.INVALID_ARGUMENT, "etcdserver: invalid auth management"),
    /** Text: revision of auth store is old. */
    AUTH_OLD_REVISION(GrpcCode.INVALID_ARGUMENT, "etcdserver: revision of auth store is old"),
    /** Text: no leader. */
    NO_LEADER(GrpcCode.UNAVAILABLE, "etcdserver: no leader"),
    /** Text: not leader. */
    NOT_LEADER(GrpcCode.FAILED_PRECONDITION, "etcdserver: not leader"),
    /** Text: leader changed. */
    LEADER_CHANGED(GrpcCode.UNAVAILABLE, "etcdserver: leader changed"),
    /** Text: not capable. */
    NOT_CAPABLE(GrpcCode.FAILED_PRECONDITION, "etcdserver: not capable"),
    /** Text: server stopped. */
    STOPPED(GrpcCode.UNAVAILABLE, "etcdserver: server stopped"),
    /** Text: request timed out. */
    TIMEOUT(GrpcCode.UNAVAILABLE, "etcdserver: request timed out"),
    /** Text: request timed out, possibly due to previous leader failure. */
    TIMEOUT_LEADER_FAILURE(GrpcCode.UNAVAILABLE,
        "etcdserver: request timed out, possibly due to previous leader failure"),
    /** Text: request timed out, possibly due to connection lost. */
    TIMEOUT_CONNECTION_LOST(GrpcCode.UNAVAILABLE, "etcdserver: request timed out, possibly due to connection lost"),
    /** Text: request timed out, waiting for the applied index took too long. */
    TIMEOUT_APPLIED_INDEX(GrpcCode.UNAVAILABLE,
        "etcdserver: request timed out, waiting for the applied index took too long"),
    /** Text: unhealthy cluster. */
    UNHEALTHY(GrpcCode.UNAVAILABLE, "etcdserver: unhealthy cluster"),
    /** Text: corrupt cluster. */
    CORRUPT(GrpcCode.DATA_LOSS, "etcdserver: corrupt cluster"),
    /** Text: rpc not supported for learner. */
    NOT_SUPPORTED_FOR_LEARNER(GrpcCode.FAILED_PRECONDITION, "etcdserver: rpc not supported for learner"),
    /** Text: bad leader transferee. */
    BAD_LEADER_TRANSFEREE(GrpcCode.FAILED_PRECONDITION, "etcdserver: bad leader transferee"),
    /** Text: wrong downgrade target version format. */
    WRONG_DOWNGRADE_VERSION_FORMAT(GrpcCode.INVALID_ARGUMENT, "etcdserver: wrong downgrade target version format"),
    /** Text: invalid downgrade target version. */
    INVALID_DOWNGRADE_TARGET(GrpcCode.INVALID_ARGUMENT, "etcdserver: invalid downgrade target version"),
    /** Text: cluster version not found during downgrade. */
    CLUSTER_VERSION_UNAVAILABLE(GrpcCode.FAILED_PRECONDITION, "etcdserver: cluster version not found during downgrade"),
    /** Text: cluster has a downgrade job in progress. */
    DOWNGRADE_IN_PROGRESS(GrpcCode.FAILED_PRECONDITION, "etcdserver: cluster has a downgrade job in progress"),
    /** Text: no inflight downgrade job. */
    NO_INFLIGHT_DOWNGRADE(GrpcCode.FAILED_PRECONDITION, "etcdserver: no inflight downgrade job"),
    /** Text: request canceled. */
    REQUEST_CANCELED(GrpcCode.CANCELED, "etcdserver: request canceled"),
    /** Text: raft proposal dropped. */
    PROPOSAL_DROPPED(GrpcCode.UNKNOWN, "raft proposal dropped"),
    /** Text: request timed out, leader transfer took too long. */
    TRANSFER_TIMEOUT(GrpcCode.UNKNOWN, "etcdserver: request timed out, leader transfer took too long"),
    /** Text: not a primary lessor. */
    NOT_PRIMARY_LESSOR(GrpcCode.UNKNOWN, "not a primary lessor"),
    /** Text: unknown method. */
    UNKNOWN_METHOD(GrpcCode.UNKNOWN, "etcdserver: unknown method"),
    /** Text: rangeKeys: context cancelled: context canceled. */
    RANGE_CANCELED(GrpcCode.CANCELED, "rangeKeys: context cancelled: context canceled"),
    /** Text: context canceled. */
    CONTEXT_CANCELED(GrpcCode.CANCELED, "context canceled"),
    /** Text: context deadline exceeded. */
    CONTEXT_DEADLINE(GrpcCode.DEADLINE_EXCEEDED, "context deadline exceeded"),
    /** Text: RangeStream does not support custom sort orders. */
    RANGE_STREAM_SORT(GrpcCode.UNIMPLEMENTED, "RangeStream does not support custom sort orders"),
    /** Text: RangeStream does not support revision filters. */
    RANGE_STREAM_FILTER(GrpcCode.UNIMPLEMENTED, "RangeStream does not support revision filters");

    private static final EtcdError[] VALUES = values();

    /** How many there are; ordinals are below. */
    public static final int COUNT = VALUES.length;

    private final GrpcCode code;
    private final String message;

    EtcdError(final GrpcCode code, final String message)
    {
        this.code = code;
        this.message = message;
    }

    /**
     * @param ordinal of an error.
     * @return the error.
     */
    public static EtcdError of(final int ordinal)
    {
        return VALUES[ordinal];
    }

    /**
     * @return the status code.
     */
    public GrpcCode code()
    {
        return code;
    }

    /**
     * @return the exact status description.
     */
    public String message()
    {
        return message;
    }
}
