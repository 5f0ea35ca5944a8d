package dev.quorate.core.node;

import dev.quorate.core.log.LogEntryView;
import dev.quorate.core.seam.DiskFullException;
import dev.quorate.core.seam.StorageFault;
import org.agrona.collections.LongArrayList;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * Pages of the log come back from the disk with other bytes while the member runs.
 */
class DamagedLogTest
{
    private static final int PAYLOAD_BYTE = 3;

    private final SteppedNode stepped = new SteppedNode();

    @AfterEach
    void close()
    {
        stepped.close();
    }

    @Test
    void committedEntryWithADamagedByteHaltsBeforeItIsApplied() throws DiskFullException
    {
        stepped.open(true, false, SteppedNode.SELF);
        stepped.append(SteppedNode.lease());
        stepped.restart(false);
        final Node node = stepped.node;
        final long index = node.log().lastIndex();
        final LogEntryView entry = node.log().newView();
        assertTrue(entry.wrap(index));
        final UnsafeBuffer payload = new UnsafeBuffer(entry.buffer(), entry.payloadOffset(), entry.payloadLength());
        payload.putByte(PAYLOAD_BYTE, (byte)(payload.getByte(PAYLOAD_BYTE) ^ 1));

        final StorageFault fault = assertThrows(StorageFault.class, stepped::leads);
        assertTrue(fault.getMessage().contains("is damaged at offset") &&
            fault.getMessage().contains("entry " + index + ":"), fault.getMessage());
        final LongArrayList leases = new LongArrayList();
        node.store().newLeaseIds().copyTo(leases);
        assertEquals(0, leases.size());
    }
}
