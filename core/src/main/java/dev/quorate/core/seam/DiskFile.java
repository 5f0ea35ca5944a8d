package dev.quorate.core.seam;

import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A file for positional reads and writes, used by cold agents only. An I/O error is a {@link StorageFault}.
 */
public interface DiskFile extends AutoCloseable
{
    /**
     * Writes all bytes. Beyond the end the file grows.
     *
     * @param position in the file, bytes.
     * @param source   of the bytes.
     * @param offset   in the source.
     * @param length   in bytes.
     * @throws DiskFullException if there is no room; part may have been written.
     */
    void write(long position, DirectBuffer source, int offset, int length) throws DiskFullException;

    /**
     * Reads up to {@code length} bytes.
     *
     * @param position    in the file, bytes.
     * @param destination of the bytes.
     * @param offset      in the destination.
     * @param length      in bytes.
     * @return how many bytes were read; less than {@code length} only at the end of the file.
     */
    int read(long position, MutableDirectBuffer destination, int offset, int length);

    /**
     * Forces everything written to the device; returns when it is durable.
     */
    void force();

    /**
     * Cuts the file to a length.
     *
     * @param length in bytes, at most the present one.
     */
    void truncate(long length);

    /**
     * @return the length of the file in bytes.
     */
    long length();

    /**
     * Maps a range read-only. The mapping lives until {@link #unmap(UnsafeBuffer)}, even after {@link #close()}.
     *
     * @param position of the first byte, a multiple of 4,096.
     * @param length   in bytes, at most 1 GiB.
     * @return the mapped bytes.
     */
    UnsafeBuffer map(long position, int length);

    /**
     * @param mapped a buffer that {@link #map(long, int)} of this file returned; nobody may touch it afterwards.
     */
    void unmap(UnsafeBuffer mapped);

    @Override
    void close();
}
