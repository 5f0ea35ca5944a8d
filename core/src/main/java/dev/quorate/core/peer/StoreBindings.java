package dev.quorate.core.peer;

/**
 * Which store a member id is bound to, as the member directory knows it. Called on the consensus thread when a hello
 * arrives.
 */
@FunctionalInterface
public interface StoreBindings
{
    /**
     * @param memberId of the peer.
     * @param storeId  that it claims.
     * @return true if its publish entry bound the member id to another store: its disk was lost, or it is another's.
     */
    boolean isBoundToAnother(long memberId, long storeId);
}
