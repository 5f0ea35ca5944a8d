package dev.quorate.core.node;

import dev.quorate.core.raft.Role;

/**
 * Rare events worth a line in the member's log. Called on agents' threads; must not block.
 */
@FunctionalInterface
public interface NodeMonitor
{
    /** Hears nothing. */
    NodeMonitor NONE = (role, term, leaderId) -> {};

    /**
     * Role, term or leader changed; consensus thread.
     *
     * @param role     of this member.
     * @param term     current.
     * @param leaderId leader of the term, 0 if none is known.
     */
    void onRoleChanged(Role role, long term, long leaderId);
}
