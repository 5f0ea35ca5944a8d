package dev.quorate.core.session;

/**
 * The directory of members and what else apply knows outside the revision store, as one immutable picture.
 */
public interface ClusterView
{
    /**
     * @return how many members there are, learners included.
     */
    int size();

    /**
     * @param i which member, in ascending unsigned order of ids.
     * @return its id.
     */
    long id(int i);

    /**
     * @param i which member.
     * @return its name, empty until it has started.
     */
    String name(int i);

    /**
     * @param i which member.
     * @return its peer URLs.
     */
    String[] peerUrls(int i);

    /**
     * @param i which member.
     * @return its client URLs, empty until it has started.
     */
    String[] clientUrls(int i);

    /**
     * @param i which member.
     * @return true if it does not vote.
     */
    boolean isLearner(int i);

    /**
     * @return how many alarms are on.
     */
    int alarmCount();

    /**
     * @param i which alarm.
     * @return id of the member that raised it.
     */
    long alarmMemberId(int i);

    /**
     * @param i which alarm.
     * @return 1 NOSPACE, 2 CORRUPT.
     */
    int alarmType(int i);

    /**
     * @return ids of the leases that exist.
     */
    long[] leaseIds();

    /**
     * Where the newest picture is found. Any thread may ask.
     */
    @FunctionalInterface
    interface Source
    {
        /**
         * @return the newest published picture.
         */
        ClusterView current();
    }
}
