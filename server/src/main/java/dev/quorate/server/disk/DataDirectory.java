package dev.quorate.server.disk;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * A data directory held by this process alone. The kernel drops the lock when the process ends, however it ends.
 */
public final class DataDirectory implements AutoCloseable
{
    private final Path path;
    private final FileChannel channel;

    private DataDirectory(final Path path, final FileChannel channel)
    {
        this.path = path;
        this.channel = channel;
    }

    /**
     * Creates the directory if it is missing and locks it.
     *
     * @param path of the data directory.
     * @return the locked directory.
     * @throws IOException with one line of cause and remedy, if it cannot be used.
     */
    public static DataDirectory lock(final Path path) throws IOException
    {
        try
        {
            return locked(path);
        }
        catch (final FileSystemException ex)
        {
            // Its message is a path and no more when the system names no reason.
            throw new IOException("cannot make or open data directory '" + path + "': " +
                (null == ex.getReason() ? ex.getClass().getSimpleName() + " at " + ex.getFile() : ex.getReason()) +
                "; choose another --data-dir", ex);
        }
    }

    /**
     * @return path of the directory.
     */
    public Path path()
    {
        return path;
    }

    @Override
    public void close() throws IOException
    {
        channel.close();
    }

    private static DataDirectory locked(final Path path) throws IOException
    {
        if (!Files.exists(path))
        {
            Files.createDirectories(
                path, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        }
        if (!Files.isDirectory(path) || !Files.isWritable(path))
        {
            throw new IOException(
                "data directory '" + path + "' is not a writable directory; choose another --data-dir");
        }
        final FileChannel channel = FileChannel.open(
            path.resolve("LOCK"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try
        {
            final FileLock lock = channel.tryLock();
            if (null != lock)
            {
                return new DataDirectory(path, channel);
            }
        }
        catch (final OverlappingFileLockException ignore)
        {
            // Held by this very process: refused as well.
        }
        channel.close();
        throw new IOException(
            "data directory '" + path + "' is in use by another process; stop it or choose another --data-dir");
    }
}
