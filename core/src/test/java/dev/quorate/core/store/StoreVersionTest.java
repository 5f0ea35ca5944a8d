package dev.quorate.core.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quorate.core.seam.StorageFault;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Files of the store that another version of the program wrote are named as such, not as damage. */
class StoreVersionTest
{
    private static final byte[] TWO = {'2'};
    private static final int LAST_OF_MAGIC = 7;
    private static final int MARK_SLOT_LENGTH = 4096;

    private final StoreWorld world = new StoreWorld(4);

    @BeforeEach
    void write()
    {
        world.open();
        for (int i = 0; i < 60; i++)
        {
            world.putEntry("key" + i, "v".repeat(100));
        }
        world.force();
        world.store.close();
        world.disk = world.disk.processExit();
    }

    @Test
    void manifestOfAnotherVersionIsRefused()
    {
        world.disk.overwrite("store/manifest", LAST_OF_MAGIC, new byte[]{'3'});
        refuses("store/manifest", 3, 2);
        world.disk.overwrite("store/manifest", LAST_OF_MAGIC, new byte[]{'1'});
        refuses("store/manifest", 1, 2);
    }

    @Test
    void marksOfAnotherVersionAreRefused()
    {
        world.disk.overwrite("store/marks", LAST_OF_MAGIC, TWO);
        world.disk.overwrite("store/marks", MARK_SLOT_LENGTH + LAST_OF_MAGIC, TWO);
        refuses("store/marks", 2, 1);
    }

    @Test
    void sealedAndOpenFilesOfAnotherVersionAreRefused()
    {
        int files = 0;
        for (final String name : world.disk.list("store"))
        {
            if (name.startsWith("segment-"))
            {
                files++;
                world.disk.overwrite("store/" + name, 8, new byte[]{5});
                refuses("store/" + name, 5, 1);
                world.disk.overwrite("store/" + name, 8, new byte[]{1});
            }
        }
        assertTrue(files > 1, "one is sealed, one is open");
        world.open();
        assertEquals(60, world.store.liveKeys());
    }

    private void refuses(final String path, final int version, final int understood)
    {
        assertEquals(path + " has format version " + version + ", this program understands version " + understood +
            ": start the program that wrote it, or remove this member and add it again with an empty directory",
            assertThrows(StorageFault.class, world::open).getMessage());
    }
}
