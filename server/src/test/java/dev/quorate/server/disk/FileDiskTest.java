package dev.quorate.server.disk;

import dev.quorate.core.seam.DiskFile;
import dev.quorate.core.seam.DiskFullException;
import dev.quorate.core.seam.Region;
import dev.quorate.core.seam.StorageFault;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class FileDiskTest
{
    @TempDir
    Path root;

    @Test
    void regionKeepsItsBytesAcrossReopen() throws DiskFullException
    {
        final FileDisk disk = new FileDisk(root, true);
        disk.createDirectory("log");
        final Region region = disk.createRegion("log/a", 8192);
        region.buffer().putLong(4096, 42);
        region.wrote(4096, 8);
        region.startSync(4096, 8);
        assertTrue(region.pollSync());
        region.close();
        disk.rename("log/a", "log/b");
        disk.syncDirectory("log");
        assertEquals(List.of("b"), disk.list("log"));
        final Region again = disk.openRegion("log/b");
        assertEquals(8192, again.length());
        assertEquals(42, again.buffer().getLong(4096));
        assertEquals(0, again.buffer().getLong(0));
        again.close();
        disk.delete("log/b");
        assertFalse(disk.exists("log/b"));
    }

    @Test
    void positionalFileReadsWhatWasWrittenAndMapsIt() throws DiskFullException
    {
        final FileDisk disk = new FileDisk(root, true);
        final UnsafeBuffer bytes = new UnsafeBuffer(new byte[200_000]);
        for (int i = 0; i < bytes.capacity(); i++)
        {
            bytes.putByte(i, (byte)(i * 31));
        }
        try (DiskFile file = disk.createFile("store"))
        {
            file.write(10, bytes, 0, bytes.capacity());
            file.force();
            final UnsafeBuffer read = new UnsafeBuffer(new byte[200_000]);
            assertEquals(200_000, file.read(10, read, 0, 200_000));
            assertEquals(bytes, read);
            assertEquals(5, file.read(200_005, read, 0, 100));
            final UnsafeBuffer mapped = file.map(0, 4096);
            assertEquals(bytes.getByte(0), mapped.getByte(10));
            file.unmap(mapped);
            file.truncate(20);
            assertEquals(20, file.length());
        }
    }

    @Test
    void filesAndDirectoriesBelongToTheOwnerAlone() throws IOException, DiskFullException
    {
        final FileDisk disk = new FileDisk(root, true);
        disk.createDirectory("a/b");
        disk.createFile("a/b/c").close();
        assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(root.resolve("a/b"))));
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(root.resolve("a/b/c"))));
    }

    @Test
    void missingFileIsAFaultThatNamesIt()
    {
        final StorageFault fault = assertThrows(
            StorageFault.class, () -> new FileDisk(root, true).openRegion("log/missing"));
        assertTrue(fault.getMessage().contains("log/missing"));
    }

    @Test
    void secondHolderOfADataDirectoryIsRefused() throws IOException
    {
        final Path path = root.resolve("data");
        try (DataDirectory directory = DataDirectory.lock(path))
        {
            final IOException refused = assertThrows(IOException.class, () -> DataDirectory.lock(directory.path()));
            assertTrue(refused.getMessage().contains("is in use by another process"));
        }
        DataDirectory.lock(path).close();
    }
}
