package dev.quorate.core.seam;

import org.agrona.BufferUtil;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;

/**
 * Files of a folder, for tests with more data than a heap holds. Nothing is ever forced to the device, so it has
 * nothing to say about power cuts.
 */
public final class ScratchDisk implements Disk
{
    private final Path folder;

    /**
     * @param folder that exists.
     */
    public ScratchDisk(final Path folder)
    {
        this.folder = folder;
    }

    @Override
    public boolean exists(final String path)
    {
        return Files.exists(folder.resolve(path));
    }

    @Override
    public List<String> list(final String directory)
    {
        return of(() ->
        {
            if (!exists(directory))
            {
                return List.of();
            }
            try (Stream<Path> entries = Files.list(folder.resolve(directory)))
            {
                return entries.map((entry) -> entry.getFileName().toString()).sorted().toList();
            }
        });
    }

    @Override
    public void createDirectory(final String directory)
    {
        of(() -> Files.createDirectories(folder.resolve(directory)));
    }

    @Override
    public Region createRegion(final String path, final int length)
    {
        return region(path, length, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING);
    }

    @Override
    public Region openRegion(final String path)
    {
        return region(path, of(() -> (int)Files.size(folder.resolve(path))));
    }

    @Override
    public DiskFile createFile(final String path)
    {
        return new ScratchFile(
            open(path, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING));
    }

    @Override
    public DiskFile openFile(final String path)
    {
        return new ScratchFile(open(path));
    }

    @Override
    public void rename(final String from, final String to)
    {
        of(() -> Files.move(folder.resolve(from), folder.resolve(to), StandardCopyOption.REPLACE_EXISTING));
    }

    @Override
    public void delete(final String path)
    {
        of(() -> Files.deleteIfExists(folder.resolve(path)));
    }

    @Override
    public void syncDirectory(final String directory)
    {
        // the process lives as long as its files
    }

    private Region region(final String path, final int length, final StandardOpenOption... more)
    {
        try (FileChannel channel = open(path, more))
        {
            return new ScratchRegion(new UnsafeBuffer(channel.map(FileChannel.MapMode.READ_WRITE, 0, length)));
        }
        catch (final IOException ex)
        {
            throw new UncheckedIOException(ex);
        }
    }

    private FileChannel open(final String path, final StandardOpenOption... more)
    {
        return of(() -> FileChannel.open(folder.resolve(path), Stream.concat(
            Stream.of(StandardOpenOption.READ, StandardOpenOption.WRITE), Stream.of(more))
            .toArray(StandardOpenOption[]::new)));
    }

    private static <T> T of(final Call<T> call)
    {
        try
        {
            return call.call();
        }
        catch (final IOException ex)
        {
            throw new UncheckedIOException(ex);
        }
    }

    @Override
    public String toString()
    {
        return "ScratchDisk{" + folder + '}';
    }

    private interface Call<T>
    {
        T call() throws IOException;
    }

    private record ScratchRegion(UnsafeBuffer buffer) implements Region
    {
        @Override
        public int length()
        {
            return buffer.capacity();
        }

        @Override
        public void wrote(final int offset, final int length)
        {
            // the mapping is the file
        }

        @Override
        public void startSync(final int offset, final int length)
        {
            // see above
        }

        @Override
        public boolean pollSync()
        {
            return true;
        }

        @Override
        public void close()
        {
            BufferUtil.free(buffer);
        }
    }

    private record ScratchFile(FileChannel channel) implements DiskFile
    {
        @Override
        public void write(final long position, final DirectBuffer source, final int offset, final int length)
        {
            final ByteBuffer block = ByteBuffer.allocate(length);
            source.getBytes(offset, block, length);
            block.flip();
            while (block.hasRemaining())
            {
                of(() -> channel.write(block, position + block.position()));
            }
        }

        @Override
        public int read(
            final long position, final MutableDirectBuffer destination, final int offset, final int length)
        {
            final ByteBuffer block = ByteBuffer.allocate(length);
            while (block.hasRemaining() && of(() -> channel.read(block, position + block.position())) >= 0)
            {
                // the rest
            }
            block.flip();
            final int count = block.remaining();
            destination.putBytes(offset, block, count);
            return count;
        }

        @Override
        public void force()
        {
            // see above
        }

        @Override
        public void truncate(final long length)
        {
            of(() -> channel.truncate(length));
        }

        @Override
        public long length()
        {
            return of(channel::size);
        }

        @Override
        public UnsafeBuffer map(final long position, final int length)
        {
            return new UnsafeBuffer(of(() -> channel.map(FileChannel.MapMode.READ_ONLY, position, length)));
        }

        @Override
        public void unmap(final UnsafeBuffer mapped)
        {
            BufferUtil.free(mapped);
        }

        @Override
        public void close()
        {
            of(() ->
            {
                channel.close();
                return null;
            });
        }
    }
}
