package dev.quorate.core.seam;

import java.util.List;

/**
 * The file system below one data directory. Paths are relative to it and use {@code /}. Every method blocks, so only
 * cold agents and start-up call them; the hot path touches {@link Region}s alone. An I/O error is a
 * {@link StorageFault}.
 */
public interface Disk
{
    /**
     * @param path relative path.
     * @return true if a file or directory has this name.
     */
    boolean exists(String path);

    /**
     * @param directory relative path; the empty string is the data directory itself.
     * @return the names (not paths) of its entries in ascending order; empty if there is no such directory.
     */
    List<String> list(String directory);

    /**
     * Creates a directory and its parents, if missing, with mode 0700, and syncs the parents.
     *
     * @param directory relative path.
     */
    void createDirectory(String directory);

    /**
     * Creates a file filled with zeros, written in 4 KiB writes (larger writes make the page cache build large folios
     * and each later sync write them whole), syncs it and maps it for reading and writing. The name is durable only
     * after {@link #syncDirectory(String)}.
     *
     * @param path   relative path; an existing file is replaced.
     * @param length in bytes, a multiple of 4,096, at most 1 GiB.
     * @return the mapped region.
     * @throws DiskFullException if there is no room; the partial file is gone.
     */
    Region createRegion(String path, int length) throws DiskFullException;

    /**
     * Maps a whole existing file for reading and writing.
     *
     * @param path relative path.
     * @return the mapped region.
     */
    Region openRegion(String path);

    /**
     * Creates an empty file for positional writes.
     *
     * @param path relative path; an existing file is replaced.
     * @return the file, open for reading and writing.
     * @throws DiskFullException if there is no room for it.
     */
    DiskFile createFile(String path) throws DiskFullException;

    /**
     * @param path relative path of an existing file.
     * @return the file, open for reading and writing.
     */
    DiskFile openFile(String path);

    /**
     * Renames atomically, replacing the target. Durable only after {@link #syncDirectory(String)}.
     *
     * @param from relative path of an existing file.
     * @param to   relative path.
     */
    void rename(String from, String to);

    /**
     * Deletes a file, if it exists. Open regions and files of it stay usable.
     *
     * @param path relative path.
     */
    void delete(String path);

    /**
     * Makes creations, renames and deletions in a directory durable.
     *
     * @param directory relative path; the empty string is the data directory itself.
     */
    void syncDirectory(String directory);
}
