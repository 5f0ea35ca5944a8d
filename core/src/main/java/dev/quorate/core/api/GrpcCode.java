package dev.quorate.core.api;

/**
 * Status codes of gRPC; the ordinal is the number on the wire.
 */
public enum GrpcCode
{
    /** Success. */
    OK,
    /** The call was cancelled, typically by the client. */
    CANCELED,
    /** No better code is known. */
    UNKNOWN,
    /** The request is invalid whatever the state. */
    INVALID_ARGUMENT,
    /** The deadline passed. */
    DEADLINE_EXCEEDED,
    /** Something named does not exist. */
    NOT_FOUND,
    /** Something already exists. */
    ALREADY_EXISTS,
    /** The caller may not do this. */
    PERMISSION_DENIED,
    /** A bound was reached. */
    RESOURCE_EXHAUSTED,
    /** The state forbids it. */
    FAILED_PRECONDITION,
    /** Aborted by concurrency. */
    ABORTED,
    /** Outside the valid range of the present state. */
    OUT_OF_RANGE,
    /** There is no such method. */
    UNIMPLEMENTED,
    /** A broken invariant. */
    INTERNAL,
    /** Temporarily not available; the client may retry. */
    UNAVAILABLE,
    /** Data is lost or corrupt. */
    DATA_LOSS,
    /** No valid credentials. */
    UNAUTHENTICATED
}
