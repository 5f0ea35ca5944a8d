package dev.quorate.core.seam;

import org.agrona.concurrent.UnsafeBuffer;

/**
 * A fully allocated file seen as memory. One thread writes it, any may read what was published, and one thread syncs
 * it.
 */
public interface Region extends AutoCloseable
{
    /**
     * @return the bytes of the region, 8-byte aligned, the same instance for its whole life.
     */
    UnsafeBuffer buffer();

    /**
     * @return its length in bytes.
     */
    int length();

    /**
     * Tells that bytes were stored which must survive. Called after each such store by the writing thread (once before
     * and once after a length word that publishes a frame).
     *
     * @param offset of the first byte.
     * @param length in bytes.
     */
    void wrote(int offset, int length);

    /**
     * Starts to force a range to the device. At most one sync is outstanding for a region. A real disk may do the whole
     * work here, blocking its sync thread; a simulated one completes it later.
     *
     * @param offset of the first byte.
     * @param length in bytes.
     */
    void startSync(int offset, int length);

    /**
     * @return true when the sync that was started last has finished and its range is durable.
     * @throws StorageFault if it failed.
     */
    boolean pollSync();

    /**
     * Unmaps. No thread may touch the buffer afterwards.
     */
    @Override
    void close();
}
