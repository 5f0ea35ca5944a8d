package dev.quorate.core.peer;

/**
 * Why a message or a session was dropped. The order is that of the counters.
 */
public enum PeerDrop
{
    /** Too short, too long, not of our schema, or with values that no member sends. */
    MALFORMED,
    /** The session has not said hello. */
    UNBOUND_SESSION,
    /** The session was followed by a newer one of the same member and class. */
    SUPERSEDED_SESSION,
    /** The sender belongs to another cluster. */
    WRONG_CLUSTER,
    /** The message is for another member, or its sender is not the one that said hello. */
    WRONG_MEMBER,
    /** The sender is no member that this one knows. */
    UNKNOWN_MEMBER,
    /** The sender, or the boot of this member that is meant, belongs to the past. */
    OLD_BOOT,
    /** The member id is bound to another store. */
    WRONG_STORE,
    /** The sender speaks another version of the protocol. */
    WRONG_PROTOCOL,
    /** The bytes were damaged on the way. */
    CHECKSUM,
    /** A piece that does not continue what was received, or is of a whole that is too long. */
    CHUNK,
    /** A command that was forwarded before. */
    DUPLICATE,
    /** More sessions than a member keeps. */
    TOO_MANY_SESSIONS
}
