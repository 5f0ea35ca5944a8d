package dev.quorate.core.peer;

/**
 * Who this member is to its peers.
 *
 * @param clusterId of the cluster, never 0.
 * @param memberId  of this member, never 0.
 * @param storeId   minted with the data directory.
 * @param bootId    counts the starts of this member on this directory, from 1.
 */
public record PeerIdentity(long clusterId, long memberId, long storeId, long bootId)
{
    /**
     * Checks the ranges.
     *
     * @throws IllegalArgumentException if an id is 0 or the boot id is not positive.
     */
    public PeerIdentity
    {
        if (clusterId == 0 || memberId == 0 || bootId <= 0)
        {
            throw new IllegalArgumentException(
                "impossible identity: clusterId=" + clusterId + " memberId=" + memberId + " bootId=" + bootId);
        }
    }
}
