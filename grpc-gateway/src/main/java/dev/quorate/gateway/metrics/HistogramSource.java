package dev.quorate.gateway.metrics;

/**
 * A histogram that somebody else fills and the page shows. Any thread may read it while its writer adds.
 */
public interface HistogramSource
{
    /**
     * @return name of the family, such as {@code etcd_disk_wal_fsync_duration_seconds}. Sources of one family follow
     * each other in the configuration.
     */
    String name();

    /**
     * @return one line that says what is measured.
     */
    String help();

    /**
     * @return labels as the text format writes them, such as {@code To="8e9e05c52164694d"}; empty if there are none.
     */
    String labels();

    /**
     * @return number of buckets with an upper bound.
     */
    int buckets();

    /**
     * @param bucket from 0.
     * @return upper bound of the bucket, in the unit of the name.
     */
    double bound(int bucket);

    /**
     * @param bucket from 0; {@link #buckets()} for what lies above the last bound.
     * @return values counted in this bucket alone.
     */
    long count(int bucket);

    /**
     * @return sum of all values, in the unit of the name.
     */
    double sum();
}
