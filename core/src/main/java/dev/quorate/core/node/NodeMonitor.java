package dev.quorate.core.node;

import dev.quorate.core.raft.Role;
import org.agrona.collections.LongArrayList;

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

    /**
     * This member began or ceased to lack space; consensus thread.
     *
     * @param isShort true while commands that need space are refused and the alarm is raised.
     * @param lack    what it lacks.
     */
    default void onSpaceChanged(final boolean isShort, final String lack)
    {
    }

    /**
     * This member goes on alone, because it was told that the others are lost; the thread that opens it.
     *
     * @param removed ids of the members that it removes.
     */
    default void onAlone(final LongArrayList removed)
    {
    }

    /**
     * A peer lacks entries that the log no longer holds: it is sent a snapshot; consensus thread.
     *
     * @param memberId of the peer.
     */
    default void onSnapshotNeeded(final long memberId)
    {
    }

    /**
     * Sending a snapshot to a peer ended; consensus thread.
     *
     * @param memberId    of the peer.
     * @param index       of its last entry, 0 if it is not known.
     * @param isInstalled true if the peer goes on in it.
     */
    default void onSnapshotSent(final long memberId, final long index, final boolean isInstalled)
    {
    }

    /**
     * A snapshot replaced the store of this member; consensus thread.
     *
     * @param index of its last entry.
     */
    default void onSnapshotInstalled(final long index)
    {
    }
}
