package dev.quorate.core.session;

/**
 * What this room asks of {@link dev.quorate.core.store.Store} from the loop's thread.
 */
public interface StateSource
{
    /**
     * Cold.
     *
     * @return a reader for the loop's thread.
     */
    StateReader newReader();

    /**
     * @return newest published revision.
     */
    long visibleRevision();

    /**
     * @return published compact revision, -1 if never compacted.
     */
    long compactedRevision();

    /**
     * @return bytes used by store files.
     */
    long dbSize();

    /**
     * @return bytes of them that are not garbage.
     */
    long dbSizeInUse();
}
