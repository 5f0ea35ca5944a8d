package dev.quorate.core.machine;

import java.util.Arrays;
import java.util.List;

/**
 * A member of the cluster as the directory knows it. Immutable.
 *
 * @param id         of the member, unsigned, not 0.
 * @param name       it published, empty before it started for the first time.
 * @param peerUrls   under which peers reach it, in the order given.
 * @param clientUrls it published, in the order given.
 * @param isLearner  true if it has no vote.
 * @param storeId    bound by its first publication, 0 before.
 */
public record Member(
    long id, String name, List<String> peerUrls, List<String> clientUrls, boolean isLearner, long storeId)
{
    /**
     * Copies the lists.
     */
    public Member
    {
        peerUrls = List.copyOf(peerUrls);
        clientUrls = List.copyOf(clientUrls);
    }

    /**
     * A member that has not started yet.
     *
     * @param id        of the member.
     * @param peerUrls  under which peers reach it.
     * @param isLearner true if it has no vote.
     * @return the member.
     */
    public static Member ofUrls(final long id, final boolean isLearner, final String... peerUrls)
    {
        return new Member(id, "", Arrays.asList(peerUrls), List.of(), isLearner, 0);
    }

    /**
     * @return true once it has published itself.
     */
    public boolean isStarted()
    {
        return !name.isEmpty();
    }

    Member published(final String ofName, final List<String> ofClientUrls, final long ofStoreId)
    {
        return new Member(id, ofName, peerUrls, ofClientUrls, isLearner, ofStoreId);
    }

    Member reachedAt(final List<String> ofPeerUrls)
    {
        return new Member(id, name, ofPeerUrls, clientUrls, isLearner, storeId);
    }

    Member promoted()
    {
        return new Member(id, name, peerUrls, clientUrls, false, storeId);
    }
}
