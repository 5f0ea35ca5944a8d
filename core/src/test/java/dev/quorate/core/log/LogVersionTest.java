package dev.quorate.core.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.quorate.core.seam.StorageFault;
import java.util.zip.CRC32C;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Files of the log that another version of the program wrote are named as such, not as damage. */
class LogVersionTest
{
    private static final String REMEDY = ", this program understands version 1: start the program that wrote it, or " +
        "remove this member and add it again with an empty directory";

    private final LogWorld world = new LogWorld(9);

    @BeforeEach
    void write()
    {
        world.open();
        world.append(1, 100);
        world.sync();
        world.disk = world.disk.processExit();
    }

    @Test
    void segmentOfAnotherVersionIsRefused()
    {
        for (final String name : world.disk.list("log"))
        {
            if (SegmentDescriptor.sequenceOf(name) == 1)
            {
                world.disk.overwrite("log/" + name, SegmentDescriptor.VERSION_OFFSET, new byte[]{2, 0, 0, 0});
            }
        }
        refuses("log segment log/0000000000000001.seg has format version 2");
    }

    @Test
    void termFileWhoseNewerSlotIsOfAnotherVersionIsRefused()
    {
        final UnsafeBuffer slot = new UnsafeBuffer(new byte[TermSlotDescriptor.LENGTH]);
        world.disk.readDurable("term", 0, slot.byteArray());
        slot.putInt(TermSlotDescriptor.VERSION_OFFSET, 3);
        slot.putLong(TermSlotDescriptor.SEQUENCE_OFFSET, 1_000);
        final CRC32C crc = new CRC32C();
        crc.update(slot.byteArray(), TermSlotDescriptor.CLUSTER_ID_OFFSET,
            TermSlotDescriptor.LENGTH - TermSlotDescriptor.CLUSTER_ID_OFFSET);
        slot.putInt(TermSlotDescriptor.CRC_OFFSET, (int)crc.getValue());
        world.disk.overwrite("term", 0, slot.byteArray());
        refuses("the term file term has format version 3");
    }

    @Test
    void termFileOfAnotherVersionIsRefusedWhateverElseItHolds()
    {
        for (int i = 0; i < TermSlotDescriptor.SLOT_COUNT; i++)
        {
            final int slot = i * TermSlotDescriptor.SLOT_LENGTH;
            world.disk.overwrite("term", slot + TermSlotDescriptor.VERSION_OFFSET, new byte[]{4, 0, 0, 0, 7, 7, 7});
        }
        refuses("the term file term has format version 4");
    }

    private void refuses(final String message)
    {
        assertEquals(message + REMEDY, assertThrows(StorageFault.class, world::open).getMessage());
    }
}
