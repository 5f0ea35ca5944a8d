package dev.quorate.server.disk;

import dev.quorate.core.seam.Disk;
import dev.quorate.core.seam.DiskFile;
import dev.quorate.core.seam.DiskFullException;
import dev.quorate.core.seam.Region;
import dev.quorate.core.seam.StorageFault;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;

/**
 * Files below one data directory. Directories have mode 0700, files 0600. Every sync can be switched off as a whole
 * ({@code --unsafe-no-fsync}).
 */
public final class FileDisk implements Disk
{
    private static final int FILL_LENGTH = 4096;

    private final Path root;
    private final boolean isSynced;

    /**
     * @param root     existing data directory.
     * @param isSynced false to promise nothing across a power loss.
     */
    public FileDisk(final Path root, final boolean isSynced)
    {
        this.root = root;
        this.isSynced = isSynced;
    }

    @Override
    public boolean exists(final String path)
    {
        return Files.exists(root.resolve(path));
    }

    @Override
    public List<String> list(final String directory)
    {
        final List<String> names = new ArrayList<>();
        try (Stream<Path> entries = Files.list(root.resolve(directory)))
        {
            entries.forEach((entry) -> names.add(entry.getFileName().toString()));
        }
        catch (final NoSuchFileException ex)
        {
            return names;
        }
        catch (final IOException ex)
        {
            throw fault("list", directory, ex);
        }
        Collections.sort(names);
        return names;
    }

    @Override
    public void createDirectory(final String directory)
    {
        try
        {
            createWithParents(root.resolve(directory));
        }
        catch (final IOException ex)
        {
            throw fault("create directory", directory, ex);
        }
    }

    @Override
    public Region createRegion(final String path, final int length) throws DiskFullException
    {
        if (length <= 0 || 0 != length % FILL_LENGTH)
        {
            throw new IllegalArgumentException("region length must be a multiple of 4096: " + length);
        }
        final Path file = root.resolve(path);
        try (FileChannel channel = FileChannel.open(
            newFile(file), StandardOpenOption.READ, StandardOpenOption.WRITE))
        {
            final ByteBuffer zeros = ByteBuffer.allocateDirect(FILL_LENGTH);
            for (int position = 0; position < length; position += FILL_LENGTH)
            {
                zeros.clear();
                while (zeros.hasRemaining())
                {
                    channel.write(zeros, position + zeros.position());
                }
            }
            if (isSynced)
            {
                channel.force(true);
            }
            return new MappedRegion(path, channel.map(FileChannel.MapMode.READ_WRITE, 0, length), isSynced);
        }
        catch (final IOException ex)
        {
            throw fullOrFault(file, "create", path, length, ex);
        }
    }

    @Override
    public Region openRegion(final String path)
    {
        try (FileChannel channel = FileChannel.open(
            root.resolve(path), StandardOpenOption.READ, StandardOpenOption.WRITE))
        {
            final MappedByteBuffer mapped = channel.map(FileChannel.MapMode.READ_WRITE, 0, channel.size());
            return new MappedRegion(path, mapped, isSynced);
        }
        catch (final IOException ex)
        {
            throw fault("map", path, ex);
        }
    }

    @Override
    public DiskFile createFile(final String path) throws DiskFullException
    {
        final Path file = root.resolve(path);
        try
        {
            return new ChannelFile(path, FileChannel.open(
                newFile(file), StandardOpenOption.READ, StandardOpenOption.WRITE), isSynced);
        }
        catch (final IOException ex)
        {
            throw fullOrFault(file, "create", path, 0, ex);
        }
    }

    @Override
    public DiskFile openFile(final String path)
    {
        try
        {
            return new ChannelFile(path, FileChannel.open(
                root.resolve(path), StandardOpenOption.READ, StandardOpenOption.WRITE), isSynced);
        }
        catch (final IOException ex)
        {
            throw fault("open", path, ex);
        }
    }

    @Override
    public void rename(final String from, final String to)
    {
        try
        {
            Files.move(root.resolve(from), root.resolve(to),
                StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        }
        catch (final IOException ex)
        {
            throw fault("rename", from + " to " + to, ex);
        }
    }

    @Override
    public void delete(final String path)
    {
        try
        {
            Files.deleteIfExists(root.resolve(path));
        }
        catch (final IOException ex)
        {
            throw fault("delete", path, ex);
        }
    }

    @Override
    public void syncDirectory(final String directory)
    {
        try
        {
            sync(root.resolve(directory));
        }
        catch (final IOException ex)
        {
            throw fault("sync directory", directory, ex);
        }
    }

    static boolean isDiskFull(final IOException ex)
    {
        final String message = ex.getMessage();
        return null != message &&
            (message.contains("No space left on device") || message.contains("Disk quota exceeded"));
    }

    private void createWithParents(final Path directory) throws IOException
    {
        if (!Files.isDirectory(directory))
        {
            final Path parent = directory.toAbsolutePath().getParent();
            createWithParents(parent);
            try
            {
                Files.createDirectory(
                    directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            }
            catch (final FileAlreadyExistsException ex)
            {
                return;
            }
            sync(parent);
        }
    }

    private void sync(final Path directory) throws IOException
    {
        if (isSynced)
        {
            try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ))
            {
                channel.force(true);
            }
        }
    }

    private static Path newFile(final Path file) throws IOException
    {
        Files.deleteIfExists(file);
        return Files.createFile(
            file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    }

    private static DiskFullException fullOrFault(
        final Path file, final String action, final String path, final long length, final IOException ex)
    {
        if (!isDiskFull(ex))
        {
            throw fault(action, path, ex);
        }
        try
        {
            Files.deleteIfExists(file);
        }
        catch (final IOException suppressed)
        {
            ex.addSuppressed(suppressed);
        }
        return new DiskFullException("no room for " + length + " bytes of " + path);
    }

    private static StorageFault fault(final String action, final String path, final IOException ex)
    {
        return new StorageFault(
            "cannot " + action + " '" + path + "': " + ex + "; check the disk and the permissions", ex);
    }
}
