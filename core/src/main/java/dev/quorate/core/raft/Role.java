package dev.quorate.core.raft;

/**
 * Role of a member in its term.
 */
public enum Role
{
    /** Follows a leader or waits for one; learners are always followers. */
    FOLLOWER,
    /** Asks whether a candidacy would succeed. */
    PRE_CANDIDATE,
    /** Asks for votes. */
    CANDIDATE,
    /** Leads the term. */
    LEADER
}
