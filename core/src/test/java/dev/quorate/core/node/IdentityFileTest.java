package dev.quorate.core.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quorate.core.seam.DiskFullException;
import dev.quorate.core.seam.SimulatedDisk;
import dev.quorate.core.seam.SimulatedRng;
import dev.quorate.core.seam.StorageFault;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a data directory says about itself. */
class IdentityFileTest
{
    private final SimulatedDisk disk = new SimulatedDisk(new SimulatedRng(1));

    @BeforeEach
    void write() throws DiskFullException
    {
        final IdentityFile identity = new IdentityFile(5, 6);
        identity.begin(disk, "log", "store");
        identity.complete(disk);
    }

    @Test
    void identityIsReadAsItWasWritten()
    {
        assertEquals(new IdentityFile(5, 6), IdentityFile.read(disk));
    }

    @Test
    void identityOfAnotherVersionIsNamedAsSuch()
    {
        disk.overwrite(IdentityFile.NAME, 8, new byte[]{2});
        assertEquals("file 'identity' of the data directory has format version 2, this program understands version " +
            "1: start the program that wrote it, or remove this member and add it again with an empty directory",
            assertThrows(StorageFault.class, () -> IdentityFile.read(disk)).getMessage());
    }

    @Test
    void damagedIdentityIsNamedAsSuch()
    {
        disk.flipBit(IdentityFile.NAME, 20 * 8);
        final String message = assertThrows(StorageFault.class, () -> IdentityFile.read(disk)).getMessage();
        assertTrue(message.contains("is damaged"), message);
    }
}
